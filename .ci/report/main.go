// SPDX-License-Identifier: MPL-2.0

// Command report reads what go test -json prints, shows the packages and the output of failed tests only, and ends
// with the line "N passed, N failed, N skipped". It fails when a test failed, and when one skipped that should not have:
// a test that never runs proves nothing.
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"
)

// event is a line of go test -json. Source: go doc test2json.
type event struct {
	Action      string
	Package     string
	ImportPath  string // of build-output
	Test        string
	Output      string
	FailedBuild string
}

// report is what has been seen so far.
type report struct {
	out                     io.Writer
	expected                *regexp.Regexp // skips that are expected, as "package.Test: reason"
	output                  map[string]*strings.Builder
	passed, failed, skipped int
	broken                  int // packages that failed without a failed test
	unexpected              []string
	failedTests             map[string]int // by package
}

func main() {
	allow := flag.String("allow-skip", "^$", "regular expression of the skips that are expected, matched against \"package.Test: reason\"")
	flag.Parse()
	if !read(os.Stdin, os.Stdout, regexp.MustCompile(*allow)) {
		os.Exit(1)
	}
}

// read reports on what go test -json prints and reports whether all is well.
func read(in io.Reader, out io.Writer, expected *regexp.Regexp) bool {
	r := &report{out: out, expected: expected, output: map[string]*strings.Builder{}, failedTests: map[string]int{}}
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var e event
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			r.print(lines.Text(), "\n") // not go test: the Go command itself complains
			continue
		}
		r.see(e)
	}
	if err := lines.Err(); err != nil {
		r.print("report: ", err, "\n")
		r.broken++
	}
	return r.conclude()
}

func (r *report) print(parts ...any) { _, _ = fmt.Fprint(r.out, parts...) }

func (r *report) see(e event) {
	key := e.Package + "." + e.Test
	switch e.Action {
	case "output":
		if r.output[key] == nil {
			r.output[key] = &strings.Builder{}
		}
		r.output[key].WriteString(e.Output)
		if e.Test == "" && (strings.HasPrefix(e.Output, "ok ") || strings.HasPrefix(e.Output, "FAIL\t")) {
			r.print(e.Output)
		}
	case "build-output":
		r.print(e.Output)
	case "pass":
		if e.Test != "" {
			r.passed++
			delete(r.output, key)
		}
	case "skip":
		if e.Test != "" {
			r.skip(key)
		}
	case "fail":
		r.fail(e, key)
	}
}

func (r *report) skip(key string) {
	r.skipped++
	var reason []string
	if r.output[key] != nil {
		for line := range strings.Lines(r.output[key].String()) {
			if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "=== ") && !strings.HasPrefix(line, "--- ") {
				reason = append(reason, line)
			}
		}
	}
	text := key + ": " + strings.Join(reason, " ")
	r.print("skip ", text, "\n")
	if !r.expected.MatchString(text) {
		r.unexpected = append(r.unexpected, text)
	}
}

func (r *report) fail(e event, key string) {
	if e.Test != "" {
		r.failed++
		r.failedTests[e.Package]++
	} else {
		if r.failedTests[e.Package] > 0 {
			return
		}
		r.broken++ // a build that failed, a panic, a data race outside of a test
	}
	if r.output[key] != nil {
		r.print(r.output[key].String())
	}
}

// conclude prints the summary and reports whether all is well.
func (r *report) conclude() bool {
	for _, text := range r.unexpected {
		r.print("skipped, but should have run: ", text, "\n")
	}
	if r.broken > 0 {
		r.print(r.broken, " package(s) failed outside of a test\n")
	}
	if r.passed == 0 {
		r.print("no test ran\n")
	}
	_, _ = fmt.Fprintf(r.out, "%d passed, %d failed, %d skipped\n", r.passed, r.failed, r.skipped)
	return r.failed == 0 && r.broken == 0 && len(r.unexpected) == 0 && r.passed > 0
}
