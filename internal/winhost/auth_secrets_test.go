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

// TestNoLogonTellsASecret makes the logons of the matrix that succeed and that are refused, and looks for what nobody may read in
// the log, with everything logged, and in the errors.
func TestNoLogonTellsASecret(t *testing.T) {
	for _, scheme := range authSchemes {
		for _, transport := range authTransports {
			if scheme.inTLS && transport.security.HTTP {
				continue
			}
			t.Run(scheme.name+" over "+transport.name, func(t *testing.T) {
				security := transport.security
				security.Auth, security.LockoutThreshold = []logon.Scheme{scheme.offer}, lockout
				network := startNetwork(t, Config{Hosts: len(scheme.cases), Security: security})
				for i, c := range scheme.cases {
					if !c.inTLS || !transport.security.HTTP {
						c.listen(t, network.Host(i), scheme.name)
					}
				}
			})
		}
	}
}

// listen makes a logon and reads its log.
func (c authCase) listen(t *testing.T, h *Host, scheme string) {
	t.Helper()
	s := h.Settings()
	s.Auth = connection.Auth(scheme)
	if c.change != nil {
		c.change(t, h, &s)
	}
	var log bytes.Buffer
	_, err := converseLogged(t.Context(), debugLog(&log), s)
	lines, decoding := decodeLines(bytes.NewReader(log.Bytes()))
	if decoding != nil || len(lines) == 0 {
		t.Fatalf("%s: %d lines, %v", c.name, len(lines), decoding)
	}
	known := []string{"level", "msg", "time", "verb", "host", "sent", "received", "ms", "fault", "auth", "requests"}
	for _, line := range lines {
		for field := range maps.Keys(line) {
			if !slices.Contains(known, field) {
				t.Errorf("%s: the log tells %s: %v", c.name, field, line)
			}
		}
	}
	told := log.String() + fmt.Sprintf("%v %+v %#v", err, err, errors.Unwrap(err))
	if text, err := json.Marshal(s); err == nil {
		told += string(text)
	}
	secrets := []string{"Envelope", "Negotiate TlRM", "Authorization:"}
	for _, secret := range []string{s.Password.Reveal(), h.Password, strings.ReplaceAll(s.ClientKey.Reveal(), "\n", "")} {
		if secret != "" {
			secrets = append(secrets, spellings(secret)...)
		}
	}
	for _, secret := range secrets {
		if strings.Contains(told, secret) {
			t.Errorf("%s: %q is told: %s", c.name, secret, told)
		}
	}
}

// TestAnExchangeIsLogged says what a log is good for.
func TestAnExchangeIsLogged(t *testing.T) {
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
	if got := strings.Join(seen, ", "); !strings.HasPrefix(got, "logon by ntlm in 2, Create, Command, logon by ntlm in 2, Receive") || !strings.HasSuffix(got, "Signal, Delete") {
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
