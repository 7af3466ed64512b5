// SPDX-License-Identifier: MPL-2.0

package main

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// status is what became of a question.
type status string

const (
	answered status = "answered"
	notHere  status = "not here"  // this host can't answer it
	notAsked status = "not asked" // it was not wanted
	failed   status = "failed"
)

// answer is what became of a question.
type answer struct {
	status   status
	text     string
	evidence []string
	left     []string // what could not be removed or put back
	err      error    // what kept the question from being asked
}

// fail is the answer for an error. A host that runs no scripts has not failed: it can't answer.
func fail(err error, evidence ...string) answer {
	if errors.Is(err, errNoScript) {
		return answer{status: notHere, text: err.Error(), evidence: evidence, err: err}
	}
	return answer{status: failed, text: err.Error(), evidence: evidence, err: err}
}

// problem is why there is no answer; "" when there is one, or none is possible here.
func (a answer) problem() string {
	if a.status == failed {
		return a.text
	}
	return ""
}

// maxEvidence bounds a cell, in bytes: a job's events come as whole XML.
const maxEvidence = 20_000

// table is a Markdown table of questions and answers.
type table struct {
	build string
	rows  strings.Builder
	left  []string
}

func (t *table) heading(address string, host answer) {
	fmt.Fprintf(&t.rows, "### %s: %s\n\n", cell(address), cell(t.build))
	if len(host.evidence) > 0 {
		fmt.Fprintf(&t.rows, "%s\n\n", cell(strings.Join(host.evidence, "; ")))
	}
	t.rows.WriteString("| # | Question | Answer | Raw evidence | OS build |\n|---|---|---|---|---|\n")
}

func (t *table) row(q question, a answer) {
	text := a.text
	if a.status != answered {
		text = string(a.status) + ": " + text
	}
	t.left = append(t.left, a.left...)
	fmt.Fprintf(&t.rows, "| %d | %s | %s | %s | %s |\n", number(q), cell(q.text), cell(text), cell(strings.Join(a.evidence, "; ")), cell(t.build))
}

// leftOver adds what is still there after everything was removed that could be.
func (t *table) leftOver(what string) {
	if what != "" {
		t.left = append(t.left, what)
	}
}

func (t *table) String() string {
	end := "\nNothing was left on the host.\n"
	if len(t.left) > 0 {
		end = "\nLeft on the host, look there: " + cell(strings.Join(t.left, "; ")) + "\n"
	}
	return t.rows.String() + end
}

// cell makes a text fit into a cell.
func cell(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	if len(text) > maxEvidence {
		end := maxEvidence
		for !utf8.RuneStart(text[end]) {
			end--
		}
		text = text[:end] + " ..."
	}
	// The words of a host are not markup.
	return strings.NewReplacer(`\`, `\\`, "|", `\|`, "<", "&lt;", "`", "\\`").Replace(text)
}
