// SPDX-License-Identifier: MPL-2.0

package bits

import (
	"slices"
	"testing"
)

func TestFileNamesAreComparedAsWindowsDoes(t *testing.T) {
	for _, tt := range []struct {
		name, a, b string
		same       bool
	}{
		{"case of ASCII", `C:\Temp\a.BIN`, `c:\temp\A.bin`, true},
		{"case of other letters", `C:\Ärger\ж`, `c:\ärger\Ж`, true},
		{"both lower cases of sigma", `C:\σ`, `C:\ς`, true},
		{"a long s", `C:\ſ`, `C:\s`, false},
		{"a dotless i", `C:\ı`, `C:\i`, false},
		{"the sign for kelvin", "C:\\\u212a", `C:\k`, false},
		{"a sharp s, whose upper case is two letters", `C:\ß`, `C:\ss`, false},
		{"another name", `C:\Temp\a`, `C:\Temp\b`, false},
	} {
		if same := FileKey(tt.a) == FileKey(tt.b); same != tt.same {
			t.Errorf("%s: %q and %q are the same file: %t", tt.name, tt.a, tt.b, same)
		}
	}
}

func TestMissingFilesAreThoseThatNoSpellingOfIsInTheJob(t *testing.T) {
	job := Job{Files: []File{{LocalName: `C:\Temp\A`}, {LocalName: `C:\Temp\s`}}}
	files := []FileSpec{{LocalName: `c:\temp\a`}, {LocalName: `C:\Temp\ſ`}, {LocalName: `C:\Temp\b`}}
	if got := job.MissingFiles(files); !slices.Equal(got, files[1:]) {
		t.Errorf("missing are %v, want %v", got, files[1:])
	}
	if len(files) != 3 {
		t.Errorf("the argument was changed: %v", files)
	}
}
