package trouble

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
)

var update = flag.Bool("update", false, "rewrite the guide")

// generatedFrom is the heading from which the guide is written from the table; what is before it is written by hand.
const generatedFrom = "\n## By symptom\n"

// TestTheGuideIsTheTable compares the guide "Why a transfer fails" with the table. With -update it is rewritten.
func TestTheGuideIsTheTable(t *testing.T) {
	path := filepath.Join("..", "..", "templates", "guides", "transfers.md.tmpl")
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	text := strings.ReplaceAll(string(content), "\r\n", "\n")
	head, had, found := strings.Cut(text, generatedFrom)
	if !found {
		t.Fatalf("%s has no heading %q", path, strings.TrimSpace(generatedFrom))
	}
	want := guide()
	if *update {
		if err := os.WriteFile(path, []byte(head+generatedFrom+want), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	if had != want {
		t.Errorf("%s is not what the table says: run go test ./internal/trouble -update, and then tools/generate-docs", path)
	}
}

// TestTheGuideHasEveryCode looks for each code of a failure, and for a section of each row.
func TestTheGuideHasEveryCode(t *testing.T) {
	text := guide()
	for _, entry := range bits.Entries() {
		if entry.Kind != bits.KindSuccess && !strings.Contains(text, "| `"+entry.Code.Hex()+"` |") {
			t.Errorf("%s is not in the guide", entry.Code)
		}
	}
	anchors := map[string]bool{}
	for _, title := range titles() {
		anchors[anchor(title)] = true
	}
	for _, link := range regexp.MustCompile(`\]\(#([^)]+)\)`).FindAllStringSubmatch(text, -1) {
		if !anchors[link[1]] {
			t.Errorf("the link to #%s leads nowhere", link[1])
		}
	}
}

// guide writes the part of the guide that is the table.
func guide() string {
	var b strings.Builder
	for _, s := range symptoms() {
		fmt.Fprintf(&b, "\n### %s\n", s)
		var elsewhere []string
		for _, title := range titlesOf(s) {
			rows := rowsOf(title)
			if rows[0].symptom != s {
				elsewhere = append(elsewhere, link(title))
				continue
			}
			writeSection(&b, title, rows)
		}
		if len(elsewhere) > 0 {
			fmt.Fprintf(&b, "\nSee also %s.\n", strings.Join(elsewhere, ", "))
		}
	}
	b.WriteString("\n## By code\n\nEach code that this provider knows, with the section that says what to do. A code that is not here is explained in the host's own " +
		"words.\n\n| Code | Name | Meaning | See |\n|---|---|---|---|\n")
	sections := map[bits.HResult][]string{}
	for _, r := range reasons {
		for _, code := range r.codes {
			if to := link(r.title); !slices.Contains(sections[code], to) {
				sections[code] = append(sections[code], to)
			}
		}
	}
	for _, entry := range bits.Entries() {
		if entry.Kind == bits.KindSuccess {
			continue
		}
		name := ""
		if entry.Name != "" {
			name = "`" + entry.Name + "`"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", entry.Code.Hex(), name, escape(entry.Meaning), strings.Join(sections[entry.Code], ", "))
	}
	return b.String()
}

// writeSection writes what the rows of one title say.
func writeSection(b *strings.Builder, title string, rows []reason) {
	fmt.Fprintf(b, "\n#### %s\n", title)
	var codes []string
	for _, r := range rows {
		for _, code := range r.codes {
			if hex := "`" + code.Hex() + "`"; !slices.Contains(codes, hex) {
				codes = append(codes, hex)
			}
		}
	}
	slices.Sort(codes)
	if len(codes) > 0 {
		fmt.Fprintf(b, "\nCodes: %s.\n", strings.Join(codes, ", "))
	}
	for _, r := range rows {
		b.WriteString("\n" + paragraph(r) + "\n\n")
		for _, c := range r.cures {
			b.WriteString("- " + where(c.when) + escape(fill(c.text, inGeneral())) + "\n")
		}
	}
}

// paragraph is what a row is about.
func paragraph(r reason) string {
	text := where(r.only) + escape(fill(r.cause, inGeneral()))
	if text == "" {
		return "What to do:"
	}
	if r.cause == "" {
		return strings.TrimSuffix(text, ": ") + ":"
	}
	return text
}

// where introduces what holds on a condition.
func where(c condition) string {
	if c.words == "" {
		return ""
	}
	return "Where " + c.words + ": "
}

// inGeneral are the words for the values in braces.
func inGeneral() map[string]string {
	values := Situation{}.values()
	values["policies"] = "policies that hold it"
	return values
}

var special = strings.NewReplacer(`\`, `\\`, `*`, `\*`, `|`, `\|`, `<`, `\<`)

func escape(text string) string { return special.Replace(text) }

var noAnchor = regexp.MustCompile(`[^a-z0-9 _-]`)

func link(title string) string { return "[" + title + "](#" + anchor(title) + ")" }

// anchor is how GitHub and the registry name a heading.
func anchor(title string) string {
	return strings.ReplaceAll(noAnchor.ReplaceAllString(strings.ToLower(title), ""), " ", "-")
}

// titles lists the titles in the order of the table.
func titles() []string {
	var all []string
	for _, r := range reasons {
		if !slices.Contains(all, r.title) {
			all = append(all, r.title)
		}
	}
	return all
}

func titlesOf(s symptom) []string {
	return slices.DeleteFunc(titles(), func(title string) bool {
		return !slices.ContainsFunc(rowsOf(title), func(r reason) bool { return r.symptom == s })
	})
}

func rowsOf(title string) []reason {
	return slices.DeleteFunc(slices.Clone(reasons), func(r reason) bool { return r.title != title })
}
