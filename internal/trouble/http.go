package trouble

import (
	"slices"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
)

const (
	askServer = "The log of {server} says why; on {host} compare Invoke-WebRequest -UseBasicParsing -Method Head with the same URL."
	iisUpload = "An upload needs IIS with the BITS server extension, and uploads enabled for the directory of the URL: no " +
		"other server takes one."
)

// ofHTTP are answers of HTTP servers. Sources: "HTTP Requirements for BITS Downloads", "Best Practices When Using BITS", "BITS return
// values" and "Upload Limits", learn.microsoft.com; RFC 9110 and 6585 for the statuses.
var ofHTTP = []reason{
	{
		title: "The server refuses HEAD", symptom: atOnce,
		codes: statuses(400, 401, 403, 405, 501), contexts: atRemote,
		only: both(both(download, static), both(withQuery, noAccount)),
		cause: "Before a download BITS asks for the size of the file with HEAD, and a URL that is signed for GET alone, as " +
			"those of S3 are, refuses HEAD. An expired signature is refused with the same code.",
		cures: []cure{
			{foreground, "Set dynamic = true, with which BITS sends GET alone and starts again after an interruption; the host " +
				"needs the module of Windows Server 2022."},
			{background, "Set dynamic = true and priority = \"foreground\", with which BITS sends GET alone and starts again " +
				"after an interruption; the host needs the module of Windows Server 2022."},
			{condition{}, "Or use a URL that allows HEAD, as those of CloudFront, Azure (SAS) and Google Cloud Storage do."},
		},
	},
	{
		title: "The server refuses HEAD", symptom: atOnce,
		codes: statuses(405, 501), contexts: atRemote, only: both(both(download, static), plain),
		cause: "Before a download BITS asks for the size of the file with HEAD, and the server does not support HEAD here.",
		cures: []cure{
			{foreground, "Allow HEAD on the server, or set dynamic = true, with which BITS sends GET alone."},
			{background, "Allow HEAD on the server, or set dynamic = true and priority = \"foreground\", with which BITS sends GET alone."},
		},
	},
	{
		title: "The signature of the URL is refused", symptom: atOnce, codes: statuses(400, 401, 403), contexts: atRemote,
		only: both(download, withQuery),
		cures: []cure{
			{dynamic, "The signature has probably expired, or is not for GET: sign the URL again, for as long as the transfer may take."},
			{anAccount, "The signature may have expired, or the account in credentials may have no access: renew the one or " +
				"correct the other."},
		},
	},
	{
		title: "The server asks for an account", symptom: atOnce, codes: append(statuses(401), 0x80072EEF), contexts: atRemote,
		cures: []cure{
			{noAccount, "Set credentials with username and password_wo: BITS sends no account unless the job has one."},
			{anAccount, "The server does not accept the account: check username, password_wo and scheme in credentials, and " +
				"increase password_wo_version after a change."},
			{https, "A server that takes a token takes it in custom_headers_wo."},
		},
	},
	{
		title: "The proxy asks for an account", symptom: atOnce, codes: statuses(407),
		cause: "LocalSystem has no account of its own that a proxy accepts.",
		only:  system,
		cures: proxyAccountCures(),
	},
	{title: "The proxy asks for an account", symptom: atOnce, codes: statuses(407), cures: proxyAccountCures()},
	{
		title: "The server refuses the file", symptom: atOnce, codes: statuses(403), contexts: atRemote,
		cures: []cure{
			{noAccount, "Allow the address of {host} to read the file on {server}, or set credentials if the server lets only " +
				"some accounts."},
			{anAccount, "Give the account in credentials access to the file on {server}."},
			{upload, iisUpload},
			{download, "HEAD has to be allowed, too, because BITS asks for the size first."},
		},
	},
	{
		title: "The server does not have the file", symptom: atOnce, codes: statuses(404, 410), contexts: atRemote,
		cures: []cure{
			{download, "Check remote_name, and that the file is on {server}: {host} may reach another server under that name than you do."},
			{upload, iisUpload + " IIS also answers so to a file above maxAllowedContentLength, 30,000,000 bytes by default."},
		},
	},
	{
		title: "The server takes no uploads", symptom: atOnce,
		codes: append(statuses(405, 501), 0x80200011, 0x80200013, 0x80200022, 0x80200023), only: upload,
		cures: []cure{
			{condition{}, iisUpload},
			{codeIs("the code is 0x80200023", 0x80200023), "Take the right to execute scripts and programs from that directory."},
		},
	},
	{
		title: "The upload is too large", symptom: atOnce, codes: append(statuses(413), 0x80200020), only: upload,
		cures: []cure{{condition{}, "Raise maxAllowedContentLength of IIS (30,000,000 bytes by default) and " +
			"BITSMaximumUploadSize, or upload a smaller file."}},
	},
	{
		title: "The server redirects", symptom: atOnce, codes: append(statuses(300, 301, 302, 303, 305, 307, 308), 0x80072F7C),
		contexts: atRemote,
		cures: []cure{
			{hasFlag("redirect_policy_disallow"), "Write the final address as remote_name, or remove redirect_policy_disallow " +
				"from security_flags."},
			{lacksFlag("redirect_policy_disallow"), "Write the final address as remote_name: curl -I shows it as Location."},
			{both(https, lacksFlag("redirect_policy_allow_https_to_http")), "A redirect from https to http is followed only " +
				"with redirect_policy_allow_https_to_http in security_flags."},
		},
	},
	{
		title: "The server is overloaded or out of order", symptom: later, codes: statuses(408, 429, 500, 502, 503, 504),
		contexts: atRemote,
		cause:    "The server, or a gateway before it, could not answer.",
		cures: []cure{
			{retrying, "BITS tries again every minimum_retry_delay until no_progress_timeout is over, and an apply that waits " +
				"resumes the job at once."},
			{gaveUp, "Apply again when the server answers, or set a longer no_progress_timeout."},
			{condition{}, askServer},
		},
	},
	{
		title: "The server does not honour ranges", symptom: atOnce, codes: []bits.HResult{0x80200013},
		only: both(download, static, background, begun),
		cause: "The transfer had begun, and below foreground BITS fetches the rest in ranges, which the server does not honour " +
			"or a proxy removes.",
		cures: []cure{
			{condition{}, "Set priority = \"foreground\", and start the job again with terraform apply -replace=ADDRESS: in " +
				"foreground BITS fetches a file of less than 2 GB in one piece, if nothing interrupts it. Or set dynamic = " +
				"true with it, which replaces the job and starts again after each interruption."},
		},
	},
	{
		title: "The server does not honour ranges", symptom: atOnce, codes: []bits.HResult{0x80200013},
		only:  both(download, both(static, background)),
		cause: "Below foreground BITS fetches a file in ranges, and the server does not honour them, or a proxy removes the header.",
		cures: []cure{
			{condition{}, "Set priority = \"foreground\", in which BITS fetches a file of less than 2 GB without ranges; for " +
				"larger ones add dynamic = true, which replaces the job. Or have server and proxy honour Range."},
		},
	},
	{
		title: "The server does not honour ranges", symptom: later, codes: []bits.HResult{0x80200013},
		only:  both(download, both(static, foreground)),
		cause: "In foreground BITS asks for a range only to go on after an interruption, and for files of 2 GB and more.",
		cures: []cure{
			{condition{}, "Set dynamic = true, with which BITS starts a file again instead, or start this job again with " +
				"terraform apply -replace=ADDRESS. Or have server and proxy honour Range."},
		},
	},
	{
		title: "A dynamic job needs foreground", symptom: atOnce,
		codes: append(statuses(403, 405, 501), 0x80200011, 0x80200013, 0x80200072),
		only:  both(download, both(dynamic, background)),
		cause: "Only in foreground does dynamic = true save a job from HEAD, from ranges and from the need of a size.",
		cures: []cure{{condition{}, "Set priority = \"foreground\", and apply again."}},
	},
	{
		title: "The server does not tell the size", symptom: atOnce, codes: []bits.HResult{0x80200011}, only: download,
		cause: "BITS needs the size of the file before it transfers it, and the server sends no Content-Length for HEAD.",
		cures: []cure{
			{both(static, background), "Set dynamic = true and priority = \"foreground\", with which BITS needs no size. Or " +
				"have the server send Content-Length."},
			{both(static, foreground), "Set dynamic = true, with which BITS needs no size. Or have the server send Content-Length."},
			{dynamic, "Have the server or the proxy send Content-Length."},
		},
	},
	{
		title: "The server or a proxy does not speak HTTP/1.1", symptom: atOnce, codes: append(statuses(505), 0x80200012, 0x80072F9E),
		cures: []cure{
			{ownProxy, "Have {server} and {proxies} speak HTTP/1.1, or reach the server without that proxy."},
			{both(noOwnProxy, mayProxy), "Have {server}, and a proxy on the way, speak HTTP/1.1, or set proxy = { usage = " +
				"\"no_proxy\" } to go around the proxy."},
			{noProxyAtAll, "Have {server} speak HTTP/1.1."},
		},
	},
	{
		title: "The file changed during the transfer", symptom: later, codes: append(statuses(416), 0x80200073, 0x8020001D, 0x8020002B),
		cures: []cure{
			{download, "Publish a changed file under another name. Behind a load balancer all servers must send the same size " +
				"and Last-Modified."},
			{upload, "Upload a copy that no program writes to."},
			{condition{}, "The next apply begins the file again."},
		},
	},
	{
		title: "What answers is not the server", symptom: atOnce, codes: invalidAnswers,
		cause: "A gateway, a login page or another service may answer in the server's place.",
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

// proxyAccountCures are for proxies that ask for an account.
func proxyAccountCures() []cure {
	return []cure{
		{noProxyAccount, "Set proxy.username and proxy.password_wo, or credentials with target = \"proxy\" for another scheme " +
			"than Negotiate."},
		{aProxyAccount, "The proxy does not accept the account: check its user name, password and scheme, and increase " +
			"password_wo_version after a change."},
		{condition{}, "Or have the proxy let {host} through without an account."},
	}
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
