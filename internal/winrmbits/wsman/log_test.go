// SPDX-License-Identifier: MPL-2.0

package wsman

import (
	"errors"
	"log/slog"
	"strings"
	"testing"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/connection"
)

func TestALogHoldsNoSecretWhateverItQuotes(t *testing.T) {
	const short, long = "hunter2", "hunter2-and-more"
	quoting := "it says " + short + " and " + long
	for _, tt := range []struct {
		settings connection.Settings
		want     string
	}{
		{connection.Settings{}, quoting},
		{connection.Settings{Password: bits.NewSecret(short), ProxyURL: bits.NewSecret(long)}, "it says " + bits.Masked + " and " + bits.Masked},
		{connection.Settings{ClientKey: bits.NewSecret(quoting)}, bits.Masked},
	} {
		var log strings.Builder
		handler := slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})
		NewLog(slog.New(handler), tt.settings).Debug(t.Context(), "exchange", "text", quoting, "error", errors.New(quoting), "list", []string{quoting}, "number", 7)
		got := log.String()
		if strings.Count(got, tt.want) != 3 || !strings.Contains(got, "number=7") || tt.want != quoting && strings.Contains(got, short) {
			t.Errorf("the log is %s", got)
		}
	}
}
