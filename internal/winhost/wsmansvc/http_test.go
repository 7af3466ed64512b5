// SPDX-License-Identifier: MPL-2.0

package wsmansvc_test

import (
	"cmp"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
)

const identify = `<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" ` +
	`xmlns:wsmid="http://schemas.dmtf.org/wbem/wsman/identity/1/wsmanidentity.xsd"><s:Header/><s:Body><wsmid:Identify/>` +
	`</s:Body></s:Envelope>`

func TestHTTP(t *testing.T) {
	const version = "<wsmid:ProductVersion>OS: %s SP: 0.0 Stack: 3.0</wsmid:ProductVersion>"
	anonymous := func(req *http.Request) { req.Header.Del("Authorization") }
	tests := []struct {
		name     string
		message  string
		change   func(req *http.Request)
		status   int
		contains string // of the body; "": there is none
		refused  int64  // logons
	}{
		{name: "another path", change: func(req *http.Request) { req.URL.Path = "/" }, status: 404},
		{name: "another method", change: func(req *http.Request) { req.Method = http.MethodGet }, status: 405},
		{name: "no credential", change: anonymous, status: 401},
		{name: "a wrong password", change: func(req *http.Request) { req.SetBasicAuth("ops", "wrong") }, status: 401, refused: 1},
		{
			name:   "a scheme that is not offered",
			change: func(req *http.Request) { req.Header.Set("Authorization", "Negotiate x") }, status: 401, refused: 1,
		},
		{name: "a message in clear text", change: func(req *http.Request) { req.TLS = nil }, status: 500},
		{name: "a message above MaxEnvelopeSizekb", message: strings.Repeat("x", 500<<10+1), status: 413},
		{name: "a chunked message", change: func(req *http.Request) { req.ContentLength = -1 }, status: 500, contains: ` Code="50" `},
		{name: "Identify without a credential", message: identify, change: anonymous, status: 401},
		{
			name: "Identify without a credential, and with the header for it", message: identify, status: 200,
			change:   func(req *http.Request) { anonymous(req); req.Header.Set("WSMANIDENTIFY", "unauthenticated") },
			contains: fmt.Sprintf(version, "0.0.0"),
		},
		{
			name: "Identify with a credential returns the system", message: identify, status: 200,
			contains: fmt.Sprintf(version, "10.0.20348"),
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				rig := newRig(t)
				req := rig.request(rig.conn, cmp.Or(test.message, createMessage("")))
				if test.change != nil {
					test.change(req)
				}
				got := rig.do(req)
				if got.status != test.status || test.contains == "" && got.body != "" || !strings.Contains(got.body, test.contains) {
					t.Errorf("status %d, body %q, want %d and %q in it", got.status, got.body, test.status, test.contains)
				}
				challenge := got.header.Get("WWW-Authenticate")
				if (got.status == http.StatusUnauthorized) != (challenge == `Basic realm="WSMAN"`) {
					t.Errorf("challenge %q", challenge)
				}
				if stats := rig.meter.Read(); stats.FailedLogons != test.refused || stats.ShellsOpened != 0 || stats.HTTPRequests != 1 {
					t.Errorf("counted %+v, want %d refused logons, no shell, 1 request", stats, test.refused)
				}
			})
		})
	}
}

// TestMessagesThatAreRefused has headers of a Create without a body, which is a violation of the schema where the headers are right.
func TestMessagesThatAreRefused(t *testing.T) {
	const schema = "2150858817"
	for _, test := range []struct{ name, header, code string }{
		{"another resource", messageHead, "2150858811"},
		{"no message id", resource, "2150858767"},
		{"a message id without a character", `<wsa:MessageID> </wsa:MessageID>` + resource, "2150858767"},
		{"a message id of more than 2 KB", `<wsa:MessageID>` + strings.Repeat("x", 2049) + `</wsa:MessageID>` + resource, "2150858767"},
		{"a locale that has to be understood", usual + `<m:Locale env:mustUnderstand="true" xml:lang="en-US"/>`, "2150858818"},
		{"a locale", usual + `<m:Locale env:mustUnderstand="false" xml:lang="en-US"/>`, schema},
		{
			"an unknown option, and that has to be complied with",
			usual + `<m:OptionSet><m:Option Name="X" MustComply="true">1</m:Option></m:OptionSet>`, "2150858809",
		},
		{"an unknown option", usual + `<m:OptionSet><m:Option Name="X" MustComply="false">1</m:Option></m:OptionSet>`, schema},
		{
			"an option that has to be complied with, and is",
			usual + `<m:OptionSet><m:Option Name="WINRS_CODEPAGE" MustComply="true">1</m:Option></m:OptionSet>`, schema,
		},
		{"a timeout below nought", messageHead + resource + `<m:OperationTimeout>PT-1S</m:OperationTimeout>`, "2150858767"},
		{"an envelope too small for any answer", usual + `<m:MaxEnvelopeSize>8191</m:MaxEnvelopeSize>`, "2150858805"},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				newRig(t).post(message(transferNS+"/Create", test.header, "")).wantFault(t, test.code)
			})
		})
	}
	synctest.Test(t, func(t *testing.T) {
		newRig(t).post("hello").wantFault(t, schema)
		newRig(t).post(message("http://x/Nothing", usual, "")).wantFault(t, "2150858771")
	})
}

func TestALogonCountsOncePerConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rig := newRig(t)
		rig.open("")
		rig.open("")
		rig.conn = rig.svc.ConnContext(t.Context(), nil)
		rig.open("")
		if got := rig.meter.Read().Logons; got != 2 {
			t.Errorf("%d logons on 2 connections", got)
		}
	})
}
