// SPDX-License-Identifier: MPL-2.0

package main

import (
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const root = "../.."

// pages returns the Markdown that users and contributors read, by paths from the root of the repository.
func pages(t *testing.T) []string {
	t.Helper()
	found := []string{"CONTRIBUTING.md", "README.md", "SECURITY.md", "SUPPORT.md", "tools/probe/README.md"}
	err := filepath.WalkDir(filepath.Join(root, "docs"), func(path string, _ fs.DirEntry, err error) error {
		if filepath.Ext(path) == ".md" {
			name, _ := filepath.Rel(root, path)
			found = append(found, filepath.ToSlash(name))
		}
		return err
	})
	if err != nil || len(found) < 20 {
		t.Fatalf("%d pages: %v", len(found), err)
	}
	return found
}

// exampleFiles returns the texts of the files in examples/.
func exampleFiles(t *testing.T) map[string]string {
	t.Helper()
	found := map[string]string{} // names by texts
	err := filepath.WalkDir(filepath.Join(root, "examples"), func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			found[strings.TrimSpace(read(t, path))] = entry.Name()
		}
		return err
	})
	if err != nil || len(found) < 20 {
		t.Fatalf("%d examples: %v", len(found), err)
	}
	return found
}

// untried are the blocks that no test runs, by page and first line, each with the reason.
var untried = map[[2]string]string{
	{"docs/guides/getting-started.md", "export BITS_PASSWORD='...'   # of the account; it never reaches the state"}: "terraform init needs the " +
		"registry; the section for the simulated host has the same commands without it",
	{"README.md", "export BITS_HOST=web01.corp.example BITS_USERNAME=ops # an administrator of the host"}: "probes a Windows host: the tests of " +
		"tools/probe ask the simulated host the same questions",
	{"tools/probe/README.md", "export BITS_HOST=web01.corp.example BITS_USERNAME=svc-bits BITS_CA_FILE=/etc/pki/corp-ca.pem"}:                   "as in README.md",
	{"tools/probe/README.md", "BITS_HTTPS=false go run -C tools/probe .                                              # NTLM over http, sealed"}: "as in README.md",
}

// TestEveryBlockIsTested finds the blocks of the documentation that nothing plans, runs or checks.
func TestEveryBlockIsTested(t *testing.T) {
	examples, ci := exampleFiles(t), read(t, filepath.Join(root, ".ci/run"))+read(t, filepath.Join(root, "tools/lint-pipelines"))
	unused := map[[2]string]bool{}
	for at := range untried {
		unused[at] = true
	}
	for _, page := range pages(t) {
		text := strings.ReplaceAll(read(t, filepath.Join(root, page)), "\r\n", "\n")
		for _, b := range markdownBlocks(text) {
			at := [2]string{page, firstLine(b.text)}
			delete(unused, at)
			if untried[at] == "" && !tested(page, b, examples, ci) {
				t.Errorf("%s:%d: nothing tests this block:\n%s", page, b.line, b.text)
			}
		}
		for i, line := range strings.Split(outsideFences(text), "\n") {
			if indented.MatchString(line) {
				t.Errorf("%s:%d: an indented block is of no language, so nothing tests it: %s", page, i+1, line)
			}
		}
	}
	for at := range unused {
		t.Errorf("%s has no block that begins with %q", at[0], at[1])
	}
}

// tested reports whether something plans, runs or checks a block.
func tested(page string, b block, examples map[string]string, ci string) bool {
	example := examples[strings.TrimSpace(b.text)]
	switch b.language {
	case "hcl", "terraform": // planned by TestCLIBlocks and TestCLIExamples... of internal/provider
		return true
	case "powershell": // run by TestGuides, and checked by check51 in .ci/run, which reads these pages
		return strings.HasPrefix(page, "docs/") || strings.Contains(ci, page)
	case "yaml": // linted by tools/lint-pipelines, which names them
		return example != "" && strings.Contains(ci, "examples/fleet/"+example)
	case "sh", "shell", "bash":
		return slices.Contains([]string{"import.sh", "run-shards.sh"}, example) || // run by tests of internal/provider
			inCI(b.text, ci) || slices.ContainsFunc(commands, func(c command) bool { return c.page == page && c.first == firstLine(b.text) })
	}
	return b.language == "text" || b.language == "diff"
}

// inCI reports whether .ci/run has every command of a block, which are make's targets or commands of their own.
func inCI(text, ci string) bool {
	for line := range strings.Lines(text) {
		line, _, _ = strings.Cut(line, "#")
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "make") && !strings.Contains(ci, line) {
			return false
		}
	}
	return true
}

// indented is a line of an indented block: those of lists are indented less, or go on with a sentence.
var indented = regexp.MustCompile(`^(    |\t)\S`)

// outsideFences blanks the lines between fences, so that the others keep their numbers.
func outsideFences(text string) string {
	lines := strings.Split(text, "\n")
	for _, b := range markdownBlocks(text) {
		for i := range strings.Count(b.text, "\n") {
			lines[b.line-1+i] = ""
		}
	}
	return strings.Join(lines, "\n")
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return line
}

var targets = regexp.MustCompile("(?m)(?:^|`)make ([a-z-]+)")

// TestDocumentsNameTargetsOfMake finds commands of make that GNUmakefile does not have.
func TestDocumentsNameTargetsOfMake(t *testing.T) {
	makefile := read(t, filepath.Join(root, "GNUmakefile"))
	for _, page := range append(pages(t), ".github/pull_request_template.md") {
		for _, found := range targets.FindAllStringSubmatch(read(t, filepath.Join(root, page)), -1) {
			if !strings.Contains(makefile, "\n"+found[1]+":") {
				t.Errorf("%s: make has no target %s", page, found[1])
			}
		}
	}
}

var (
	supported = regexp.MustCompile(`(?m)^\| (Terraform|OpenTofu) \| [\d.]+ and later \| 1\.(\d+) to 1\.(\d+) \|$`)
	tried     = regexp.MustCompile(`cli: (\w+), version: 1\.(\d+)\.\d+`)
)

// TestVersionsThatAreClaimedAreTried compares the versions in SUPPORT.md with those that the workflow test runs.
func TestVersionsThatAreClaimedAreTried(t *testing.T) {
	names := map[string]string{"terraform": "Terraform", "tofu": "OpenTofu"}
	runs := map[string][]int{}
	for _, run := range tried.FindAllStringSubmatch(read(t, filepath.Join(root, ".github/workflows/test.yml")), -1) {
		minor, _ := strconv.Atoi(run[2])
		runs[names[run[1]]] = append(runs[names[run[1]]], minor)
	}
	claims := supported.FindAllStringSubmatch(read(t, filepath.Join(root, "SUPPORT.md")), -1)
	if len(claims) != len(names) {
		t.Fatalf("SUPPORT.md has versions of %d CLIs", len(claims))
	}
	for _, claim := range claims {
		first, _ := strconv.Atoi(claim[2])
		last, _ := strconv.Atoi(claim[3])
		var want []int
		for minor := first; minor <= last; minor++ {
			want = append(want, minor)
		}
		slices.Sort(runs[claim[1]])
		if !slices.Equal(runs[claim[1]], want) {
			t.Errorf("SUPPORT.md claims %s 1.%v; the workflow tries 1.%v", claim[1], want, runs[claim[1]])
		}
	}
}
