// SPDX-License-Identifier: MPL-2.0

package winrmbits

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/agent"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/wsman"
)

// The pauses between polls for a hash that is being computed.
const (
	firstPoll   = 250 * time.Millisecond
	longestPoll = 5 * time.Second
)

// Stat returns the status of files on the host, in the order of files. A path that is refused, such as one through a link,
// and a file that can't be read have an error of their own. Hashes are waited for until the context ends; the host computes
// them concurrently. operation_timeout bounds each question for them.
func (h *Host) Stat(ctx context.Context, files []bits.FileQuery) ([]bits.FileStatus, error) {
	if slices.ContainsFunc(files, func(f bits.FileQuery) bool { return f.SHA256 }) {
		defer h.beginHashing()()
	}
	found := make([]bits.FileStatus, len(files))
	waiting := make([]int, len(files)) // the files that are to be asked for, by index
	for i := range files {
		waiting[i] = i
	}
	for pause := firstPoll; ; pause = min(2*pause, longestPoll) {
		var pending []int
		for len(waiting) > 0 {
			n := min(len(waiting), agent.MaxFiles)
			late, err := h.stat(ctx, files, found, waiting[:n])
			if err != nil {
				return nil, h.wrap("look at files", "", err)
			}
			pending, waiting = append(pending, late...), waiting[n:]
		}
		if len(pending) == 0 {
			return found, nil
		}
		if !wsman.Sleep(ctx, pause) {
			return nil, h.wrap("hash files", "", context.Cause(ctx))
		}
		waiting = pending
	}
}

// beginHashing keeps the session from counting as idle between the questions for hashes.
func (h *Host) beginHashing() (ended func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.hashing++
	return func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.hashing--
		select { // wakes the host's goroutine, for which the session may be idle now
		case h.arrived <- struct{}{}:
		default:
		}
	}
}

// isHashing reports whether a caller waits for hashes.
func (h *Host) isHashing() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.hashing > 0
}

// stat reads the status of some of the files once, and returns those whose hash is not ready.
func (h *Host) stat(ctx context.Context, files []bits.FileQuery, found []bits.FileStatus, which []int) (pending []int, err error) {
	ctx, cancel := h.limit(ctx)
	defer cancel()
	op := agent.Op{Name: agent.OpStat}
	for _, i := range which {
		op.Files = append(op.Files, agent.FileQuery{LocalName: files[i].LocalName, SHA256: files[i].SHA256})
	}
	answer, err := execute[agent.Stat](ctx, h, op)
	if err != nil {
		return nil, err
	}
	if len(answer.Files) != len(which) {
		return nil, fmt.Errorf("the agent answered for %d files instead of %d", len(answer.Files), len(which))
	}
	for k, i := range which {
		w := answer.Files[k]
		if w.Pending {
			pending = append(pending, i)
			continue
		}
		if found[i], err = statusFromWire(w, files[i].LocalName); err != nil {
			return nil, err
		}
	}
	return pending, nil
}

func statusFromWire(w agent.FileStatus, localName string) (bits.FileStatus, error) {
	var p parser
	status := bits.FileStatus{Exists: w.Exists, SHA256: stringOrEmpty(w.SHA256), ModifiedAt: p.timeOrNil(w.Modified), Size: p.size(w.Size)}
	if w.Error != nil {
		if w.Error.File == "" {
			w.Error.File = localName
		}
		status.Err = refusal(w.Error)
	}
	return status, p.err
}
