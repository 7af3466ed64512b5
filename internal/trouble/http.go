// SPDX-License-Identifier: MPL-2.0

package trouble

import (
	"slices"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
)

const (
	askServer = "Check the log of {server} for the reason. On {host}, compare the response to Invoke-WebRequest " +
		"-UseBasicParsing -Method Head with the same URL."
	iisUpload = "Uploads require IIS with the BITS server extension, and uploads enabled for the directory of the URL."
)

// ofHTTP are answers of HTTP servers. Sources: "HTTP Requirements for BITS Downloads", "Best Practices When Using BITS", "BITS return
// values" and "Upload Limits", learn.microsoft.com; RFC 9110 and 6585 for the statuses.
var ofHTTP = []reason{
	{
		title: "The server rejects HEAD", symptom: atOnce,
		codes: statuses(400, 401, 403, 405, 501), contexts: atRemote,
		only: both(download, static, withQuery, noAccount),
		cause: "BITS sends HEAD before GET to get the file size. A URL that is signed for GET only, such as a presigned " +
			"S3 URL, rejects HEAD. An expired signature causes the same code.",
		cures: []cure{
			{foreground, "Set dynamic = true: BITS then sends only GET and restarts the file after an interruption. This " +
				"requires the BitsTransfer module of Windows Server 2022."},
			{background, "Set dynamic = true and priority = \"foreground\": BITS then sends only GET and restarts the file " +
				"after an interruption. This requires the BitsTransfer module of Windows Server 2022."},
			{condition{}, "Or use a URL that allows HEAD, such as one from CloudFront, Azure (SAS) or Google Cloud Storage."},
		},
	},
	{
		title: "The server rejects HEAD", symptom: atOnce,
		codes: statuses(405, 501), contexts: atRemote, only: both(download, static, plain),
		cause: "BITS sends HEAD before GET to get the file size, and the server does not support HEAD for this URL.",
		cures: []cure{
			{foreground, "Allow HEAD on the server, or set dynamic = true: BITS then sends only GET."},
			{background, "Allow HEAD on the server, or set dynamic = true and priority = \"foreground\": BITS then sends only GET."},
		},
	},
	{
		title: "The server rejects the URL's signature", symptom: atOnce, codes: statuses(400, 401, 403), contexts: atRemote,
		only: both(download, withQuery),
		cures: []cure{
			{dynamic, "The signature has probably expired, or is not valid for GET. Sign the URL again, valid for the whole transfer."},
			{anAccount, "The signature may have expired, or the account in credentials may have no access. Sign the URL " +
				"again or correct the account."},
		},
	},
	{
		title: "The server requires credentials", symptom: atOnce, codes: append(statuses(401), 0x80072EEF), contexts: atRemote,
		cures: []cure{
			{noAccount, "Set credentials with username and password_wo: without them BITS sends none."},
			{anAccount, "The server does not accept the account. Check username, password_wo and scheme in credentials, and " +
				"increase password_wo_version after a change."},
			{https, "If the server expects a token, set it in custom_headers_wo."},
		},
	},
	{
		title: "The proxy requires credentials", symptom: atOnce, codes: statuses(407),
		cures: []cure{
			{system, "LocalSystem has no account that a proxy accepts."},
			{noProxyAccount, "Set proxy.username and proxy.password_wo, and proxy.scheme if the proxy does not accept Negotiate."},
			{aProxyAccount, "The proxy does not accept the account. Check proxy.username, proxy.password_wo and proxy.scheme, and " +
				"increase proxy.password_wo_version after a change."},
			{condition{}, "Or allow {host} through the proxy without authentication."},
		},
	},
	{
		title: "The server denies access", symptom: atOnce, codes: statuses(403), contexts: atRemote,
		cures: []cure{
			{noAccount, "Allow {host} to read the file on {server}, or set credentials if the server requires an account."},
			{anAccount, "Give the account in credentials access to the file on {server}."},
			{upload, iisUpload},
			{download, "Allow HEAD too, because BITS requests the size first."},
		},
	},
	{
		title: "The server does not have the file", symptom: atOnce, codes: statuses(404, 410), contexts: atRemote,
		cures: []cure{
			{download, "Check remote_name, and check that the file is on {server}. The name may resolve to another server " +
				"on {host} than on your machine."},
			{upload, iisUpload + " IIS returns the same status for a file larger than maxAllowedContentLength (30,000,000 " +
				"bytes by default)."},
		},
	},
	{
		title: "The server does not accept uploads", symptom: atOnce,
		codes: append(statuses(405, 501), 0x80200011, 0x80200013, 0x80200022, 0x80200023), only: upload,
		cures: []cure{
			{condition{}, iisUpload},
			{codeIs("the code is 0x80200023", 0x80200023), "Remove the script and execute permissions from that directory."},
		},
	},
	{
		title: "The upload is too large", symptom: atOnce, codes: append(statuses(413), 0x80200020), only: upload,
		cures: []cure{{condition{}, "Raise maxAllowedContentLength (30,000,000 bytes by default) and BITSMaximumUploadSize " +
			"in IIS, or upload a smaller file."}},
	},
	{
		title: "The server redirects", symptom: atOnce, codes: append(statuses(300, 301, 302, 303, 305, 307, 308), 0x80072F7C),
		contexts: atRemote,
		cures: []cure{
			{hasFlag("redirect_policy_disallow"), "Set remote_name to the final address, or remove redirect_policy_disallow " +
				"from security_flags."},
			{lacksFlag("redirect_policy_disallow"), "Set remote_name to the final address, which curl -I shows as Location."},
			{both(https, lacksFlag("redirect_policy_allow_https_to_http")), "BITS follows a redirect from https to http " +
				"only with redirect_policy_allow_https_to_http in security_flags."},
		},
	},
	{
		title: "The server is overloaded or unavailable", symptom: later, codes: statuses(408, 429, 500, 502, 503, 504),
		contexts: atRemote,
		cause:    "The server, or a gateway in front of it, could not answer.",
		cures: []cure{
			{retrying, "BITS retries every minimum_retry_delay until no_progress_timeout expires. An apply that waits " +
				"resumes the job at once."},
			{gaveUp, "Apply again when the server is available, or set a longer no_progress_timeout."},
			{condition{}, askServer},
		},
	},
	{
		title: "The server does not support range requests", symptom: atOnce, codes: []bits.HResult{0x80200013},
		only: both(download, static, background, begun),
		cause: "Below foreground BITS requests the rest of a partly transferred file in ranges. The server ignores the " +
			"Range header, or a proxy removes it.",
		cures: []cure{
			{condition{}, "Set priority = \"foreground\" and restart the transfer with terraform apply -replace=ADDRESS: in " +
				"foreground BITS requests a file below 2 GB in one piece, unless the transfer is interrupted. Or also set " +
				"dynamic = true, which replaces the job and restarts the file after each interruption."},
		},
	},
	{
		title: "The server does not support range requests", symptom: atOnce, codes: []bits.HResult{0x80200013},
		only:  both(download, static, background),
		cause: "Below foreground BITS requests a file in ranges. The server ignores the Range header, or a proxy removes it.",
		cures: []cure{
			{condition{}, "Set priority = \"foreground\": BITS then requests a file below 2 GB without ranges. For larger " +
				"files also set dynamic = true, which replaces the job. Or make the server and the proxy support Range."},
		},
	},
	{
		title: "The server does not support range requests", symptom: later, codes: []bits.HResult{0x80200013},
		only:  both(download, static, foreground),
		cause: "In foreground BITS requests ranges only to continue after an interruption and for files of 2 GB or more.",
		cures: []cure{
			{condition{}, "Set dynamic = true, so that BITS restarts the file instead, or restart the transfer with " +
				"terraform apply -replace=ADDRESS. Or make the server and the proxy support Range."},
		},
	},
	{
		title: "A dynamic job needs foreground", symptom: atOnce,
		codes: append(statuses(403, 405, 501), 0x80200011, 0x80200013, 0x80200072),
		only:  both(download, dynamic, background),
		cause: "dynamic = true works without HEAD, ranges and a known size only in foreground.",
		cures: []cure{{condition{}, "Set priority = \"foreground\", and apply again."}},
	},
	{
		title: "The server does not report the file size", symptom: atOnce, codes: []bits.HResult{0x80200011}, only: download,
		cause: "BITS needs the file size before the transfer, and the server sends no Content-Length in its response to HEAD.",
		cures: []cure{
			{both(static, background), "Set dynamic = true and priority = \"foreground\", so that BITS needs no size. Or " +
				"make the server send Content-Length."},
			{both(static, foreground), "Set dynamic = true, so that BITS needs no size. Or make the server send Content-Length."},
			{dynamic, "Make the server or the proxy send Content-Length."},
		},
	},
	{
		title: "The server or a proxy does not support HTTP/1.1", symptom: atOnce, codes: append(statuses(505), 0x80200012, 0x80072F9E),
		cures: []cure{
			{ownProxy, "{server} and {proxies} must support HTTP/1.1, or bypass the proxy."},
			{both(noOwnProxy, mayProxy), "{server} and any proxy in between must support HTTP/1.1. To bypass a proxy, set " +
				"proxy = { usage = \"no_proxy\" }."},
			{noProxyAtAll, "{server} must support HTTP/1.1."},
		},
	},
	{
		title: "The file changed during the transfer", symptom: later, codes: append(statuses(416), 0x80200073, 0x8020001D, 0x8020002B),
		cures: []cure{
			{download, "Publish a changed file under another name. All servers behind a load balancer must return the same " +
				"size and Last-Modified."},
			{upload, "Upload a copy that no program modifies."},
			{condition{}, "The next apply restarts the file."},
		},
	},
	{
		title: "The response is not from the server", symptom: atOnce, codes: invalidAnswers,
		cause: "A gateway, a login page or another service may have answered instead of the server.",
		cures: []cure{{condition{}, askServer}},
	},
	{
		title: "The server rejects the request", symptom: atOnce, codes: otherStatuses, contexts: atRemote,
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
