// SPDX-License-Identifier: MPL-2.0

package winhost_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
)

// topSecret is a part of every secret that the contract sends: no answer, no stderr and no command line may hold it.
const topSecret = "S3cr3t-"

// settable is a property, a value of it, what a job shows of it then, and the states that refuse it.
type settable struct {
	name    string
	set     string                                  // fields of a request
	step    string                                  // "" where it is never refused
	shows   string                                  // fields of a job
	refused func(state bits.State) (hresult string) // nil: never
}

// afterResume is what takes a property before the first resume only. A job in error was made without one.
func afterResume(state bits.State) string {
	if state == bits.StateSuspended || state == bits.StateError {
		return ""
	}
	return "0x80200062"
}

// settables are every property that the cmdlets of Windows Server 2025 take. Sources: Set-BitsTransfer, and the pages
// of the methods of IBackgroundCopyJob to IBackgroundCopyJob5 and IBackgroundCopyJobHttpOptions to 3, learn.microsoft.com.
func settables() []settable {
	const hash = `"0123456789abcdef0123456789abcdef01234567"`
	same := func(name, fields string) settable { return settable{name: name, set: fields, shows: fields} }
	return []settable{
		same("the minimum retry delay", `"minimum_retry_delay":61`),
		same("the no-progress timeout", `"no_progress_timeout":3600`),
		same("the maximum download time", `"maximum_download_time":7200`),
		same("the transfer policy", `"transfer_policy":["standard"]`),
		same("the proxy", `"proxy_usage":"override","proxy_list":["http://127.0.0.1:1"],"proxy_bypass_list":["*"]`),
		{
			name: "the HTTP method", set: `"http_method":"POST"`, step: "set:http_method",
			shows: `"http_method":"POST","priority":"foreground"`, refused: afterResume,
		},
		{name: "dynamic content", set: `"dynamic":true`, step: "set:dynamic", shows: `"dynamic":true`, refused: afterResume},
		same("the security flags", `"security_flags":["ignore_unknown_ca","redirect_policy_disallow"]`),
		same("the client certificate", `"certificate_store_location":"local_machine","certificate_store_name":"MY","certificate_hash":`+hash),
		same("the custom headers", `"custom_headers":["X-Build: 7","X-Where: here"]`),
		{
			name: "custom headers that are write-only", set: `"custom_headers":["X-Key: ` + topSecret + `h"],"custom_headers_write_only":true`,
			shows: `"custom_headers":null`,
		},
		{name: "the credential", set: `"credential":{"username":"CORP\\anna","password":"` + topSecret + `1","scheme":"basic"}`, shows: `"credential":null`},
		{name: "the proxy's credential", set: `"proxy_credential":{"username":"anna","password":"` + topSecret + `2"}`, shows: `"proxy_credential":null`},
	}
}

// propertyCases is every property in each kind of state, and at creation.
func propertyCases() []contractCase {
	states := []bits.State{bits.StateSuspended, bits.StateTransferring, bits.StateError, bits.StateTransferred, bits.StateAcknowledged}
	var cases []contractCase
	for _, s := range settables() {
		for _, state := range states {
			c := contractCase{
				name: fmt.Sprintf("set %s of a job that is %s", s.name, state), arrange: in(state),
				ask: `[{"op":"change","id":"{job}","set":{` + s.set + `}}]`,
			}
			hresult := ""
			if s.refused != nil {
				hresult = s.refused(state)
			}
			switch {
			case state.Final():
				c.want = notFound
			case hresult != "":
				c.want = fmt.Sprintf(`[{"e":{"code":"refused","step":%q,"hresult":%q,"done":null}}]`, s.step, hresult)
			default:
				c.want = withState(stays(state), s.shows)
			}
			cases = append(cases, c)
		}
		cases = append(cases, contractCase{
			name: "create a job with " + s.name,
			ask:  createOne(`,"description":"","priority":"low",` + s.set),
			want: created("," + s.shows),
		})
	}
	return cases
}

// valueCases are values and what BITS or its cmdlets say to them.
func valueCases() []contractCase {
	const binding, refused = "binding", "refused"
	long := func(n int) string { return strings.Repeat("x", n) }
	var cases []contractCase
	for _, c := range []struct{ name, set, code, step, hresult string }{
		{"a minimum retry delay of 60 seconds", `"minimum_retry_delay":60`, "", "", ""},
		{"a minimum retry delay of 59 seconds", `"minimum_retry_delay":59`, binding, "minimum_retry_delay", ""},
		{"a no-progress timeout of 0", `"no_progress_timeout":0`, "", "", ""},
		{"a negative no-progress timeout", `"no_progress_timeout":-1`, binding, "no_progress_timeout", ""},
		{"a negative maximum download time", `"maximum_download_time":-1`, binding, "maximum_download_time", ""},
		{"an unknown cost state", `"transfer_policy":["standard","cheap"]`, binding, "transfer_policy", ""},
		{"an unknown proxy usage", `"proxy_usage":"maybe"`, binding, "proxy_usage", ""},
		{"an unknown security flag", `"security_flags":["trust_me"]`, binding, "security_flags", ""},
		{
			"an unknown certificate store location", `"certificate_store_location":"cellar","certificate_store_name":"MY","certificate_hash":"00"`,
			binding, "certificate_store_location", "",
		},
		{"an unknown scheme", `"credential":{"username":"u","password":"` + topSecret + `","scheme":"shouting"}`, binding, "credential", ""},
		{"override without a list of proxies", `"proxy_usage":"override"`, refused, "proxy_usage", "0x80070057"},
		{"a list of proxies without override", `"proxy_usage":"no_proxy","proxy_list":["http://p"]`, refused, "proxy_usage", "0x80070057"},
		{"a bypass list without override", `"proxy_usage":"auto_detect","proxy_bypass_list":["x"]`, refused, "proxy_usage", "0x80070057"},
		{"a list of proxies alone", `"proxy_list":["http://p"]`, refused, "proxy_list", "0x80070057"},
		{"a list of proxies that is too long", `"proxy_usage":"override","proxy_list":["http://p/` + long(32000) + `"]`, refused, "proxy_usage", "0x80200018"},
		{
			"a bypass list that is too long", `"proxy_usage":"override","proxy_list":["http://p"],"proxy_bypass_list":["` + long(32001) + `"]`,
			refused, "proxy_usage", "0x80200019",
		},
		{"an empty HTTP method", `"http_method":""`, refused, "http_method", "0x80070057"},
		{"a certificate without its hash", `"certificate_store_location":"users","certificate_store_name":"MY"`, refused, "certificate_store_location", "0x800706F4"},
		{
			"a certificate's hash of 19 bytes", `"certificate_store_location":"users","certificate_store_name":"MY","certificate_hash":"` + strings.Repeat("00", 19) + `"`,
			refused, "certificate_store_location", "0x800706F7",
		},
		{"a user name of 300 characters", `"credential":{"username":"` + long(300) + `","password":""}`, "", "", ""},
		{"a user name of 301 characters", `"credential":{"username":"` + long(301) + `","password":"` + topSecret + `"}`, refused, "credential", "0x80200025"},
		{"a password that is too long", `"proxy_credential":{"username":"u","password":"` + topSecret + long(65536-len(topSecret)) + `"}`, refused, "proxy_credential", "0x80200026"},
		{"custom headers of 16383 characters", `"custom_headers":["X: ` + long(16378) + `"]`, "", "", ""},
		{"custom headers of 16384 characters", `"custom_headers":["X: ` + long(16379) + `"]`, refused, "custom_headers", "0x80200021"},
		{"a header without a name, which the host quotes", `"custom_headers":[": ` + topSecret + `3"]`, refused, "custom_headers", "0x80070057"},
		{"a header with a line break, which the host quotes", `"custom_headers":["X: ` + topSecret + `4\r\nY: ` + topSecret + `5"]`, refused, "custom_headers", "0x80070057"},
	} {
		one := contractCase{
			name: c.name + " is set", arrange: in(bits.StateSuspended),
			ask: `[{"op":"change","id":"{job}","set":{` + c.set + `}}]`, want: withState("suspended", ""),
		}
		if c.code != "" {
			hresult := "null"
			if c.hresult != "" {
				hresult = `"` + c.hresult + `"`
			}
			one.name = c.name + " is " + c.code
			one.realOnly = c.code == binding
			one.want = fmt.Sprintf(`[{"e":{"code":%q,"step":"set:%s","hresult":%s}}]`, c.code, c.step, hresult)
			cases = append(cases, contractCase{
				name: "a create with " + c.name + " is " + c.code + " and leaves nothing", after: nothingLeft, realOnly: c.code == binding,
				ask:  createOne(`,"description":"","priority":"low",` + c.set),
				want: fmt.Sprintf(`[{"e":{"code":%q,"step":"create","hresult":%s,"left":null}}]`, c.code, hresult),
			})
		}
		cases = append(cases, one)
	}
	return cases
}

// togetherCases are what properties do to one another, and to the job while they are set.
func togetherCases() []contractCase {
	// refusedLast is set after all others, and always refused.
	refusedLast := `"proxy_credential":{"username":"` + strings.Repeat("x", 301) + `","password":""}`
	credential := `"credential":{"username":"u","password":"` + topSecret + `6"}`
	return []contractCase{
		{
			name: "a policy comes back in the host's words", arrange: in(bits.StateSuspended),
			ask: `[{"op":"change","id":"{job}","set":{"transfer_policy":["unrestricted","over_cap_throttled","ignore_congestion"]}},
				{"op":"change","id":"{job}","set":{"transfer_policy":["usage_based","below_cap"]}},
				{"op":"change","id":"{job}","set":{"transfer_policy":[]}}]`,
			want: `[{"v":{"job":{"transfer_policy":["policy_unrestricted"]}}},{"v":{"job":{"transfer_policy":["below_cap","usage_based"]}}},
				{"v":{"job":{"transfer_policy":[]}}}]`,
		},
		{
			name: "lists and flags can be emptied", arrange: in(bits.StateSuspended),
			ask: `[{"op":"change","id":"{job}","set":{"custom_headers":["A: b"],"security_flags":["enable_crl_check"],
				"proxy_usage":"override","proxy_list":["http://p"],"proxy_bypass_list":[]}},
				{"op":"change","id":"{job}","set":{"custom_headers":[],"security_flags":[],"proxy_usage":"no_proxy"}}]`,
			want: `[{"v":{"job":{"custom_headers":["A: b"],"security_flags":["enable_crl_check"],
				"proxy_list":["http://p"],"proxy_bypass_list":null}}},
				{"v":{"job":{"custom_headers":null,"security_flags":[],"acl_flags":[],"notify_flags":["transferred","error"],"notify_command":null,
				"proxy_usage":"no_proxy","proxy_list":null}}}]`,
		},
		{
			name: "a method other than GET keeps the job in foreground", arrange: in(bits.StateSuspended),
			ask: `[{"op":"change","id":"{job}","set":{"http_method":"PUT","priority":"low"}},
				{"op":"change","id":"{job}","set":{"priority":"low"}},{"op":"change","id":"{job}","set":{"priority":"foreground"}},
				{"op":"change","id":"{job}","set":{"http_method":"get"}},{"op":"change","id":"{job}","set":{"priority":"low"}}]`,
			want: `[{"v":{"job":{"http_method":"PUT","priority":"foreground"}}},
				{"e":{"code":"refused","step":"set:priority","hresult":"0x80200071"}},{"v":{"job":{"priority":"foreground"}}},
				{"v":{"job":{"http_method":"GET"}}},{"v":{"job":{"priority":"low"}}}]`,
		},
		{
			name: "write-only headers stay so", arrange: in(bits.StateSuspended),
			ask: `[{"op":"change","id":"{job}","set":{"custom_headers":["A: b"]}},
				{"op":"change","id":"{job}","set":{"custom_headers_write_only":true}},
				{"op":"change","id":"{job}","set":{"custom_headers":["A: c"],"custom_headers_write_only":false}}]`,
			want: `[{"v":{"job":{"custom_headers":["A: b"]}}},{"v":{"job":{"custom_headers":null}}},{"v":{"job":{"custom_headers":null}}}]`,
		},
		{
			name: "an upload has no method, no dynamic content and no security flags", arrange: anUpload,
			ask: `[{"op":"change","id":"{job}","set":{"http_method":"PUT"}},{"op":"change","id":"{job}","set":{"dynamic":true}},
				{"op":"change","id":"{job}","set":{"security_flags":["enable_crl_check"]}}]`,
			want: `[{"e":{"hresult":"0x80200060"}},{"e":{"hresult":"0x80200060"}},{"e":{"hresult":"0x80200060"}}]`,
		},
		{
			name: "an administrator sets a user's properties, but neither headers nor credentials nor certificates", arrange: ofUser,
			ask: `[{"op":"change","id":"{job}","set":{"minimum_retry_delay":90}},{"op":"change","id":"{job}","set":{"custom_headers":["A: b"]}},
				{"op":"change","id":"{job}","set":{` + credential + `}},{"op":"change","id":"{job}","set":{"certificate_store_location":"users",
				"certificate_store_name":"MY","certificate_hash":"` + strings.Repeat("00", 20) + `"}}]`,
			want: `[{"v":{"job":{"minimum_retry_delay":90}}},{"e":{"hresult":"0x80070005"}},{"e":{"hresult":"0x80070005"}},{"e":{"hresult":"0x80070005"}}]`,
		},
		{
			name: "properties are set in one order, and what was done is said", arrange: in(bits.StateSuspended),
			ask: `[{"op":"change","id":"{job}","set":{` + refusedLast + `,` + credential + `,"custom_headers":["A: b"],
				"proxy_usage":"override","proxy_list":["http://p"],"dynamic":true,"priority":"foreground","minimum_retry_delay":60}}]`,
			want: `[{"e":{"step":"set:proxy_credential","hresult":"0x80200025","done":["set:priority","set:minimum_retry_delay",
				"set:proxy_usage","set:proxy_list","set:dynamic","set:custom_headers","set:credential"]}}]`,
		},
		{
			name: "a job that moves is suspended for a credential and moves again", arrange: in(bits.StateConnecting),
			ask: `[{"op":"change","id":"{job}","set":{` + credential + `,` + refusedLast + `}},{"op":"get","id":"{job}"}]`,
			want: `[{"e":{"step":"set:proxy_credential","hresult":"0x80200025","done":["suspend","set:credential","resume"]}},
				{"v":{"job":{"state":"moving"}}}]`,
		},
		{
			name: "a job that moves and shall be suspended stays so after a credential", arrange: in(bits.StateTransferring),
			ask:  `[{"op":"change","id":"{job}","set":{` + credential + `},"suspended":true}]`,
			want: withState("suspended", ""),
		},
		{
			name: "a suspended job is not resumed for a credential, unless it shall be", arrange: in(bits.StateSuspended),
			ask:  `[{"op":"change","id":"{job}","set":{` + credential + `}},{"op":"change","id":"{job}","set":{` + credential + `},"suspended":false}]`,
			want: `[{"v":{"job":{"state":"suspended"}}},{"v":{"job":{"state":"moving"}}}]`,
		},
		{
			name: "a host that is stricter gets its way: the job is suspended meanwhile", arrange: answering(bits.StateConnecting, strict),
			ask: `[{"op":"change","id":"{job}","set":{"custom_headers":["A: b"],"minimum_retry_delay":61,` + refusedLast + `}},
				{"op":"get","id":"{job}"}]`,
			want: `[{"e":{"step":"set:proxy_credential","hresult":"0x80200025","done":["suspend","set:minimum_retry_delay",
				"set:custom_headers","resume"]}},{"v":{"job":{"state":"moving","custom_headers":["A: b"],"minimum_retry_delay":61}}}]`,
		},
		{
			name: "a host that never takes a property is asked twice and refuses once", arrange: answering(bits.StateTransferring, stubborn),
			ask:  `[{"op":"change","id":"{job}","set":{"minimum_retry_delay":61}}]`,
			want: `[{"e":{"step":"set:minimum_retry_delay","hresult":"0x80200075","done":["suspend","resume"]}}]`,
		},
		{
			name: "a job that can't be resumed after a refusal stays suspended, which is said", arrange: answering(bits.StateTransferring, immovable),
			ask:  `[{"op":"change","id":"{job}","set":{"minimum_retry_delay":61}},{"op":"get","id":"{job}"}]`,
			want: `[{"e":{"step":"set:minimum_retry_delay","hresult":"0x80200075","done":["suspend"]}},{"v":{"job":{"state":"suspended"}}}]`,
		},
		{
			name: "a create that is refused says which job it could not take back",
			arrange: func(t *testing.T, w *world, _ vars) {
				t.Helper()
				w.service.OverrideResult(immovable)
				t.Cleanup(func() { w.service.OverrideResult(nil) })
			},
			ask:  createOne(`,"description":"","priority":"low","minimum_retry_delay":61`),
			want: `[{"e":{"code":"refused","step":"create","hresult":"0x80200075","left":"*"}}]`,
		},
		{
			name: "a property that a policy overrides is set", arrange: answering(bits.StateSuspended, overridden),
			ask:  `[{"op":"change","id":"{job}","set":{"maximum_download_time":61,` + refusedLast + `}},{"op":"get","id":"{job}"}]`,
			want: `[{"e":{"step":"set:proxy_credential","done":["set:maximum_download_time"]}},{"v":{"job":{"maximum_download_time":61}}}]`,
		},
	}
}

// answers is what a host says to a property of a job in a state; 0: as ever.
type answers = func(state bits.State, p bits.Properties) bits.HResult

// strict is a host that takes nothing from a job that moves.
func strict(state bits.State, _ bits.Properties) bits.HResult {
	if state.Stage() == bits.StagePending {
		return 0x80200075 // BG_E_READ_ONLY_WHEN_JOB_ACTIVE
	}
	return 0
}

// immovable is a host that takes no property and no resume and no removal either.
func immovable(bits.State, bits.Properties) bits.HResult { return 0x80200075 }

// stubborn is a host that takes no property.
func stubborn(_ bits.State, p bits.Properties) bits.HResult {
	if p.Empty() {
		return 0
	}
	return 0x80200075
}

func overridden(_ bits.State, p bits.Properties) bits.HResult {
	if p.MaximumDownloadTime != nil {
		return 0x00200055 // BG_S_OVERRIDDEN_BY_POLICY
	}
	return 0
}

// answering arranges a job in a state on a host that answers so.
func answering(state bits.State, a answers) func(t *testing.T, w *world, v vars) {
	return func(t *testing.T, w *world, v vars) {
		t.Helper()
		in(state)(t, w, v)
		w.service.OverrideResult(a)
		t.Cleanup(func() { w.service.OverrideResult(nil) })
	}
}

// anUpload arranges an upload job of the admin's: {job}.
func anUpload(t *testing.T, w *world, v vars) {
	t.Helper()
	id, err := w.service.CreateJob(w.admin(), "contract", bits.Upload)
	if err == nil {
		err = w.service.AddFile(w.admin(), id, bits.FileSpec{RemoteName: w.files + "/up", LocalName: w.written(t)})
	}
	if err != nil {
		t.Fatal(err)
	}
	v["job"] = string(id)
}
