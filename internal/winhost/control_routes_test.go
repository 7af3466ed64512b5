// SPDX-License-Identifier: MPL-2.0

package winhost

import (
	"net/http"
	"strings"
	"testing"
)

func TestEachRequestOfTheHelpIsAnswered(t *testing.T) {
	for _, r := range routes() {
		for _, h := range r.help {
			if r.path == "reboot" || r.path == "tasks" || r.path == "stats" && r.method == http.MethodDelete {
				continue // these need the rest of a host: other tests make them
			}
			t.Run(r.method+" "+h.path+" "+h.body, func(t *testing.T) {
				rig := newControlRig(t)
				id := string(rig.job(t, rig.hosts[0]))
				rig.ask(http.MethodPut, `/hosts/0/files?path=C:%5Cp.cab`, "a")
				if strings.HasSuffix(h.path, "start-bits") {
					rig.ask(http.MethodPost, "/hosts/0/stop-bits", "")
				}
				path := strings.NewReplacer("ID", id, `\`, "%5C").Replace(h.path)
				status, answer := rig.ask(r.method, "/hosts/0/"+path, strings.ReplaceAll(h.body, "ID", id))
				if status != http.StatusOK {
					t.Errorf("%d %s", status, answer)
				}
			})
		}
	}
}
