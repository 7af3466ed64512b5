// SPDX-License-Identifier: MPL-2.0

package winhost_test

import (
	"testing"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/bitsvc"
)

// be arranges what the host is like until the end of the case.
func be(change func(w *world)) func(t *testing.T, w *world, v vars) {
	return func(t *testing.T, w *world, _ vars) {
		t.Helper()
		change(w)
		t.Cleanup(func() { w.service.Start(); w.service.ResetKeys() })
	}
}

// hostCases are what the operation host tells. Sources: "Group Policies" and "BITS Startup Type", learn.microsoft.com.
func hostCases() []contractCase {
	const ask = `[{"op":"host"}]`
	return []contractCase{
		{
			name: "a host without jobs and policies starts BITS on demand", ask: ask,
			want: `[{"v":{"now":"*","service":"running","start":"manual","policies":{},"costs":{},"free_bytes":null,"system_proxy":"","winhttp_proxy":""}}]`,
		},
		{
			name: "a host with jobs starts BITS by itself", arrange: in(bits.StateSuspended), ask: ask,
			want: `[{"v":{"service":"running","start":"automatic_delayed"}}]`,
		},
		{
			name: "an account that is no administrator is told the same", as: user, ask: ask,
			want: `[{"v":{"service":"running","start":"manual","policies":{}}}]`,
		},
		{
			name: "only the policies that are configured appear, and large numbers are not negative",
			arrange: be(func(w *world) {
				w.service.SetKey(bitsvc.PolicyKey, map[string]uint32{"MaxJobsPerUser": 5, "JobInactivityTimeout": 0xFFFFFFFF, "DisableBranchCache": 0})
			}),
			ask:  ask,
			want: `[{"v":{"policies":{"MaxJobsPerUser":5,"JobInactivityTimeout":4294967295,"DisableBranchCache":0}}}]`,
		},
		{
			name: "keys that the account may not read are null",
			arrange: be(func(w *world) {
				w.service.SetKey(bitsvc.PolicyKey, nil)
				w.service.SetKey(bitsvc.ServiceKey, nil)
				w.service.SetKey(bitsvc.CostKey, nil)
				w.service.SetValue(bitsvc.SystemProxy, nil)
				w.service.SetValue(bitsvc.WinHTTPProxy, nil)
			}),
			ask:  ask,
			want: `[{"v":{"service":"running","start":null,"policies":null,"costs":null,"system_proxy":null,"winhttp_proxy":null}}]`,
		},
		{
			name: "proxy settings and policies for costed networks, as Windows stores them",
			arrange: be(func(w *world) {
				w.service.SetKey(bitsvc.CostKey, map[string]uint32{"NormalTransferPolicy": 0x80000021})
				w.service.SetValue(bitsvc.SystemProxy, []byte{0x46, 0, 0, 0, 3, 0, 0, 0, 1, 0, 0, 0})
				w.service.SetValue(bitsvc.WinHTTPProxy, []byte{0})
			}),
			ask:  ask,
			want: `[{"v":{"costs":{"NormalTransferPolicy":2147483681},"system_proxy":"RgAAAAMAAAABAAAA","winhttp_proxy":"AA=="}}]`,
		},
		{
			name: "a service that starts with the system", ask: ask,
			arrange: be(func(w *world) { w.service.SetKey(bitsvc.ServiceKey, map[string]uint32{"Start": 2}) }),
			want:    `[{"v":{"start":"automatic"}}]`,
		},
		{
			name: "a service that starts in a way that has no name", ask: ask,
			arrange: be(func(w *world) { w.service.SetKey(bitsvc.ServiceKey, map[string]uint32{"Start": 9}) }),
			want:    `[{"v":{"start":null}}]`,
		},
		{
			name: "a stopped service", arrange: be(func(w *world) { w.service.Stop() }), ask: ask,
			want: `[{"v":{"service":"stopped","start":"manual"}}]`,
		},
		{
			name: "a disabled service", arrange: be(func(w *world) { w.service.Disable() }), ask: ask,
			want: `[{"v":{"service":"stopped","start":"disabled"}}]`,
		},
		{
			name: "a host that has no BITS", arrange: be(func(w *world) { w.service.Uninstall() }), ask: ask,
			want: `[{"v":{"now":"*","service":null,"start":null,"policies":{}}}]`,
		},
		{
			name: "an account that is logged on, and one that is not", arrange: in(bits.StateSuspended),
			ask:  `[{"op":"host","account":"{admin}"},{"op":"host","account":"WEB01\\nobody"},{"op":"host"}]`,
			want: `[{"v":{"logged_on":true}},{"v":{"logged_on":false}},{"v":{"logged_on":null}}]`,
		},
		{
			name: "who is logged on is told to administrators only", as: user, ask: `[{"op":"host","account":"{admin}"}]`,
			want: `[{"v":{"logged_on":null}}]`,
		},
		{
			name: "the free space of drives, which is null where there is no drive",
			ask:  `[{"op":"host","drive":"C:"},{"op":"host","drive":"c:"},{"op":"host","drive":"X:"},{"op":"host","drive":"\\\\srv"}]`,
			want: `[{"v":{"free_bytes":"42949672960"}},{"v":{"free_bytes":"42949672960"}},{"v":{"free_bytes":null}},{"v":{"free_bytes":null}}]`,
		},
	}
}
