// SPDX-License-Identifier: MPL-2.0

package machine

import (
	"slices"
	"testing"
)

// mayDo reports whether users have a right to a directory itself, and whether files in it inherit the right.
func mayDo(d *Drive, directory string, right uint32) (itself, files bool) {
	for _, rule := range d.Access(directory) {
		if rule.SID == SIDUsers && rule.Rights&right != 0 {
			itself, files = itself || !rule.InheritOnly, files || rule.Files
		}
	}
	return itself, files
}

func TestAccessIsInheritedAsOnWindows(t *testing.T) {
	d, err := NewDrive(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	d.Allow(`C:\Drop`, AccessRule{SID: SIDUsers, Rights: RightModify, Files: true, Folders: true})
	d.Allow(`C:\Own`, AccessRule{SID: SIDUsers, Rights: RightModify})
	d.Allow(`C:\Files`, AccessRule{SID: SIDUsers, Rights: RightModify, Files: true})
	for _, test := range []struct {
		name, directory string
		right           uint32
		itself, files   bool
	}{
		{"users make no files at the root of C:", `C:`, RightAddFile, false, false},
		{"users make files in new directories", `C:\Any`, RightAddFile, true, false},
		{"users make files in ProgramData", `c:\PROGRAMDATA`, RightAddFile, true, false},
		{"and in what is below it", `C:\ProgramData\Acme\in`, RightAddFile, true, false},
		{"users delete nothing of others there", `C:\ProgramData\Acme`, RightDeleteChild | 0x10000, false, false},
		{"users make no files in Windows", `C:\Windows\Temp`, RightAddFile, false, false},
		{"a rule for both is inherited by both", `C:\Drop\Deep\er`, RightDeleteChild | 0x10000, true, true},
		{"a rule that is not inherited is not", `C:\Own\Deep`, 0x10000, false, false},
		{"a rule for files passes directories by", `C:\Files\Deep`, 0x10000, false, true},
	} {
		if itself, files := mayDo(d, test.directory, test.right); itself != test.itself || files != test.files {
			t.Errorf("%s: the directory %t, its files %t", test.name, itself, files)
		}
	}
	before := d.Access(`C:\ProgramData`)
	d.Allow(`C:\ProgramData`, AccessRule{SID: SIDEveryone, Rights: RightGenericAll})
	if after := d.Access(`C:\ProgramData`); len(after) != len(before)+1 || !slices.Equal(after[:len(before)], before) {
		t.Errorf("%+v after %+v", after, before)
	}
}
