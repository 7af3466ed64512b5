// SPDX-License-Identifier: MPL-2.0

package job

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

func TestLocalNames(t *testing.T) {
	for _, test := range []struct {
		name  string
		local string
		want  string // part of the error; "" for none
	}{
		{"a path with a drive", `C:\ProgramData\Acme\p.cab`, ""},
		{"a file in the root of a drive", `d:\p.cab`, ""},
		{"a path of a share", `\\files01\pub\in\p.cab`, ""},
		{"spaces, dots, brackets and letters of any language", `C:\Program Files\Ünï.cö\[1] p.cab`, ""},
		{"259 characters", `C:\` + strings.Repeat("a", 256), ""},
		{"260 characters", `C:\` + strings.Repeat("a", 257), "at most 259"},
		{"260 UTF-16 code units in 132 characters", `C:\a` + strings.Repeat("😀", 128), "and this one has 260"},
		{"nothing", "", "can't be empty"},
		{"a relative path", `Acme\p.cab`, "not an absolute path"},
		{"a path relative to a drive's directory", `C:p.cab`, "not an absolute path"},
		{"a path relative to the current drive", `\t\p.cab`, "not an absolute path"},
		{"a variable for a path", `%ProgramData%\p.cab`, "variable %ProgramData%, which BITS does not expand"},
		{"a variable for a directory", `C:\%TEMP%\p.cab`, "variable %TEMP%,"},
		{"a variable of one's own for a directory", `C:\%Acme_Root%\p.cab`, "BITS does not expand"},
		{"a variable of Windows in a name", `C:\t\%ComputerName%.cab`, "variable %ComputerName%"},
		{"a variable with parentheses", `%ProgramFiles(x86)%\p.cab`, "variable %ProgramFiles(x86)%"},
		{"a variable of PowerShell", `$env:ProgramData\p.cab`, "variable $env:ProgramData"},
		{"percent signs in a name", `C:\t\100%, 50% off%.cab`, ""},
		{"slashes", `C:/t/p.cab`, "backslashes"},
		{"a long-path prefix", `\\?\C:\t\p.cab`, `begin with \\?\`},
		{"a device prefix", `\\.\C:\t\p.cab`, `begin with \\.\`},
		{"a directory", `C:\t\`, "name a file"},
		{"a drive", `C:\`, "name a file"},
		{"a share", `\\files01\pub`, `\\server\share\file`},
		{"two backslashes", `C:\t\\p.cab`, "two in a row"},
		{"a parent directory", `C:\t\..\p.cab`, `".."`},
		{"a star", `C:\t\*.cab`, "wildcard"},
		{"a question mark", `C:\t\p?.cab`, "wildcard"},
		{"a stream", `C:\t\p.cab:zone`, "streams"},
		{"a device", `C:\t\con`, "a device name"},
		{"a device with an extension", `C:\t\Lpt1.cab`, "a device name"},
		{"a device for a directory", `C:\NUL\p.cab`, "a device name"},
		{"a name that begins as a device's", `C:\t\console.cab`, ""},
		{"a quote", `C:\t\p".cab`, "file names on Windows can't contain it"},
		{"a control character", "C:\\t\\p\n.cab", "file names on Windows can't contain it"},
		{"a dot at the end", `C:\t\p.cab.`, "dot or a space"},
		{"a space at the end of a directory", `C:\t \p.cab`, "dot or a space"},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := newRig(t)
			checkOne(t, r, jobConfig(values{"files": fileList("https://dl.example/p.cab", test.local)}), "files[0].local_name", test.want)
		})
	}
}

func TestRemoteNames(t *testing.T) {
	for _, test := range []struct {
		name   string
		remote string
		want   string
	}{
		{"https", "https://dl.example/p.cab", ""},
		{"http with a port and a query", "HTTP://dl.example:8080/p.cab?sig=a%20b&x=1", ""},
		{"an address", "http://[2001:db8::1]/p.cab", ""},
		{"a share", `\\files01\pub\p.cab`, ""},
		{"a file URL", "file://files01/pub/p.cab", ""},
		{"a file URL with a path of Windows", `file://C:\Temp\p.cab`, ""},
		{"a file URL with a wildcard", `file://C:\Temp\*.cab`, "wildcard"},
		{"a file URL of a drive", "file:///C:/Temp/p.cab", ""},
		{"a path with a drive", `Z:\p.cab`, ""},
		{"2200 characters", "https://dl.example/" + strings.Repeat("abcdefghi/", 218) + "a", ""},
		{"2201 characters", "https://dl.example/" + strings.Repeat("abcdefghi/", 218) + "ab", "use a shorter URL"},
		{"a long segment", "https://dl.example/" + strings.Repeat("a", 261), "at most 260 characters, and one of this URL has 261: give the file a shorter name"},
		{"nothing", "", "not a source that BITS supports"},
		{"ftp", "ftp://dl.example/p.cab", "not a source that BITS supports"},
		{"no scheme", "dl.example/p.cab", "not a source that BITS supports"},
		{"no host", "https:///p.cab", "has no host"},
		{"a space", "https://dl.example/a b.cab", `provider::bits::url_path(), or before Terraform 1.8 one segment at a time with replace(urlencode(name), "+", "%20")`},
		{"a letter outside ASCII", "https://dl.example/ü.cab", "BITS does not encode URLs: encode the path with provider::bits::url_path()"},
		{"a URL that is encoded as a whole", "https%3A%2F%2Fdl.example%2Fp.cab", "The whole URL is percent-encoded: encode the path with provider::bits::url_path()"},
		{"an address with a number too large", "http://192.168.1.300/p.cab", `has an invalid host: "192.168.1.300" is not an IPv4 address`},
		{"a port that no host has", "https://dl.example:65536/p.cab", "1 to 65535"},
		{"a bad escape", "https://dl.example/%zz", "two hexadecimal digits"},
		{"user and password", "https://bob:" + testPassword + "@dl.example/p.cab", "user name or password"},
		{"a wildcard in a share", `\\files01\pub\*.cab`, "wildcard"},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := newRig(t)
			checkOne(t, r, jobConfig(values{"files": fileList(test.remote, `C:\t\p.cab`)}), "files[0].remote_name", test.want)
		})
	}
}

func TestOtherAttributes(t *testing.T) {
	emoji := strings.Repeat("😀", 128)
	for _, test := range []struct {
		name   string
		config values
		at     string
		want   string
	}{
		{"any characters in a display name", values{"display_name": text("a\"b'c$(x)`\n😀")}, "display_name", ""},
		{"256 UTF-16 code units", values{"display_name": text(emoji)}, "display_name", ""},
		{"257 UTF-16 code units", values{"display_name": text(emoji + "a")}, "display_name", "this one has 257"},
		{"an empty display name", values{"display_name": text("")}, "display_name", "can't be empty"},
		{"a NUL in a display name", values{"display_name": text("a\x00b")}, "display_name", "U+0000"},
		{"the name of a pending job", values{"display_name": text("terraform-provider-bits pending 0")}, "display_name", "can't begin with"},
		{"a description of 1024 units", values{"description": text(strings.Repeat(emoji, 4))}, "description", ""},
		{"a description of 1025 units", values{"description": text(strings.Repeat(emoji, 4) + "a")}, "description", "at most 1024"},
		{"an empty description", values{"description": text("")}, "description", ""},
		{"a priority that BITS does not have", values{"priority": text("urgent")}, "priority", `"foreground" "high" "normal" "low"`},
		{"a priority in capitals", values{"priority": text("High")}, "priority", "must be one of"},
		{"a transfer type that is not offered", values{"transfer_type": text("upload_reply")}, "transfer_type", `"download" "upload"`},
		{"no files", values{"files": fileList()}, "files", "at least 1"},
		{"the same local name twice, in another case", values{"files": fileList(urlA, `C:\t\p.cab`, urlB, `c:\T\P.CAB`)}, "files[1].local_name", "same file as in files[0]"},
		{"a file without a remote name", values{"files": filled(nullText(), "", pathA)}, "files[0].remote_name", "is missing or null"},
		{"a second file without a local name", values{"files": filled(nullText(), urlA, pathA, urlB, "")}, "files[1].local_name", "is missing or null"},
		{"an upload of two files", values{"transfer_type": text("upload"), "files": fileList(urlA, pathA, urlB, pathB)}, "files", "exactly one file"},
		{"waiting for a suspended job", values{"suspended": yes(), "wait_for_transfer": yes()}, "wait_for_transfer", "never transfers"},
		{"a host with a scheme", values{"host": text("https://web01")}, "host", "without scheme"},
		{"two hosts", values{"host": text("web01,web02")}, "host", "use for_each"},
		{"a host with a bad port", values{"host": text("web01:0")}, "host", "1 to 65535"},
		{"a timeout that is no duration", values{"timeouts": timeoutsOf("soon")}, "timeouts", "unit suffix"},
		{"a timeout of no time", values{"timeouts": timeoutsOf("0s")}, "timeouts", "longer than 0s"},
		{"a timeout that was over before", values{"timeouts": timeoutsOf("-1m")}, "timeouts", "longer than 0s"},
	} {
		t.Run(test.name, func(t *testing.T) {
			checkOne(t, newRig(t), jobConfig(test.config), test.at, test.want)
		})
	}
}

// checkOne validates a configuration and expects one complaint, or none: at an attribute, or about a part of one that its text
// names.
func checkOne(t *testing.T, r *rig, config values, at, want string) {
	t.Helper()
	diags := r.validate(config)
	r.noSecrets(diags)
	if want == "" {
		if len(diags) > 0 {
			t.Fatalf("refused: %s", formatted(diags))
		}
		return
	}
	if len(diags) == 0 {
		t.Fatal("accepted")
	}
	if got := diags[0].Attribute.String(); !strings.Contains(got, `"`+at+`"`) && !strings.Contains(diags[0].Detail, at) {
		t.Errorf("the complaint is about %s, not %s: %s", got, at, diags[0].Detail)
	}
	if !strings.Contains(formatted(diags), want) {
		t.Errorf("%q is missing in: %s", want, formatted(diags))
	}
	for i, d := range diags {
		if i > 0 && d.Attribute.Equal(diags[i-1].Attribute) && !strings.HasPrefix(d.Detail, at+".") {
			t.Errorf("two complaints about one value: %s", formatted(diags))
		}
	}
}

func TestUnknownValuesNeverFailValidation(t *testing.T) {
	r := newRig(t)
	for name, typ := range r.resource.AttributeTypes {
		if !configurable(name) {
			continue
		}
		config := jobConfig(nil)
		config[name] = tftypes.NewValue(typ, tftypes.UnknownValue)
		if diags := r.validate(config); len(diags) > 0 {
			t.Errorf("unknown %s: %s", name, formatted(diags))
		}
	}
	expectDiagnostic(t, r.validate(jobConfig(values{"files": unknownFile("", "", "", "")})), "")
	expectDiagnostic(t, r.validate(jobConfig(values{"files": unknownElement()})), "")
	expectDiagnostic(t, r.validate(jobConfig(values{"files": unknownElement(urlA, pathA), "transfer_type": unknownText()})), "")
	for name, typ := range r.provider.AttributeTypes {
		if diags := r.validateProvider(values{name: tftypes.NewValue(typ, tftypes.UnknownValue)}); len(diags) > 0 {
			t.Errorf("unknown %s of the provider: %s", name, formatted(diags))
		}
	}
}

func configurable(name string) bool {
	switch name {
	case "id", "state", "owner", "error", "created_at", "completed_at":
		return false
	}
	return true
}

// nullIn is a collection of one null.
func nullIn(of tftypes.Type) tftypes.Value { return tftypes.NewValue(of, []tftypes.Value{nullText()}) }

func TestPropertiesThatBITSRefuses(t *testing.T) {
	for _, test := range []struct {
		name string
		set  values
		at   string
		want string // part of the error; "" for none
	}{
		{"a transfer policy of null", values{"transfer_policy": nullIn(tftypes.Set{ElementType: tftypes.String})}, "transfer_policy", "null"},
		{"security flags of null", values{"security_flags": nullIn(tftypes.Set{ElementType: tftypes.String})}, "security_flags", "null"},
		{"proxies of null", values{"proxy": proxyOf(values{"usage": text("override"), "list": nullIn(tftypes.List{ElementType: tftypes.String})})}, "proxy", "null"},
		{"triggers of null", values{"triggers": triggersOf(nullText())}, "triggers", "null"},
		{"a delay of a minute", values{"minimum_retry_delay": text("60s")}, "", ""},
		{"a delay below a minute", values{"minimum_retry_delay": text("59s")}, "minimum_retry_delay", "BITS accepts 1m0s and more"},
		{"no delay", values{"minimum_retry_delay": text("0s")}, "minimum_retry_delay", "too short"},
		{"a part of a second", values{"minimum_retry_delay": text("90.5s")}, "minimum_retry_delay", "whole number of seconds"},
		{"a number without a unit", values{"minimum_retry_delay": text("600")}, "minimum_retry_delay", "duration"},
		{"a time beyond 32 bits", values{"maximum_download_time": text("596523h14m8s")}, "maximum_download_time", "at most 2147483647"},
		{"the longest time", values{"maximum_download_time": text("596523h14m7s")}, "", ""},
		{"a proxy's port that no host has", values{"proxy": proxyOf(values{"usage": text("override"), "list": textList("http://p:65536")})}, "proxy", "1 to 65535"},
		{"no time to download in", values{"maximum_download_time": text("0s")}, "maximum_download_time", "BITS accepts 1s and more"},
		{"a negative timeout", values{"no_progress_timeout": text("-1s")}, "no_progress_timeout", "0s, or 1s and more"},
		{"no retry at all", values{"no_progress_timeout": text("0s"), "minimum_retry_delay": text("10m")}, "", ""},
		{"a timeout as long as the delay", values{"no_progress_timeout": text("600s"), "minimum_retry_delay": text("10m")}, "", ""},
		{"a timeout shorter than the delay", values{"no_progress_timeout": text("9m"), "minimum_retry_delay": text("10m")}, "no_progress_timeout", "shorter than minimum_retry_delay (10m)"},
		{"a timeout shorter than the delay of BITS itself", values{"no_progress_timeout": text("9m59s")}, "no_progress_timeout", "shorter than the 10m that BITS waits"},
		{"a timeout as long as the delay of BITS itself", values{"no_progress_timeout": text("10m")}, "", ""},
		{"a short timeout and a delay that is not known yet", values{"no_progress_timeout": text("9m"), "minimum_retry_delay": unknownText()}, "", ""},
		{"a timeout that is not known yet", values{"no_progress_timeout": unknownText(), "minimum_retry_delay": text("10m")}, "", ""},
		{"no network at all", values{"transfer_policy": textSet()}, "transfer_policy", "at least 1"},
		{"an unknown kind of network", values{"transfer_policy": textSet("cheap")}, "transfer_policy", `"not_roaming"`},
		{"a job's own proxies", values{"proxy": proxyOf(values{"usage": text("override"), "list": textList("http://p.corp.example:3128"), "bypass_list": textList("*.corp.example", "<local>")})}, "", ""},
		{"proxies without override", values{"proxy": proxyOf(values{"usage": text("no_proxy"), "list": textList("http://p:3128")})}, "list", `set usage = "override", or remove list`},
		{"exceptions without override", values{"proxy": proxyOf(values{"usage": text("auto_detect"), "bypass_list": textList("<local>")})}, "bypass_list", "remove bypass_list"},
		{"override without proxies", values{"proxy": proxyOf(values{"usage": text("override")})}, "usage", "such as list = "},
		{"override with proxies that are not known yet", values{"proxy": proxyOf(values{"usage": text("override"), "list": tftypes.NewValue(tftypes.List{ElementType: tftypes.String}, tftypes.UnknownValue)})}, "", ""},
		{"proxies with a usage that is not known yet", values{"proxy": proxyOf(values{"usage": unknownText(), "list": textList("http://p:3128")})}, "", ""},
		{"a proxy without a scheme", values{"proxy": proxyOf(values{"usage": text("override"), "list": textList("p.corp.example:3128")})}, "list", "such as http://proxy.corp.example:3128"},
		{"user and password in a proxy's URL", values{"proxy": proxyOf(values{"usage": text("override"), "list": textList("http://u:" + testPassword + "@p:3128")})}, "list", "proxy.password_wo"},
		{"several exceptions in one text", values{"proxy": proxyOf(values{"usage": text("override"), "list": textList("http://p:3128"), "bypass_list": textList("a;b")})}, "bypass_list", "use one element for each"},
		{"exceptions that are too long", values{"proxy": proxyOf(values{"usage": text("override"), "list": textList("http://p:3128"), "bypass_list": textList(strings.Repeat("a", 2000), strings.Repeat("b", 2000))})}, "bypass_list", "have 4001 UTF-16 code units"},
		{"exceptions that are as long as can be", values{"proxy": proxyOf(values{"usage": text("override"), "list": textList("http://p:3128"), "bypass_list": textList(strings.Repeat("a", 2000), strings.Repeat("b", 1999))})}, "", ""},
		{"an account for a proxy", values{"proxy": proxyOf(values{"usage": text("auto_detect"), "username": text("u"), "password_wo": text(testPassword), "password_wo_version": number(1)})}, "", ""},
		{"an account without a password", values{"proxy": proxyOf(values{"usage": text("auto_detect"), "username": text("u")})}, "username", "password_wo"},
		{"a password without a version", values{"credentials": credentialsOf(values{"username": text("u"), "password_wo": text(testPassword)})}, "password_wo", "password_wo_version"},
		{"a version without a password", values{"proxy": proxyOf(values{"usage": text("auto_detect"), "password_wo_version": number(1)})}, "password_wo_version", "password_wo"},
		{"an account for the server and one for the proxy", values{
			"credentials": credentialsOf(values{"scheme": text("basic"), "username": text("u"), "password_wo": text(testPassword), "password_wo_version": number(1)}),
			"proxy":       proxyOf(values{"usage": text("auto_detect"), "scheme": text("digest"), "username": text("v"), "password_wo": text(testPassword), "password_wo_version": number(1)}),
		}, "", ""},
		{"a scheme without an account", values{"proxy": proxyOf(values{"usage": text("auto_detect"), "scheme": text("basic")})}, "scheme", "proxy.username"},
		{"an unknown scheme for a proxy", values{"proxy": proxyOf(values{"usage": text("auto_detect"), "scheme": text("kerberos"), "username": text("u"), "password_wo": text("p"), "password_wo_version": number(1)})}, "scheme", `"negotiate"`},
		{"an unknown scheme", values{"credentials": credentialsOf(values{"scheme": text("kerberos"), "username": text("u"), "password_wo": text("p"), "password_wo_version": number(1)})}, "scheme", `"negotiate"`},
		{"a user name with a line break", values{"credentials": credentialsOf(values{"username": text("u\n"), "password_wo": text("p"), "password_wo_version": number(1)})}, "username", "trimspace()"},
		{"a user name with a space before it", values{"proxy": proxyOf(values{"usage": text("auto_detect"), "username": text(" u"), "password_wo": text("p"), "password_wo_version": number(1)})}, "username", "trimspace()"},
		{"a password with a line break", values{"credentials": credentialsOf(values{"username": text("u"), "password_wo": text(testPassword + "\r\n"), "password_wo_version": number(1)})}, "password_wo", "can't contain a line break"},
		{"a long user name", values{"credentials": credentialsOf(values{"username": text(strings.Repeat("u", 301)), "password_wo": text("p"), "password_wo_version": number(1)})}, "username", "at most 300"},
		{"a long password", values{"credentials": credentialsOf(values{"username": text("u"), "password_wo": text(strings.Repeat(testPassword, 4000)), "password_wo_version": number(1)})}, "password_wo", "at most 65535"},
		{"a header", values{"custom_headers": textMap("X-Api-Key", testPassword)}, "", ""},
		{"a header's name with a colon", values{"custom_headers": textMap("X-Key:", testPassword)}, "custom_headers", "without a colon"},
		{"a line break in a header", values{"custom_headers": textMap("X-Key", testPassword+"\r\nX: y")}, "custom_headers", "trimspace()"},
		{"a header twice", values{"custom_headers": textMap("X-Key", testPassword, "x-key", "b")}, "custom_headers", "same header"},
		{"headers that are too long", values{"custom_headers": textMap("X-Key", strings.Repeat("a", 16375))}, "custom_headers", "BITS accepts 16383"},
		{"headers that are as long as can be", values{"custom_headers": textMap("X-Key", strings.Repeat("a", 16374))}, "", ""},
		{"a header without a value", values{"custom_headers": tftypes.NewValue(tftypes.Map{ElementType: tftypes.String}, map[string]tftypes.Value{"X": nullText()})}, "custom_headers", "has no value"},
		{"a header that is not known yet", values{"custom_headers": tftypes.NewValue(tftypes.Map{ElementType: tftypes.String}, map[string]tftypes.Value{"X": unknownText()})}, "", ""},
		{"hidden headers without a version", values{"custom_headers_wo": textMap("X-Key", testPassword)}, "custom_headers_wo", "custom_headers_wo_version"},
		{"hidden headers and others", values{"custom_headers_wo": textMap("X-Key", testPassword), "custom_headers_wo_version": number(1), "custom_headers": textMap("Y", "b")}, "custom_headers", "cannot be specified when"},
		{"a method in foreground", values{"http_method": text("POST"), "priority": text("foreground")}, "", ""},
		{"GET at any priority", values{"http_method": text("GET")}, "", ""},
		{"a method at the default priority", values{"http_method": text("POST")}, "http_method", `Set priority = "foreground"`},
		{"a method with a priority that is not known yet", values{"http_method": text("POST"), "priority": unknownText()}, "", ""},
		{"a method in small letters", values{"http_method": text("post"), "priority": text("foreground")}, "http_method", "capital letters"},
		{"GET in small letters", values{"http_method": text("get")}, "http_method", "capital letters"},
		{"a method of an upload", values{"http_method": text("GET"), "transfer_type": text("upload")}, "http_method", "downloads only"},
		{"dynamic content in background", values{"dynamic": yes(), "priority": text("high")}, "dynamic", `Set priority = "foreground"`},
		{"dynamic content in foreground", values{"dynamic": yes(), "priority": text("foreground")}, "", ""},
		{"dynamic content with a method of its own", values{"dynamic": yes(), "http_method": text("POST"), "priority": text("foreground")}, "dynamic", "Remove dynamic or http_method"},
		{"no dynamic content at any priority", values{"dynamic": no(), "priority": text("low")}, "", ""},
		{"security flags of an upload", values{"security_flags": textSet("enable_crl_check"), "transfer_type": text("upload")}, "security_flags", "downloads only"},
		{"two policies for redirects", values{"security_flags": textSet("redirect_policy_disallow", "redirect_policy_allow_report")}, "security_flags", "Keep one of them"},
		{"a policy for redirects that lets them leave TLS", values{"security_flags": textSet("redirect_policy_allow_report", "redirect_policy_allow_https_to_http")}, "", ""},
		{"a thumbprint with colons", values{"client_certificate": certificateOfMachine(strings.Repeat("0A:", 19) + "0A")}, "", ""},
		{"a thumbprint with blanks and the mark that Windows copies along", values{"client_certificate": certificateOfMachine("\u200e" + strings.Repeat("0a ", 20))}, "", ""},
		{"a certificate store in small letters", values{"client_certificate": certificateIn("my", strings.Repeat("0a", 20))}, "", ""},
		{"a short thumbprint", values{"client_certificate": certificateOfMachine(strings.Repeat("0a", 19))}, "thumbprint", "this one has 38"},
		{"a SHA-256 thumbprint", values{"client_certificate": certificateOfMachine(strings.Repeat("0a", 32))}, "thumbprint", "SHA-1"},
		{"a thumbprint with other letters", values{"client_certificate": certificateOfMachine(strings.Repeat("0g", 20))}, "thumbprint", "contains 'g'"},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := newRig(t)
			checkOne(t, r, jobConfig(test.set), test.at, test.want)
		})
	}
}
