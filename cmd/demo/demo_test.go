package main

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
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
	for _, want := range []string{"\x1b[1;33m  ~ priority = 1\x1b[0m", "\x1b[1;31m│ Error: no\x1b[0m", " plain\n"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q lacks %q", out.String(), want)
		}
	}
}

func TestABarShowsTheProgress(t *testing.T) {
	tests := []struct {
		name        string
		done, total float64
		want        int
	}{
		{"nothing yet", 0, 100, 0},
		{"half", 50, 100, 12},
		{"all", 100, 100, 24},
		{"more than announced", 200, 100, 24},
		{"of an unknown size", 50, 0, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var out bytes.Buffer
			(&narrator{out: &out}).bar("job", "low", "queued", tt.done, tt.total)
			if got := strings.Count(out.String(), "#"); got != tt.want {
				t.Errorf("%d of 24 are filled, want %d", got, tt.want)
			}
		})
	}
}

func TestWithLeavesTheOriginalAlone(t *testing.T) {
	jobs := []declared{{"a", "low", 1}, {"b", "low", 1}}
	changed := with(jobs, "b", "high")
	if changed[1].Priority != "high" || changed[0].Priority != "low" || jobs[1].Priority != "low" {
		t.Errorf("%v became %v", jobs, changed)
	}
}

func TestAStoryEndsAtItsFirstError(t *testing.T) {
	var out bytes.Buffer
	s := &story{narrator: &narrator{out: &out}}
	first := errors.New("the first")
	s.check(nil)
	s.check(first)
	s.check(errors.New("the second"))
	if err := s.tell(t.Context()); !errors.Is(err, first) || out.Len() != 0 {
		t.Errorf("it ended with %v and printed %q", err, &out)
	}
}
