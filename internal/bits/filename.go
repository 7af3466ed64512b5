// SPDX-License-Identifier: MPL-2.0

package bits

import (
	"slices"
	"strings"
	"unicode"
)

// FileKey returns what all spellings of a local name share: Windows compares file names by their simple upper case, in
// which no character outside ASCII becomes one of ASCII, such as "ſ" to "S".
func FileKey(localName string) string {
	return strings.Map(func(r rune) rune {
		upper := unicode.ToUpper(r)
		if r > unicode.MaxASCII && upper <= unicode.MaxASCII {
			return r
		}
		return upper
	}, localName)
}

// HasFile reports whether the job writes the file.
func (j Job) HasFile(localName string) bool {
	key := FileKey(localName)
	return slices.ContainsFunc(j.Files, func(f File) bool { return FileKey(f.LocalName) == key })
}

// MissingFiles returns the files that the job does not write.
func (j Job) MissingFiles(files []FileSpec) []FileSpec {
	return slices.DeleteFunc(slices.Clone(files), func(f FileSpec) bool { return j.HasFile(f.LocalName) })
}
