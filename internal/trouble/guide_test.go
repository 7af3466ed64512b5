// SPDX-License-Identifier: MPL-2.0

package trouble

import (
	"cmp"
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
		if entry.Kind != bits.KindSuccess && !strings.Contains(text, "`"+entry.Code.Hex()+"` ") {
			t.Errorf("%s is not in the guide", entry.Code)
		}
	}
	anchors := map[string]bool{anchor(proxySection): true}
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
		if s == connecting {
			writeProxies(&b)
		}
		if len(elsewhere) > 0 {
			fmt.Fprintf(&b, "\nSee also %s.\n", strings.Join(elsewhere, ", "))
		}
	}
	writeCodes(&b)
	return b.String()
}

// writeCodes lists the codes, those of the same sections in one row.
func writeCodes(b *strings.Builder) {
	b.WriteString("\n## By code\n\nAll codes that the provider knows. The message of a job has the meaning of its code, and so has the function " +
		"[`hresult`](../functions/hresult.md). For any other code, the message quotes the host.\n\n" +
		"| Cause | Codes |\n|---|---|\n")
	codes := map[string][]string{}
	var causes []string
	for _, entry := range bits.Entries() {
		if entry.Kind == bits.KindSuccess {
			continue
		}
		cause := causesOf(entry.Code)
		words := "`" + entry.Code.Hex() + "` `" + entry.Name + "`"
		if entry.Name == "" || cause == noCause {
			words = strings.TrimSuffix(words, " ``") + " " + escape(entry.Meaning)
		}
		if codes[cause] == nil {
			causes = append(causes, cause)
		}
		codes[cause] = append(codes[cause], words)
	}
	for _, cause := range causes {
		fmt.Fprintf(b, "| %s | %s |\n", cause, strings.Join(codes[cause], "<br>"))
	}
}

// causesOf links the sections of a code.
func causesOf(code bits.HResult) string {
	var links []string
	for _, r := range reasons {
		if to := link(r.title); slices.Contains(r.codes, code) && !slices.Contains(links, to) {
			links = append(links, to)
		}
	}
	return cmp.Or(strings.Join(links, "<br>"), noCause)
}

// noCause is written where no section has a code.
const noCause = "see the message"

// writeSection writes what the rows of one title say.
func writeSection(b *strings.Builder, title string, rows []reason) {
	fmt.Fprintf(b, "\n#### %s\n", title)
	for i, r := range rows {
		b.WriteString("\n" + paragraph(r, i > 0))
		writeCures(b, r.cures)
	}
}

// proxySection is the section of what many rows say about proxies.
const proxySection = "Reaching the server through a proxy"

func writeProxies(b *strings.Builder) {
	fmt.Fprintf(b, "\n#### %s\n\n", proxySection)
	for _, c := range proxyCures() {
		writeCure(b, c)
	}
}

// writeCures lists cures. Those for proxies are a link.
func writeCures(b *strings.Builder, cures []cure) {
	linked := false
	for _, c := range cures {
		if len(cures) <= len(proxyCures()) || !slices.ContainsFunc(proxyCures(), func(p cure) bool { return p.text == c.text }) {
			writeCure(b, c)
		} else if !linked {
			linked = true
			fmt.Fprintf(b, "- If a proxy is involved: see %s.\n", link(proxySection))
		}
	}
}

func writeCure(b *strings.Builder, c cure) {
	b.WriteString("- " + where(c.when) + escape(fill(c.text, inGeneral())) + "\n")
}

// paragraph is what a row is about.
func paragraph(r reason, further bool) string {
	text := where(r.only) + escape(fill(r.cause, inGeneral()))
	switch {
	case text == "" && further:
		return "In all other cases:\n\n"
	case text == "":
		return ""
	}
	if r.cause == "" {
		return strings.TrimSuffix(text, ": ") + ":\n\n"
	}
	return text + "\n\n"
}

// where introduces what holds on a condition.
func where(c condition) string {
	if c.words == "" {
		return ""
	}
	return "If " + c.words + ": "
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
