// SPDX-License-Identifier: MPL-2.0

// Package messages is the guide "Troubleshooting": every title of a diagnostic, and what stands below it, with what it means and what to
// do. Nothing in the provider imports it. Tests hold the titles and texts of the provider to it, and write the guide from it.
package messages

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Section is a heading of the guide.
type Section struct {
	Title  string // a title of diagnostics, unless Titles
	Intro  string // Markdown below the heading
	Titles bool   // the rows are titles of diagnostics
	Rows   []Row
}

// Row is titles or texts of diagnostics.
type Row struct {
	Text   string // Markdown: titles or texts in backticks, with ... for what differs
	Advice string // Markdown: what they mean and what to do, beyond what the diagnostic itself says
}

// Fault is a fault code of WS-Management.
type Fault struct {
	Number uint32
	Name   string // as in the Windows headers
	Advice string // what it means and what to do
}

// Sections returns the guide's sections in its order.
func Sections() []Section {
	return slices.Concat(providerSections(), connectionSections(), logonSections(), hostSections(), jobSections())
}

var quoted = regexp.MustCompile("`([^`]+)`")

// Titles returns the titles of diagnostics that the guide has.
func Titles() map[string]bool {
	all := map[string]bool{}
	for _, s := range Sections() {
		all[s.Title] = true
		for _, title := range quoted.FindAllStringSubmatch(s.Intro, -1) {
			all[title[1]] = true
		}
		if !s.Titles {
			continue
		}
		for _, row := range s.Rows {
			for _, title := range quoted.FindAllStringSubmatch(row.Text, -1) {
				all[title[1]] = true
			}
		}
	}
	return all
}

// faultText begins the text of every fault of WinRM that has a code.
const faultText = "WinRM returned the fault "

// Explains reports whether a row has a text, because one of its patterns is part of it, or whether it is that of a fault.
func Explains(text string) bool {
	if strings.Contains(text, faultText) {
		return true
	}
	for _, s := range Sections() {
		for _, row := range s.Rows {
			if !s.Titles && row.explains(text) {
				return true
			}
		}
	}
	return false
}

func (r Row) explains(text string) bool {
	for _, found := range quoted.FindAllStringSubmatch(r.Text, -1) {
		parts := strings.Split(found[1], "...")
		for i := range parts {
			parts[i] = regexp.QuoteMeta(parts[i])
		}
		if regexp.MustCompile("(?s)" + strings.Join(parts, ".+")).MatchString(text) {
			return true
		}
	}
	return false
}

// Guide writes the sections as Markdown.
func Guide(faults []Fault) string {
	var b strings.Builder
	for _, s := range Sections() {
		fmt.Fprintf(&b, "\n## %s\n", s.Title)
		if s.Intro != "" {
			fmt.Fprintf(&b, "\n%s\n", s.Intro)
		}
		if len(s.Rows) > 0 {
			b.WriteString("\n")
		}
		for _, row := range s.Rows {
			fmt.Fprintf(&b, "- %s: %s\n", row.Text, row.Advice)
		}
	}
	writeFaults(&b, faults)
	return b.String()
}

// writeFaults writes the faults, those with the same advice together.
func writeFaults(b *strings.Builder, faults []Fault) {
	b.WriteString("\n## Faults of WinRM\n\n" +
		"The text `" + faultText + "NAME (number)` appears below one of the titles above.\n\n")
	var order []string
	rows := map[string][]string{}
	for _, f := range faults {
		if rows[f.Advice] == nil {
			order = append(order, f.Advice)
		}
		rows[f.Advice] = append(rows[f.Advice], fmt.Sprintf("`%s` (%d)", f.Name, f.Number))
	}
	for _, advice := range order {
		fmt.Fprintf(b, "- %s: %s\n", strings.Join(rows[advice], ", "), strings.ReplaceAll(advice, "<", "&lt;"))
	}
}
