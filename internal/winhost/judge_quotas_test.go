// SPDX-License-Identifier: MPL-2.0

package winhost

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/winrmbits/terraform-provider-bits/internal/winhost/wsmansvc"
)

// TestOtherClientsUnderstandQuotas has pywinrm and pypsrp use up what the simulated host allows, and look at its shells.
func TestOtherClientsUnderstandQuotas(t *testing.T) {
	t.Parallel()
	interpreter := otherClients(t)
	network := startNetwork(t, Config{Security: basicOnly, Quotas: wsmansvc.Quotas{Shells: 2, Operations: 4}})
	h := network.Host(0)
	got := judge(t, interpreter, "testdata/judge_quotas.py", map[string]any{
		"host": h.Name, "port": h.Port, "username": h.Username, "password": h.Password, "ca_file": network.CAFile,
	})
	list := func(v ...any) []any { return v }
	want := map[string]map[string]any{
		"pywinrm": {
			"commands":             4.0,
			"one command too many": list(list(2150859174.0, nil), list(nil, 2150859174.0)),
			"in the next shell":    0.0,
		},
		"pypsrp": {
			"what an envelope may hold": 512000.0,
			"one shell too many":        2150859173.0,
			"the shells":                list(list("Administrator", "127.0.0.1", "PT90.000S"), list("Administrator", "127.0.0.1", "PT7200.000S")),
			"their ids":                 true,
			"one shell":                 list("Administrator", "127.0.0.1", "PT90.000S"),
			"none":                      0.0,
		},
	}
	leaveOut(t, want, got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the clients understood (-want +got):\n%s", diff)
	}
	if open, running := h.Stats().ShellsOpen, h.Processes(); open != 0 || len(running) != 0 {
		t.Errorf("%d shells and %v are left", open, running)
	}
}
