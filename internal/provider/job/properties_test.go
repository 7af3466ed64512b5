// SPDX-License-Identifier: MPL-2.0

package job

import (
	"maps"
	"reflect"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
)

// propertyCase is one property that a host tells and takes in place.
type propertyCase struct {
	name  string
	set   values          // the attribute as configured
	sent  bits.Properties // what the host gets
	other values          // another spelling of the same; nil: there is none
	drift bits.Properties // what somebody else set
}

var propertyCases = []propertyCase{
	{
		name: "minimum_retry_delay", set: values{"minimum_retry_delay": text("90s")}, other: values{"minimum_retry_delay": text("1m30s")},
		sent: bits.Properties{MinimumRetryDelay: new(bits.Seconds(90))}, drift: bits.Properties{MinimumRetryDelay: new(bits.Seconds(600))},
	},
	{
		name: "no_progress_timeout", set: values{"no_progress_timeout": text("0s")}, other: values{"no_progress_timeout": text("0h")},
		sent: bits.Properties{NoProgressTimeout: new(bits.Seconds(0))}, drift: bits.Properties{NoProgressTimeout: new(bits.Seconds(1))},
	},
	{
		name: "maximum_download_time", set: values{"maximum_download_time": text("60m")}, other: values{"maximum_download_time": text("1h")},
		sent: bits.Properties{MaximumDownloadTime: new(bits.Seconds(3600))}, drift: bits.Properties{MaximumDownloadTime: new(bits.Seconds(7776000))},
	},
	{
		name: "transfer_policy", set: values{"transfer_policy": textSet("policy_unrestricted")},
		other: values{"transfer_policy": textSet("unrestricted", "over_cap_throttled", "ignore_congestion")},
		sent:  bits.Properties{TransferPolicy: []bits.CostState{"policy_unrestricted"}}, drift: bits.Properties{TransferPolicy: []bits.CostState{}},
	},
	{
		name: "proxy", set: values{"proxy": proxyOf(values{"usage": text("override"), "list": textList("http://p:3128"), "bypass_list": textList("<local>")})},
		sent: bits.Properties{
			ProxyUsage: new(bits.ProxyOverride), ProxyList: []string{"http://p:3128"}, ProxyBypassList: []string{"<local>"},
		},
		drift: bits.Properties{ProxyUsage: new(bits.ProxyNone)},
	},
	{
		name: "custom_headers", set: values{"custom_headers": textMap("X-Key", "a", "Accept", "b")},
		sent:  bits.Properties{CustomHeaders: []bits.Secret{bits.NewSecret("Accept: b"), bits.NewSecret("X-Key: a")}},
		drift: bits.Properties{CustomHeaders: []bits.Secret{bits.NewSecret("X-Key:c")}},
	},
	{
		name: "security_flags", set: values{"security_flags": textSet("redirect_policy_disallow", "enable_crl_check")},
		sent:  bits.Properties{SecurityFlags: []bits.SecurityFlag{"enable_crl_check", "redirect_policy_disallow"}},
		drift: bits.Properties{SecurityFlags: []bits.SecurityFlag{}},
	},
	{
		name:  "client_certificate",
		set:   values{"client_certificate": certificateOfMachine("0A:" + strings.Repeat("1b ", 19))},
		other: values{"client_certificate": certificateOfMachine("\u200e0a" + strings.Repeat("1B", 19))},
		sent: bits.Properties{
			CertificateStoreLocation: new(bits.CertificateStoreLocation("local_machine")), CertificateStoreName: new("MY"),
			CertificateHash: new("0a" + strings.Repeat("1b", 19)),
		},
		drift: bits.Properties{
			CertificateStoreLocation: new(bits.CertificateStoreLocation("local_machine")), CertificateStoreName: new("MY"),
			CertificateHash: new(strings.Repeat("2c", 20)),
		},
	},
}

// TestProperties is about what is sent and reported; TestMatrixOfProperties has what is planned.
func TestProperties(t *testing.T) {
	for _, test := range propertyCases {
		t.Run(test.name, func(t *testing.T) {
			t.Run("is sent when the job is made, and does not show when the host tells it or not", test.isSent)
			t.Run("is named where the module of the host has no such parameter", test.isNotSupported)
		})
	}
}

func (c propertyCase) isSent(t *testing.T) {
	r := ready(t)
	prior := r.created(jobConfig(c.set))
	if got := r.host.specs[0].Properties; !reflect.DeepEqual(got, c.sent) {
		t.Errorf("sent is\n%+v\nwant\n%+v", got, c.sent)
	}
	r.showsNothing(prior, c.set)
	r.host.theJob(t).Properties = bits.Properties{}
	r.showsNothing(prior, c.set)
}

// showsNothing refreshes and expects an empty plan.
func (r *rig) showsNothing(prior instance, set values) {
	r.t.Helper()
	state, diags := r.refresh(prior)
	expectDiagnostic(r.t, diags, "")
	if p := r.plan(state, jobConfig(set)); p.action() != "none" {
		r.t.Errorf("planned: %s", describe(p))
	}
}

func (c propertyCase) isNotSupported(t *testing.T) {
	refusal := &bits.Error{Code: bits.CodeNotSupported, Text: "this host's BitsTransfer module has no such parameter (module 2.0.0.0, Windows 10.0.14393)"}
	for _, row := range properties {
		if row.name == c.name {
			refusal.Step = "set:" + row.steps[0]
			break
		}
	}
	r := ready(t)
	prior := r.created(jobConfig(nil))
	r.host.fail["change"], r.host.fail["create"] = refusal, refusal
	created := with(c.set, values{"files": fileList(urlA, pathA)})
	for doing, p := range map[string]planned{"create": r.plan(r.none(), jobConfig(created)), "set the": r.plan(prior, jobConfig(c.set))} {
		_, diags := r.apply(t.Context(), p)
		for _, want := range []string{`"` + c.name + `"`, "Not Supported by the Host", "Unable to " + doing, "module 2.0.0.0, Windows 10.0.14393", "remove it"} {
			if !strings.Contains(formatted(diags), want) {
				t.Errorf("%q is missing in: %s", want, formatted(diags))
			}
		}
	}
}

// TestAnImportTakesOverWhatIsNotBITSDefault imports a job with each property, and one with BITS' own values. The transfer policy is
// left out: BITS chooses it by the host.
func TestAnImportTakesOverWhatIsNotBITSDefault(t *testing.T) {
	r := ready(t)
	made := r.created(jobConfig(nil))
	ours := jobConfig(values{"http_method": text("POST"), "dynamic": yes(), "priority": text("foreground"), "suspended": yes()})
	for _, c := range propertyCases {
		r.host.set(r.host.theJob(t), c.sent)
		if c.name != "transfer_policy" {
			maps.Copy(ours, c.set)
		}
	}
	job := r.host.theJob(t)
	job.HTTPMethod, job.Dynamic, job.Priority, job.State = new("POST"), new(true), bits.PriorityForeground, bits.StateSuspended
	state, diags := r.importJob(textOf(made.value, "id"))
	expectDiagnostic(t, diags, "")
	if p := r.plan(state, ours); p.action() != "none" {
		t.Errorf("planned after the import: %s", describe(p))
	}

	var own bits.Properties
	for _, row := range properties {
		if row.reset != nil {
			row.reset(&own)
		}
	}
	job.Properties, job.State, job.Priority = own, bits.StateTransferring, bits.PriorityNormal
	job.HTTPMethod, job.Dynamic, job.TransferPolicy = new("GET"), new(false), []bits.CostState{"standard"}
	job.CustomHeaders, job.CertificateHash = []bits.Secret{}, new("")
	state, diags = r.importJob(textOf(made.value, "id"))
	expectDiagnostic(t, diags, "")
	for _, row := range properties {
		if !attribute(state.value, row.name).IsNull() {
			t.Errorf("%s is %s", row.name, attribute(state.value, row.name))
		}
	}
}

// TestWhatBITSKeepsIsAWarning removes settings that BITS can't take back, and replaces them by others of their kind.
func TestWhatBITSKeepsIsAWarning(t *testing.T) {
	secret := func(of string) values { return secretCases[0].set(of, 1) }
	proxyAccount := func(of string) values { return secretCases[1].set(of, 1) } // with ntlm
	account := func(v values) values {
		return with(values{"username": text("u"), "password_wo": text(testPassword), "password_wo_version": number(1)}, v)
	}
	for _, test := range []struct {
		name     string
		had, now values
		at       string // "": no warning
	}{
		{name: "transfer policy", had: values{"transfer_policy": textSet("standard")}, at: "transfer_policy"},
		{name: "client certificate", had: values{"client_certificate": certificateOfMachine(strings.Repeat("2C", 20))}, at: "client_certificate"},
		{name: "headers", had: values{"custom_headers": textMap("X-Key", "a")}, at: "custom_headers"},
		{name: "credentials", had: secret(testPassword), at: "credentials"},
		{name: "credentials for another scheme", had: secret(testPassword), now: values{"credentials": credentialsOf(account(values{"scheme": text("negotiate")}))}, at: "credentials"},
		{name: "credentials with the scheme that is meant by none", had: values{"credentials": credentialsOf(account(nil))}, now: values{"credentials": credentialsOf(account(values{"scheme": text("negotiate")}))}},
		{name: "credentials for a scheme that is not known yet", had: secret(testPassword), now: values{"credentials": credentialsOf(account(values{"scheme": unknownText()}))}},
		{name: "a proxy with an account", had: proxyAccount(testPassword), at: "proxy"},
		{name: "the account for a proxy", had: proxyAccount(testPassword), now: values{"proxy": proxyOf(values{"usage": text("auto_detect")})}, at: "proxy"},
		{name: "an account for a proxy with another scheme", had: proxyAccount(testPassword), now: values{"proxy": proxyOf(account(values{"usage": text("auto_detect")}))}, at: "proxy"},
		{name: "a proxy that is not known yet", had: proxyAccount(testPassword), now: values{"proxy": tftypes.NewValue(proxyOf(nil).Type(), tftypes.UnknownValue)}},
		{name: "dynamic content", had: values{"dynamic": yes(), "priority": text("foreground")}, now: values{"priority": text("foreground")}, at: "dynamic"},
		{name: "a retry delay, which gets its default", had: values{"minimum_retry_delay": text("90s")}},
		{
			name: "headers that become write-only", had: values{"custom_headers": textMap("X-Key", "a")},
			now: values{"custom_headers_wo": textMap("X-Key", "a"), "custom_headers_wo_version": number(1)},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := ready(t)
			made := r.created(jobConfig(test.had))
			p := r.plan(made, jobConfig(test.now))
			if test.at == "" {
				expectDiagnostic(t, p.diags, "")
				return
			}
			expectDiagnostic(t, p.diags, "WARNING", `[AttributeName("`+test.at+`")] Setting Not Removed`, "the job keeps it until it ends", "terraform apply -replace=ADDRESS")
		})
	}
}

func TestDirectoriesAreCreatedUnlessTheConfigurationSaysNo(t *testing.T) {
	r := ready(t)
	prior := r.created(jobConfig(values{"create_directories": no()}))
	r.created(jobConfig(values{"files": fileList(urlA, pathA)}))
	if r.host.specs[0].Directories || !r.host.specs[1].Directories {
		t.Errorf("directories: %v, then %v", r.host.specs[0].Directories, r.host.specs[1].Directories)
	}
	r.host.called()
	p := r.plan(prior, jobConfig(nil))
	if _, diags := r.apply(t.Context(), p); describe(p) != "update create_directories" || len(diags) > 0 || r.host.mutated() {
		t.Errorf("planned: %s, called %v: %s", describe(p), r.host.called(), formatted(diags))
	}
}

func TestADestinationThatIsOpenToUsersIsAWarning(t *testing.T) {
	r := ready(t)
	r.host.open = []string{`C:\Drop`, `D:\In`}
	warns := func(diags []*tfprotov6.Diagnostic) {
		t.Helper()
		expectDiagnostic(t, diags, "WARNING", `[AttributeName("files")] Destination Directory Open to Users`, `On web01`, `C:\Drop, D:\In`, "ordinary users can replace files in")
	}
	config := jobConfig(values{"files": fileList(urlA, pathA)})
	made, diags := r.apply(t.Context(), r.plan(r.none(), config))
	warns(diags)
	config = jobConfig(values{"files": fileList(urlA, pathA, urlB, pathB)})
	made, diags = r.apply(t.Context(), r.plan(made, config))
	warns(diags)
	config["priority"] = text("high")
	_, diags = r.apply(t.Context(), r.plan(made, config))
	expectDiagnostic(t, diags, "")
}

// TestWhatEveryJobHasByItself has what TestMatrixOfProperties does not: values that BITS has without a property.
func TestWhatEveryJobHasByItself(t *testing.T) {
	for _, test := range []struct {
		name          string
		before, after values
		want          string
	}{
		{"GET is what a job has anyway", nil, values{"http_method": text("GET")}, "update http_method"},
		{"no dynamic content is what a job has anyway", nil, values{"dynamic": no()}, "update dynamic"},
		{"both replace once", values{"dynamic": yes(), "http_method": text("POST")}, values{"dynamic": no(), "http_method": text("GET")}, "replace for dynamic http_method"},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := ready(t)
			config := jobConfig(values{"priority": text("foreground")})
			prior := r.created(with(config, test.before))
			r.host.called()
			p := r.plan(prior, with(config, test.after))
			got := describe(p)
			if got == "replace for http_method dynamic" {
				got = "replace for dynamic http_method"
			}
			if got != test.want {
				t.Fatalf("planned: %s", got)
			}
			if p.action() != "update" {
				return
			}
			if _, diags := r.apply(t.Context(), p); len(diags) > 0 || r.host.mutated() {
				t.Errorf("called %v: %s", r.host.called(), formatted(diags))
			}
		})
	}
}

// TestWhatAJobWasMadeWithIsCompared adds settings to the configuration again that were taken out of it, and that the job has kept.
func TestWhatAJobWasMadeWithIsCompared(t *testing.T) {
	for _, test := range []struct {
		name       string
		made, then values
		hidden     bool // the host does not return them
		want       string
	}{
		{name: "another method", made: values{"http_method": text("POST")}, then: values{"http_method": text("GET")}, want: "replace for http_method"},
		{name: "the same method", made: values{"http_method": text("POST")}, then: values{"http_method": text("POST")}, want: "update http_method"},
		{name: "no dynamic content", made: values{"dynamic": yes()}, then: values{"dynamic": no()}, want: "replace for dynamic"},
		{name: "dynamic content", made: values{"dynamic": yes()}, then: values{"dynamic": yes()}, want: "update dynamic"},
		{name: "a method that is not known yet", made: values{"http_method": text("POST")}, then: values{"http_method": unknownText()}, want: "replace for http_method"},
		{name: "GET on a host that does not return it", then: values{"http_method": text("GET")}, hidden: true, want: "update http_method"},
		{name: "another method on a host that does not return it", then: values{"http_method": text("POST")}, hidden: true, want: "replace for http_method"},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := ready(t)
			config := jobConfig(values{"priority": text("foreground")})
			made := r.created(with(config, test.made))
			if test.hidden {
				job := r.host.theJob(t)
				job.HTTPMethod, job.Dynamic = nil, nil
			}
			made, diags := r.refresh(made)
			expectDiagnostic(t, diags, "")
			without, _ := r.apply(t.Context(), r.plan(made, config)) // warns that the job keeps it
			without, diags = r.refresh(without)
			expectDiagnostic(t, diags, "")
			r.host.called()
			p := r.plan(without, with(config, test.then))
			if got := describe(p); got != test.want {
				t.Fatalf("planned: %s, want %s", got, test.want)
			}
			if p.action() != "update" {
				return
			}
			if _, diags := r.apply(t.Context(), p); len(diags) > 0 || r.host.mutated() {
				t.Errorf("called %v: %s", r.host.called(), formatted(diags))
			}
		})
	}
}

// TestABypassListThatIsAddedOnTheHostIsDrift adds one to a proxy without.
func TestABypassListThatIsAddedOnTheHostIsDrift(t *testing.T) {
	r := ready(t)
	config := jobConfig(values{"proxy": proxyOf(values{"usage": text("override"), "list": textList("http://p:3128")})})
	made := r.created(config)
	if p := r.plan(made, config); p.action() != "none" {
		t.Errorf("planned before: %s", describe(p))
	}
	r.host.theJob(t).ProxyBypassList = []string{"*"}
	drifted, diags := r.refresh(made)
	expectDiagnostic(t, diags, "")
	p := r.plan(drifted, config)
	if got := describe(p); got != "update proxy" {
		t.Fatalf("planned: %s", got)
	}
	if _, diags := r.apply(t.Context(), p); len(diags) > 0 || !r.host.mutated() {
		t.Errorf("nothing was sent: %s", formatted(diags))
	}
	r.host.theJob(t).ProxyBypassList = []string{""} // none
	state, diags := r.refresh(made)
	expectDiagnostic(t, diags, "")
	if p := r.plan(state, config); p.action() != "none" {
		t.Errorf("planned for an empty name: %s", describe(p))
	}
}

func TestCertificatesOfTheCurrentUserNeedAUser(t *testing.T) {
	certificate := func(location string) values {
		object := certificateOfMachine("0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a")
		changed, _ := tftypes.Transform(object, func(_ *tftypes.AttributePath, v tftypes.Value) (tftypes.Value, error) {
			if v.Equal(text("local_machine")) {
				return text(location), nil
			}
			return v, nil
		})
		return jobConfig(values{"client_certificate": changed})
	}
	for _, test := range []struct {
		name, runAs, location string
		refused               bool
	}{
		{"those of LocalSystem are refused", "system", "current_user", true},
		{"those of its group policy, too", "system", "current_user_group_policy", true},
		{"those of the machine are not", "system", "local_machine", false},
		{"those of a user are not", "user", "current_user", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := newRig(t)
			r.mustConfigure(values{"host": text("web01"), "username": text("u"), "password": text(testPassword), "run_as": text(test.runAs)})
			p := r.plan(r.none(), certificate(test.location))
			if failed(p.diags) != test.refused {
				t.Fatalf("planned: %s: %s", describe(p), formatted(p.diags))
			}
			if test.refused {
				expectDiagnostic(t, p.diags, "ERROR", "store_location", "LocalSystem (run_as = \"system\") has none", `"local_machine"`, `run_as = "user"`)
			}
		})
	}
}
