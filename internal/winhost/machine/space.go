// SPDX-License-Identifier: MPL-2.0

package machine

import (
	"strings"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
)

// diskFull is ERROR_DISK_FULL. Source: "System Error Codes", learn.microsoft.com.
const diskFull bits.HResult = 0x80070070

// space is what C: has left, and whether it can be written at all.
type space struct {
	limited bool
	free    uint64       // when limited
	refusal bits.HResult // of every write; 0: none
}

// unlimited is what C: reports until SetFree.
const unlimited = 40 << 30

// SetFree leaves so many bytes on C:. What BITS writes from then on uses them up; nothing gives them back.
func (d *Drive) SetFree(bytes uint64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.space.limited, d.space.free = true, bytes
}

// RefuseWrites makes C: refuse whatever is written to it with a code of Windows, such as ERROR_WRITE_PROTECT (0x80070013); 0 ends that.
func (d *Drive) RefuseWrites(code bits.HResult) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.space.refusal = code
}

// Free returns the free bytes of a drive such as C:.
func (d *Drive) Free(name string) (uint64, error) {
	if !strings.EqualFold(name, "C:") {
		return 0, Refuse(pathNotFound, name)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.space.limited {
		return d.space.free, nil
	}
	return unlimited, nil
}

// Take takes room for more bytes of a file, or returns why there is none as a *bits.Error: ERROR_DISK_FULL, or what RefuseWrites set.
// Files on shares are not limited.
func (d *Drive) Take(local string, bytes int) error {
	if strings.HasPrefix(local, `\\`) {
		return nil
	}
	need := uint64(max(bytes, 0))
	d.mu.Lock()
	defer d.mu.Unlock()
	switch {
	case d.space.refusal != 0:
		return Refuse(d.space.refusal, local)
	case !d.space.limited:
	case need > d.space.free:
		return Refuse(diskFull, local)
	default:
		d.space.free -= need
	}
	return nil
}
