// SPDX-License-Identifier: MPL-2.0

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestBlocks(t *testing.T) {
	for _, c := range []struct {
		name, file, text string
		want             []string // the blocks, each behind its empty lines
		fails            bool
	}{
		{name: "a fence of Markdown", file: "a.md", text: "# A\n\n```powershell\nGet-Item\n```\n", want: []string{"\n\n\nGet-Item\n"}},
		{name: "fences in other languages are not PowerShell", file: "a.md", text: "```hcl\nx\n```\n```powershell\ny\n```\n", want: []string{"\n\n\n\ny\n"}},
		{name: "a fence inside of a longer one", file: "a.md", text: "````md\n```powershell\nx\n```\n````\n", fails: true},
		{
			name: "steps of a workflow", file: "a.yml",
			text: "jobs:\n  j:\n    steps:\n      - run: ls\n      - shell: powershell\n        run: |\n          a ${{ b }}\n          c\n",
			want: []string{"\n\n\n\n\n\na expression\nc\n"},
		},
		{name: "no block at all", file: "a.md", text: "# A\n", fails: true},
		{name: "a broken workflow", file: "a.yml", text: "jobs: [", fails: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			folder := t.TempDir()
			source := filepath.Join(folder, c.file)
			if err := os.WriteFile(source, []byte(c.text), 0o600); err != nil {
				t.Fatal(err)
			}
			paths, err := extract(folder, []string{source})
			if (err != nil) != c.fails {
				t.Fatalf("got error %v", err)
			}
			var got []string
			for _, path := range paths {
				text, err := os.ReadFile(path)
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, string(text))
			}
			if strings.Join(got, "|") != strings.Join(c.want, "|") {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}
