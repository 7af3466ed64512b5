// SPDX-License-Identifier: MPL-2.0

package job

import (
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/attrs"
)

// file is one element of files, whose values may be unknown.
type file struct {
	remoteName types.String
	localName  types.String
	sha256     types.String // null: any content will do
}

// filesOf reads a known list; an element that is unknown as a whole has unknown names.
func filesOf(list types.List) []file {
	files := make([]file, 0, len(list.Elements()))
	for _, element := range list.Elements() {
		f := file{remoteName: types.StringUnknown(), localName: types.StringUnknown(), sha256: types.StringUnknown()}
		if object, ok := element.(types.Object); ok && !object.IsUnknown() {
			f.remoteName = attrs.Part[types.String](object, "remote_name")
			f.localName = attrs.Part[types.String](object, "local_name")
			f.sha256 = attrs.Part[types.String](object, "sha256")
		}
		files = append(files, f)
	}
	return files
}

func filesValue(files []file) types.List {
	elements := make([]attr.Value, len(files))
	for i, f := range files {
		elements[i] = types.ObjectValueMust(fileTypes, map[string]attr.Value{
			"remote_name": f.remoteName, "local_name": f.localName, "sha256": f.sha256,
		})
	}
	return types.ListValueMust(types.ObjectType{AttrTypes: fileTypes}, elements)
}

func specs(files []file) []bits.FileSpec {
	list := make([]bits.FileSpec, len(files))
	for i, f := range files {
		list[i] = bits.FileSpec{RemoteName: f.remoteName.ValueString(), LocalName: f.localName.ValueString()}
	}
	return list
}

// fileChanges is how a configured list of files differs from the one a job has, both taken as sets of local names.
type fileChanges struct {
	added    []file // to be appended to the job
	replaced bool   // a file was changed or removed, which BITS can't do; or that can't be known yet
	hashes   bool   // another content is expected of a file
}

func (c fileChanges) none() bool { return len(c.added) == 0 && !c.replaced }

// compareFiles compares lists of files. In a URL of a finished job the signature may differ: it expires, and the file is there.
func compareFiles(prior, configured types.List, finished bool) fileChanges {
	if configured.IsUnknown() {
		return fileChanges{replaced: true}
	}
	wanted := filesOf(configured)
	var changes fileChanges
	for _, had := range filesOf(prior) {
		i := slices.IndexFunc(wanted, func(f file) bool {
			return !f.localName.IsUnknown() && bits.FileKey(f.localName.ValueString()) == bits.FileKey(had.localName.ValueString())
		})
		if i < 0 || !sameSource(had.remoteName, wanted[i].remoteName, finished) {
			changes.replaced = true
			continue
		}
		changes.hashes = changes.hashes || !sameHash(had.sha256, wanted[i].sha256)
		wanted = slices.Delete(wanted, i, i+1)
	}
	changes.added = wanted
	return changes
}

func sameSource(a, b types.String, finished bool) bool {
	if b.IsUnknown() {
		return false
	}
	if !finished {
		return a.Equal(b)
	}
	return unsigned(a.ValueString()) == unsigned(b.ValueString())
}

// otherFiles returns the local names of the files of a job that the state does not have.
func otherFiles(job bits.Job, known types.List) []string {
	var others []string
	for _, f := range job.Files {
		if !slices.ContainsFunc(filesOf(known), func(k file) bool {
			return bits.FileKey(k.localName.ValueString()) == bits.FileKey(f.LocalName)
		}) {
			others = append(others, f.LocalName)
		}
	}
	return others
}
