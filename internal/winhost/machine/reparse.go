// SPDX-License-Identifier: MPL-2.0

package machine

import (
	"os"
	"regexp"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
)

// Reparse is a reparse point. Source: "Reparse Point Tags", learn.microsoft.com.
type Reparse struct {
	Tag    uint32       `json:"tag"`
	Target string       `json:"target"` // of a symbolic link, a junction or a mounted volume: its substitute name, such as \??\C:\elsewhere
	Answer bits.HResult `json:"answer"` // what reading it answers; 0: it can be read
}

// The tags of reparse points.
const (
	TagMountPoint uint32 = 0xA0000003 // of junctions, and of volumes that are mounted in a directory
	TagSymlink    uint32 = 0xA000000C
	TagDedup      uint32 = 0x80000013 // of deduplicated files
	TagCloud      uint32 = 0x9000001A // of files that a cloud provider keeps, such as OneDrive or Azure File Sync
	TagHSM        uint32 = 0xC0000004 // of files that hierarchical storage management has moved

	nameSurrogate uint32 = 1 << 29
)

// aVolume is the substitute name of a mounted volume; a junction leads to a path.
var aVolume = regexp.MustCompile(`^\\\?\?\\Volume\{[0-9a-f-]{36}\}\\$`)

// IsLink reports whether the reparse point is another name for something, and not a file or a volume.
func (r Reparse) IsLink() bool {
	return r.Tag&nameSurrogate != 0 && (r.Tag != TagMountPoint || !aVolume.MatchString(r.Target))
}

// SetReparse makes what is at a path a reparse point.
func (d *Drive) SetReparse(local string, r Reparse) error {
	place, err := d.Place(local)
	if err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.reparse[place] = r
	return nil
}

// ClearReparse takes the reparse points back that SetReparse made.
func (d *Drive) ClearReparse() {
	d.mu.Lock()
	defer d.mu.Unlock()
	clear(d.reparse)
}

// Reparse returns the reparse point at a place, if it is one.
func (d *Drive) Reparse(place string) (r Reparse, found bool) {
	if target, err := os.Readlink(place); err == nil {
		return Reparse{Tag: TagSymlink, Target: target}, true
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	r, found = d.reparse[place]
	return r, found
}
