// SPDX-License-Identifier: MPL-2.0

package connection

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"testing"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
)

var password = bits.NewSecret("hunter2<&>")

// TestASecretIsNeverPrinted prints a secret in every way something of this project could.
func TestASecretIsNeverPrinted(t *testing.T) {
	settings := Settings{Host: "web01", Password: password}
	hidden := struct{ settings Settings }{settings}
	printed := map[string]string{
		"String": password.String(), "Sprint": fmt.Sprint(password), "an error": fmt.Errorf("x: %v", settings).Error(),
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%t", "%10s"} {
		printed[verb] = fmt.Sprintf(verb, password)
		printed["settings as "+verb] = fmt.Sprintf(verb, settings)
		printed["a pointer to settings as "+verb] = fmt.Sprintf(verb, &settings)
		printed["settings in an unexported field as "+verb] = fmt.Sprintf(verb, hidden)
	}
	text, err := json.Marshal(settings)
	if err != nil {
		t.Fatal(err)
	}
	printed["JSON"] = string(text)
	if text, err = xml.Marshal(settings); err != nil {
		t.Fatal(err)
	}
	printed["XML"] = string(text)
	var log bytes.Buffer
	for _, logger := range []*slog.Logger{slog.New(slog.NewTextHandler(&log, nil)), slog.New(slog.NewJSONHandler(&log, nil))} {
		logger.Info("connect", "password", password, "settings", settings)
	}
	printed["slog"] = log.String()

	for how, out := range printed {
		if strings.Contains(out, "hunter2") || strings.Contains(out, fmt.Sprintf("%x", "hunter2")) || strings.Contains(out, fmt.Sprintf("%X", "hunter2")) {
			t.Errorf("%s shows the secret: %s", how, out)
		}
	}
	if password.Reveal() != "hunter2<&>" {
		t.Error("Reveal does not return the text")
	}
}

func TestEqualSettingsShareASession(t *testing.T) {
	a := Settings{Host: "web01", Port: 5986, HTTPS: true, Password: password}
	b := a
	if a != b {
		t.Error("equal settings differ")
	}
	if b.Password = bits.NewSecret(password.Reveal()); a != b {
		t.Error("settings with an equal password differ")
	}
	if b.Password = bits.NewSecret("x"); a == b {
		t.Error("settings with another password are the same")
	}
	if a.Password = bits.NewSecret(""); a.Password != (bits.Secret{}) || a.Password.Reveal() != "" {
		t.Error("an empty secret is not the zero value")
	}
}

func TestAddressAndURL(t *testing.T) {
	tests := []struct {
		name, address, url string
		settings           Settings
	}{
		{"a name over https", "web01:5986", "https://web01:5986/wsman", Settings{Host: "web01", Port: 5986, HTTPS: true}},
		{"a name over http", "web01:5985", "http://web01:5985/wsman", Settings{Host: "web01", Port: 5985}},
		{"an IPv6 address", "[2001:db8::1]:5986", "https://[2001:db8::1]:5986/wsman", Settings{Host: "2001:db8::1", Port: 5986, HTTPS: true}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.settings.Address(); got != tt.address {
				t.Errorf("Address() = %q", got)
			}
			if got := tt.settings.URL(); got != tt.url {
				t.Errorf("URL() = %q", got)
			}
		})
	}
}

func TestErrors(t *testing.T) {
	tests := []struct {
		name, want string
		err        Error
	}{
		{"with a remedy", "web01:5986: connection refused\nopen the listener", Error{Kind: Unreachable, Host: "web01:5986", Problem: "connection refused", Remedy: "open the listener"}},
		{"without a remedy", "web01:5986: connection refused", Error{Kind: Unreachable, Host: "web01:5986", Problem: "connection refused"}},
		{
			"a repeated one refers to the first", "web01:5986: not tried again (unauthorized); the first resource that needed this connection has the full error",
			Error{Kind: Unauthorized, Host: "web01:5986", Problem: "wrong password", Remedy: "correct it", Repeated: true},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.err.Err = io.ErrUnexpectedEOF
			if got := tt.err.Error(); got != tt.want {
				t.Errorf("Error() = %q, want %q", got, tt.want)
			}
			if !errors.Is(fmt.Errorf("list: %w", &tt.err), io.ErrUnexpectedEOF) {
				t.Error("the cause is not found")
			}
		})
	}
}

// TestARemedyIsPrintedHoweverMuchAHostSays has a problem that quotes a host's answer: diagnostics are cut at their end.
func TestARemedyIsPrintedHoweverMuchAHostSays(t *testing.T) {
	text := (&Error{Host: "web01:5985", Problem: "it offers " + strings.Repeat("nothing, ", 10_000), Remedy: "Set auth."}).Error()
	if len(text) > 3000 || !strings.HasPrefix(text, "web01:5985: it offers nothing, ") || !strings.HasSuffix(text, "...\nSet auth.") {
		t.Errorf("%d bytes: %.50q", len(text), text)
	}
}
