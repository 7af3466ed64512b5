// SPDX-License-Identifier: MPL-2.0

package wsman

import (
	"errors"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestFaultsOfWinRMHaveTheirClass holds the table of codes to what a caller may do about each. Codes of no class are final.
func TestFaultsOfWinRMHaveTheirClass(t *testing.T) {
	classes := map[error][]uint32{
		ErrBusy:      {170},
		ErrShellGone: {109, 232, 995, 2147943418, 2150858813, 2150858843, 2150859082, 2150859087, 2150859118},
		ErrQuota: {
			2150858815, 2150859173, 2150859174, 2150859175, 2150859176, 2150859179,
			2150859236, 2150859237, 2150859238, 2150859239, 2150859240, 2150859241,
		},
		ErrConnectionLost: nil,
	}
	names := map[string]bool{}
	for number, c := range codes {
		f := &Fault{Code: number}
		for class, members := range classes {
			if errors.Is(f, class) != slices.Contains(members, number) {
				t.Errorf("%s: errors.Is(%v) = %v", c.name, class, errors.Is(f, class))
			}
		}
		if !strings.HasPrefix(c.name, "E") || names[c.name] {
			t.Errorf("%d has the name %q", number, c.name)
		}
		names[c.name] = true
		if !strings.HasSuffix(f.Advice(), ".") {
			t.Errorf("%s: the advice is %q", c.name, f.Advice())
		}
		if shows := regexp.MustCompile(`winrm (get|enumerate) winrm/config/`); errors.Is(f, ErrQuota) && !shows.MatchString(f.Advice()) {
			t.Errorf("%s: the advice lacks the command that shows the setting: %q", c.name, f.Advice())
		}
	}
	for class, members := range classes {
		for _, number := range members {
			if _, known := codes[number]; !known {
				t.Errorf("%d, of the class %v, is not known", number, class)
			}
		}
	}
}
