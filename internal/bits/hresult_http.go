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
	100: "the server asked to continue and then said nothing more",
	101: "the server wants to switch to another protocol",
	200: "the server answered OK where BITS expected something else",
	201: "the server answered that it created something",
	202: "the server accepted the request, but has no result yet",
	203: "a proxy on the way changed the answer",
	204: "the server has nothing to send",
	205: "the server wants the form reset, and sent nothing",
	206: "the server sent a part where BITS expected something else",
	300: "the server offers several files, and BITS can't choose",
	301: "the file moved for good, and the redirection was not followed",
	302: "the file moved for now, and the redirection was not followed",
	303: "the server points to another address, and the redirection was not followed",
	304: "the server says that the file was not modified",
	305: "the server wants to be asked through a proxy",
	307: "the file moved for now, and the redirection was not followed",
	308: "the file moved for good, and the redirection was not followed",
	400: "the server did not understand the request",
	401: "the server wants credentials, and the job has none that it accepts",
	402: "the server wants to be paid",
	403: "the server refuses to give the file",
	404: "the server has no such file; for an upload: uploads may be off, or the file too large",
	405: "the server does not allow this HTTP method here",
	406: "the server has no form of the file that the request accepts",
	407: "the proxy wants credentials, and the job has none that it accepts",
	408: "the server waited too long for the request",
	409: "the request conflicts with the state of the file on the server",
	410: "the file is gone for good",
	411: "the server wants to know the length of the request",
	412: "a condition of the request does not hold on the server",
	413: "the request is larger than the server takes",
	414: "the address is longer than the server takes",
	415: "the server does not take this kind of content",
	416: "the range asked for is not in the file: it probably changed",
	417: "the server can't meet an expectation of the request",
	429: "the server gets too many requests",
	449: "the server wants the request again after some act",
	500: "the server failed",
	501: "the server does not support what the request needs; for an upload: uploads may be off",
	502: "a gateway got an invalid answer from the server behind it",
	503: "the server can't answer now",
	504: "a gateway got no answer in time from the server behind it",
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
			1: "the server sent an interim answer and nothing more",
			2: "the server's answer is not one that BITS can use",
			3: "the server points elsewhere, and the redirection was not followed",
			4: "the server finds fault with the request",
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
