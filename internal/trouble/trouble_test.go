// SPDX-License-Identifier: MPL-2.0

package trouble

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
)

// base is a download of LocalSystem in normal priority.
func base(code bits.HResult, context bits.ErrorContext, change ...func(*Situation)) Situation {
	s := Situation{
		Code: code, Context: context, Address: "web01.corp.example", Directories: true,
		File: bits.FileSpec{RemoteName: "https://dl.example/a.cab", LocalName: `d:\t\a.cab`},
		Job: bits.Job{
			ID: "6f8f5f10-0b3f-4c7e-9a52-0d6f1c1e2a3b", TransferType: bits.Download, Priority: bits.PriorityNormal, State: bits.StateError,
			Owner: bits.Owner{SID: SystemSID},
		},
	}
	for _, f := range change {
		f(&s)
	}
	return s
}

func failing(s *Situation) { s.Job.State = bits.StateTransientError }

func halfway(s *Situation) {
	s.Job.Files = []bits.File{{LocalName: `D:\T\a.cab`, BytesTransferred: 5}}
}
func inForeground(s *Situation) { s.Job.Priority = bits.PriorityForeground }
func isDynamic(s *Situation)    { s.Job.Dynamic = new(true) }
func isUpload(s *Situation)     { s.Job.TransferType = bits.Upload }
func ofUser(s *Situation)       { s.Job.Owner.SID = "S-1-5-21-1-2-3-1001" }
func withAccounts(s *Situation) { s.ServerAccount, s.ProxyAccount = true, true }
func signed(s *Situation)       { s.File.RemoteName += "?X-Amz-Signature=abc" }
func fromShare(s *Situation)    { s.File.RemoteName = `\\files\share\a.cab` }
func noneCreated(s *Situation)  { s.Directories = false }
func described(s *Situation) {
	s.Host = &bits.Host{Computer: "web01", FreeBytes: new(uint64(1024)), Limits: map[string]uint32{"MaxInternetBandwidth": 0}}
	s.Job.BytesTotal = new(uint64(4096))
}

func throughProxy(s *Situation) {
	s.Job.ProxyUsage, s.Job.ProxyList = new(bits.ProxyOverride), []string{"http://proxy.corp.example:3128"}
}

func usage(u bits.ProxyUsage) func(*Situation) {
	return func(s *Situation) { s.Job.ProxyUsage = new(u) }
}

func at(step string) func(*Situation) { return func(s *Situation) { s.Step = step } }

func flags(names ...bits.SecurityFlag) func(*Situation) {
	return func(s *Situation) { s.Job.SecurityFlags = names }
}

func policy(states ...bits.CostState) func(*Situation) {
	return func(s *Situation) { s.Job.TransferPolicy = states }
}

// TestAdviceFits has the rows whose words depend on the configuration: what is set already is never advised.
func TestAdviceFits(t *testing.T) {
	const remote, local = bits.ContextRemoteFile, bits.ContextLocalFile
	for _, test := range []struct {
		name string
		s    Situation
		want []string
		not  []string
	}{
		{"a signed URL that refuses HEAD", base(0x80190193, remote, signed), []string{"HEAD", "signed for GET", `dynamic = true and priority = "foreground"`, "CloudFront"}, nil},
		{"a signed URL in foreground", base(0x80190193, remote, signed, inForeground), []string{"HEAD", "dynamic = true"}, []string{`priority = "foreground"`}},
		{"a signed URL of a dynamic job", base(0x80190193, remote, signed, inForeground, isDynamic), []string{"expired"}, []string{"Set dynamic"}},
		{"a signed URL of a dynamic job below foreground", base(0x80190193, remote, signed, isDynamic), []string{`Set priority = "foreground"`, "HEAD"}, []string{"expired", "Set dynamic"}},
		{"a server that refuses the file", base(0x80190193, remote), []string{"web01.corp.example", "dl.example", "credentials"}, []string{"signature"}},
		{"a server that refuses the account's file", base(0x80190193, remote, withAccounts), []string{"the account in credentials"}, []string{"set credentials"}},
		{"a server without HEAD", base(0x80190195, remote), []string{"does not support HEAD", "dynamic = true"}, nil},
		{"a server that takes no uploads", base(0x80190195, remote, isUpload), []string{"IIS"}, []string{"HEAD too", "dynamic"}},
		{"401 without an account", base(0x80190191, remote), []string{"Set credentials", "password_wo"}, []string{"does not accept"}},
		{"401 with an account", base(0x80190191, remote, withAccounts), []string{"does not accept", "password_wo_version"}, []string{"Set credentials"}},
		{"407 without an account", base(0x80190197, remote), []string{"LocalSystem", "proxy.username", "proxy.scheme"}, nil},
		{"407 with an account", base(0x80190197, remote, withAccounts), []string{"does not accept"}, []string{"Set proxy.username"}},
		{"no ranges below foreground", base(0x80200013, remote), []string{`priority = "foreground"`, "2 GB", "dynamic = true"}, nil},
		{"no ranges after a start in foreground", base(0x80200013, remote, halfway), []string{`Set priority = "foreground" and restart the transfer`, "-replace", "dynamic = true"}, nil},
		{"no ranges in foreground", base(0x80200013, remote, inForeground), []string{"interruption", "dynamic = true", "-replace"}, []string{`Set priority`}},
		{"HEAD of a dynamic job below foreground", base(0x80190195, remote, isDynamic), []string{`Set priority = "foreground"`, "HEAD"}, []string{"Set dynamic"}},
		{"a dynamic job below foreground", base(0x80200013, remote, isDynamic), []string{`Set priority = "foreground"`}, []string{"dynamic = true,", "Set dynamic"}},
		{"a name that is not found, without a proxy", base(0x80072EE7, remote), []string{"Resolve-DnsName dl.example", `usage = "override"`, "setieproxy localsystem", "ignores users' proxy settings"}, nil},
		{"a name that is not found, of a user", base(0x80072EE7, remote, ofUser), []string{`usage = "override"`}, []string{"setieproxy"}},
		{"a name that is not found, through the job's proxy", base(0x80072EE7, remote, throughProxy), []string{"http://proxy.corp.example:3128"}, []string{`usage = "override"`, "setieproxy"}},
		{"a name that is not found, without a proxy on purpose", base(0x80072EE7, remote, usage(bits.ProxyNone)), []string{"proxy.usage is no_proxy"}, []string{"setieproxy"}},
		{"a name that is not found, with a proxy that is detected", base(0x80072EE7, remote, usage(bits.ProxyAutoDetect)), []string{"WPAD"}, []string{"setieproxy"}},
		{"a file server that is not found", base(0x80070035, remote, fromShare), []string{"Test-NetConnection files -Port 445"}, nil},
		{"a connection that fails", base(0x80072EFD, remote), []string{"Test-NetConnection dl.example", "redirected"}, nil},
		{"a redirect", base(0x80072F7C, remote), []string{"final address", "redirect_policy_allow_https_to_http"}, []string{"remove redirect_policy_disallow"}},
		{"a redirect that is not allowed", base(0x8019012E, remote, flags("redirect_policy_disallow", "redirect_policy_allow_https_to_http")), []string{"remove redirect_policy_disallow"}, []string{"only with redirect"}},
		{"a bandwidth policy", base(0x8020003E, bits.ContextQueueManager), []string{`priority = "foreground"`, "bits_host"}, nil},
		{"a bandwidth policy that is known", base(0x8020003E, bits.ContextQueueManager, described), []string{`priority = "foreground"`, "the policy MaxInternetBandwidth, which limits background jobs to 0 kbit/s (none)"}, []string{"bits_host"}},
		{"a bandwidth policy and a foreground job", base(0x8020003E, bits.ContextQueueManager, inForeground), []string{"apply again"}, []string{`Set priority`}},
		{"a metered network", base(0x80200059, bits.ContextQueueManager, policy("unrestricted")), []string{`transfer_policy = ["always"]`}, nil},
		{"a metered network that is allowed", base(0x80200059, bits.ContextQueueManager, policy("always")), []string{"policy of web01.corp.example"}, []string{`["always"]`}},
		{"an argument of a job", base(0x80070057, remote), []string{"getieproxy localsystem", "no_proxy"}, []string{"absolute URLs"}},
		{"an argument of a job with accounts", base(0x80070057, remote, withAccounts, throughProxy), []string{"credentials", "proxy.corp.example"}, []string{"getieproxy"}},
		{"an argument of a job without a proxy on purpose", base(0x80070057, remote, usage(bits.ProxyNone)), []string{"event log"}, []string{"getieproxy", "no_proxy"}},
		{"an argument of a call", base(0x80070057, "", at("add-file")), []string{"absolute URLs"}, []string{"getieproxy"}},
		{"a script for a proxy that failed", base(0x80072F91, remote), []string{`usage = "override"`, `"no_proxy"`, "getieproxy"}, nil},
		{"a script for a proxy, without a proxy on purpose", base(0x80072F91, remote, usage(bits.ProxyNone)), []string{"apply again"}, []string{"no_proxy", "getieproxy"}},
		{"no network", base(0x80200010, "", failing), []string{"default gateway. BITS then continues by itself."}, nil},
		{"an overloaded server", base(0x801901F7, remote, failing), []string{"BITS retries every minimum_retry_delay"}, []string{"pply again"}},
		{"an overloaded server, after BITS gave up", base(0x801901F7, remote), []string{"Apply again"}, []string{"retries"}},
		{"a battery saver", base(0x80200068, bits.ContextQueueManager), []string{"to power", `priority = "foreground"`}, []string{"Game Mode on"}},
		{"Game Mode", base(0x8020006F, bits.ContextQueueManager), []string{"End Game Mode on web01"}, []string{"to power"}},
		{"a property of a job that was resumed", base(0x80200062, "", at("change")), []string{"-replace"}, []string{"suspended"}},
		{"a property of an active job", base(0x80200075, "", at("change")), []string{"Set suspended = true"}, []string{"-replace"}},
		{"a full disk", base(0x80070070, local), []string{"Free space on D:"}, []string{"bytes free"}},
		{"a full disk with its free bytes", base(0x80070070, local, described), []string{"D: on web01.corp.example has 1024 bytes free, and the job needs 4096 bytes"}, nil},
		{"a drive that is not there", base(0x80070003, "", at("create-directory")), []string{"D: does not exist on web01", "mapped drives"}, []string{"create_directories"}},
		{"a directory that is not there", base(0x80070003, "", at("create"), noneCreated), []string{"create_directories = true"}, nil},
		{"a directory that could be created", base(0x80070003, "", at("add-file")), []string{"spelling"}, []string{"create_directories = true"}},
		{"an upload without a file", base(0x80070003, "", at("add-file"), isUpload), []string{"Put d:\\t\\a.cab on"}, []string{"create_directories"}},
		{"a file in use", base(0x80070020, local), []string{"Close the program", "antivirus"}, nil},
		{"a virus", base(0x800700E1, local), []string{"Get-MpThreatDetection"}, nil},
		{"a share that refuses LocalSystem", base(0x80070005, remote, fromShare, described), []string{`DOMAIN\WEB01$`}, nil},
		{"a share that refuses a user", base(0x80070005, remote, fromShare, ofUser), []string{"owner access to the share"}, []string{"$"}},
		{"a share that refuses LocalSystem, of which the host does not say so", base(0x80070005, bits.ContextQueueManager, fromShare), []string{`DOMAIN\HOST$`}, []string{"Let SYSTEM write"}},
		{"a directory that refuses what comes from a share", base(0x80070005, local, fromShare), []string{"Let SYSTEM write"}, nil},
		{"a file that is not on the share", base(0x80070002, bits.ContextQueueManager, fromShare), []string{"on the share"}, []string{"temporary file"}},
		{"a directory that refuses LocalSystem", base(0x80070005, local), []string{"Let SYSTEM write"}, []string{"share"}},
		{"a call that is refused", base(0x80070005, "", at("add-file")), []string{"write access"}, nil},
		{"no TLS version in common", base(0x80072F7D, remote), []string{"TLS 1.2 by default", "1.3 since Windows Server 2022"}, nil},
		{"an unknown authority", base(0x80072F0D, remote), []string{`Cert:\LocalMachine\Root`, "ignore_unknown_ca"}, nil},
		{"an unknown authority that is ignored", base(0x80072F0D, remote, flags("ignore_unknown_ca")), []string{"Install the root"}, []string{"On a test network"}},
		{"a revocation list that is required", base(0x80072F19, remote, flags("enable_crl_check")), []string{"remove enable_crl_check"}, nil},
		{"a revocation list that is not required", base(0x80072F19, remote), []string{"list"}, []string{"remove enable_crl_check"}},
		{"an owner who is not logged on", base(0x800704DD, "", at("add-file"), ofUser), []string{`run_as = "user"`, "Remote Desktop"}, nil},
		{"an unknown code", base(0x8007ABCD, remote), []string{"Bits-Client/Operational", `bitsadmin /info "{6f8f5f10-`, `}" /verbose`}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := Explain(test.s).String()
			for _, want := range test.want {
				if !strings.Contains(got, want) {
					t.Errorf("%q is missing in: %s", want, got)
				}
			}
			for _, not := range test.not {
				if strings.Contains(got, not) {
					t.Errorf("%q is in: %s", not, got)
				}
			}
		})
	}
}

var (
	unfilled       = regexp.MustCompile(`\{[a-z_]+\}`)
	sentenceEnd    = regexp.MustCompile(`\.(\s|$)`)
	goesOnByItself = regexp.MustCompile(`by itself|BITS retries`)
)

// TestEveryCodeHasARemedyInEverySituation combines what is known of a job in many ways.
func TestEveryCodeHasARemedyInEverySituation(t *testing.T) {
	changes := [][]func(*Situation){
		nil, {inForeground}, {isDynamic}, {inForeground, isDynamic}, {isUpload}, {ofUser}, {withAccounts}, {signed}, {signed, withAccounts}, {fromShare},
		{noneCreated}, {described}, {throughProxy}, {ofUser, fromShare, described}, {isUpload, ofUser, withAccounts}, {policy("always")}, {at("add-file")},
		{at("create-directory")}, {flags(bits.SecurityFlags()...)}, {usage(bits.ProxyNone)}, {usage(bits.ProxyAutoDetect)}, {func(s *Situation) { *s = Situation{Code: s.Code} }},
	}
	for _, entry := range append(bits.Entries(), bits.Entry{Code: 0}, bits.Entry{Code: 0x8007ABCD}) {
		if entry.Kind == bits.KindSuccess {
			continue
		}
		for i, change := range changes {
			for _, context := range []bits.ErrorContext{bits.ContextLocalFile, bits.ContextRemoteFile} {
				s := base(entry.Code, context, change...)
				got := Explain(s)
				if flaw := flawOf(s, got); flaw != "" {
					t.Errorf("%s, change %d, context %q: %s: %s", entry.Code, i, context, flaw, got)
				}
			}
		}
	}
}

// flawOf is what is wrong with advice, whatever it is about; "" where nothing is.
func flawOf(s Situation, a Advice) string {
	text := a.String()
	switch {
	case a.Remedy == "" || !strings.HasSuffix(text, "."):
		return "no remedy"
	case unfilled.MatchString(text) || strings.Contains(text, "  ") || strings.Contains(text, "`"):
		return "it is not filled in"
	case len(sentenceEnd.FindAllString(text, -1)) > 3:
		return "it has more than three sentences"
	case s.Job.State == bits.StateError && goesOnByItself.MatchString(text):
		return "BITS does not retry a job in state error"
	}
	return ""
}

// TestWhatIsSetIsNeverAdvised has jobs that have every attribute which a remedy may name.
func TestWhatIsSetIsNeverAdvised(t *testing.T) {
	everything := []func(*Situation){
		inForeground, isDynamic, withAccounts, throughProxy, policy("always"), flags(bits.SecurityFlags()...), signed, described,
		func(s *Situation) { s.Job.MaximumDownloadTime = new(bits.Seconds(60)) },
	}
	set := regexp.MustCompile(`(?i)\bset (dynamic|priority|credentials|proxy |proxy\.|transfer_policy|create_directories|maximum_download_time)|set usage`)
	uploads := regexp.MustCompile(`HEAD|dynamic|ranges`)
	downloads := regexp.MustCompile(`IIS`)
	for _, entry := range bits.Entries() {
		for _, context := range []bits.ErrorContext{bits.ContextLocalFile, bits.ContextRemoteFile} {
			if got := Explain(base(entry.Code, context, everything...)).String(); set.MatchString(got) {
				t.Errorf("%s: what is set is advised: %s", entry.Code, got)
			}
			if got := Explain(base(entry.Code, context, usage(bits.ProxyNone))).String(); strings.Contains(got, `usage = "no_proxy"`) {
				t.Errorf("%s: what is set is advised: %s", entry.Code, got)
			}
			if got := Explain(base(entry.Code, context)).String(); downloads.MatchString(got) {
				t.Errorf("%s: a download is told of uploads: %s", entry.Code, got)
			}
			if got := Explain(base(entry.Code, context, isUpload)).String(); uploads.MatchString(got) {
				t.Errorf("%s: an upload is told of downloads: %s", entry.Code, got)
			}
		}
	}
}

// TestTheTable checks what every row needs for messages and guide.
func TestTheTable(t *testing.T) {
	used := map[string]bool{}
	for _, r := range reasons {
		known := slices.Contains(symptoms(), r.symptom) && (r.also == "" || slices.Contains(symptoms(), r.also))
		if r.title == "" || !known || len(r.cures) == 0 || len(r.codes)+len(r.states) == 0 {
			t.Errorf("%q is not complete", r.title)
		}
		for _, code := range r.codes {
			if entry, known := bits.Lookup(code); !known || entry.Kind == bits.KindSuccess {
				t.Errorf("%q: %s is not the code of a failure", r.title, code)
			}
		}
		used[r.title+string(r.symptom)] = true
	}
	if len(used) < 60 {
		t.Errorf("there are %d reasons", len(used))
	}
}

func TestEveryConditionHasWords(t *testing.T) {
	for _, r := range reasons {
		conditions := []condition{r.only, r.holds, r.known}
		for _, c := range r.cures {
			conditions = append(conditions, c.when)
		}
		for _, c := range conditions {
			if c.test != nil && c.words == "" {
				t.Errorf("%q: a condition has no words", r.title)
			}
		}
	}
}

func TestJobsThatAreHeld(t *testing.T) {
	for _, test := range []struct {
		name  string
		state bits.State
		s     []func(*Situation)
		first string
		not   string
	}{
		{"a queued job of a user", bits.StateQueued, []func(*Situation){ofUser}, "while its owner is logged on, and a WinRM session does not count", ""},
		{"a queued job of a user who is not logged on", bits.StateQueued, []func(*Situation){ofUser, others, session(false)}, "the owner has no interactive session on web01.corp.example", ""},
		{"a queued job of a user who is logged on", bits.StateQueued, []func(*Situation){ofUser, session(true)}, "one job at a time", "logged on"},
		{"a queued job of LocalSystem", bits.StateQueued, nil, "one job at a time", "logged on"},
		{"a queued job in foreground", bits.StateQueued, []func(*Situation){inForeground, policy("always")}, "on battery", "priority"},
		{"other jobs run first", bits.StateQueued, []func(*Situation){others}, "web01.corp.example has 2 jobs of higher priority that BITS has not transferred yet (a \"big\": high, queued; " +
			"b \"bigger\": high, transferring), and 1 job of the same priority (c \"equal\": normal, connecting).", "failed"},
		{"no other job runs first", bits.StateQueued, []func(*Situation){alone}, "bandwidth", "one job at a time"},
		{"a policy is known", bits.StateQueued, []func(*Situation){alone, limits("MaxInternetBandwidth")}, "the policy MaxInternetBandwidth, which limits background jobs to 0 kbit/s", "bits_host"},
		{"the host has no such policy", bits.StateQueued, []func(*Situation){alone, limits("MaxJobsPerUser")}, "metered", "bandwidth"},
		{"LocalSystem has no proxy", bits.StateConnecting, []func(*Situation){systemProxyIs("")}, "LocalSystem has no proxy on web01.corp.example:", "LocalSystem uses"},
		{"WinHTTP has a proxy", bits.StateConnecting, []func(*Situation){winHTTPProxy}, "setieproxy localsystem", "LocalSystem has no proxy"},
		{"LocalSystem has a proxy", bits.StateConnecting, []func(*Situation){systemProxyIs("p:1")}, "LocalSystem uses p:1", "setieproxy"},
		{"a connecting job", bits.StateConnecting, nil, "can't reach dl.example", "logged on"},
		{"a connecting job with a proxy", bits.StateConnecting, []func(*Situation){throughProxy}, "The job uses http://proxy.corp.example:3128", "setieproxy"},
		{"a connecting job of a share", bits.StateConnecting, []func(*Situation){fromShare}, "Test-NetConnection files -Port 445", "setieproxy"},
		{"a job that moves", bits.StateTransferring, nil, "uses only idle bandwidth", "battery"},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := base(0, "", test.s...)
			s.Job.State = test.state
			var texts []string
			for _, a := range Held(s) {
				texts = append(texts, a.String())
				if flaw := flawOf(s, a); flaw != "" {
					t.Errorf("%s: %s", flaw, a)
				}
			}
			all := strings.Join(texts, "\n")
			if len(texts) == 0 || !strings.Contains(texts[0], test.first) || test.not != "" && strings.Contains(all, test.not) {
				t.Errorf("got %q", all)
			}
		})
	}
	if s := base(0, ""); len(Held(s)) > 0 { // in state error
		t.Errorf("a job with an error is held: %+v", Held(s))
	}
}

// others has a host list jobs of all kinds; those in foreground, and those that do not move, hold no other.
func others(s *Situation) {
	s.Listing = &bits.Listing{Jobs: []bits.Job{
		{ID: s.Job.ID, DisplayName: "itself", Priority: bits.PriorityNormal, State: bits.StateQueued},
		{ID: "a", DisplayName: "big", Priority: bits.PriorityHigh, State: bits.StateQueued},
		{ID: "b", DisplayName: "bigger", Priority: bits.PriorityHigh, State: bits.StateTransferring},
		{ID: "c", DisplayName: "equal", Priority: bits.PriorityNormal, State: bits.StateConnecting},
		{ID: "d", DisplayName: "failed", Priority: bits.PriorityHigh, State: bits.StateError},
		{ID: "e", DisplayName: "waiting after it failed", Priority: bits.PriorityHigh, State: bits.StateTransientError},
		{ID: "f", DisplayName: "in front, and failed not", Priority: bits.PriorityForeground, State: bits.StateTransferring},
		{ID: "g", DisplayName: "low, and failed not", Priority: bits.PriorityLow, State: bits.StateQueued},
	}}
}

func session(on bool) func(*Situation) {
	return func(s *Situation) { s.Host = &bits.Host{LoggedOn: &on} }
}

func alone(s *Situation) { s.Listing = &bits.Listing{} }

func limits(policy string) func(*Situation) {
	return func(s *Situation) { s.Host = &bits.Host{Limits: map[string]uint32{policy: 0}} }
}

func winHTTPProxy(s *Situation) {
	s.Host = &bits.Host{SystemProxy: &bits.ProxySettings{AutoDetect: true}, WinHTTPProxy: &bits.ProxySettings{Proxies: "p:1"}}
}

func systemProxyIs(proxies string) func(*Situation) {
	return func(s *Situation) { s.Host = &bits.Host{SystemProxy: &bits.ProxySettings{Proxies: proxies}} }
}

func TestTheHostIsAskedOnlyWhereItMatters(t *testing.T) {
	if !AsksHost(base(0x80070070, bits.ContextLocalFile)) || !AsksHost(base(0x8020003E, "")) {
		t.Error("free bytes and policies belong to these")
	}
	if AsksHost(base(0x80190194, bits.ContextRemoteFile)) || AsksHost(base(0x8007ABCD, "")) {
		t.Error("nothing that the host knows belongs to these")
	}
}
