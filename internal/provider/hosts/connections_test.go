package hosts

import (
	"testing"

	"github.com/winrmbits/terraform-provider-bits/internal/connection"
)

func TestHosts(t *testing.T) {
	for _, test := range []struct {
		name, a, b string
		same       bool
	}{
		{"case", "WEB01", "web01", true},
		{"the default port", "web01:5986", "web01", true},
		{"another port", "web01:5985", "web01", false},
		{"brackets", "[2001:db8::1]", "2001:DB8:0::1", true},
		{"an address with the default port", "[2001:db8::1]:5986", "2001:db8::1", true},
		{"another name", "web01", "web01.corp.example", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			common := Configuration{common: hostConfig{settings: connection.Settings{Port: 5986}}}
			if got := common.SameHost(test.a, test.b); got != test.same {
				t.Errorf("sameHost(%q, %q) = %v", test.a, test.b, got)
			}
		})
	}
}
