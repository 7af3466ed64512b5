package bitsvc

import (
	"context"
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
	if p := t.update(func() { t.file.got, t.file.total = 0, nil }); p.stops() {
		return p
	}
	out, p := t.open()
	if p.stops() {
		return p
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
	if p := t.update(func() { t.service.become(t.job, bits.StateTransferring) }); p.stops() {
		return p
	}
	if p := t.copy(ctx, out, resp.Body, resp.ContentLength); p.stops() {
		return p
	}
	if p := t.update(func() { t.file.total = pointer(t.file.got) }); p.stops() {
		return p
	}
	return t.finish(out, lastModified(resp))
}
