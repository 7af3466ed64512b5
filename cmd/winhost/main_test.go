package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"
)

func TestItTellsWhereTheHostsAreAndEndsWhenInterrupted(t *testing.T) {
	ctx, interrupt := context.WithCancel(t.Context())
	out, in := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		ended <- run(ctx, []string{"-hosts", "2", "-rate", "1000000", "-quota", "shells=2,operations=9"}, in, io.Discard)
	}()
	text, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	var line ready
	strict := json.NewDecoder(strings.NewReader(text))
	strict.DisallowUnknownFields()
	if err := strict.Decode(&line); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	if len(line.Hosts) != 2 || line.Hosts[0].Host != "127.0.0.1" || line.Hosts[0].Port == 0 || line.Hosts[0].Password == "" {
		t.Errorf("hosts: %s", text)
	}
	if strings.HasSuffix(line.FilesURL, "/") || strings.HasSuffix(line.ControlURL, "/") {
		t.Errorf("a URL ends with a slash: %s", text)
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
	interrupt()
	select {
	case err := <-ended:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(5 * time.Second):
		t.Fatal("it did not end within 5 s")
	}
	if _, err := os.Stat(line.CAFile); !os.IsNotExist(err) {
		t.Errorf("the authority's file is left: %v", err)
	}
}

func TestArgumentsThatMakeNoSense(t *testing.T) {
	for _, args := range [][]string{
		{"-hosts", "0"}, {"-rtt", "-1s"}, {"-rate", "-1"}, {"-nothing"}, {"x"}, {"-listen", "nowhere"},
		{"-auth", "kerberos"}, {"-auth", "kerberos", "-keytab", "/nowhere"},
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
