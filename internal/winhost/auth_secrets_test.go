// SPDX-License-Identifier: MPL-2.0

package winhost

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/winrmbits/terraform-provider-bits/internal/connection"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/logon"
)

// noSecret searches the log of a logon, with everything logged, and its error for secrets.
func noSecret(t *testing.T, h *Host, s connection.Settings, log *bytes.Buffer, err error) {
	t.Helper()
	lines, decoding := decodeLines(bytes.NewReader(log.Bytes()))
	if decoding != nil {
		t.Fatal(decoding)
	}
	known := []string{"level", "msg", "time", "verb", "host", "sent", "received", "ms", "fault", "auth", "requests"}
	for _, line := range lines {
		for field := range maps.Keys(line) {
			if !slices.Contains(known, field) {
				t.Errorf("the log holds %s: %v", field, line)
			}
		}
	}
	text := log.String() + fmt.Sprintf("%v %+v %#v", err, err, errors.Unwrap(err))
	if encoded, err := json.Marshal(s); err == nil {
		text += string(encoded)
	}
	secrets := []string{"Envelope", "Negotiate TlRM", "Authorization:"}
	for _, secret := range []string{s.Password.Reveal(), h.Password, strings.ReplaceAll(s.ClientKey.Reveal(), "\n", "")} {
		if secret != "" {
			secrets = append(secrets, spellings(secret)...)
		}
	}
	for _, secret := range secrets {
		if strings.Contains(text, secret) {
			t.Errorf("%q can be read: %s", secret, text)
		}
	}
}

// TestAnExchangeIsLogged checks what a log holds.
func TestAnExchangeIsLogged(t *testing.T) {
	t.Parallel()
	network := startNetwork(t, Config{Security: Security{HTTP: true, Auth: []logon.Scheme{logon.NTLM}}})
	s := network.Host(0).Settings()
	var log bytes.Buffer
	if _, err := converseLogged(t.Context(), debugLog(&log), s); err != nil {
		t.Fatal(err)
	}
	lines, err := decodeLines(&log)
	if err != nil {
		t.Fatal(err)
	}
	var seen []string
	for _, line := range lines {
		switch line["msg"] {
		case "WinRM logon":
			seen = append(seen, fmt.Sprintf("logon by %v in %v", line["auth"], line["requests"]))
		case "WinRM exchange":
			seen = append(seen, line["verb"].(string))
			if sent, _ := line["sent"].(float64); sent < 500 {
				t.Errorf("sent %v", line)
			}
			if received, _ := line["received"].(float64); received < 500 || line["host"] != s.Address() || line["ms"] == nil {
				t.Errorf("received %v", line)
			}
		}
	}
	if got := strings.Join(seen, ", "); !strings.HasPrefix(got, "logon by ntlm in 2, Create, Command, Receive") || !strings.HasSuffix(got, "Receive, Delete") {
		t.Error(got)
	}
}

func debugLog(w io.Writer) *slog.Logger {
	return slog.New(slog.NewJSONHandler(w, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

func decodeLines(r io.Reader) (lines []map[string]any, err error) {
	for d := json.NewDecoder(r); ; {
		var line map[string]any
		if err := d.Decode(&line); err != nil {
			if errors.Is(err, io.EOF) {
				return lines, nil
			}
			return lines, err
		}
		lines = append(lines, line)
	}
}
