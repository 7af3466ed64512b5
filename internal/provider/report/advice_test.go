// SPDX-License-Identifier: MPL-2.0

package report

import (
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	code         = regexp.MustCompile("`([^`]+)`")
	leadingName  = regexp.MustCompile(`\A[a-z_]+`)
	otherSubject = []string{"priority", "state", "files", "host", "id", "error"} // an action can change the priority, and a state is never set
)

// TestAdviceForActionsKnowsAttributesOfTheResource looks at the code in the guide, which package trouble writes from all its remedies.
func TestAdviceForActionsKnowsAttributesOfTheResource(t *testing.T) {
	guide, err := os.ReadFile("../../../templates/guides/transfers.md.tmpl")
	if err != nil {
		t.Fatal(err)
	}
	golden, err := os.ReadFile("../testdata/schema.json")
	if err != nil {
		t.Fatal(err)
	}
	var schemas map[string]struct {
		Block struct{ Attributes []struct{ Name string } }
	}
	if err := json.Unmarshal(golden, &schemas); err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, a := range schemas["bits_job"].Block.Attributes {
		names = append(names, a.Name)
	}
	_, remedies, found := strings.Cut(string(guide), "\n## The host refuses")
	if !found || !slices.Contains(names, "suspended") {
		t.Fatalf("no remedies, or attributes that are %q", names)
	}
	seen := 0
	for _, span := range code.FindAllStringSubmatch(remedies, -1) {
		if name := leadingName.FindString(span[1]); slices.Contains(names, name) && !slices.Contains(otherSubject, name) {
			seen++
			if !attributes.MatchString(span[1]) && !attributes.MatchString(span[1]+" =") {
				t.Errorf("a remedy names %q, which belongs to the resource", span[1])
			}
		}
	}
	if seen < 10 {
		t.Errorf("only %d attributes found", seen)
	}
}
