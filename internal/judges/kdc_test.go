// SPDX-License-Identifier: MPL-2.0

package judges

import "testing"

func TestAnAccountLogsOn(t *testing.T) {
	k := StartKDC(t)
	k.Account(t, "ops", "Pa55 word!")
	k.Service(t, "HTTP/web01.corp.example")
	k.Cache(t, "ops", "Pa55 word!")
	if logons, failures := k.Logons(t), k.Failures(t, "ops"); logons != 1 || failures != 0 {
		t.Errorf("%d logons, %d failed", logons, failures)
	}
}
