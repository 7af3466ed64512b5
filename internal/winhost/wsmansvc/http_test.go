package wsmansvc_test

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
)

const identify = `<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" ` +
	`xmlns:wsmid="http://schemas.dmtf.org/wbem/wsman/identity/1/wsmanidentity.xsd"><s:Header/><s:Body><wsmid:Identify/>` +
	`</s:Body></s:Envelope>`

func TestHTTP(t *testing.T) {
	tests := []struct {
		name     string
		message  string
		change   func(req *http.Request)
		status   int
		contains string // of the body; "": there is none
		refused  int64  // logons
	}{
		{
			name: "another path", change: func(req *http.Request) { req.URL.Path = "/" }, status: http.StatusNotFound,
		},
		{
			name: "another method", change: func(req *http.Request) { req.Method = http.MethodGet },
			status: http.StatusMethodNotAllowed,
		},
		{
			name: "no credential", change: func(req *http.Request) { req.Header.Del("Authorization") },
			status: http.StatusUnauthorized,
		},
		{
			name: "a wrong password", change: func(req *http.Request) { req.SetBasicAuth("ops", "wrong") },
			status: http.StatusUnauthorized, refused: 1,
		},
		{
			name: "a scheme that is not offered", change: func(req *http.Request) { req.Header.Set("Authorization", "Negotiate x") },
			status: http.StatusUnauthorized, refused: 1,
		},
		{
			name: "a message in clear text", change: func(req *http.Request) { req.TLS = nil }, status: http.StatusInternalServerError,
		},
		{
			name: "a message above MaxEnvelopeSizekb", message: strings.Repeat("x", 500<<10+1), status: http.StatusRequestEntityTooLarge,
		},
		{
			name: "a chunked message", change: func(req *http.Request) { req.ContentLength = -1 },
			status: http.StatusInternalServerError, contains: ` Code="50" `,
		},
		{
			name: "no XML", message: "hello", status: http.StatusInternalServerError, contains: ` Code="2150858817" `,
		},
		{
			name: "an unknown action", message: message("http://x/Nothing", usual, ""), status: http.StatusInternalServerError,
			contains: ` Code="2150858771" `,
		},
		{
			name: "another resource", message: message(transferNS+"/Create", messageHead, ""), status: http.StatusInternalServerError,
			contains: ` Code="2150858811" `,
		},
		{
			name: "no message id", message: message(transferNS+"/Create", resource, ""), status: http.StatusInternalServerError,
			contains: ` Code="2150858767" `,
		},
		{
			name: "a message id without a character", message: message(transferNS+"/Create", `<wsa:MessageID> </wsa:MessageID>`+resource, ""),
			status: http.StatusInternalServerError, contains: ` Code="2150858767" `,
		},
		{
			name: "a message id of more than 2 KB", status: http.StatusInternalServerError, contains: ` Code="2150858767" `,
			message: message(transferNS+"/Create", `<wsa:MessageID>`+strings.Repeat("x", 2049)+`</wsa:MessageID>`+resource, ""),
		},
		{
			name: "a locale that has to be understood", status: http.StatusInternalServerError, contains: "w:UnsupportedFeature",
			message: message(transferNS+"/Create", usual+`<m:Locale env:mustUnderstand="true" xml:lang="en-US"/>`, ""),
		},
		{
			name: "an unknown option, and that has to be complied with", status: http.StatusInternalServerError, contains: "w:InvalidOptions",
			message: message(transferNS+"/Create", usual+`<m:OptionSet><m:Option Name="X" MustComply="true">1</m:Option></m:OptionSet>`, ""),
		},
		{
			name: "an unknown option", status: http.StatusInternalServerError, contains: ` Code="2150858817" `, // of the body
			message: message(transferNS+"/Create", usual+`<m:OptionSet><m:Option Name="X" MustComply="false">1</m:Option></m:OptionSet>`+
				`<m:Locale env:mustUnderstand="false" xml:lang="en-US"/>`, ""),
		},
		{
			name: "an option that has to be complied with, and is", status: http.StatusInternalServerError, contains: ` Code="2150858817" `,
			message: message(transferNS+"/Create", usual+`<m:OptionSet><m:Option Name="WINRS_CODEPAGE" MustComply="true">1</m:Option></m:OptionSet>`, ""),
		},
		{
			name:    "a timeout below nought",
			message: message(transferNS+"/Create", messageHead+resource+`<m:OperationTimeout>PT-1S</m:OperationTimeout>`, ""),
			status:  http.StatusInternalServerError, contains: `a:InvalidMessageInformationHeader`,
		},
		{
			name:    "an envelope too small for any answer",
			message: message(transferNS+"/Create", usual+`<m:MaxEnvelopeSize>8191</m:MaxEnvelopeSize>`, ""),
			status:  http.StatusInternalServerError, contains: ` Code="2150858805" `,
		},
		{
			name: "Identify without a credential", message: identify,
			change: func(req *http.Request) { req.Header.Del("Authorization") }, status: http.StatusUnauthorized,
		},
		{
			name: "Identify without a credential, and with the header for it", message: identify, status: http.StatusOK,
			change: func(req *http.Request) {
				req.Header.Del("Authorization")
				req.Header.Set("WSMANIDENTIFY", "unauthenticated")
			},
			contains: "<wsmid:ProductVersion>OS: 0.0.0 SP: 0.0 Stack: 3.0</wsmid:ProductVersion>",
		},
		{
			name: "Identify with a credential returns the system", message: identify, status: http.StatusOK,
			contains: "<wsmid:ProductVersion>OS: 10.0.20348 SP: 0.0 Stack: 3.0</wsmid:ProductVersion>",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				rig := newRig(t)
				if test.message == "" {
					test.message = createMessage("")
				}
				req := rig.request(rig.conn, test.message)
				if test.change != nil {
					test.change(req)
				}
				got := rig.do(req)
				if got.status != test.status {
					t.Errorf("status %d, want %d", got.status, test.status)
				}
				if test.contains == "" && got.body != "" || !strings.Contains(got.body, test.contains) {
					t.Errorf("body %q, want %q in it", got.body, test.contains)
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
