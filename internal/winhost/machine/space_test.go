// SPDX-License-Identifier: MPL-2.0

package machine

import (
	"errors"
	"testing"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
)

func TestADriveFillsUpAndRefuses(t *testing.T) {
	t.Parallel()
	const file, writeProtected = `C:\t\a.bin`, bits.HResult(0x80070013)
	d, err := NewDrive(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	take := func(what, path string, bytes int, code bits.HResult, left uint64) {
		t.Helper()
		err := d.Take(path, bytes)
		var refused *bits.Error
		if errors.As(err, &refused) != (code != 0) || code != 0 && refused.HResult != code {
			t.Errorf("%s: %d bytes are answered with %v instead of %s", what, bytes, err, code)
		}
		if free, err := d.Free("c:"); err != nil || free != left {
			t.Errorf("%s: %d bytes are free, %v", what, free, err)
		}
	}
	take("without a limit", file, 1<<20, 0, unlimited)
	d.SetFree(10)
	take("the first bytes", file, 6, 0, 4)
	take("more than there is", file, 5, diskFull, 4)
	take("a share", `\\files\pub\a.bin`, 5, 0, 4)
	take("the last bytes", file, 4, 0, 0)
	take("no bytes", file, 0, 0, 0)
	d.RefuseWrites(writeProtected)
	take("a write-protected drive", file, 0, writeProtected, 0)
	d.RefuseWrites(0)
	take("a drive that is written again", file, 0, 0, 0)
}
