// SPDX-License-Identifier: MPL-2.0

// Package trouble knows why jobs of BITS fail or do not get on, and what to do about it: one table, from code, place and what is
// known of job and host to cause and remedy. Messages use it, and the guide "Why a transfer fails" is written from it.
package trouble

import (
	"slices"
	"strings"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
)

// SystemSID is the account that owns the jobs of run_as = "system". Source: "Well-known SIDs", learn.microsoft.com.
const SystemSID = "S-1-5-18"

// Situation is what is known of a job that has trouble. What is not known is zero.
type Situation struct {
	Code    bits.HResult
	Context bits.ErrorContext
	Step    string        // of a call that the host refused, as it names it; "" for the error of a job
	File    bits.FileSpec // the file that it is about
	Job     bits.Job      // as the host lists it, or as it was to be made
	Address string        // of the host, as the configuration names it
	Host    *bits.Host    // nil: the host was not asked
	Listing *bits.Listing // what the host lists; nil: it was not asked

	ServerAccount bool // the job has an account for the server, which BITS does not show
	ProxyAccount  bool // the job has an account for the proxy
	Directories   bool // the job's directories were to be created
}

// Advice is why something failed, beyond what its code means, and what to do about it.
type Advice struct {
	Cause  string // sentences; "" where the code says it all
	Remedy string // sentences
	Known  bool   // of a job without an error: what the host reports shows that it is so
}

// String returns cause and remedy.
func (a Advice) String() string { return strings.TrimSpace(a.Cause + " " + a.Remedy) }

// Explain returns the advice for a code: of the first reason that fits, or what can be said of its kind.
func Explain(s Situation) Advice {
	for _, r := range reasons {
		if r.fits(s) {
			return r.advice(s)
		}
	}
	return adviceOfKind(s)
}

// Held returns what can hold a job without an error in a state, as far as the situation does not exclude it: what is known to
// hold it, then the rest, each the likeliest first.
func Held(s Situation) []Advice {
	var known, possible []Advice
	for _, r := range reasons {
		if !slices.Contains(r.states, s.Job.State) || !r.holds.holds(s) {
			continue
		}
		advice := r.advice(s)
		if r.known.test != nil && r.known.holds(s) {
			advice.Known = true
			known = append(known, advice)
			continue
		}
		possible = append(possible, advice)
	}
	return append(known, possible...)
}

// AsksHost reports whether the advice for a situation says more when Host is known.
func AsksHost(s Situation) bool {
	for _, r := range reasons {
		if r.fits(s) {
			return r.asks
		}
	}
	return false
}

// reason is one reason for trouble: a row of the table.
type reason struct {
	title    string // of its section in the guide
	symptom  symptom
	also     symptom // where the guide refers to it
	codes    []bits.HResult
	contexts []bits.ErrorContext // none: any
	only     condition           // besides code and context
	states   []bits.State        // in which it holds jobs that have no error
	holds    condition           // besides the state
	known    condition           // the host's facts show that it holds jobs without an error; the zero condition: no fact does
	asks     bool                // the host's facts belong to it
	cause    string              // with the names of values in braces, see fill
	cures    []cure
}

// cure is one thing to do, where its condition holds. At most three sentences of a row hold together, so that a message stays short.
type cure struct {
	when condition
	text string // code is in backquotes, for the guide
}

// fits reports whether a row is about a situation with a code.
func (r reason) fits(s Situation) bool {
	return slices.Contains(r.codes, s.Code) && r.only.holds(s) &&
		(len(r.contexts) == 0 || s.Context == "" || slices.Contains(r.contexts, s.Context))
}

func (r reason) advice(s Situation) Advice {
	var texts []string
	for _, c := range r.cures {
		if c.when.holds(s) {
			texts = append(texts, c.text)
		}
	}
	values := s.values()
	return Advice{Cause: fill(plainly(r.cause), values), Remedy: fill(plainly(strings.Join(texts, " ")), values)}
}

// plainly returns a text of the table as messages show it.
func plainly(text string) string { return strings.ReplaceAll(text, "`", "") }

// adviceOfKind is for codes that no row is about.
func adviceOfKind(s Situation) Advice {
	entry, known := bits.Lookup(s.Code)
	text := lookFurther
	switch {
	case !known:
	case entry.Kind == bits.KindTransient:
		text = "The cause may be temporary: apply again. " + lookFurther
	case entry.Kind == bits.KindPolicy:
		text = "A policy of the host blocks this: ask its administrators. " + lookFurther
	case entry.Kind == bits.KindUsage:
		text = "Correct the configuration and apply again."
	}
	return Advice{Remedy: fill(plainly(text), s.values())}
}

// lookFurther is where Windows itself says more. Administrators see all jobs. The quotes keep PowerShell from reading the braces as a
// script block. Source: "bitsadmin info", learn.microsoft.com.
const lookFurther = "For more, check the event log `Microsoft-Windows-Bits-Client/Operational` on {host}, or run `bitsadmin /info " +
	"\"{{job}}\" /verbose` there as an administrator."

// symptom is what a user sees of a reason: a heading of the guide.
type symptom string

// The symptoms, in the order of the guide.
const (
	refused    symptom = "The host refuses the job or a change"
	rejected   symptom = "The server or a proxy rejects the request"
	connecting symptom = "The connection fails, or the job stays in connecting"
	untrusted  symptom = "TLS or a certificate fails"
	local      symptom = "A file, drive or share fails"
	stopped    symptom = "BITS itself stops the job"
	queued     symptom = "The job stays queued"
	slow       symptom = "The transfer is slow"
)

func symptoms() []symptom {
	return []symptom{refused, rejected, connecting, untrusted, local, stopped, queued, slow}
}
