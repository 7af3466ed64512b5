package auth

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/winrmbits/terraform-provider-bits/internal/connection"
)

func inTLS() connection.Settings {
	return connection.Settings{Host: "web01", Port: 5986, HTTPS: true, Auth: connection.AuthBasic, Username: `CORP\ops`, Password: connection.NewSecret("p:ä<>")}
}

func TestBasicShowsTheCredentialWithEveryRequest(t *testing.T) {
	scheme, err := NewSchemes().Begin(inTLS(), nil)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, inTLS().URL(), nil)
		if err != nil {
			t.Fatal(err)
		}
		header, err := scheme.Next(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", header)
		if username, password, ok := req.BasicAuth(); !ok || username != `CORP\ops` || password != "p:ä<>" {
			t.Errorf("%s, %t", username, ok)
		}
	}
}

func TestBasicIsRefusedOnce(t *testing.T) {
	scheme, err := NewSchemes().Begin(inTLS(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if header, err := scheme.Next(t.Context(), []string{`Basic realm="WSMAN"`}); !errors.Is(err, ErrRefused) || header != "" {
		t.Errorf("%q %v", header, err)
	}
}

func TestBasicLeavesMessagesToTLS(t *testing.T) {
	scheme, err := NewSchemes().Begin(inTLS(), nil)
	if err != nil {
		t.Fatal(err)
	}
	sealed, contentType, err := scheme.Seal([]byte("<a/>"))
	if err != nil || string(sealed) != "<a/>" || contentType != SOAP {
		t.Errorf("%s %s %v", sealed, contentType, err)
	}
	opened, err := scheme.Open(SOAP, sealed)
	if err != nil || string(opened) != "<a/>" {
		t.Errorf("%s %v", opened, err)
	}
}

func TestASchemeThatWouldShowThePasswordIsNone(t *testing.T) {
	plain := inTLS()
	plain.HTTPS = false
	_, err := NewSchemes().Begin(plain, nil)
	var failed *connection.Error
	if !errors.As(err, &failed) || failed.Kind != connection.NoLogon || !strings.Contains(err.Error(), "https = true") {
		t.Errorf("%v", err)
	}
	if strings.Contains(fmt.Sprintf("%v %+v", err, failed), "p:ä") {
		t.Error("the password is told")
	}
}

func TestAnUnknownSchemeIsAnError(t *testing.T) {
	unknown := inTLS()
	unknown.Auth = "digest"
	if scheme, err := NewSchemes().Begin(unknown, nil); err == nil {
		t.Errorf("%T", scheme)
	}
}

// TestASchemeTellsNoSecret prints a scheme in every way.
func TestASchemeTellsNoSecret(t *testing.T) {
	scheme, err := NewSchemes().Begin(inTLS(), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x"} {
		if told := fmt.Sprintf(verb, scheme); strings.Contains(told, "p:ä") || strings.Contains(told, fmt.Sprintf("%x", "p:ä")) {
			t.Errorf("%s tells the password: %s", verb, told)
		}
	}
}
