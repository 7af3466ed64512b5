// SPDX-License-Identifier: MPL-2.0

package trouble

import (
	"slices"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
)

const (
	askServer = "Check the log of {server}, and run `Invoke-WebRequest -UseBasicParsing -Method Head -Uri " +
		"'URL'` with the same URL on {host}."
	iisUpload = "Uploads require IIS with the BITS server extension, enabled for the directory of the URL."
)

// ofHTTP are answers of HTTP servers. Sources: "HTTP Requirements for BITS Downloads", "Best Practices When Using BITS", "BITS return
// values" and "Upload Limits", learn.microsoft.com; RFC 9110 and 6585 for the statuses.
var ofHTTP = []reason{
	{
		title: "A dynamic job needs foreground", symptom: rejected,
		codes: append(statuses(403, 405, 501), 0x80200011, 0x80200013, 0x80200072),
		only:  implied(both(download, dynamic, background)),
		cause: "Only in `foreground` does `dynamic = true` work without HEAD, ranges and a known size.",
		cures: []cure{{condition{}, "Set `priority = \"foreground\"`."}},
	},
	{
		title: "The server rejects HEAD", symptom: rejected,
		codes: statuses(400, 401, 403, 405, 501), contexts: atRemote,
		only:  both(implied(download), implied(static), withQuery, implied(noAccount)),
		cause: "BITS sends HEAD first, and the server rejects a URL signed for GET only, such as a presigned S3 URL, as if it had expired.",
		cures: []cure{
			{condition{}, "If it has not, set {dynamic}, or use a URL that allows HEAD (CloudFront, Azure SAS, Google " +
				"Cloud Storage)."},
			{condition{}, "A dynamic job sends only GET, restarts the file after an interruption, and requires the BitsTransfer module " +
				"of Windows Server 2022."},
		},
	},
	{
		title: "The server rejects HEAD", symptom: rejected,
		codes: statuses(405, 501), contexts: atRemote, only: both(implied(download), implied(static), plain),
		cause: "{server} does not support HEAD, which BITS sends first to get the file size.",
		cures: []cure{{condition{}, "Allow HEAD, or set {dynamic}, so that BITS sends only GET."}},
	},
	{
		title: "The server rejects the URL's signature", symptom: rejected, codes: statuses(400, 401, 403), contexts: atRemote,
		only: both(implied(download), implied(withQuery)),
		cures: []cure{
			{dynamic, "The signature has probably expired: sign the URL again for GET, valid for the whole transfer."},
			{anAccount, "Sign the URL again, or correct the account in `credentials`."},
		},
	},
	{
		title: "The server requires credentials", symptom: rejected, codes: append(statuses(401), 0x80072EEF), contexts: atRemote,
		cures: []cure{
			{implied(noAccount), "Set `credentials` with `username` and `password_wo`."},
			{anAccount, "The server does not accept the account: check `username`, `password_wo` and `scheme` in `credentials`, and " +
				"increase `password_wo_version` after a change."},
			{implied(https), "If the server expects a token, set it in `custom_headers_wo`."},
		},
	},
	{
		title: "The proxy requires credentials", symptom: rejected, codes: statuses(407),
		cures: []cure{
			{leftOut(both(system, noProxyAccount)), "LocalSystem has no account that a proxy accepts."},
			{implied(noProxyAccount), "Set `proxy.username` and `proxy.password_wo`, and `proxy.scheme` if the proxy does not accept Negotiate."},
			{aProxyAccount, "The proxy does not accept the account: check `proxy.username`, `proxy.password_wo` and `proxy.scheme`, and " +
				"increase `proxy.password_wo_version` after a change."},
			{condition{}, "Or allow {host} through the proxy without authentication."},
		},
	},
	{
		title: "The server denies access", symptom: rejected, codes: statuses(403), contexts: atRemote,
		cures: []cure{
			{implied(noAccount), "Allow {host} to read the file on {server}, or set `credentials`."},
			{leftOut(anAccount), "Give the account in `credentials` access to the file on {server}."},
			{upload, iisUpload},
			{download, "Allow HEAD too: BITS sends it first."},
		},
	},
	{
		title: "The server does not have the file", symptom: rejected, codes: statuses(404, 410), contexts: atRemote,
		cures: []cure{
			{download, "Check `remote_name`, and that {server} has the file: on {host}, the name may resolve to another server."},
			{upload, iisUpload},
			{upload, "IIS also returns this status for a file larger than `maxAllowedContentLength` (30,000,000 bytes by default)."},
		},
	},
	{
		title: "The server does not accept uploads", symptom: rejected,
		codes: append(statuses(405, 501), 0x80200011, 0x80200013, 0x80200022, 0x80200023), only: implied(upload),
		cures: []cure{
			{condition{}, iisUpload},
			{codeIs(0x80200023), "Remove the script and execute permissions from that directory."},
		},
	},
	{
		title: "The upload is too large", symptom: rejected, codes: append(statuses(413), 0x80200020), only: implied(upload),
		cures: []cure{{condition{}, "Raise `maxAllowedContentLength` (30,000,000 bytes by default) and `BITSMaximumUploadSize` in IIS."}},
	},
	{
		title: "The server redirects", symptom: rejected, codes: append(statuses(300, 301, 302, 303, 305, 307, 308), 0x80072F7C),
		contexts: atRemote,
		cures: []cure{
			{implied(lacksFlag("redirect_policy_disallow")), "Set `remote_name` to the final address, which `curl -I` shows as `Location`."},
			{leftOut(hasFlag("redirect_policy_disallow")), "Set `remote_name` to the final address, or remove `redirect_policy_disallow` " +
				"from `security_flags`."},
			{implied(both(https, lacksFlag("redirect_policy_allow_https_to_http"))), "BITS follows a redirect from https to http only with " +
				"`redirect_policy_allow_https_to_http` in `security_flags`, and none with `redirect_policy_disallow`."},
		},
	},
	{
		title: "The server is overloaded or unavailable", symptom: rejected, codes: statuses(408, 429, 500, 502, 503, 504),
		contexts: atRemote,
		cures: []cure{
			{retrying, "BITS retries every `minimum_retry_delay`, and an apply that waits resumes the job at once."},
			{gaveUp, "Apply again when the server is available, or set a longer `no_progress_timeout`."},
			{condition{}, askServer},
		},
	},
	{
		title: "The server does not support range requests", symptom: rejected, codes: []bits.HResult{0x80200013},
		only:  both(implied(download), implied(static), background),
		cause: "The server ignores the `Range` header, or a proxy removes it.",
		cures: []cure{
			{leftOut(notBegun), "Set `priority = \"foreground\"`: BITS then requests a file below 2 GB in one piece."},
			{implied(begun), "Set `priority = \"foreground\"` and restart the transfer with `terraform apply -replace=ADDRESS`: BITS then " +
				"requests a file below 2 GB in one piece."},
			{condition{}, "For a larger file or an unreliable connection, also set `dynamic = true`, which replaces the job and restarts " +
				"the file after each interruption, or enable range requests on server and proxy."},
		},
	},
	{
		title: "The server does not support range requests", symptom: rejected, codes: []bits.HResult{0x80200013},
		only:  both(implied(download), implied(static), implied(foreground)),
		cause: "In `foreground` BITS requests ranges only after an interruption and for files of 2 GB or more.",
		cures: []cure{
			{condition{}, "Run `terraform apply -replace=ADDRESS`, set `dynamic = true`, which restarts the file after an interruption, " +
				"or enable range requests on server and proxy."},
		},
	},
	{
		title: "The server does not report the file size", symptom: rejected, codes: []bits.HResult{0x80200011}, only: implied(download),
		cause: "The server sends no `Content-Length`.",
		cures: []cure{
			{implied(static), "Set {dynamic}, which does not need it, or make the server send it in response to HEAD."},
			{leftOut(dynamic), "Make the server or the proxy send it."},
		},
	},
	{
		title: "The server or a proxy does not support HTTP/1.1", symptom: rejected, codes: append(statuses(505), 0x80200012, 0x80072F9E),
		cures: []cure{
			{leftOut(ownProxy), "{server} and {proxies} must support HTTP/1.1, or bypass the proxy."},
			{implied(both(noOwnProxy, mayProxy)), "{server} and any proxy must support HTTP/1.1. To bypass a proxy, set " +
				"`proxy = { usage = \"no_proxy\" }`."},
			{leftOut(noProxyAtAll), "{server} must support HTTP/1.1."},
		},
	},
	{
		title: "The file changed during the transfer", symptom: rejected,
		codes: append(statuses(416), 0x80200073, 0x8020001D, 0x8020002B),
		cures: []cure{
			{download, "Publish a changed file under another name; all servers behind a load balancer must return the same size and " +
				"`Last-Modified`."},
			{upload, "Upload a copy that no program modifies."},
			{condition{}, "The next apply restarts the file."},
		},
	},
	{
		title: "The response is not from the server", symptom: rejected, codes: invalidAnswers,
		cause: "A gateway, login page or other service may have answered.",
		cures: []cure{{condition{}, askServer}},
	},
	{
		title: "The server rejects the request", symptom: rejected, codes: otherStatuses, contexts: atRemote,
		cures: []cure{
			{condition{}, askServer},
			{upload, iisUpload},
		},
	},
}

// invalidAnswers are the codes of answers that could not be understood.
var invalidAnswers = []bits.HResult{
	0x8020001B, 0x80200053, 0x80072F76, 0x80072F78, 0x80072F79, 0x80072F95, 0x80072F96, 0x80072F97, 0x80072F98,
}

// otherStatuses are those of no other row.
var otherStatuses = slices.Concat(
	statuses(100, 101, 200, 201, 202, 203, 204, 205, 206, 304, 400, 401, 402, 403, 405, 406, 409, 411, 412, 413, 414, 415, 417, 449, 501),
	[]bits.HResult{0x8020001E, 0x8020001F},
)
