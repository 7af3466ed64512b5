// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"cmp"
	"context"
	"log/slog"
	"os"
	"slices"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/terraform-plugin-log/tflog"
)

// winrmSubsystem is the name of the WinRM client in Terraform's log: TF_LOG_PROVIDER_BITS_WINRM sets its level.
const winrmSubsystem = "winrm"

// WinRMLog returns a logger that writes to Terraform's log. What is logged must carry the context of a call to the
// provider: that call's log is the one it goes to.
func WinRMLog() *slog.Logger {
	level := cmp.Or(os.Getenv("TF_LOG_PROVIDER_BITS_WINRM"), os.Getenv("TF_LOG_PROVIDER_BITS"))
	return slog.New(winrmLog{level: hclog.LevelFromString(level)})
}

// winrmLog is a slog.Handler. Groups are not used by the WinRM client, and are dropped.
type winrmLog struct {
	level hclog.Level // the least that is logged; NoLevel logs everything
	attrs []slog.Attr
}

// Enabled keeps what is not logged from being put together.
func (l winrmLog) Enabled(_ context.Context, level slog.Level) bool {
	return hclogLevel(level) >= l.level
}

// hclogLevel returns the level of Terraform's log for one of slog.
func hclogLevel(level slog.Level) hclog.Level {
	switch {
	case level >= slog.LevelError:
		return hclog.Error
	case level >= slog.LevelWarn:
		return hclog.Warn
	case level >= slog.LevelInfo:
		return hclog.Info
	case level >= slog.LevelDebug:
		return hclog.Debug
	}
	return hclog.Trace
}

func (l winrmLog) WithAttrs(attrs []slog.Attr) slog.Handler {
	l.attrs = append(slices.Clip(l.attrs), attrs...)
	return l
}

func (l winrmLog) WithGroup(string) slog.Handler { return l }

func (l winrmLog) Handle(ctx context.Context, r slog.Record) error {
	fields := map[string]any{}
	for _, a := range l.attrs {
		fields[a.Key] = a.Value.Resolve().Any()
	}
	r.Attrs(func(a slog.Attr) bool {
		fields[a.Key] = a.Value.Resolve().Any()
		return true
	})
	ctx = tflog.NewSubsystem(ctx, winrmSubsystem, tflog.WithLevelFromEnv("TF_LOG_PROVIDER_BITS", "WINRM"))
	write := tflog.SubsystemTrace
	switch hclogLevel(r.Level) {
	case hclog.Error:
		write = tflog.SubsystemError
	case hclog.Warn:
		write = tflog.SubsystemWarn
	case hclog.Info:
		write = tflog.SubsystemInfo
	case hclog.Debug:
		write = tflog.SubsystemDebug
	default:
	}
	write(ctx, winrmSubsystem, r.Message, fields)
	return nil
}
