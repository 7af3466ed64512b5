// SPDX-License-Identifier: MPL-2.0

package main

import (
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/mattn/go-isatty"
)

// narrator prints the story on a terminal: plain text where colours are not wanted.
type narrator struct {
	out    io.Writer
	colour bool
	mute   bool // nothing more is printed
	step   int
}

func newNarrator(out *os.File) *narrator {
	_, noColour := os.LookupEnv("NO_COLOR")
	return &narrator{out: out, colour: !noColour && isatty.IsTerminal(out.Fd())}
}

// printf prints unless the narrator is muted.
func (n *narrator) printf(format string, args ...any) {
	if !n.mute {
		_, _ = fmt.Fprintf(n.out, format, args...)
	}
}

func (n *narrator) paint(code, text string) string {
	if !n.colour {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

// chapter begins a numbered step.
func (n *narrator) chapter(title string) {
	n.step++
	n.printf("\n%s\n", n.paint("1;36", fmt.Sprintf("%d. %s", n.step, title)))
}

// say prints one sentence.
func (n *narrator) say(format string, args ...any) {
	n.printf("   %s\n", fmt.Sprintf(format, args...))
}

// seen confirms what was promised.
func (n *narrator) seen(format string, args ...any) {
	n.printf("   %s %s\n", n.paint("32", "ok"), fmt.Sprintf(format, args...))
}

// quote shows what a program printed, indented.
func (n *narrator) quote(text string) {
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n")
		painted := line
		switch trimmed := strings.TrimSpace(line); {
		case strings.HasPrefix(trimmed, "~ priority"):
			painted = n.paint("1;33", line)
		case strings.HasPrefix(trimmed, "Error:"), strings.HasPrefix(trimmed, "│ Error:"):
			painted = n.paint("1;31", line)
		}
		n.printf("   %s %s\n", n.paint("2", "|"), painted)
	}
}

// bar draws how far a job has come.
func (n *narrator) bar(name, priority, state string, done, total float64) {
	const width = 24
	filled := 0
	if total > 0 {
		filled = min(width, int(width*done/total))
	}
	n.printf("   %-10s %-10s %s%s %s\n", name, priority,
		n.paint("32", strings.Repeat("#", filled)), strings.Repeat(".", width-filled), state)
}
