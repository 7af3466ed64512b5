// SPDX-License-Identifier: MPL-2.0

package logon

import (
	"errors"
	"strings"
	"testing"
)

func TestAWrongPasswordLocksAnAccountOut(t *testing.T) {
	find := func(username string) (Account, bool) {
		name := strings.ToLower(username)
		return Account{Name: name, Password: "right", Disabled: name == "guest"}, name != "nobody"
	}
	type attempt struct {
		user, password string
		want           error
	}
	right, wrong := attempt{"anna", "right", nil}, attempt{"Anna", "wrong", errPassword}
	locked := attempt{"anna", "right", errLockedOut}
	tests := []struct {
		name      string
		threshold int
		attempts  []attempt
	}{
		{"never, where there is no threshold", 0, []attempt{wrong, wrong, wrong, right}},
		{"at the threshold", 2, []attempt{wrong, wrong, locked, locked}},
		{"not before it", 2, []attempt{wrong, right, wrong, right}},
		{"nobody else", 1, []attempt{wrong, locked, {"bob", "right", nil}}},
		{"an unknown user", 1, []attempt{{"nobody", "right", errUnknown}, right}},
		{"a disabled account", 1, []attempt{{"Guest", "wrong", errDisabled}, {"guest", "right", errDisabled}}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			accounts := NewAccounts(find, test.threshold)
			for i, a := range test.attempts {
				name, err := accounts.Try(a.user, func(password string) bool { return password == a.password })
				if !errors.Is(err, a.want) || (err == nil) != (name == strings.ToLower(a.user)) {
					t.Errorf("attempt %d: %q, %v, want %v", i, name, err, a.want)
				}
			}
		})
	}
}
