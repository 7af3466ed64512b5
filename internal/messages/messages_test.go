// SPDX-License-Identifier: MPL-2.0

package messages

import (
	"strings"
	"testing"
)

// TestEachTextHasOneRow expects texts that a reader can search for: none is a few words of another, or of any message.
func TestEachTextHasOneRow(t *testing.T) {
	type text struct{ section, pattern string }
	var texts []text
	for _, s := range Sections() {
		for _, row := range s.Rows {
			for _, found := range quoted.FindAllStringSubmatch(row.Text, -1) {
				if !s.Titles {
					texts = append(texts, text{s.Title, found[1]})
				}
			}
		}
	}
	if len(texts) < 100 {
		t.Errorf("the table has %d texts", len(texts))
	}
	for i, a := range texts {
		if words := strings.Fields(strings.ReplaceAll(a.pattern, "...", "")); len(words) < 3 {
			t.Errorf("%s: %q is too short", a.section, a.pattern)
		}
		for j, b := range texts {
			if one := (Row{Text: "`" + a.pattern + "`"}); i != j && one.explains(strings.ReplaceAll(b.pattern, "...", "x")) {
				t.Errorf("%s: %q also explains %q of %s", a.section, a.pattern, b.pattern, b.section)
			}
		}
	}
}
