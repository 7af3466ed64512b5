package drive

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
)

func TestPathsAreThoseOfWindows(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	d, err := New(root)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(os.TempDir(), filepath.Join(root, "out")); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(root, "t", "There.bin"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, local, want string
		code              bits.HResult
	}{
		{name: "a new file in a directory that exists", local: `C:\t\a.bin`, want: "t/a.bin"},
		{name: "another case of drive and directory", local: `c:\PROGRAMDATA\a.bin`, want: "ProgramData/a.bin"},
		{name: "a file that exists keeps its spelling", local: `C:\T\THERE.BIN`, want: "t/There.bin"},
		{name: "forward slashes", local: `C:/t/a.bin`, want: "t/a.bin"},
		{name: "dots and blanks at the end of a name are dropped", local: `C:\t\a.bin. `, want: "t/a.bin"},
		{name: "a missing directory", local: `C:\missing\a.bin`, code: pathNotFound},
		{name: "a file where a directory should be", local: `C:\t\There.bin\a`, code: pathNotFound},
		{name: "another drive", local: `D:\a.bin`, code: pathNotFound},
		{name: "a relative path", local: `a.bin`, code: invalidArgument},
		{name: "a path relative to a drive", local: `C:a.bin`, code: invalidArgument},
		{name: "a wildcard", local: `C:\t\*.bin`, code: invalidArgument},
		{name: "a stream", local: `C:\t\a.bin:s`, code: invalidArgument},
		{name: "a path for the kernel", local: `\\?\C:\t\a.bin`, code: invalidArgument},
		{name: "a way up", local: `C:\t\..\..\a.bin`, code: invalidArgument},
		{name: "a link is no directory", local: `C:\out\a.bin`, code: pathNotFound},
		{name: "the drive alone", local: `C:\`, code: invalidArgument},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, err := d.Path(c.local)
			if c.code != 0 {
				var refusal *bits.Error
				if !errors.As(err, &refusal) || refusal.HResult != c.code {
					t.Fatalf("%s, %v instead of %s", got, err, c.code)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if want := filepath.Join(d.root, filepath.FromSlash(c.want)); got != want {
				t.Errorf("%s instead of %s", got, want)
			}
		})
	}
}
