// SPDX-License-Identifier: MPL-2.0

package machine

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
)

// link makes a symbolic link, or skips the test where Windows does not let this account.
func link(t *testing.T, to, at string) {
	t.Helper()
	switch err := os.Symlink(to, at); {
	case err != nil && runtime.GOOS == "windows":
		t.Skipf("Windows lets administrators and developers alone make links: %v", err)
	case err != nil:
		t.Fatal(err)
	}
}

func TestPathsAreThoseOfWindows(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	d, err := NewDrive(root)
	if err != nil {
		t.Fatal(err)
	}
	link(t, os.TempDir(), filepath.Join(root, "out"))
	if err := os.WriteFile(filepath.Join(root, "t", "There.bin"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	outside := filepath.Join(t.TempDir(), "outside")
	if err := os.WriteFile(outside, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	link(t, outside, filepath.Join(root, "t", "Link.bin"))
	if err := d.Share(`\\files\Pub`); err != nil {
		t.Fatal(err)
	}
	shared := filepath.Join(d.root+"-shares", "files", "pub")
	if err := os.Mkdir(filepath.Join(shared, "in"), 0o750); err != nil {
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
		{name: "a link is not a directory", local: `C:\out\a.bin`, code: pathNotFound},
		{name: "a link is not a file", local: `C:\t\Link.bin`, code: pathNotFound},
		{name: "a link is not a file in another case either", local: `C:\T\LINK.BIN`, code: pathNotFound},
		{name: "a directory written as one", local: `C:\t\`, code: invalidArgument},
		{name: "a separator behind a file", local: `C:\t\a.bin/`, code: invalidArgument},
		{name: "the name of a device", local: `C:\t\nul`, code: invalidArgument},
		{name: "the name of a device with an extension", local: `C:\t\COM1.log`, code: invalidArgument},
		{name: "a device as a directory", local: `C:\aux\a.bin`, code: invalidArgument},
		{name: "a superscript digit names a device too", local: `C:\t\LPT²`, code: invalidArgument},
		{name: "a name that begins like a device", local: `C:\t\console.log`, want: "t/console.log"},
		{name: "ports end at 9", local: `C:\t\com10`, want: "t/com10"},
		{name: "a control character", local: "C:\\t\\a\n.bin", code: invalidArgument},
		{name: "a pipe", local: `C:\t\a|b`, code: invalidArgument},
		{name: "a name of blanks", local: `C:\t\  \a.bin`, code: invalidArgument},
		{name: "a share's directory", local: `\\Files\PUB\in\a.bin`, want: "../shares/in/a.bin"},
		{name: "a share itself", local: `\\files\pub`, code: invalidArgument},
		{name: "a missing directory of a share", local: `\\files\pub\missing\a.bin`, code: pathNotFound},
		{name: "a share that its server has not", local: `\\files\none\a.bin`, code: badNetName},
		{name: "a server that is not there", local: `\\fs\pub\a.bin`, code: badNetPath},
		{name: "a way up from a share", local: `\\files\pub\..\a.bin`, code: invalidArgument},
		{name: "a stream of a share's file", local: `\\files\pub\a.bin:s`, code: invalidArgument},
		{name: "nothing", local: "", code: invalidArgument},
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
			want := filepath.Join(d.root, filepath.FromSlash(c.want))
			if rest, remote := strings.CutPrefix(c.want, "../shares/"); remote {
				want = filepath.Join(shared, filepath.FromSlash(rest))
			}
			// Windows and macOS find a name in any case.
			if got != want && (runtime.GOOS == "linux" || !strings.EqualFold(got, want)) {
				t.Errorf("%s instead of %s", got, want)
			}
		})
	}
}

func TestStatAndDirExistsStayInside(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	d, err := NewDrive(root)
	if err != nil {
		t.Fatal(err)
	}
	link(t, "/etc/passwd", filepath.Join(root, "t", "link"))
	if _, err := d.Stat(`C:\t\link`); err == nil {
		t.Error("Stat follows a link")
	}
	if _, err := d.Stat(`C:\t\none`); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a missing file is %v", err)
	}
	if info, err := d.Stat(`C:\Windows`); err != nil || !info.IsDir() {
		t.Errorf("C:\\Windows is %v, %v", info, err)
	}
	if !d.DirExists(`c:\t\new.bin`) || d.DirExists(`C:\none\new.bin`) {
		t.Error("DirExists does not report whether a file's directory is there")
	}
}
