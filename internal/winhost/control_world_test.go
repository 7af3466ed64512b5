// SPDX-License-Identifier: MPL-2.0

package winhost

import (
	"errors"
	"net/http"
	"testing"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/machine"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/windows"
)

func TestAHostBecomesOdd(t *testing.T) {
	r := newControlRig(t)
	h := r.hosts[0]
	for _, step := range []struct{ verb, body string }{
		{"odd", `{"unreadable":{"*":"FileList"},"times":"bare_utc","zone":"Asia/Kolkata","unsigned_codes":true,"forgets_priority":true}`},
		{"allow", `{"directory":"C:\\Drop","sid":"S-1-5-32-545","rights":64,"files":true}`},
		{"reparse", `{"path":"C:\\t\\a.bin","tag":2147483667}`},
	} {
		if status, body := r.ask(http.MethodPost, "/hosts/0/"+step.verb, step.body); status != http.StatusOK || body != "{}" {
			t.Fatalf("%s: %d %s", step.verb, status, body)
		}
	}
	if odd := h.Odd.Now(); odd.Times != windows.TimesBareUTC || odd.Zone == "" || !odd.UnsignedCodes || !odd.ForgetsPriority {
		t.Errorf("the host is %+v", odd)
	}
	if member, why := h.Odd.Unreadable("any"); member != "FileList" || !errors.Is(why, bits.ErrNotFound) {
		t.Errorf("unreadable: %q, %v", member, why)
	}
	if rule := (machine.AccessRule{SID: machine.SIDUsers, Rights: machine.RightDeleteChild, Files: true}); h.Drive.Access(`C:\drop`)[0] != rule {
		t.Errorf("the rules are %+v", h.Drive.Access(`C:\Drop`))
	}
	place, _ := h.Drive.Place(`C:\t\a.bin`)
	if point, found := h.Drive.Reparse(place); !found || point.Tag != machine.TagDedup {
		t.Errorf("the file is %+v, %t", point, found)
	}
	if status, _ := r.ask(http.MethodPost, "/hosts/0/odd", `{}`); status != http.StatusOK || h.Odd.Now().Times != "" {
		t.Errorf("the host stays odd: %+v", h.Odd.Now())
	}
}
