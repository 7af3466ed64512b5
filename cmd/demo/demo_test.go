// SPDX-License-Identifier: MPL-2.0

package main

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestOutputThatIsNoTerminalHasNoColours(t *testing.T) {
	file, err := os.Create(filepath.Join(t.TempDir(), "out"))
	if err != nil {
		t.Fatal(err)
	}
	n := newNarrator(file)
	n.chapter("A chapter")
	n.quote("  ~ priority = \"low\" -> \"high\"\n")
	n.seen("it")
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(file.Name())
	if err != nil {
		t.Fatal(err)
	}
	if bytes.ContainsRune(text, 0x1b) || !bytes.Contains(text, []byte(`~ priority = "low" -> "high"`)) {
		t.Errorf("it printed %q", text)
	}
}

func TestColours(t *testing.T) {
	var out bytes.Buffer
	n := &narrator{out: &out, colour: true}
	n.quote("  ~ priority = 1\n│ Error: no\nplain\n")
	n.bar("half", "low", "queued", 50, 100)
	n.bar("more", "low", "queued", 200, 100)
	n.bar("none", "low", "queued", 50, 0)
	for _, want := range []string{"\x1b[1;33m  ~ priority = 1\x1b[0m", "\x1b[1;31m│ Error: no\x1b[0m", " plain\n", barOf(12), barOf(24), barOf(0)} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q lacks %q", out.String(), want)
		}
	}
}

func barOf(filled int) string {
	return "\x1b[32m" + strings.Repeat("#", filled) + "\x1b[0m" + strings.Repeat(".", 24-filled) + " "
}

func TestAStoryEndsAtItsFirstError(t *testing.T) {
	var out bytes.Buffer
	s := &story{narrator: &narrator{out: &out}, workspace: &workspace{}}
	first := errors.New("the first")
	s.check(nil)
	s.check(first)
	s.check(errors.New("the second"))
	if err := s.tell(t.Context()); !errors.Is(err, first) || out.Len() != 0 {
		t.Errorf("it ended with %v and printed %q", err, &out)
	}
}

func TestEachLineIsSeenOnceItIsComplete(t *testing.T) {
	var seen []string
	w := &eachLine{call: func(line string) { seen = append(seen, line) }}
	for _, part := range []string{"a", "b\nc\n\nd", "", "\ne"} {
		if n, err := w.Write([]byte(part)); n != len(part) || err != nil {
			t.Errorf("Write(%q) = %d, %v", part, n, err)
		}
	}
	if want := []string{"ab", "c", "", "d"}; !slices.Equal(seen, want) {
		t.Errorf("it saw %q, want %q", seen, want)
	}
}
