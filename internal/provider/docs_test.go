// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// TestEverythingHasAPage compares docs/ with the schema: a CLI that does not know a kind of thing, such as actions, leaves it out of the
// schema, and the generator of pages leaves out what it does not find there, without a word.
func TestEverythingHasAPage(t *testing.T) {
	schemas, err := newRig(t).server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	guides, err := os.ReadDir(filepath.Join("..", "..", "templates", "guides"))
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"index.md"}
	for _, guide := range guides {
		want = append(want, "guides/"+strings.TrimSuffix(guide.Name(), ".tmpl"))
	}
	pages := func(folder string, names ...string) {
		for _, name := range names {
			want = append(want, folder+"/"+strings.TrimPrefix(name, "bits_")+".md")
		}
	}
	pages("resources", slices.Collect(maps.Keys(schemas.ResourceSchemas))...)
	pages("data-sources", slices.Collect(maps.Keys(schemas.DataSourceSchemas))...)
	pages("list-resources", slices.Collect(maps.Keys(schemas.ListResourceSchemas))...)
	pages("actions", slices.Collect(maps.Keys(schemas.ActionSchemas))...)
	pages("functions", slices.Collect(maps.Keys(schemas.Functions))...)
	slices.Sort(want)

	var got []string
	docs := filepath.Join("..", "..", "docs")
	err = filepath.WalkDir(docs, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		if info.Size() < 500 {
			t.Errorf("%s has %d bytes", path, info.Size())
		}
		name, err := filepath.Rel(docs, path)
		got = append(got, filepath.ToSlash(name))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("docs/ has not a page for each thing of the schema (-schema +docs):\n%s", diff)
	}
}
