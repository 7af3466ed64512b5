// SPDX-License-Identifier: MPL-2.0

package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"flag"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/winhost/logon"
)

// start runs the command and returns its output. What ends it returns its error.
func start(t *testing.T, args ...string) (line ready, end func() error) {
	t.Helper()
	ctx, interrupt := context.WithCancel(t.Context())
	out, in := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		err := run(ctx, args, in, io.Discard)
		_ = in.CloseWithError(err)
		ended <- err
	}()
	text, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	strict := json.NewDecoder(strings.NewReader(text))
	strict.DisallowUnknownFields()
	if err := strict.Decode(&line); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	return line, func() error {
		interrupt()
		select {
		case err := <-ended:
			return err
		case <-time.After(5 * time.Second):
			return errors.New("it did not end within 5 s")
		}
	}
}

func TestItPrintsWhereTheHostsAreAndEndsWhenInterrupted(t *testing.T) {
	line, end := start(t, "-hosts", "2", "-rate", "1000000", "-quota", "shells=2,operations=9")
	if len(line.Hosts) != 2 || line.Hosts[0].Host != "127.0.0.1" || line.Hosts[0].Port == 0 || line.Hosts[0].Password == "" {
		t.Errorf("hosts: %+v", line.Hosts)
	}
	if strings.HasSuffix(line.FilesURL, "/") || strings.HasSuffix(line.ControlURL, "/") {
		t.Errorf("a URL ends with a slash: %+v", line)
	}
	for _, url := range []string{line.ControlURL + "/hosts/1/jobs", line.FilesURL + "/a?size=1"} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if resp.StatusCode != http.StatusOK {
			t.Errorf("%s: %s", url, resp.Status)
		}
	}
	if err := end(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(line.CAFile); !os.IsNotExist(err) {
		t.Errorf("the authority's file is left: %v", err)
	}
}

// TestItPrintsHowToLogOn compares what is printed of logons with the flags.
func TestItPrintsHowToLogOn(t *testing.T) {
	for _, test := range []struct {
		name  string
		args  []string
		https bool
		auth  []logon.Scheme
	}{
		{"as Windows by default", nil, true, []logon.Scheme{logon.NTLM}},
		{"over http", []string{"-http", "-auth", "ntlm,basic", "-allow-unencrypted"}, false, []logon.Scheme{logon.NTLM, logon.Basic}},
		{"by certificate", []string{"-auth", "certificate", "-cbt", "strict"}, true, []logon.Scheme{logon.Certificate}},
	} {
		t.Run(test.name, func(t *testing.T) {
			line, end := start(t, test.args...)
			if line.HTTPS != test.https || !slices.Equal(line.Auth, test.auth) {
				t.Errorf("it printed %+v", line)
			}
			certificates := slices.Contains(test.auth, logon.Certificate)
			if _, err := tls.LoadX509KeyPair(line.ClientCert, line.ClientKey); (err == nil) != certificates {
				t.Errorf("the client certificate: %v", err)
			}
			if err := end(); err != nil {
				t.Error(err)
			}
			if _, err := os.Stat(line.ClientKey); certificates && !os.IsNotExist(err) {
				t.Errorf("the key is left: %v", err)
			}
		})
	}
}

func TestArgumentsThatMakeNoSense(t *testing.T) {
	for _, args := range [][]string{
		{"-hosts", "0"}, {"-rtt", "-1s"}, {"-rate", "-1"}, {"-nothing"}, {"x"}, {"-listen", "nowhere"},
		{"-auth", "digest"}, {"-auth", ""}, {"-cbt", "maybe"}, {"-auth", "ntlm,certificate", "-http"}, {"-auth", "kerberos"}, {"-auth", "kerberos", "-keytab", "/nowhere"},
		{"-quota", "shells"}, {"-quota", "threads=1"},
	} {
		t.Run(strings.Join(args, " "), func(t *testing.T) {
			var complaints bytes.Buffer
			if err := run(t.Context(), args, io.Discard, &complaints); err == nil {
				t.Error("accepted")
			}
		})
	}
}

func TestItPrintsExportsAndWritesAnExample(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "try")
	ctx, interrupt := context.WithCancel(t.Context())
	out, in := io.Pipe()
	ended := make(chan error, 1)
	go func() { ended <- run(ctx, []string{"-env", "-example", dir, "-hosts", "2"}, in, io.Discard) }()
	variables := map[string]string{}
	lines := bufio.NewScanner(out)
	for variables["control_url"] == "" && lines.Scan() {
		name, value, found := strings.Cut(strings.TrimPrefix(lines.Text(), "export "), "=")
		if !found {
			t.Errorf("not an export: %q", lines.Text())
		}
		variables[name] = strings.Trim(value, "'")
	}
	if variables["BITS_HOST"] != "127.0.0.1" || variables["BITS_AUTH"] != "ntlm" || variables["BITS_PASSWORD"] == "" {
		t.Errorf("exports: %v", variables)
	}
	if _, err := os.Stat(variables["BITS_CA_FILE"]); err != nil {
		t.Error(err)
	}
	example, err := os.ReadFile(filepath.Join(dir, "main.tf"))
	if err != nil || !strings.Contains(string(example), variables["files_url"]+"/payload.cab") {
		t.Errorf("example: %v\n%s", err, example)
	}
	interrupt()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if err := run(t.Context(), []string{"-example", dir}, io.Discard, io.Discard); !errors.Is(err, os.ErrExist) {
		t.Errorf("an existing main.tf: %v", err)
	}
}

func TestTheHelpListsTheControlAPIAndTheFileServer(t *testing.T) {
	var help bytes.Buffer
	if err := run(t.Context(), []string{"-help"}, io.Discard, &help); !errors.Is(err, flag.ErrHelp) {
		t.Error(err)
	}
	for _, text := range []string{"-example directory", "jobs/ID/priority", `{"priority":"low"}`, "headstatus=403", "go run ./cmd/winhost -env"} {
		if !strings.Contains(help.String(), text) {
			t.Errorf("%q is missing in\n%s", text, help.String())
		}
	}
}
