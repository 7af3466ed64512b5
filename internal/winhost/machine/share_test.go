// SPDX-License-Identifier: MPL-2.0

package machine

import (
	"errors"
	"testing"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
)

func TestAShareIsForItsAccounts(t *testing.T) {
	t.Parallel()
	d, err := NewDrive(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Share(`\\files\pub`, `CORP\WEB01$`, `WEB01\anna`); err != nil {
		t.Fatal(err)
	}
	check := func(path, account string, want bits.HResult) {
		t.Helper()
		err := d.MayUse(path, account)
		var refusal *bits.Error
		if (err != nil) != (want != 0) || err != nil && (!errors.As(err, &refusal) || refusal.HResult != want) {
			t.Errorf("%s of %s: %v instead of %s", account, path, err, want)
		}
	}
	check(`\\Files\pub\a.bin`, `corp\web01$`, 0)
	check(`\\files\pub\a.bin`, `WEB01\anna`, 0)
	check(`\\files\pub\a.bin`, `CORP\WEB02$`, accessDenied)
	check(`\\files\pub\a.bin`, "", accessDenied)
	check(`\\files\none\a.bin`, `WEB01\anna`, badNetName)
	check(`C:\t\a.bin`, "", 0)
	if err := d.Share(`\\files\pub`); err != nil {
		t.Fatal(err)
	}
	check(`\\files\pub\a.bin`, `WEB01\anna`, accessDenied)
	for _, name := range []string{`\\files`, `files\pub`, `\\..\..`, `\\files\..`, `\\files\pub\in`, ``} {
		if d.Share(name) == nil {
			t.Errorf("%q is a share", name)
		}
	}
}
