package report

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// TestTheGuideHasEverySummary compares the table of summaries with the guide Troubleshooting.
func TestTheGuideHasEverySummary(t *testing.T) {
	table, err := os.ReadFile("summaries.go")
	if err != nil {
		t.Fatal(err)
	}
	guide, err := os.ReadFile("../../../templates/guides/troubleshooting.md.tmpl")
	if err != nil {
		t.Fatal(err)
	}
	summaries := regexp.MustCompile(`Summary\{"([^"]+)"\}`).FindAllStringSubmatch(string(table), -1)
	if len(summaries) < 80 {
		t.Fatalf("the table has %d summaries", len(summaries))
	}
	for _, s := range summaries {
		if !strings.Contains(string(guide), s[1]) {
			t.Errorf("templates/guides/troubleshooting.md.tmpl does not have %q", s[1])
		}
	}
}
