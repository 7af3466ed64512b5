// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"os"
	"testing"
)

func TestNothingIsLoggedThatTheCLIDrops(t *testing.T) {
	for _, c := range []struct {
		name          string
		env           map[string]string
		sdk, provider string // the levels afterwards
	}{
		{"no variable is set", nil, "OFF", "OFF"},
		{"the CLI keeps everything", map[string]string{"TF_LOG": "trace"}, "TRACE", "TRACE"},
		{"the CLI keeps everything, in JSON", map[string]string{"TF_LOG": "JSON"}, "", ""},
		{"the CLI keeps warnings", map[string]string{"TF_LOG": "WARN"}, "WARN", "WARN"},
		{"only the CLI logs", map[string]string{"TF_LOG": "TRACE", "TF_LOG_PROVIDER": "OFF"}, "OFF", "OFF"},
		{"only providers log", map[string]string{"TF_LOG_PROVIDER": "INFO"}, "INFO", "INFO"},
		{"the SDK has a level of its own", map[string]string{"TF_LOG_PROVIDER": "DEBUG", "TF_LOG_SDK": "OFF"}, "OFF", "DEBUG"},
		{"the provider has a level of its own", map[string]string{"TF_LOG": "TRACE", "TF_LOG_PROVIDER_BITS": "INFO"}, "TRACE", "INFO"},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, name := range []string{"TF_LOG", "TF_LOG_PROVIDER", "TF_LOG_SDK", "TF_LOG_PROVIDER_BITS"} {
				t.Setenv(name, c.env[name])
			}
			if err := LimitLog(); err != nil {
				t.Fatal(err)
			}
			if sdk, provider := os.Getenv("TF_LOG_SDK"), os.Getenv("TF_LOG_PROVIDER_BITS"); sdk != c.sdk || provider != c.provider {
				t.Errorf("TF_LOG_SDK=%s TF_LOG_PROVIDER_BITS=%s, want %s and %s", sdk, provider, c.sdk, c.provider)
			}
		})
	}
}
