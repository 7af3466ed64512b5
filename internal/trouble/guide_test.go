// SPDX-License-Identifier: MPL-2.0

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
const generatedFrom = "\n## " + string(refused) + "\n"

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
	want := strings.TrimPrefix(guide(), generatedFrom)
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

func TestTheGuideHasEveryCode(t *testing.T) {
	text := guide()
	for _, code := range failures() {
		if !strings.Contains(text, "`"+code.Hex()+"` ") {
			t.Errorf("%s is not in the guide", code)
		}
	}
}

// TestTheGuideHasEveryRow looks for the codes and the words of each row in its section.
func TestTheGuideHasEveryRow(t *testing.T) {
	text := guide()
	for _, r := range reasons {
		_, section, _ := strings.Cut(text, "\n### "+r.title+"\n")
		section, _, _ = strings.Cut(section, "\n##")
		for _, code := range r.codes {
			if !strings.Contains(section, "`"+code.Hex()+"` ") {
				t.Errorf("the section %q lacks the code %s", r.title, code)
			}
		}
		if r.only.listing != unlisted && !strings.Contains(section, "\n"+written(r)) {
			t.Errorf("the section %q lacks %q", r.title, written(r))
		}
	}
}

func TestTheGuideLinksToItsSections(t *testing.T) {
	anchors := map[string]bool{anchor(proxySection): true, anchor(elsewhere): true}
	for _, title := range titles() {
		anchors[anchor(title)] = true
	}
	for _, link := range regexp.MustCompile(`\]\(#([^)]+)\)`).FindAllStringSubmatch(guide(), -1) {
		if !anchors[link[1]] {
			t.Errorf("the link to #%s leads nowhere", link[1])
		}
	}
}

// guide writes the part of the guide that is the table.
func guide() string {
	var b strings.Builder
	for _, s := range symptoms() {
		fmt.Fprintf(&b, "\n## %s\n", s)
		var more []string
		for _, title := range titles() {
			rows := rowsOf(title)
			switch {
			case rows[0].symptom == s:
				writeSection(&b, title, rows)
			case rows[0].also == s:
				more = append(more, link(title))
			}
		}
		if s == connecting {
			fmt.Fprintf(&b, "\n### %s\n\n%s", proxySection, bullets(proxyCures(), proxySection))
		}
		if len(more) > 0 {
			fmt.Fprintf(&b, "\nSee also %s.\n", strings.Join(more, ", "))
		}
	}
	b.WriteString("\n## Other codes\n\nThe message, or the function [`hresult`](../functions/hresult.md), has the meaning of these codes: ")
	b.WriteString(list(slices.DeleteFunc(failures(), func(code bits.HResult) bool {
		return slices.ContainsFunc(reasons, func(r reason) bool { return slices.Contains(r.codes, code) })
	})) + ".\n")
	return b.String()
}

// failures lists the codes of failures.
func failures() []bits.HResult {
	var all []bits.HResult
	for _, entry := range bits.Entries() {
		if entry.Kind != bits.KindSuccess {
			all = append(all, entry.Code)
		}
	}
	return all
}

// list writes codes in their order.
func list(codes []bits.HResult) string {
	slices.Sort(codes)
	var all []string
	for _, code := range slices.Compact(codes) {
		entry, _ := bits.Lookup(code)
		name := fmt.Sprintf("(HTTP status %d)", code.HTTPStatus())
		if entry.Name != "" {
			name = "`" + entry.Name + "`"
		}
		all = append(all, "`"+code.Hex()+"` "+name)
	}
	return strings.Join(all, ", ")
}

// writeSection writes what the rows of one title say, rows that say the same once, and their codes.
func writeSection(b *strings.Builder, title string, rows []reason) {
	fmt.Fprintf(b, "\n### %s\n", title)
	var before []string
	var codes []bits.HResult
	for _, r := range rows {
		if text := written(r); r.only.listing != unlisted && !slices.Contains(before, text) {
			before = append(before, text)
			b.WriteString("\n" + text)
		}
		codes = append(codes, r.codes...)
	}
	if len(codes) > 0 {
		b.WriteString("\n" + list(codes) + "\n")
	}
}

// written is a row in the guide: the cause and what to do in any case, and then what to do on a condition.
func written(r reason) string {
	rest := slices.DeleteFunc(slices.Clone(r.cures), func(c cure) bool { return c.when.listing == unlisted })
	var parts []string
	if r.cause != "" {
		parts = append(parts, markdown(r.cause))
	}
	for len(rest) > 0 && rest[0].when.label() == "" && !isOfProxies(rest[0]) {
		parts, rest = append(parts, advised(rest[0], r.title)), rest[1:]
	}
	if len(rest) > 0 && !slices.ContainsFunc(rest, func(c cure) bool { return !isOfProxies(c) }) {
		parts, rest = append(parts, seeProxies), nil
	}
	text := r.only.label() + strings.Join(parts, " ") + "\n"
	switch {
	case len(rest) == 0:
		return text
	case text == "\n":
		return bullets(rest, r.title)
	}
	return text + "\n" + bullets(rest, r.title)
}

// bullets writes cures as a list, those with the same label in one item. What another section says is a link, once.
func bullets(cures []cure, section string) string {
	var items []string
	for _, c := range cures {
		label, text := c.when.label(), advised(c, section)
		if section != proxySection && isOfProxies(c) {
			label, text = "", seeProxies
		}
		last := len(items) - 1
		switch {
		case c.when.listing == unlisted, slices.Contains(items, text):
		case label != "" && last >= 0 && strings.HasPrefix(items[last], label):
			items[last] += " " + text
		default:
			items = append(items, label+text)
		}
	}
	return "- " + strings.Join(items, "\n- ") + "\n"
}

// advised is a cure in the guide: its text, or a link to the section that has it.
func advised(c cure, section string) string {
	home := homes[c.text]
	if home == "" || home == section {
		return markdown(c.text)
	}
	return "See " + link(home) + "."
}

// proxySection is the section of what many rows say about proxies, and elsewhere one of those that are written by hand.
const (
	proxySection = "Reaching the server through a proxy"
	elsewhere    = "When the message is not enough"
)

var seeProxies = "See also " + link(proxySection) + "."

// homes are the sections of texts that several rows have.
var homes = map[string]string{
	iisUpload: "The server does not accept uploads", logOn: "The owner is not logged on", mappedDrives: "The host has no such drive",
	askServer: elsewhere, lookFurther: elsewhere,
}

func isOfProxies(c cure) bool {
	return slices.ContainsFunc(proxyCures(), func(p cure) bool { return p.text == c.text })
}

// label introduces what holds on a condition.
func (c condition) label() string {
	if c.words == "" || c.listing != labelled {
		return ""
	}
	return "**" + upperFirst(c.words) + ":** "
}

// markdown is a text of the table with general words for its values.
func markdown(text string) string {
	values := Situation{}.values()
	values["policies"], values["system_proxy"] = "policies that hold it", "the proxy that `system_proxy` in `bits_host` shows"
	values["dynamic"] = "`dynamic = true` and `priority = \"foreground\"`"
	parts := strings.Split(fill(text, values), "`")
	for i := 0; i < len(parts); i += 2 { // what is between backquotes is literal
		parts[i] = special.Replace(parts[i])
	}
	return upperFirst(strings.Join(parts, "`"))
}

func upperFirst(text string) string { return strings.ToUpper(text[:1]) + text[1:] }

var special = strings.NewReplacer(`\`, `\\`, `*`, `\*`, `|`, `\|`, `<`, `\<`)

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

func rowsOf(title string) []reason {
	return slices.DeleteFunc(slices.Clone(reasons), func(r reason) bool { return r.title != title })
}
