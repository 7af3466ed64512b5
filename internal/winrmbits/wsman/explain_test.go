// SPDX-License-Identifier: MPL-2.0

package wsman

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/connection"
)

// TestEveryStatusIsExplained has something answer Create without a SOAP message.
func TestEveryStatusIsExplained(t *testing.T) {
	negotiate := http.Header{"Www-Authenticate": {"Negotiate", "Kerberos"}}
	basic := http.Header{"Www-Authenticate": {`Basic realm="WSMAN"`}}
	tests := []struct {
		name   string
		answer answer
		kind   connection.Kind
		says   []string
		not    string
	}{
		{name: "401 with Basic on offer", answer: answer{status: 401, header: basic}, kind: connection.Unauthorized, says: []string{"credential of ops", "Check username and password"}, not: "it offers"},
		{name: "401 without Basic on offer", answer: answer{status: 401, header: negotiate}, kind: connection.NoLogon, says: []string{"does not accept Basic authentication: it offers Negotiate, Kerberos", `Set-Item WSMan:\localhost\Service\Auth\Basic $true`}},
		{name: "400", answer: answer{status: 400}, kind: connection.NotWinRM, says: []string{"HTTP 400", "5986 is https"}, not: "sealed"},
		{name: "403", answer: answer{status: 403}, kind: connection.Forbidden, says: []string{"HTTP 403", "proxy"}},
		{name: "404", answer: answer{status: 404}, kind: connection.NotWinRM, says: []string{"no /wsman", "5986"}},
		{name: "411", answer: answer{status: 411}, kind: connection.NotWinRM, says: []string{"HTTP 411", "proxy"}},
		{name: "413", answer: answer{status: 413}, kind: connection.Quota, says: []string{"HTTP 413", "MaxEnvelopeSizekb", "winrm get winrm/config"}},
		{name: "500 without a message", answer: answer{status: 500, body: "oops", header: soapHeader}, kind: connection.NotWinRM, says: []string{"HTTP 500", "not a WinRM message"}},
		{name: "502 of a proxy", answer: answer{status: 502, body: "<html>"}, kind: connection.NotWinRM, says: []string{"HTTP 502"}},
		{name: "503", answer: answer{status: 503}, kind: connection.Unreachable, says: []string{"a device in front of the host", "the host is up"}, not: "Start-Service"},
		{name: "503 of Windows", answer: answer{status: 503, header: http.Header{"Server": {"Microsoft-HTTPAPI/2.0"}}}, kind: connection.Unreachable, says: []string{"the WinRM service is not running", "Start-Service WinRM"}, not: "in front of"},
		{name: "a redirect is not followed", answer: answer{status: 302, header: http.Header{"Location": {"https://evil.example/"}}}, kind: connection.NotWinRM, says: []string{"HTTP 302"}},
		{name: "200 with a page", answer: answer{body: "<html><body>It works!</body></html>", header: http.Header{"Content-Type": {"text/html"}}}, kind: connection.NotWinRM, says: []string{"HTTP 200, text/html"}},
		{name: "200 with nothing", answer: answer{header: http.Header{"Content-Type": nil}}, kind: connection.NotWinRM, says: []string{"not a WinRM message"}},
		{name: "more than an answer may hold", answer: answer{body: strings.Repeat("x", maxReply+1), header: soapHeader}, kind: connection.NotWinRM, says: []string{"larger than 4194304 bytes"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			bubble(t, func(t *testing.T, s *service) {
				tt.answer.raw = true
				s.say = func(int, request) *answer { return &tt.answer } // to Identify, too
				_, err := s.open(nil)
				expect(t, err, tt.kind, tt.says...)
				if tt.not != "" && strings.Contains(err.Error(), tt.not) {
					t.Errorf("says %q: %v", tt.not, err)
				}
			})
		})
	}
}

// TestALogonThatIsTooLargeIsExplained has a server take no header of more than 8 KB: a Kerberos ticket of 1,200 groups has 14 KB.
func TestALogonThatIsTooLargeIsExplained(t *testing.T) {
	for status, length := range map[int]int{http.StatusBadRequest: 8192, http.StatusRequestHeaderFieldsTooLarge: 30000} {
		bubble(t, func(t *testing.T, s *service) {
			s.say = func(int, request) *answer { return &answer{raw: true, status: status} }
			settings := s.settings()
			s.password = strings.Repeat("p", length)
			settings.Password = bits.NewSecret(s.password)
			_, err := clientOver(s.pipes.dial).Open(s.t.Context(), settings, "powershell.exe", nil)
			expect(t, err, connection.NoLogon, fmt.Sprintf("HTTP %d", status), "because its logon header has", "fewer groups", "MaxFieldLength", "MaxRequestBytes")
			inTheGuide(t, err)
		})
	}
}

// soapHeader is that of a message, whatever follows.
var soapHeader = http.Header{"Content-Type": {"application/soap+xml;charset=UTF-8"}}

// TestASealedMessageOfAnotherConnectionIsLost has WinRM answer 400 over http: it has done nothing, and a new connection
// may work.
func TestASealedMessageOfAnotherConnectionIsLost(t *testing.T) {
	c := &channel{settings: connection.Settings{Host: "web01", Port: 5985}}
	err := c.unexpectedStatus(envelope{verb: "Send"}, &http.Response{StatusCode: http.StatusBadRequest}, true)
	if !errors.Is(err, ErrConnectionLost) || kind(err) != connection.NotWinRM || !strings.Contains(err.Error(), "encrypted for another connection") {
		t.Errorf("%v", err)
	}
}

func TestFaultsBeforeTheShellIsOpenAreExplained(t *testing.T) {
	denied := wording{"Sender", "w:AccessDenied", "Access is denied. ", ""}.String()
	tests := []struct {
		name, verb string
		answer     answer
		kind       connection.Kind
		says       string
	}{
		{"an account that may not open shells", "Create", faulty("5"), connection.Forbidden, "LocalAccountTokenFilterPolicy"},
		{"the same as a code of COM", "Create", faulty("2147942405"), connection.Forbidden, "Administrators"},
		{"the same without a code", "Create", answer{body: denied}, connection.Forbidden, "Administrators"},
		{"remote shells switched off", "Create", faulty("2150859180"), connection.NoAgent, "AllowRemoteShellAccess"},
		{"another WS-Management service", "Create", faulty("2150858811"), connection.NotWinRM, "management controller"},
		{"a quota of shells", "Create", faulty("2150859173"), connection.Quota, "winrm get winrm/config/winrs"},
		{"a quota of a plug-in", "Command", faulty("2150859241"), connection.Quota, "MaxConcurrentCommandsPerShell"},
		{"no PowerShell", "Command", faulty("2147942402"), connection.NoAgent, "powershell.exe"},
		{"a shell without an id", "Create", answer{}, connection.NotWinRM, "without an ID"},
		{"a command without an id", "Command", answer{}, connection.NotWinRM, "without an ID"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			bubble(t, func(t *testing.T, s *service) {
				s.say = always(tt.verb, tt.answer)
				_, err := s.open(nil)
				expect(t, err, tt.kind, tt.says)
			})
		})
	}
}

func TestFailuresBelowHTTPAreExplained(t *testing.T) {
	_, stranger, _ := issued(t, time.Now(), time.Now().Add(time.Hour))
	tests := []struct {
		name   string
		dial   dialer
		change func(*connection.Settings)
		serve  func(*service)
		kind   connection.Kind
		says   []string
	}{
		{name: "a broken connection", serve: func(s *service) { s.say = func(int, request) *answer { return &answer{cut: true} } }, kind: connection.NotWinRM, says: []string{"closed the connection without a response"}},
		{
			name: "a certificate of an unknown authority", change: func(s *connection.Settings) { s.CACert = stranger },
			kind: connection.Untrusted, says: []string{"an authority that this machine does not trust", "The certificate is for", "ca_file"},
		},
		{
			name: "a certificate for another name", change: func(s *connection.Settings) { s.TLSServerName = "web01.corp.example" },
			kind: connection.Untrusted, says: []string{"not valid for the name web01.corp.example", "example.com", "tls_server_name"},
		},
		{name: "http on the port", dial: plain("HTTP/1.1 400 Bad Request\r\n\r\n"), kind: connection.NotWinRM, says: []string{"does not use TLS", "5986"}},
		{
			name: "something else on the port of http", dial: plain("SSH-2.0-OpenSSH_9.6\r\n"), change: func(s *connection.Settings) { s.HTTPS, s.Auth = false, connection.AuthNTLM },
			kind: connection.NotWinRM, says: []string{"the response is not HTTP", "5985 is http"},
		},
		{name: "something else on the port", dial: plain("SSH-2.0-OpenSSH_9.6\r\n"), kind: connection.NotWinRM, says: []string{"does not use TLS"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			bubble(t, func(t *testing.T, s *service) {
				if tt.serve != nil {
					tt.serve(s)
				}
				dial := s.pipes.dial
				if tt.dial != nil {
					dial = tt.dial
				}
				settings := s.settings()
				if tt.change != nil {
					tt.change(&settings)
				}
				_, err := clientOver(dial).Open(t.Context(), settings, "powershell.exe", nil)
				expect(t, err, tt.kind, tt.says...)
				if s.verbs() != "" && tt.kind == connection.Untrusted {
					t.Error("something was sent to a host that is not trusted")
				}
			})
		})
	}
}

// plain dials something that answers every client with a text.
func plain(text string) dialer {
	return func(context.Context, string, string) (net.Conn, error) {
		client, server := net.Pipe()
		go func() {
			defer func() { _ = server.Close() }()
			_, _ = server.Read(make([]byte, 4096))
			_, _ = server.Write([]byte(text))
		}()
		return client, nil
	}
}

func TestInsecureTakesEveryCertificate(t *testing.T) {
	bubble(t, func(t *testing.T, s *service) {
		settings := s.settings()
		settings.CACert, settings.Insecure = "", true
		shell, err := clientOver(s.pipes.dial).Open(t.Context(), settings, "powershell.exe", nil)
		if err != nil {
			t.Fatal(err)
		}
		_ = shell.Close(t.Context())
	})
}

func expect(t *testing.T, err error, want connection.Kind, says ...string) {
	t.Helper()
	if kind(err) != want {
		t.Fatalf("the failure is of kind %q, want %q: %v", kind(err), want, err)
	}
	inTheGuide(t, err)
	for _, text := range says {
		if !strings.Contains(err.Error(), text) {
			t.Errorf("%q is missing: %v", text, err)
		}
	}
	if !strings.HasPrefix(err.Error(), "127.0.0.1:") {
		t.Errorf("the host is missing: %v", err)
	}
}
