package main

import (
	"bytes"
	"io"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// TestWhatBothCost compares what is printed with what is known: a one-shot operation is a shell, a PowerShell and five
// requests, and a session is one of each for all operations, with another PowerShell for changes as SYSTEM.
func TestWhatBothCost(t *testing.T) {
	const jobs = 12
	var out bytes.Buffer
	if err := run(t.Context(), []string{"-jobs", strconv.Itoa(jobs), "-rtt", "0", "-start-delay", "0"}, &out, io.Discard); err != nil {
		t.Fatal(err)
	}
	rows := map[string][][3]float64{}
	for _, line := range regexp.MustCompile(`(?m)^ *([A-Za-z ]+?) +(\d+) +(\d+) +(\d+\.\d)$`).FindAllStringSubmatch(out.String(), -1) {
		var row [3]float64
		for i := range row {
			row[i], _ = strconv.ParseFloat(line[i+2], 64)
		}
		rows[line[1]] = append(rows[line[1]], row)
	}
	for name, want := range map[string][2][2]float64{
		"shells":               {{1, jobs}, {1, jobs}},
		"starts of PowerShell": {{1, jobs}, {2, jobs}},
	} {
		for i, got := range rows[name] {
			if [2]float64{got[0], got[1]} != want[i] {
				t.Errorf("%s: %v, want %v", name, got, want[i])
			}
		}
	}
	for i, got := range rows["HTTP requests"] {
		if got[1] < 5*jobs || got[0] > 2*jobs || got[2] < 2 { // an end and its output may come with two Receives
			t.Errorf("HTTP requests of table %d: %v", i, got)
		}
	}
	if len(rows["HTTP requests"]) != 2 || len(rows["shells"]) != 2 || len(rows["bytes back"]) != 2 || !strings.Contains(out.String(), "refresh") {
		t.Errorf("printed:\n%s", out.String())
	}
}

func TestArgumentsThatMakeNoSense(t *testing.T) {
	for _, args := range [][]string{{"-jobs", "0"}, {"-rtt", "-1s"}, {"x"}, {"-nothing"}} {
		if err := run(t.Context(), args, io.Discard, io.Discard); err == nil {
			t.Errorf("%v: accepted", args)
		}
	}
}
