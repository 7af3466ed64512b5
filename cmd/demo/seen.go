// SPDX-License-Identifier: MPL-2.0

package main

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/winrmbits/terraform-provider-bits/internal/winhost"
)

// order is what was seen of the scheduler's order so far.
type order struct{ sideBySide bool }

// look takes in one look at the host. It is done when everything was seen: foreground beside background, and the low
// job only after the high one. What contradicts that is an error.
// Source: BG_JOB_PRIORITY, learn.microsoft.com.
func (o *order) look(now map[string]winhost.Job) (done bool, err error) {
	foreground, high, low := now["urgent"], now["nightly"], now["archive"]
	for name, j := range map[string]winhost.Job{"urgent": foreground, "nightly": high, "archive": low} {
		if j.ID == "" {
			return false, fmt.Errorf("the host does not list the job %q", name)
		}
	}
	if foreground.State == "transferring" && high.State == "transferring" {
		o.sideBySide = true
	}
	switch {
	case transferred(low) == 0:
		return false, nil
	case high.State != "transferred":
		return false, fmt.Errorf("the low job has %d bytes though the high one is %s", transferred(low), high.State)
	case !o.sideBySide:
		return false, fmt.Errorf("the foreground job and the high one were not seen transferring side by side")
	}
	return foreground.State == "transferred", nil
}

// shows checks that every pattern is in what a CLI printed.
func shows(printed string, patterns ...string) error {
	for _, pattern := range patterns {
		if !regexp.MustCompile(pattern).MatchString(printed) {
			return fmt.Errorf("%s is missing:\n%s", pattern, printed)
		}
	}
	return nil
}

// onlyPriorities checks that a plan changes two priorities and nothing else. OpenTofu marks write-only maps in every plan.
func onlyPriorities(plan string) error {
	changes := strings.Count(lines(plan, `^\s*[~+-] \w+\s+=`), "\n")
	if changes -= strings.Count(plan, "= (write-only attribute)"); changes > 2 {
		return fmt.Errorf("the plan changes something else, too:\n%s", plan)
	}
	return shows(plan, `~ priority\s+= "foreground" -> "low"`, `~ priority\s+= "normal" -> "high"`, `0 to add, 2 to change, 0 to destroy`)
}

// invalidState checks that an error names the job, where it was, who completed it, the code, and what to do.
func invalidState(message, id, host string) error {
	text := strings.Join(strings.Fields(message), " ") // the CLI breaks lines
	return shows(text, "Invalid BITS Job State", "0x80200002", id, regexp.QuoteMeta(host), "completed at", `by CORP\\ops`, "terraform apply")
}

// lines keeps the lines that match.
func lines(text, pattern string) string {
	match := regexp.MustCompile(pattern)
	var kept strings.Builder
	for line := range strings.Lines(text) {
		if match.MatchString(line) {
			kept.WriteString(line)
		}
	}
	return kept.String()
}
