// SPDX-License-Identifier: MPL-2.0

package winhost

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/logon"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/wsmansvc"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/wsman"
)

// patience bounds what a test waits for that hangs; it is never a time to pass.
const patience = 30 * time.Second

// basicOnly is for clients that know no other scheme.
var basicOnly = Security{Auth: []logon.Scheme{logon.Basic}}

// startNetwork starts a network for a test.
func startNetwork(t *testing.T, c Config) *Network {
	t.Helper()
	network, err := Start(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := network.Close(); err != nil {
			t.Error(err)
		}
	})
	return network
}

// clientOf makes an HTTP client that trusts a network.
func clientOf(t *testing.T, network *Network) *http.Client {
	t.Helper()
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM([]byte(network.CACert)) {
		t.Fatal("the network's authority is not a PEM certificate")
	}
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport, Timeout: patience}
}

// identify sends Identify to a URL.
func identify(ctx context.Context, c *http.Client, url string) (status int, body string, err error) {
	const message = `<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Header/><s:Body>` +
		`<i:Identify xmlns:i="http://schemas.dmtf.org/wbem/wsman/identity/1/wsmanidentity.xsd"/></s:Body></s:Envelope>`
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, strings.NewReader(message))
	if err != nil {
		return 0, "", err
	}
	req.Header.Set("WSMANIDENTIFY", "unauthenticated")
	resp, err := c.Do(req)
	if err != nil {
		return 0, "", err
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	return resp.StatusCode, string(text), err
}

func TestANetworkServesUnderEveryNameOfItsCertificate(t *testing.T) {
	t.Parallel()
	network := startNetwork(t, Config{Hosts: 2})
	client := clientOf(t, network)
	for i, h := range network.Hosts() {
		for _, name := range []string{"127.0.0.1", "localhost"} {
			s := h.Settings()
			s.Host = name
			status, body, err := identify(t.Context(), client, s.URL())
			if err != nil || status != http.StatusOK || !strings.Contains(body, "Microsoft Corporation") {
				t.Errorf("host %d as %s: %d %s %v", i, name, status, body, err)
			}
		}
	}
	if a, b := network.Host(0), network.Host(1); a.Port == b.Port || a.Password != b.Password {
		t.Error("two hosts share a port, or not the password")
	}
	pem, err := os.ReadFile(network.CAFile)
	if err != nil || string(pem) != network.CACert {
		t.Errorf("the authority's file: %v", err)
	}
	if got := network.Stats(); got.HTTPRequests != 4 || got.Connections != 4 || got.BytesIn == 0 || got.BytesOut == 0 {
		t.Errorf("counted %+v", got)
	}
	network.Host(0).ResetStats()
	if got := network.Stats(); got.HTTPRequests != 2 {
		t.Errorf("after a reset of one host: %+v", got)
	}
}

func TestANetworkThatListensEverywhereHasAnAddressToConnectTo(t *testing.T) {
	t.Parallel()
	for listen, want := range map[string]string{"0.0.0.0:0": "127.0.0.1", ":0": "127.0.0.1", "127.0.0.1:0": "127.0.0.1", "": "127.0.0.1"} {
		if got := startNetwork(t, Config{Listen: listen}).Host(0).Name; got != want {
			t.Errorf("listening on %q, the host is %s, want %s", listen, got, want)
		}
	}
}

// startInShell opens a shell on a host and starts a command in it.
func startInShell(t *testing.T, h *Host, line string) {
	t.Helper()
	if _, err := wsman.NewClient(nil).Open(t.Context(), h.Settings(), line, nil); err != nil {
		t.Fatal(err)
	}
}

// eventually waits until a condition holds that something else brings about.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	poll := time.NewTicker(time.Millisecond)
	defer poll.Stop()
	timeout := time.NewTimer(patience)
	defer timeout.Stop()
	for !holds() {
		select {
		case <-poll.C:
		case <-timeout.C:
			t.Fatalf("not within %s: %s", patience, what)
		}
	}
}

func TestNothingIsLeftOfANetwork(t *testing.T) {
	before := runtime.NumGoroutine()
	network, err := Start(Config{Hosts: 3, Security: basicOnly})
	if err != nil {
		t.Fatal(err)
	}
	h := network.Host(0)
	startInShell(t, h, "more")
	eventually(t, "the process runs", func() bool { return len(h.Processes()) == 1 })
	if p := h.Processes()[0]; p.Account != `WEB01\Administrator` || p.CommandLine != "more" {
		t.Errorf("the process is %+v", p)
	}
	silent := network.Host(1)
	if err := silent.Listen(Silent); err != nil {
		t.Fatal(err)
	}
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", silent.Settings().Address())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	if err := network.Host(2).Listen(Refusing); err != nil {
		t.Fatal(err)
	}
	if err := network.Close(); err != nil {
		t.Error(err)
	}
	if left := h.Processes(); len(left) != 0 || h.Stats().ShellsOpen != 0 {
		t.Errorf("left: %v and %d shells", left, h.Stats().ShellsOpen)
	}
	if _, err := os.Stat(filepath.Dir(network.CAFile)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the folder of the network: %v", err)
	}
	eventually(t, "the goroutines of the network are gone", func() bool { return runtime.NumGoroutine() <= before })
}

func TestAnIdleShellEndsWithItsProcesses(t *testing.T) {
	t.Parallel()
	network := startNetwork(t, Config{Time: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), Security: basicOnly})
	h := network.Host(0)
	startInShell(t, h, "more")
	eventually(t, "the process runs", func() bool { return len(h.Processes()) == 1 })
	h.Clock.Advance(3*time.Minute - time.Second) // the client asks for IdleTimeOut PT180S
	if open := h.Stats().ShellsOpen; open != 1 {
		t.Fatalf("%d shells are open before the idle time is over", open)
	}
	h.Clock.Advance(time.Second)
	if open := h.Stats().ShellsOpen; open != 0 {
		t.Errorf("%d shells are open", open)
	}
	eventually(t, "the process is gone", func() bool { return len(h.Processes()) == 0 })
}

func TestPowerShellStartsAreCountedAndDelayed(t *testing.T) {
	t.Parallel()
	network := startNetwork(t, Config{StartDelay: time.Hour})
	h := network.Host(0)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan int, 1)
	go func() {
		ended <- h.StartAs(ctx, h.Account, wsmansvc.Process{
			CommandLine: `"C:\Windows\System32\WindowsPowerShell\v1.0\PowerShell.exe" -NoLogo`, Stderr: io.Discard,
		})
	}()
	eventually(t, "the start is counted", func() bool { return h.Stats().PowerShellStarts == 1 })
	cancel()
	if code := <-ended; code != exitKilled {
		t.Errorf("exit code %d of a process that was killed before it began", code)
	}
}

func TestThePortBehavesAsSet(t *testing.T) {
	t.Parallel()
	network := startNetwork(t, Config{})
	h := network.Host(0)
	client := clientOf(t, network)
	url := h.Settings().URL()
	answers := func() error {
		client.CloseIdleConnections() // what the port did to them is not what is asked here
		_, _, err := identify(t.Context(), client, url)
		return err
	}
	if err := answers(); err != nil {
		t.Fatal(err)
	}
	if err := h.Listen(Refusing); err != nil {
		t.Fatal(err)
	}
	var dial *net.OpError // whose number differs from system to system
	if err := answers(); !errors.As(err, &dial) || dial.Op != "dial" || dial.Timeout() {
		t.Errorf("a closed port: %v", err)
	}
	if err := h.Listen(Silent); err != nil {
		t.Fatal(err)
	}
	accepted := h.Stats().Connections
	silent, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", h.Settings().Address())
	if err != nil {
		t.Fatalf("a silent port: %v", err)
	}
	defer func() { _ = silent.Close() }()
	eventually(t, "the silent connection is accepted", func() bool { return h.Stats().Connections > accepted })
	if err := h.Listen(Answering); err != nil {
		t.Fatal(err)
	}
	if err := silent.SetReadDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	if n, err := silent.Read(make([]byte, 1)); n != 0 || err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("a silent connection sent %d bytes, or outlived its behaviour: %v", n, err)
	}
	if err := answers(); err != nil {
		t.Errorf("an open port again: %v", err)
	}
}

func TestCommandsOfTheConsole(t *testing.T) {
	t.Parallel()
	network := startNetwork(t, Config{})
	h := network.Host(0)
	tests := []struct {
		name, line, stdin string
		codePage          string
		stdout, stderr    string
		exit              int
	}{
		{name: "echo", line: "echo hi  there", stdout: "hi  there\r\n"},
		{name: "echo in UTF-8", line: "echo ü", codePage: "65001", stdout: "ü\r\n"},
		{name: "echo in another code page", line: "echo ü", stdout: "?\r\n"},
		{name: "stderr", line: "cmd.exe /c echo out && echo err>&2 && exit 1", stdout: "out \r\n", stderr: "err \r\n", exit: 1},
		{name: "a quoted command", line: `CMD /C "echo a & echo b"`, stdout: "a \r\nb\r\n"},
		{name: "nothing after a failure", line: "nosuch && echo b", stderr: notRecognized("nosuch"), exit: 1},
		{name: "exit ends all", line: "exit /b 7 & echo b", exit: 7},
		{name: "exit without a code", line: "exit"},
		{name: "hostname", line: "hostname", stdout: "WEB01\r\n"},
		{name: "whoami", line: "whoami", stdout: "web01\\administrator\r\n"},
		{name: "cd", line: "cd", stdout: "C:\\Users\\Administrator\r\n"},
		{name: "more", line: "more", stdin: "a\nb", stdout: "a\nb"},
		{name: "too long", line: "echo " + strings.Repeat("x", 8191), stderr: "The command line is too long.\r\n", exit: 1},
		{name: "nothing", line: ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var stdout, stderr bytes.Buffer
			exit := h.StartAs(t.Context(), h.Account, wsmansvc.Process{
				CommandLine: test.line, CodePage: test.codePage,
				Stdin: strings.NewReader(test.stdin), Stdout: &stdout, Stderr: &stderr,
			})
			if stdout.String() != test.stdout || stderr.String() != test.stderr || exit != test.exit {
				t.Errorf("got %q, %q, %d", stdout.String(), stderr.String(), exit)
			}
		})
	}
	if left := h.Processes(); len(left) != 0 {
		t.Errorf("left: %v", left)
	}
}

func TestTheAdministratorIsNotLoggedOnBefore(t *testing.T) {
	t.Parallel()
	network := startNetwork(t, Config{})
	h := network.Host(0)
	id, err := h.BITS.CreateJob(h.Account, "payload", bits.Download)
	if err != nil {
		t.Fatal(err)
	}
	add := func(name string) error {
		return h.BITS.AddFile(h.Account, id, bits.FileSpec{RemoteName: network.FilesURL + "/a", LocalName: `C:\t\` + name})
	}
	if err := add("a"); !errors.Is(err, bits.ErrNotLoggedOn) {
		t.Errorf("before the log-on: %v", err)
	}
	post(t, network, "/hosts/0/log-on")
	if err := add("a"); err != nil {
		t.Errorf("after the log-on: %v", err)
	}
	post(t, network, "/hosts/0/log-off")
	if err := add("b"); !errors.Is(err, bits.ErrNotLoggedOn) {
		t.Errorf("after the log-off: %v", err)
	}
	if jobs, err := h.BITS.Jobs(h.Account, true); err != nil || len(jobs) != 1 {
		t.Errorf("jobs: %v, %v", jobs, err)
	}
}

// post asks the control API for something that has no answer.
func post(t *testing.T, network *Network, path string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, network.ControlURL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s", path, answer.Status)
	}
}
