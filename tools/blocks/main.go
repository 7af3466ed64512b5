// SPDX-License-Identifier: MPL-2.0

// Command blocks writes the PowerShell blocks of Markdown files and GitHub workflows to files of their own, so that a
// checker of PowerShell can read them. It prints the paths of these files, one a line.
//
//	blocks FOLDER FILE...
//
// In Markdown a block is a fence that begins with ```powershell; in a workflow it is the run of a step whose shell is
// powershell or pwsh. Each file begins with so many empty lines that line numbers are those of the source. Files without
// any block in all of them are an error: a check that reads nothing proves nothing.
package main

import (
	"errors"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// block is a piece of code and the line of its source on which it begins, from 1.
type block struct {
	name     string // of a workflow's step
	language string // that the fence names
	line     int
	text     string
}

func main() {
	log.SetFlags(0)
	if len(os.Args) < 3 {
		log.Fatal("usage: blocks FOLDER FILE...")
	}
	paths, err := extract(os.Args[1], os.Args[2:])
	if err != nil {
		log.Fatal(err)
	}
	for _, path := range paths {
		fmt.Println(path)
	}
}

// extract writes the blocks of files into folder and returns the paths that it wrote.
func extract(folder string, files []string) ([]string, error) {
	var paths []string
	for _, file := range files {
		blocks, err := powerShellOf(file)
		if err != nil {
			return nil, err
		}
		for _, b := range blocks {
			name := strings.TrimLeft(strings.ReplaceAll(filepath.ToSlash(file), "/", "_"), ".") // *.ps1 has to match it
			path := filepath.Join(folder, fmt.Sprintf("%s.%d.ps1", name, b.line))
			if err := os.WriteFile(path, []byte(strings.Repeat("\n", b.line-1)+b.text), 0o600); err != nil { //nolint:gosec // the name has no separators
				return nil, err
			}
			paths = append(paths, path)
		}
	}
	if len(paths) == 0 {
		return nil, errors.New("no PowerShell block was found in " + strings.Join(files, ", "))
	}
	return paths, nil
}

// powerShellOf returns the PowerShell blocks of a page or of a workflow.
func powerShellOf(file string) ([]block, error) {
	text, err := os.ReadFile(file) //nolint:gosec // the command line names it
	if err != nil {
		return nil, err
	}
	if ext := filepath.Ext(file); ext == ".yml" || ext == ".yaml" {
		blocks, err := workflowBlocks(text)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		return blocks, nil
	}
	return slices.DeleteFunc(markdownBlocks(string(text)), func(b block) bool { return b.language != "powershell" }), nil
}

var fence = regexp.MustCompile("^(\\s*)(```+)\\s*(\\w*)")

// markdownBlocks returns the blocks between a fence and the one that closes it.
func markdownBlocks(text string) []block {
	var (
		blocks []block
		open   string // the fence of the block that is being read; "" outside of one
	)
	for i, line := range strings.SplitAfter(text, "\n") {
		found := fence.FindStringSubmatch(line)
		switch {
		case open != "" && found != nil && strings.HasPrefix(found[2], open) && found[3] == "":
			open = ""
		case open != "":
			blocks[len(blocks)-1].text += line
		case found != nil:
			open = found[2]
			blocks = append(blocks, block{language: strings.ToLower(found[3]), line: i + 2})
		}
	}
	return blocks
}

// expression is what GitHub replaces before a shell sees the script.
var expression = regexp.MustCompile(`\$\{\{.*?\}\}`)

// workflowBlocks returns the scripts of the steps that a PowerShell runs.
func workflowBlocks(text []byte) ([]block, error) {
	var workflow struct {
		Jobs map[string]struct {
			Steps []struct {
				Name, Shell string
				Run         yaml.Node
			}
		}
	}
	if err := yaml.Unmarshal(text, &workflow); err != nil {
		return nil, err
	}
	var blocks []block
	for _, job := range workflow.Jobs {
		for _, step := range job.Steps {
			if step.Shell != "powershell" && step.Shell != "pwsh" {
				continue
			}
			line := step.Run.Line
			if step.Run.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0 {
				line++ // the text begins below the mark
			}
			blocks = append(blocks, block{name: step.Name, line: line, text: expression.ReplaceAllString(step.Run.Value, "expression")})
		}
	}
	return blocks, nil
}
