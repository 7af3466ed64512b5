package bitsvc

import (
	"context"
	"errors"
	"io/fs"
	"net/http"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
)

// streams reports whether the file comes in one answer of which nothing is known before: content made on the fly, or
// the answer to another method than GET. BITS does that in foreground only.
// Source: BITS_JOB_PROPERTY_ID and IBackgroundCopyJobHttpOptions2::SetHttpMethod, learn.microsoft.com.
func (t *task) streams() bool {
	return t.foreground && (*t.how.set.Dynamic || *t.how.set.HTTPMethod != http.MethodGet)
}

// stream reads the whole file from the start.
func (t *task) stream(ctx context.Context) problem {
	if !t.update(func() { t.file.got, t.file.total = 0, nil }) {
		return problem{halted: true}
	}
	out, err := t.open()
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fatal(pathNotFound, bits.ContextLocalFile)
	case err != nil:
		return fatal(eAccessDenied, bits.ContextLocalFile)
	}
	defer func() { _ = out.Close() }()
	resp, p := t.do(ctx, *t.how.set.HTTPMethod, nil)
	if p.stops() {
		return p
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		return status(resp.StatusCode)
	}
	if err := cut(out, 0); err != nil {
		return fatal(eFail, bits.ContextLocalFile)
	}
	if !t.update(func() { t.service.become(t.job, bits.StateTransferring) }) {
		return problem{halted: true}
	}
	if p := t.copy(ctx, out, resp.Body, resp.ContentLength); p.stops() {
		return p
	}
	if !t.update(func() { size := t.file.got; t.file.total = &size }) {
		return problem{halted: true}
	}
	return t.finish(out, lastModified(resp))
}
