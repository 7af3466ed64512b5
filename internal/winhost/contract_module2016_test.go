// SPDX-License-Identifier: MPL-2.0

package winhost_test

import (
	"fmt"
	"testing"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
)

// TestContractOfTheModuleOf2016 holds both agents to their answers on a host whose module BitsTransfer is that of
// Windows Server 2016. Source of its parameters: docset winserver2016-ps/BitsTransfer, learn.microsoft.com. What its
// jobs show is not documented: here it is what the parameters can set, under their names.
func TestContractOfTheModuleOf2016(t *testing.T) {
	t.Parallel()
	holdToContract(t, oldModuleCases(), nil, func(w *world) { w.old = true })
}

func oldModuleCases() []contractCase {
	const older = `"minimum_retry_delay":61,"no_progress_timeout":3600,"transfer_policy":["standard"],"proxy_usage":"override",
		"proxy_list":["http://127.0.0.1:1"],"proxy_bypass_list":["*"]`
	const secret = `"credential":{"username":"u","password":"` + topSecret + `7"}`
	const missing = `"maximum_download_time":null,"http_method":null,"dynamic":null,"security_flags":null,"acl_flags":null,
		"notify_flags":null,"notify_command":null,"custom_headers":null,"certificate_hash":null`
	cases := []contractCase{
		{
			name: "hello lists what the module has", ask: `[{"op":"hello"}]`,
			want: `[{"v":{"module":"2.0.0.0","parameters":{
				"Start-BitsTransfer":["Asynchronous","Authentication","Credential","Description","Destination","DisplayName","Priority",
				"ProxyAuthentication","ProxyBypass","ProxyCredential","ProxyList","ProxyUsage","RetryInterval","RetryTimeout","Source",
				"Suspended","TransferPolicy","TransferType","UseStoredCredential"],
				"Set-BitsTransfer":["Authentication","BitsJob","Credential","Description","DisplayName","Priority","ProxyAuthentication",
				"ProxyBypass","ProxyCredential","ProxyList","ProxyUsage","RetryInterval","RetryTimeout","SetOwnerToCurrentUser",
				"TransferPolicy","UseStoredCredential"]}}}]`,
		},
		{
			name: "what the module has is set and read under its own names", arrange: in(bits.StateSuspended),
			ask:  `[{"op":"change","id":"{job}","set":{` + older + `,` + secret + `}},{"op":"list"}]`,
			want: `[{"v":{"job":{` + older + `,` + missing + `}}},{"v":{"count":1},"jobs":[{` + older + `,` + missing + `}]}]`,
		},
		{
			name: "what the module has is set at creation",
			ask:  createOne(`,"description":"","priority":"low",` + older + `,` + secret),
			want: created("," + older + "," + missing),
		},
		{
			name: "a property that every module has is refused by BITS as ever", arrange: in(bits.StateSuspended),
			ask:  `[{"op":"change","id":"{job}","set":{"proxy_usage":"override"}}]`,
			want: `[{"e":{"code":"refused","step":"set:proxy_usage","hresult":"0x80070057"}}]`,
		},
	}
	for _, c := range []struct{ name, set string }{
		{"maximum_download_time", `"maximum_download_time":60`},
		{"http_method", `"http_method":"GET"`},
		{"dynamic", `"dynamic":false`},
		{"security_flags", `"security_flags":[]`},
		{"certificate_store_location", `"certificate_store_location":"users","certificate_store_name":"MY","certificate_hash":""`},
		{"custom_headers", `"custom_headers":["A: ` + topSecret + `8"],"custom_headers_write_only":true`},
	} {
		unsupported := fmt.Sprintf(`{"e":{"code":"not_supported","step":"set:%s","hresult":null,"text":"*","done":null,"left":null}}`, c.name)
		cases = append(cases, contractCase{
			name:    c.name + " is not supported, and nothing is changed before that is said",
			arrange: in(bits.StateTransferring), after: nothingLeft,
			ask: `[{"op":"change","id":"{job}","set":{"priority":"low",` + secret + `,` + c.set + `},"suspended":true},{"op":"get","id":"{job}"},
				{"op":"create","token":"{token}","job":{"description":"","transfer_type":"download","priority":"low",
				"files":[{"remote_name":"{files}/a","local_name":"{local}"}],` + c.set + `}}]`,
			want: `[` + unsupported + `,{"v":{"job":{"state":"transferring","priority":"foreground"}}},` + unsupported + `]`,
		})
	}
	return cases
}
