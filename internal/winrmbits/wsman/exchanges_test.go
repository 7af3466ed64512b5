// SPDX-License-Identifier: MPL-2.0

package wsman

import (
	"encoding/xml"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// exchanges are answers shaped, element by element, as those of Windows hosts (2012 R2 to 2022) in the traffic that
// jborean93/pypsrp publishes (tests/tests_pypsrp/responses); names, ids and words are our own.
type exchanges struct {
	Answers []struct {
		Verb     string `xml:"verb,attr"`
		Status   int    `xml:"status,attr"`
		Envelope string `xml:",innerxml"`
	} `xml:"answer"`
}

// reading loads one of them.
func reading(t *testing.T, path string) exchanges {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var e exchanges
	if err := xml.Unmarshal(text, &e); err != nil || len(e.Answers) == 0 {
		t.Fatalf("%d answers, %v", len(e.Answers), err)
	}
	return e
}

// TestTheAnswersOfWindowsAreUnderstood plays exchanges back to a shell, and compares what it makes of them.
func TestTheAnswersOfWindowsAreUnderstood(t *testing.T) {
	const (
		gone   = "WinRM returned the fault ERROR_WSMAN_UNEXPECTED_SELECTORS (2150858843): There is no command of this id: it ended, or never was"
		absent = "WinRM returned the fault ERROR_FILE_NOT_FOUND (2147942402): There is no such file"
		wrong  = "WinRM returned the fault ERROR_INVALID_PARAMETER (87): A parameter is wrong"
	)
	want := map[string]string{
		"a-command":                   `opened; "yes\r\n" "" exit 0; closed`,
		"a-program-that-is-not-there": absent + `; opened; "yes\n" "" exit 0; closed`,
		"a-receive-for-no-command":    "opened; " + wrong + "; closed",
		"a-shell-without-a-command":   "opened; closed",
		"an-unknown-command":          "opened; " + gone + "; closed",
		"environment":                 `opened; "colour=green\r\nPROMPT=$P$G\r\nsigns=<&>\"'\r\n" "" exit 0; closed`,
		"input":                       `opened; sent; sent; "first\nsecond\n" "" exit 0; closed`,
		"no-profile":                  `opened; "OS=Windows_NT\r\nTEMP=D:\\Temp\r\nUSERNAME=ops\r\n" "" exit 0; closed`,
		"options-of-a-shell":          `opened; "D:\\Work\r\n" "" exit 0; closed`,
		"output-that-comes-late":      `opened; "one\n" "" running; "" "" running; "" "" running; "two, later\n" "" exit 0; closed`,
		"stderr-and-exit-code":        `opened; "good \r\n" "bad \r\n" exit 1; closed`,
		"unicode":                     `opened; "grün 漢字\n" "" exit 0; closed`,
	}
	files, err := filepath.Glob("testdata/exchanges/*.xml")
	if err != nil || len(files) != len(want) {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, path := range files {
		name := strings.TrimSuffix(filepath.Base(path), ".xml")
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, s *service) {
				e := reading(t, path)
				if got := strings.Join(replay(t, s, e), "; "); got != want[name] {
					t.Errorf("understood\n%s\nwant\n%s", got, want[name])
				}
			})
		})
	}
}

// replay makes the requests of the exchanges, and returns what came of them. A request without an answer gets a healthy one.
func replay(t *testing.T, s *service, e exchanges) (story []string) {
	t.Helper()
	answers := map[string][]answer{}
	for _, a := range e.Answers {
		answers[a.Verb] = append(answers[a.Verb], answer{raw: true, status: a.Status, body: a.Envelope})
	}
	s.say = func(_ int, r request) *answer {
		if len(answers[r.Verb]) == 0 {
			return nil
		}
		next := answers[r.Verb][0]
		answers[r.Verb] = answers[r.Verb][1:]
		return &next
	}
	shell, err := s.open(nil)
	for err != nil {
		var fault *Fault
		if !errors.As(err, &fault) || len(story) > 0 {
			t.Fatal(err)
		}
		story = append(story, fault.Error())
		shell, err = s.open(nil)
	}
	story = append(story, "opened")
	for _, a := range e.Answers {
		switch a.Verb {
		case "Send":
			if err := shell.Send(t.Context(), []byte("input")); err != nil {
				t.Error(err)
			}
			story = append(story, "sent")
		case "Receive":
			out, err := shell.Receive(t.Context())
			switch {
			case err != nil:
				story = append(story, err.Error())
			case out.Done:
				story = append(story, fmt.Sprintf("%q %q exit %d", out.Stdout, out.Stderr, out.ExitCode))
			default:
				story = append(story, fmt.Sprintf("%q %q running", out.Stdout, out.Stderr))
			}
		}
	}
	if err := shell.Close(t.Context()); err != nil {
		t.Error(err)
	}
	return append(story, "closed")
}
