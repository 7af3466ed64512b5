// SPDX-License-Identifier: MPL-2.0

package job

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/report"
)

// warnURLs warns of URLs that do something else than their author expects: those that BITS can't fetch, and those that make a
// plan transfer a completed job again.
func (p *planning) warnURLs() diag.Diagnostics {
	var diags diag.Diagnostics
	for i, f := range filesOf(p.config.Files) {
		at := path.Root("files").AtListIndex(i).AtName("remote_name")
		switch {
		case f.remoteName.IsUnknown() && p.prior.finished(p.evidence.ending) && slices.ContainsFunc(p.replace, path.Root("files").Equal):
			diags.Append(report.Notice(at, report.URLNotKnown,
				"%s is not known until apply and may be another file, so the plan replaces the completed job and transfers "+
					"its files again. Use a value that is known in the plan, such as plantimestamp() instead of "+
					"timestamp(), or set lifecycle { ignore_changes = [files] }.", at))
		case signedByS3(f.remoteName.ValueString()) && p.fetches(f) && p.asksHead():
			diags.Append(report.Notice(at, report.SignedURLRefusesHead,
				"%s has an S3 signature (X-Amz-Signature), which is valid for one HTTP method. BITS sends HEAD before GET "+
					"to get the file size, and S3 rejects HEAD with 403 if the URL is signed for GET. Set %s: BITS then "+
					"sends only GET, and an interrupted transfer restarts.", at, p.headRemedy()))
		}
	}
	return diags
}

// fetches reports whether an apply of the plan makes BITS fetch a file.
func (p *planning) fetches(f file) bool {
	return p.prior.State.IsNull() || len(p.replace) > 0 || slices.ContainsFunc(p.changes.added, func(added file) bool {
		return added.localName.Equal(f.localName)
	})
}

// asksHead reports whether BITS asks for sizes before it fetches. Source: "HTTP Requirements for BITS Downloads", learn.microsoft.com.
func (p *planning) asksHead() bool {
	if method := p.plan.HTTPMethod.ValueString(); method != "" && method != http.MethodGet {
		return false
	}
	return p.plan.TransferType.ValueString() == string(bits.Download) && !maybe(p.plan.Dynamic)
}

// headRemedy returns the attributes to set so that BITS does not ask for sizes.
func (p *planning) headRemedy() string {
	if p.plan.Priority.ValueString() == string(bits.PriorityForeground) {
		return "dynamic = true"
	}
	return "dynamic = true and priority = \"foreground\""
}

// signedByS3 reports whether a URL carries a signature of S3, which covers the HTTP method. That of Google Cloud Storage for GET holds
// for HEAD, too. Sources: github.com/samvera/browse-everything/issues/341; UrlSigner.RequestTemplate, docs.cloud.google.com.
func signedByS3(remoteName string) bool {
	_, query, _ := strings.Cut(remoteName, "?")
	parameters, _ := url.ParseQuery(query) // what can't be read of it is no signature
	return parameters.Has("X-Amz-Signature")
}
