// SPDX-License-Identifier: MPL-2.0

package wsman

import (
	"cmp"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/winrmbits/terraform-provider-bits/internal/connection"
	"github.com/winrmbits/terraform-provider-bits/internal/messages"
)

// generatedFrom ends what is written by hand.
const generatedFrom = "\n<!-- Written by go test ./internal/winrmbits/wsman -update, from internal/messages and codes.go. -->\n"

// TestTheGuideIsTheTableOfMessages compares the guide Troubleshooting with its table. With -update it is rewritten.
func TestTheGuideIsTheTableOfMessages(t *testing.T) {
	path := filepath.Join("..", "..", "..", "templates", "guides", "troubleshooting.md.tmpl")
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	head, had, found := strings.Cut(strings.ReplaceAll(string(content), "\r\n", "\n"), generatedFrom)
	if !found {
		t.Fatalf("%s lacks %q", path, generatedFrom)
	}
	var faults []messages.Fault
	for number, code := range codes {
		fault := messages.Fault{Number: number, Name: code.name, Advice: code.advice}
		if errors.Is(&Fault{Code: number}, ErrQuota) {
			fault.Advice = "See [Quotas](#quotas)."
		}
		faults = append(faults, fault)
	}
	slices.SortFunc(faults, func(a, b messages.Fault) int { return cmp.Compare(a.Number, b.Number) })
	want := messages.Guide(faults)
	if *rewrite {
		if err := os.WriteFile(path, []byte(head+generatedFrom+want), 0o600); err != nil {
			t.Fatal(err)
		}
	} else if had != want {
		t.Errorf("%s is not what internal/messages says: run go test ./internal/winrmbits/wsman -update, and then tools/generate-docs", path)
	}
}

// inTheGuide expects that the guide explains the problem of an error.
func inTheGuide(t *testing.T, err error) {
	t.Helper()
	var problem *connection.Error
	if errors.As(err, &problem) && !messages.Explains(problem.Problem) {
		t.Errorf("the guide Troubleshooting has no row for %q", problem.Problem)
	}
}
