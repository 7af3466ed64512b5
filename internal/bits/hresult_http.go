// SPDX-License-Identifier: MPL-2.0

package bits

import "fmt"

// httpFacility begins the codes of HTTP statuses: 0x80190000 + status. Source: bitsmsg.h and "BITS return values", learn.microsoft.com.
const httpFacility HResult = 0x80190000

// HTTPStatus returns the HTTP status that a code stands for, or 0.
func (h HResult) HTTPStatus() int {
	if h < httpFacility+100 || h > httpFacility+599 {
		return 0
	}
	return int(h - httpFacility)
}

// httpMeanings are what statuses mean for a job that met them. Source of the statuses: RFC 9110; 449 is
// Microsoft's own.
var httpMeanings = map[int]string{
	100: "the server sent 100 Continue and nothing more",
	101: "the server requested a switch to another protocol",
	200: "the server returned OK where BITS expected another status",
	201: "the server reported that it created a resource",
	202: "the server accepted the request but has no result yet",
	203: "a proxy changed the response",
	204: "the server has no content to send",
	205: "the server requested a reset of the form, and sent no content",
	206: "the server sent partial content where BITS expected another status",
	300: "the server offers several files, and BITS can't choose one",
	301: "the file moved permanently, and BITS did not follow the redirect",
	302: "the file moved temporarily, and BITS did not follow the redirect",
	303: "the server redirects to another address, and BITS did not follow",
	304: "the server reports that the file was not modified",
	305: "the server requires a proxy",
	307: "the file moved temporarily, and BITS did not follow the redirect",
	308: "the file moved permanently, and BITS did not follow the redirect",
	400: "the server did not understand the request",
	401: "the server requires credentials, and the job has none that it accepts",
	402: "the server requires payment",
	403: "the server denies access to the file",
	404: "the server has no such file; for an upload: uploads may be disabled, or the file is too large",
	405: "the server does not allow this HTTP method here",
	406: "the server can't return the file in a form that the request accepts",
	407: "the proxy requires credentials, and the job has none that it accepts",
	408: "the server timed out waiting for the request",
	409: "the request conflicts with the state of the file on the server",
	410: "the file was removed permanently",
	411: "the server requires the length of the request",
	412: "a precondition of the request is not met",
	413: "the request is larger than the server accepts",
	414: "the URL is longer than the server accepts",
	415: "the server does not accept this type of content",
	416: "the requested range is not in the file, which has probably changed",
	417: "the server can't meet an expectation of the request",
	429: "the server receives too many requests",
	449: "the server requires another action before it accepts the request",
	500: "the server failed",
	501: "the server does not support the request; for an upload: uploads may be disabled",
	502: "a gateway received an invalid response from the server behind it",
	503: "the server is temporarily unavailable",
	504: "a gateway received no timely response from the server behind it",
	505: "the server does not support this version of HTTP",
}

// unnamed are the statuses below 506 of httpMeanings for which bitsmsg.h has no BG_E_HTTP_ERROR_nnn.
var unnamed = map[int]bool{308: true, 429: true}

// httpName is the name of a status in bitsmsg.h, or "".
func httpName(status int) string {
	if _, known := httpMeanings[status]; !known || unnamed[status] {
		return ""
	}
	return fmt.Sprintf("BG_E_HTTP_ERROR_%d", status)
}

func httpEntry(code HResult) (Entry, bool) {
	status := code.HTTPStatus()
	if status == 0 {
		return Entry{}, false
	}
	meaning, ok := httpMeanings[status]
	if !ok {
		meaning = []string{
			1: "the server sent an interim response and nothing more",
			2: "BITS can't use the server's response",
			3: "the server redirects to another address, and BITS did not follow",
			4: "the server rejected the request",
			5: "the server failed",
		}[status/100]
	}
	return Entry{
		Code:    code,
		Name:    httpName(status),
		Meaning: fmt.Sprintf("HTTP status %d: %s", status, meaning),
		Kind:    httpKind(status),
	}, true
}

// httpKind tells the statuses after which the same request may succeed later. Source: RFC 9110 (408, 500, 502, 503, 504) and RFC 6585
// (429). Which of them BITS itself tries again is documented for a server that is not available only ("Best Practices When Using
// BITS", learn.microsoft.com).
func httpKind(status int) Kind {
	switch status {
	case 408, 429, 500, 502, 503, 504:
		return KindTransient
	default:
		return KindFatal
	}
}
