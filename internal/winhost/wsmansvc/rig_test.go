// SPDX-License-Identifier: MPL-2.0

package wsmansvc_test

import (
	"context"
	"crypto/tls"
	"encoding/base64"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/winrmbits/terraform-provider-bits/internal/winhost/logon"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/machine"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/wsmansvc"
)

// The addresses that the messages of these tests name.
const (
	shellNS     = "http://schemas.microsoft.com/wbem/wsman/1/windows/shell"
	transferNS  = "http://schemas.xmlsoap.org/ws/2004/09/transfer"
	messageID   = "uuid:5F9E0C1A-3D2B-4E67-9A10-0B7C8D9E0F11"
	messageHead = `<wsa:MessageID>` + messageID + `</wsa:MessageID>`
)

// rig is a service without a network: requests are handed to it.
type rig struct {
	t     *testing.T
	svc   *wsmansvc.Service
	meter *machine.Meter
	conn  context.Context //nolint:containedctx // what a connection is in these tests
	user  string
}

// programs are what the rig's host can run.
var programs = map[string]func(ctx context.Context, p wsmansvc.Process) int{
	"hi": func(_ context.Context, p wsmansvc.Process) int {
		_, _ = io.WriteString(p.Stdout, "hi\r\n")
		return 0
	},
	"both": func(_ context.Context, p wsmansvc.Process) int {
		_, _ = io.WriteString(p.Stdout, "out \r\n")
		_, _ = io.WriteString(p.Stderr, "err \r\n")
		return 1
	},
	"cat": func(_ context.Context, p wsmansvc.Process) int {
		if _, err := io.Copy(p.Stdout, p.Stdin); err != nil {
			return -1
		}
		return 0
	},
	"wait": func(ctx context.Context, _ wsmansvc.Process) int {
		<-ctx.Done()
		return -1
	},
	"flood": func(_ context.Context, p wsmansvc.Process) int {
		if _, err := io.WriteString(p.Stdout, strings.Repeat("ü€😀x", 30_000)); err != nil {
			return -1
		}
		return 0
	},
	"yes": func(_ context.Context, p wsmansvc.Process) int {
		for {
			if _, err := io.WriteString(p.Stdout, strings.Repeat("y", 4096)); err != nil {
				return -1
			}
		}
	},
	"hi, then wait": func(ctx context.Context, p wsmansvc.Process) int {
		_, _ = io.WriteString(p.Stdout, "hi")
		<-ctx.Done()
		return -1
	},
	"describe": func(_ context.Context, p wsmansvc.Process) int {
		_, _ = fmt.Fprintf(p.Stdout, "%s in %s with %v and code page %s", p.User, p.Directory, p.Environment, p.CodePage)
		return 0
	},
}

// newRig makes a service whose clock is that of the test.
func newRig(t *testing.T) *rig {
	t.Helper()
	return newRigWith(t, wsmansvc.Options{})
}

// newRigWith makes one that has a round trip, quotas or a policy of its own.
func newRigWith(t *testing.T, o wsmansvc.Options) *rig {
	t.Helper()
	r := &rig{t: t, meter: &machine.Meter{}, user: "ops"}
	o.Clock, o.Meter, o.OS = machine.NewClock(), r.meter, "10.0.20348"
	if o.Policy == nil {
		o.Policy = logon.New(logon.Options{
			Schemes: []logon.Scheme{logon.Basic},
			Accounts: logon.NewAccounts(func(username string) (logon.Account, bool) {
				return logon.Account{Name: username, Password: "right"}, true
			}, 0),
		})
	}
	o.Start = func(ctx context.Context, p wsmansvc.Process) int {
		program := programs[p.CommandLine]
		if program == nil {
			return 9009
		}
		return program(ctx, p)
	}
	r.svc = wsmansvc.New(o)
	t.Cleanup(r.svc.Close)
	r.conn = r.svc.ConnContext(context.Background(), nil)
	return r
}

// request makes an HTTP request of a message, as one that came through TLS with the right password.
func (r *rig) request(ctx context.Context, message string) *http.Request {
	r.t.Helper()
	req := httptest.NewRequestWithContext(ctx, http.MethodPost, "https://web01:5986/wsman", strings.NewReader(message))
	req.TLS = &tls.ConnectionState{HandshakeComplete: true}
	req.RemoteAddr = "192.0.2.7:50123"
	req.SetBasicAuth(r.user, "right")
	return req
}

// answer is what came back; cut when the connection broke.
type answer struct {
	status int
	header http.Header
	body   string
	cut    bool
}

// do hands a request to the service.
func (r *rig) do(req *http.Request) (a answer) {
	r.t.Helper()
	defer func() {
		if p := recover(); p != nil {
			if err, ok := p.(error); !ok || !errors.Is(err, http.ErrAbortHandler) {
				panic(p)
			}
			a = answer{cut: true}
		}
	}()
	w := httptest.NewRecorder()
	r.svc.ServeHTTP(w, req)
	return answer{status: w.Code, header: w.Header(), body: w.Body.String()}
}

func (r *rig) post(message string) answer {
	r.t.Helper()
	return r.do(r.request(r.conn, message))
}

// postLater posts while the test does something else.
func (r *rig) postLater(message string) <-chan answer {
	done := make(chan answer, 1)
	go func() { done <- r.post(message) }()
	return done
}

// message writes a request with prefixes of its own choice: the service must not care.
func message(action, header, body string) string {
	return `<env:Envelope xmlns:env="http://www.w3.org/2003/05/soap-envelope" ` +
		`xmlns:wsa="http://schemas.xmlsoap.org/ws/2004/08/addressing" ` +
		`xmlns:m="http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd" xmlns:sh="` + shellNS + `"><env:Header>` +
		`<wsa:Action env:mustUnderstand="true">` + action + `</wsa:Action>` +
		`<wsa:To>https://web01:5986/wsman</wsa:To>` + header + `</env:Header><env:Body>` + body + `</env:Body></env:Envelope>`
}

// The usual parts of headers.
const (
	resource = `<m:ResourceURI env:mustUnderstand="true">` + shellNS + `/cmd</m:ResourceURI>`
	usual    = messageHead + resource + `<m:OperationTimeout>PT20S</m:OperationTimeout>`
)

func selector(shell string) string {
	return `<m:SelectorSet><m:Selector Name="ShellId">` + shell + `</m:Selector></m:SelectorSet>`
}

func createMessage(inner string) string {
	return message(transferNS+"/Create", usual, `<sh:Shell>`+inner+
		`<sh:InputStreams>stdin</sh:InputStreams><sh:OutputStreams>stdout stderr</sh:OutputStreams></sh:Shell>`)
}

func commandMessage(shell, line string) string {
	return message(shellNS+"/Command", usual+selector(shell),
		`<sh:CommandLine><sh:Command><![CDATA[`+line+`]]></sh:Command></sh:CommandLine>`)
}

func receiveMessage(shell, command string) string {
	return message(shellNS+"/Receive", usual+selector(shell),
		`<sh:Receive><sh:DesiredStream CommandId="`+command+`">stdout stderr</sh:DesiredStream></sh:Receive>`)
}

func sendMessage(shell, command, input, end string) string {
	return message(shellNS+"/Send", usual+selector(shell), `<sh:Send><sh:Stream Name="stdin" CommandId="`+command+`"`+end+
		`>`+base64.StdEncoding.EncodeToString([]byte(input))+`</sh:Stream></sh:Send>`)
}

func signalMessage(shell, command, code string) string {
	return message(shellNS+"/Signal", usual+selector(shell),
		`<sh:Signal CommandId="`+command+`"><sh:Code>`+shellNS+`/signal/`+code+`</sh:Code></sh:Signal>`)
}

func deleteMessage(shell string) string {
	return message(transferNS+"/Delete", usual+selector(shell), "")
}

// between cuts what stands between two texts.
func between(s, before, after string) string {
	_, rest, _ := strings.Cut(s, before)
	found, _, _ := strings.Cut(rest, after)
	return found
}

// open makes a shell and returns its id.
func (r *rig) open(inner string) string {
	r.t.Helper()
	a := r.post(createMessage(inner))
	id := between(a.body, `<rsp:ShellId>`, `</rsp:ShellId>`)
	if a.status != http.StatusOK || id == "" {
		r.t.Fatalf("create a shell: %d %s", a.status, a.body)
	}
	return id
}

// begin opens a shell and starts a command in it.
func (r *rig) begin(line string) (shell, command string) {
	r.t.Helper()
	shell = r.open("")
	return shell, r.start(shell, line)
}

// start starts a command and returns its id.
func (r *rig) start(shell, line string) string {
	r.t.Helper()
	a := r.post(commandMessage(shell, line))
	id := between(a.body, `<rsp:CommandId>`, `</rsp:CommandId>`)
	if a.status != http.StatusOK || id == "" {
		r.t.Fatalf("start %q: %d %s", line, a.status, a.body)
	}
	return id
}

// received is what a Receive brought.
type received struct {
	Streams []struct {
		Name string `xml:"Name,attr"`
		End  bool   `xml:"End,attr"`
		Data string `xml:",chardata"`
	} `xml:"Body>ReceiveResponse>Stream"`
	State struct {
		State    string `xml:"State,attr"`
		ExitCode *int   `xml:"ExitCode"`
	} `xml:"Body>ReceiveResponse>CommandState"`
}

// stdout joins the pieces of the stream.
func (v received) stdout(t *testing.T) string {
	t.Helper()
	var all []byte
	for _, s := range v.Streams {
		if s.Name != "stdout" {
			continue
		}
		piece, err := base64.StdEncoding.DecodeString(s.Data)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, piece...)
	}
	return string(all)
}

// parse reads the answer to a Receive.
func (a answer) parse(t *testing.T) received {
	t.Helper()
	var v received
	if a.status != http.StatusOK {
		t.Fatalf("receive: %d %s", a.status, a.body)
	}
	if err := xml.Unmarshal([]byte(a.body), &v); err != nil {
		t.Fatal(err)
	}
	return v
}

// wantFault checks status and code of a fault.
func (a answer) wantFault(t *testing.T, code string) {
	t.Helper()
	if got := between(a.body, ` Code="`, `"`); a.status != http.StatusInternalServerError || got != code {
		t.Errorf("status %d, code %q, want 500 and %s: %s", a.status, got, code, a.body)
	}
}
