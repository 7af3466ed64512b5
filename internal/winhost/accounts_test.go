// SPDX-License-Identifier: MPL-2.0

package winhost

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/wsmansvc"
)

func TestALogonNeedsTheNameAndThePassword(t *testing.T) {
	t.Parallel()
	network := startNetwork(t, Config{})
	h := network.Host(0)
	anna := h.Accounts[1]
	for _, test := range []struct {
		name, password string
		want           bool
	}{
		{"Administrator", h.Password, true},
		{`.\administrator`, h.Password, true},
		{`web01\Administrator`, h.Password, true},
		{`administrator@web01`, h.Password, true},
		{`CORP\Administrator`, h.Password, false},
		{`Administrator@corp.example`, h.Password, false},
		{"Administrator", "", false},
		{"Administrator", anna.Password, false},
		{"Guest", h.Password, false},
		{"Guest", "", false},
		{anna.Name, anna.Password, true},
		{anna.Name, h.Password, false},
	} {
		_, err := h.logons.Try(test.name, func(right string) bool { return right == test.password })
		if (err == nil) != test.want {
			t.Errorf("%s: %v", test.name, err)
		}
	}
	h.Accounts[1].Disabled = true
	if _, err := h.logons.Try(anna.Name, func(string) bool { return true }); err == nil {
		t.Error("a disabled account logs on")
	}
}

// TestAnAccountIsWhoItsShellsAre runs whoami as both accounts, and lists jobs as both.
func TestAnAccountIsWhoItsShellsAre(t *testing.T) {
	t.Parallel()
	h := startNetwork(t, Config{}).Host(0)
	sids := map[string]bool{}
	for _, a := range h.Accounts {
		c := h.Caller(`WEB01\` + strings.ToUpper(a.Name))
		if c.SID != a.SID || c.Elevated != a.Administrator || sids[a.SID] {
			t.Errorf("%s is %+v", a.Name, c)
		}
		sids[a.SID] = true
		var out bytes.Buffer
		h.StartAs(t.Context(), c, wsmansvc.Process{User: a.Name, CommandLine: "cmd /c whoami && cd", Stdout: &out, Stderr: &out})
		if want := strings.ToLower(c.Account) + "\r\n" + `C:\Users\` + a.Name + "\r\n"; out.String() != want {
			t.Errorf("%s got %q, want %q", a.Name, &out, want)
		}
		_, err := h.BITS.Jobs(c, true)
		if refused := errors.Is(err, bits.ErrAccessDenied); refused == a.Administrator || (err != nil) == a.Administrator {
			t.Errorf("%s asks for the jobs of all users: %v", a.Name, err)
		}
	}
	if len(sids) != 2 || h.Caller("Guest").Elevated {
		t.Errorf("%d accounts", len(sids))
	}
}
