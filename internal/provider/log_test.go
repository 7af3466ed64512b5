// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"bytes"
	"log/slog"
	"testing"

	"github.com/hashicorp/terraform-plugin-log/tflogtest"
)

func TestALogBelowTheProvidersLevelCostsNothing(t *testing.T) {
	t.Setenv("TF_LOG_PROVIDER_BITS", "OFF")
	l := WinRMLog()
	if got := testing.AllocsPerRun(100, func() { l.DebugContext(t.Context(), "WinRM exchange", "verb", "Send", "host", "web01:5986") }); got != 0 {
		t.Errorf("%v allocations", got)
	}
	t.Setenv("TF_LOG_PROVIDER_BITS_WINRM", "DEBUG")
	if l := WinRMLog(); !l.Enabled(t.Context(), slog.LevelDebug) || l.Enabled(t.Context(), slog.LevelDebug-1) {
		t.Error("the client's own level does not apply")
	}
}

func TestTheWinRMClientLogsToTerraformsLogInASubsystem(t *testing.T) {
	for value, want := range map[string][]string{"TRACE": {"trace", "debug", "info", "warn", "error"}, "WARN": {"warn", "error"}, "OFF": nil} {
		t.Run(value, func(t *testing.T) {
			t.Setenv("TF_LOG_PROVIDER_BITS_WINRM", value)
			var log bytes.Buffer
			ctx := tflogtest.RootLogger(t.Context(), &log)
			l := WinRMLog().With("host", "web01:5986")
			for _, level := range []slog.Level{slog.LevelDebug - 4, slog.LevelDebug, slog.LevelInfo, slog.LevelWarn, slog.LevelError} {
				l.Log(ctx, level, "WinRM exchange", "verb", "Send", "ms", 7)
			}
			lines, err := tflogtest.MultilineJSONDecode(&log)
			if err != nil || len(lines) != len(want) {
				t.Fatalf("%d lines, %v, want %v", len(lines), err, want)
			}
			for i, line := range lines {
				if line["@level"] != want[i] || line["@module"] != "provider.winrm" || line["@message"] != "WinRM exchange" ||
					line["host"] != "web01:5986" || line["verb"] != "Send" || line["ms"] != float64(7) {
					t.Errorf("line %d, want %s: %v", i, want[i], line)
				}
			}
		})
	}
}
