// SPDX-License-Identifier: MPL-2.0

package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

func TestThePlotOfTheDocumentationIsDrawnAgain(t *testing.T) {
	path := filepath.Join(t.TempDir(), "costs.svg")
	if err := run([]string{"../../docs-dev/costs.json", path}); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile("../../docs-dev/costs.svg")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Error("docs-dev/costs.svg is not drawn from docs-dev/costs.json: run tools/plot")
	}
}

func TestTooFewSizesAreAnError(t *testing.T) {
	path := filepath.Join(t.TempDir(), "costs.json")
	if err := os.WriteFile(path, []byte(`[{"CLI":true,"Shape":{"Hosts":1,"Jobs":1}}]`), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := run([]string{path, path + ".svg"}); err == nil {
		t.Error("drawn")
	}
	if err := run(nil); err == nil {
		t.Error("no arguments are accepted")
	}
}
