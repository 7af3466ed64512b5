// SPDX-License-Identifier: MPL-2.0

package main

import (
	"regexp"
	"strings"
	"testing"
)

func TestReport(t *testing.T) {
	const passed = `{"Action":"pass","Package":"p","Test":"TestA"}` + "\n"
	const skipped = `{"Action":"output","Package":"p","Test":"TestB","Output":"    b_test.go:3: no PowerShell\n"}` + "\n" +
		`{"Action":"skip","Package":"p","Test":"TestB"}` + "\n"
	tests := []struct {
		name, in, says string
		well           bool
	}{
		{"tests that pass", passed, "1 passed, 0 failed, 0 skipped", true},
		{"a skip that is expected", passed + skipped, "1 passed, 0 failed, 1 skipped", true},
		{
			"a skip that is not", passed + strings.Replace(skipped, "PowerShell", "time", 1),
			"skipped, but should have run: p.TestB: b_test.go:3: no time\n", false,
		},
		{
			"a test that fails", passed + `{"Action":"output","Package":"p","Test":"TestC","Output":"why\n"}` + "\n" +
				`{"Action":"fail","Package":"p","Test":"TestC"}` + "\n" + `{"Action":"fail","Package":"p"}` + "\n",
			"why\n1 passed, 1 failed, 0 skipped", false,
		},
		{
			"a package that fails outside of its tests",
			passed + `{"Action":"output","Package":"p","Output":"panic\n"}` + "\n" + `{"Action":"fail","Package":"p"}` + "\n",
			"panic\n1 package(s) failed outside of a test\n", false,
		},
		{"a complaint of the Go command", passed + "go: no such module\n", "go: no such module\n1 passed", true},
		{"nothing", "", "no test ran\n", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var out strings.Builder
			if well := read(strings.NewReader(tt.in), &out, regexp.MustCompile("PowerShell")); well != tt.well {
				t.Errorf("well is %v", well)
			}
			if !strings.Contains(out.String(), tt.says) {
				t.Errorf("it says %q, want %q", out.String(), tt.says)
			}
		})
	}
}
