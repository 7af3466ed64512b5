package job

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

func TestPropertiesThatBITSRefuses(t *testing.T) {
	for _, test := range []struct {
		name string
		set  values
		at   string
		want string // part of the error; "" for none
	}{
		{"a delay of a minute", values{"minimum_retry_delay": text("60s")}, "", ""},
		{"a delay below a minute", values{"minimum_retry_delay": text("59s")}, "minimum_retry_delay", "BITS takes 1m0s and more"},
		{"no delay", values{"minimum_retry_delay": text("0s")}, "minimum_retry_delay", "too short"},
		{"a part of a second", values{"minimum_retry_delay": text("90.5s")}, "minimum_retry_delay", "whole number of seconds"},
		{"a number without a unit", values{"minimum_retry_delay": text("600")}, "minimum_retry_delay", "duration"},
		{"a time beyond 32 bits", values{"maximum_download_time": text("596523h14m8s")}, "maximum_download_time", "at most 2147483647"},
		{"the longest time", values{"maximum_download_time": text("596523h14m7s")}, "", ""},
		{"a proxy's port that no host has", values{"proxy": proxyOf(values{"usage": text("override"), "list": textList("http://p:65536")})}, "proxy", "1 to 65535"},
		{"no time to download in", values{"maximum_download_time": text("0s")}, "maximum_download_time", "BITS takes 1s and more"},
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
		{"override without proxies", values{"proxy": proxyOf(values{"usage": text("override")})}, "usage", "add list = "},
		{"override with proxies that are not known yet", values{"proxy": proxyOf(values{"usage": text("override"), "list": tftypes.NewValue(tftypes.List{ElementType: tftypes.String}, tftypes.UnknownValue)})}, "", ""},
		{"proxies with a usage that is not known yet", values{"proxy": proxyOf(values{"usage": unknownText(), "list": textList("http://p:3128")})}, "", ""},
		{"a proxy without a scheme", values{"proxy": proxyOf(values{"usage": text("override"), "list": textList("p.corp.example:3128")})}, "list", "http://proxy.corp.example:3128 is the form"},
		{"user and password in a proxy's URL", values{"proxy": proxyOf(values{"usage": text("override"), "list": textList("http://u:" + testPassword + "@p:3128")})}, "list", "proxy.password_wo"},
		{"several exceptions in one text", values{"proxy": proxyOf(values{"usage": text("override"), "list": textList("http://p:3128"), "bypass_list": textList("a;b")})}, "bypass_list", "several as several elements"},
		{"exceptions that are too long", values{"proxy": proxyOf(values{"usage": text("override"), "list": textList("http://p:3128"), "bypass_list": textList(strings.Repeat("a", 2000), strings.Repeat("b", 2000))})}, "bypass_list", "have 4001 UTF-16 code units"},
		{"exceptions that are as long as can be", values{"proxy": proxyOf(values{"usage": text("override"), "list": textList("http://p:3128"), "bypass_list": textList(strings.Repeat("a", 2000), strings.Repeat("b", 1999))})}, "", ""},
		{"an account for a proxy", values{"proxy": proxyOf(values{"usage": text("auto_detect"), "username": text("u"), "password_wo": text(testPassword), "password_wo_version": number(1)})}, "", ""},
		{"an account without a password", values{"proxy": proxyOf(values{"usage": text("auto_detect"), "username": text("u")})}, "username", "password_wo"},
		{"a password without a version", values{"credentials": credentialsOf(values{"username": text("u"), "password_wo": text(testPassword)})}, "password_wo", "password_wo_version"},
		{"a version without a password", values{"proxy": proxyOf(values{"usage": text("auto_detect"), "password_wo_version": number(1)})}, "password_wo_version", "password_wo"},
		{"an account of each target", values{
			"credentials": credentialsOf(values{"target": text("proxy"), "scheme": text("basic"), "username": text("u"), "password_wo": text(testPassword), "password_wo_version": number(1)}),
		}, "", ""},
		{"two accounts for proxies", values{
			"credentials": credentialsOf(values{"target": text("proxy"), "username": text("u"), "password_wo": text(testPassword), "password_wo_version": number(1)}),
			"proxy":       proxyOf(values{"usage": text("auto_detect"), "username": text("v"), "password_wo": text(testPassword), "password_wo_version": number(1)}),
		}, "target", "one account for proxies"},
		{"an unknown scheme", values{"credentials": credentialsOf(values{"scheme": text("kerberos"), "username": text("u"), "password_wo": text("p"), "password_wo_version": number(1)})}, "scheme", `"negotiate"`},
		{"a long user name", values{"credentials": credentialsOf(values{"username": text(strings.Repeat("u", 301)), "password_wo": text("p"), "password_wo_version": number(1)})}, "username", "at most 300"},
		{"a long password", values{"credentials": credentialsOf(values{"username": text("u"), "password_wo": text(strings.Repeat(testPassword, 4000)), "password_wo_version": number(1)})}, "password_wo", "at most 65535"},
		{"a header", values{"custom_headers": textMap("X-Api-Key", testPassword)}, "", ""},
		{"a header's name with a colon", values{"custom_headers": textMap("X-Key:", testPassword)}, "custom_headers", "without a colon"},
		{"a line break in a header", values{"custom_headers": textMap("X-Key", testPassword+"\r\nX: y")}, "custom_headers", "trimspace()"},
		{"a header twice", values{"custom_headers": textMap("X-Key", testPassword, "x-key", "b")}, "custom_headers", "same header"},
		{"headers that are too long", values{"custom_headers": textMap("X-Key", strings.Repeat("a", 16375))}, "custom_headers", "BITS takes 16383"},
		{"headers that are as long as can be", values{"custom_headers": textMap("X-Key", strings.Repeat("a", 16374))}, "", ""},
		{"a header that is not known yet", values{"custom_headers": tftypes.NewValue(tftypes.Map{ElementType: tftypes.String}, map[string]tftypes.Value{"X": unknownText()})}, "", ""},
		{"hidden headers without a version", values{"custom_headers_wo": textMap("X-Key", testPassword)}, "custom_headers_wo", "custom_headers_wo_version"},
		{"hidden headers and others", values{"custom_headers_wo": textMap("X-Key", testPassword), "custom_headers_wo_version": number(1), "custom_headers": textMap("Y", "b")}, "custom_headers", "cannot be specified when"},
		{"a method in foreground", values{"http_method": text("POST"), "priority": text("foreground")}, "", ""},
		{"GET at any priority", values{"http_method": text("GET")}, "", ""},
		{"a method at the default priority", values{"http_method": text("POST")}, "http_method", `set priority = "foreground"`},
		{"a method with a priority that is not known yet", values{"http_method": text("POST"), "priority": unknownText()}, "", ""},
		{"a method in small letters", values{"http_method": text("post"), "priority": text("foreground")}, "http_method", "capital letters"},
		{"a method of an upload", values{"http_method": text("GET"), "transfer_type": text("upload")}, "http_method", "downloads only"},
		{"dynamic content in background", values{"dynamic": yes(), "priority": text("high")}, "dynamic", `set priority = "foreground"`},
		{"dynamic content in foreground", values{"dynamic": yes(), "priority": text("foreground")}, "", ""},
		{"no dynamic content at any priority", values{"dynamic": no(), "priority": text("low")}, "", ""},
		{"security flags of an upload", values{"security_flags": textSet("enable_crl_check"), "transfer_type": text("upload")}, "security_flags", "downloads only"},
		{"two policies for redirects", values{"security_flags": textSet("redirect_policy_disallow", "redirect_policy_allow_report")}, "security_flags", "keep one of them"},
		{"a policy for redirects that lets them leave TLS", values{"security_flags": textSet("redirect_policy_allow_report", "redirect_policy_allow_https_to_http")}, "", ""},
		{"a thumbprint with colons", values{"client_certificate": certificateOfMachine(strings.Repeat("0A:", 19) + "0A")}, "", ""},
		{"a thumbprint with blanks and the mark that Windows copies along", values{"client_certificate": certificateOfMachine("\u200e" + strings.Repeat("0a ", 20))}, "", ""},
		{"a short thumbprint", values{"client_certificate": certificateOfMachine(strings.Repeat("0a", 19))}, "thumbprint", "this one has 38"},
		{"a SHA-256 thumbprint", values{"client_certificate": certificateOfMachine(strings.Repeat("0a", 32))}, "thumbprint", "SHA-1"},
		{"a thumbprint with other letters", values{"client_certificate": certificateOfMachine(strings.Repeat("0g", 20))}, "thumbprint", "holds 'g'"},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := newRig(t)
			checkOne(t, r, jobConfig(test.set), test.at, test.want)
		})
	}
}
