// SPDX-License-Identifier: MPL-2.0

package wsman

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/connection"
)

// FuzzAnHTTPAnswer has a host answer every request of a connection with the same bytes, whatever they are: to Basic, which
// sends a message at once, and to NTLM, whose legs they may answer.
func FuzzAnHTTPAnswer(f *testing.F) {
	f.Fuzz(func(t *testing.T, ntlm bool, answer []byte) {
		s := connection.Settings{
			Host: "127.0.0.1", Port: 5985, Auth: connection.AuthBasic, AllowUnencrypted: true, Username: "ops", Password: bits.NewSecret(password),
			ConnectTimeout: time.Minute, OperationTimeout: time.Minute,
		}
		if ntlm {
			s.Auth = connection.AuthNTLM
		}
		l, err := clientOver(func(context.Context, string, string) (net.Conn, error) {
			client, host := net.Pipe()
			go say(host, answer)
			return client, nil
		}).channel(s)
		if err != nil {
			t.Fatal(err)
		}
		defer l.close()
		reply, err := l.post(t.Context(), envelopes{url: s.URL()}.create(""))
		if (reply == nil) == (err == nil) {
			t.Fatalf("%+v, %v", reply, err)
		}
		if ntlm && err == nil {
			t.Errorf("%q was taken for a sealed answer", answer)
		}
		if err == nil {
			return
		}
		var failed *connection.Error
		if explained := l.explain(t.Context(), err); !errors.As(explained, &failed) || failed.Kind == "" || strings.Contains(explained.Error(), password) {
			t.Errorf("%v", explained)
		}
	})
}

// say answers the requests of a connection with the same bytes for as long as those are a whole 401, and ends it then.
func say(host net.Conn, answer []byte) {
	defer func() { _ = host.Close() }()
	requests := bufio.NewReader(host)
	for {
		req, err := http.ReadRequest(requests)
		if err != nil {
			return
		}
		if _, err := io.Copy(io.Discard, req.Body); err != nil {
			return
		}
		if _, err := host.Write(answer); err != nil || !asksAgain(answer) {
			return
		}
	}
}

// asksAgain reports whether an answer is a whole 401.
func asksAgain(answer []byte) bool {
	resp, err := http.ReadResponse(bufio.NewReader(bytes.NewReader(answer)), &http.Request{Method: http.MethodPost})
	if err != nil {
		return false
	}
	defer func() { _ = resp.Body.Close() }()
	_, err = io.Copy(io.Discard, resp.Body)
	return err == nil && resp.StatusCode == http.StatusUnauthorized && resp.ContentLength >= 0
}
