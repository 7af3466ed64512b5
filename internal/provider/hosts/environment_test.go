// SPDX-License-Identifier: MPL-2.0

package hosts

import (
	"strings"
	"testing"

	"github.com/winrmbits/terraform-provider-bits/internal/connection"
)

func TestFromEnvironmentIsAnEmptyConfiguration(t *testing.T) {
	for _, test := range []struct {
		name      string
		variables map[string]string
		want      string // of the error; "" for none
	}{
		{"a host with its port", map[string]string{"BITS_HOST": "WEB01:88", "BITS_USERNAME": "u", "BITS_PASSWORD": "p"}, ""},
		{"no password", map[string]string{"BITS_HOST": "web01", "BITS_USERNAME": "u"}, "BITS_PASSWORD"},
		{"no host", nil, "BITS_HOST"},
		{"a wrong value", map[string]string{"BITS_HOST": "web01", "BITS_PORT": "many"}, "BITS_PORT"},
		{"a conflict", map[string]string{"BITS_HOST": "web01", "BITS_AUTH": "basic", "BITS_HTTPS": "false"}, "https = true"},
		{"an address under Kerberos", map[string]string{"BITS_HOST": "10.0.0.5", "BITS_AUTH": "kerberos"}, "Kerberos"},
	} {
		t.Run(test.name, func(t *testing.T) {
			s, err := FromEnvironment(func(name string) string { return test.variables[name] })
			switch {
			case test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)):
				t.Errorf("the error is %v, want %q in it", err, test.want)
			case test.want == "" && (err != nil || s.Host != "web01" || s.Port != 88 || !s.HTTPS || s.Auth != connection.DefaultAuth):
				t.Errorf("%+v, %v", s, err)
			}
		})
	}
}
