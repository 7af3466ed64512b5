// SPDX-License-Identifier: MPL-2.0

package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	fenced    = regexp.MustCompile("(?ms)^```.*?^```$")
	links     = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	images    = regexp.MustCompile(`(?:src|srcset)="([^"]+)"`)
	headings  = regexp.MustCompile(`(?m)^#{1,6} (.+)$`)
	anchors   = regexp.MustCompile(`<a id="([^"]+)">`)
	notInSlug = regexp.MustCompile(`[^\p{L}\p{N} _-]`)
)

// TestLinksOfTheDocumentation follows each relative link of each page to a file, and its fragment to a heading.
func TestLinksOfTheDocumentation(t *testing.T) {
	var pages []string
	err := filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.IsDir() && entry.Name() != "." && (strings.HasPrefix(entry.Name(), ".") && entry.Name() != ".github" || entry.Name() == "testdata") {
			return filepath.SkipDir
		}
		if filepath.Ext(path) == ".md" {
			pages = append(pages, path)
		}
		return err
	})
	if err != nil || len(pages) < 20 {
		t.Fatalf("%d pages: %v", len(pages), err)
	}
	fragments := map[string][]string{}
	for _, page := range pages {
		fragments[page] = fragmentsOf(text(t, page))
	}
	for _, page := range pages {
		body := fenced.ReplaceAllString(text(t, page), "")
		for _, found := range slices.Concat(links.FindAllStringSubmatch(body, -1), images.FindAllStringSubmatch(body, -1)) {
			path, fragment, _ := strings.Cut(found[1], "#")
			if strings.Contains(path, "://") || strings.HasPrefix(path, "mailto:") {
				continue
			}
			target := page
			if path != "" {
				target = filepath.Join(filepath.Dir(page), filepath.FromSlash(path))
			}
			if _, err := os.Stat(target); err != nil {
				t.Errorf("%s: the link to %s leads nowhere", page, found[1])
			} else if fragment != "" && !slices.Contains(fragments[target], fragment) {
				t.Errorf("%s: %s has no heading for the link to %s", page, target, found[1])
			}
		}
	}
}

// fragmentsOf returns the anchors of a page, as GitHub and the registry make them of headings.
func fragmentsOf(page string) []string {
	var all []string
	for _, heading := range headings.FindAllStringSubmatch(fenced.ReplaceAllString(page, ""), -1) {
		slug := notInSlug.ReplaceAllString(strings.ToLower(strings.TrimSpace(heading[1])), "")
		all = append(all, strings.ReplaceAll(slug, " ", "-"))
	}
	for _, anchor := range anchors.FindAllStringSubmatch(page, -1) {
		all = append(all, anchor[1])
	}
	return all
}

func text(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(string(content), "\r\n", "\n")
}
