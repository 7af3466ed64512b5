// SPDX-License-Identifier: MPL-2.0

package machine

import (
	"os"
	"testing"
)

// Source of the tags and of the bit of name surrogates: "Reparse Point Tags", learn.microsoft.com.
func TestLinksAreNameSurrogatesThatLeadToAPath(t *testing.T) {
	const volume = `\??\Volume{e4a4d8a1-0000-0000-0000-100000000000}\`
	for _, test := range []struct {
		name string
		r    Reparse
		want bool
	}{
		{"a symbolic link", Reparse{Tag: TagSymlink, Target: `\??\C:\a`}, true},
		{"a junction", Reparse{Tag: TagMountPoint, Target: `\??\C:\a`}, true},
		{"a mounted volume", Reparse{Tag: TagMountPoint, Target: volume}, false},
		{"a junction to a directory of a volume", Reparse{Tag: TagMountPoint, Target: volume + "a"}, true},
		{"a deduplicated file", Reparse{Tag: TagDedup}, false},
		{"a file in a cloud", Reparse{Tag: TagCloud}, false},
		{"a file that was moved to other storage", Reparse{Tag: TagHSM}, false},
	} {
		if got := test.r.IsLink(); got != test.want {
			t.Errorf("%s: a link: %t", test.name, got)
		}
	}
}

func TestReparsePointsOfADrive(t *testing.T) {
	d, err := NewDrive(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	place, _ := d.Place(`C:\t\link`)
	if err := os.Symlink("elsewhere", place); err != nil {
		t.Skipf("no symbolic links here: %v", err)
	}
	if r, found := d.Reparse(place); !found || !r.IsLink() {
		t.Errorf("a symbolic link is %+v, %t", r, found)
	}
	file, _ := d.Place(`C:\T\a.bin`)
	if _, found := d.Reparse(file); found {
		t.Error("what is not there is a reparse point")
	}
	if err := d.SetReparse(`c:\t\a.bin`, Reparse{Tag: TagDedup}); err != nil {
		t.Fatal(err)
	}
	if r, found := d.Reparse(file); !found || r.Tag != TagDedup {
		t.Errorf("a deduplicated file is %+v, %t", r, found)
	}
}
