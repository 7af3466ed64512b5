package provider

import (
	"context"
	"log/slog"
	"slices"

	"github.com/hashicorp/terraform-plugin-log/tflog"
)

// winrmSubsystem is the name of the WinRM client in Terraform's log: TF_LOG_PROVIDER_BITS_WINRM sets its level.
const winrmSubsystem = "winrm"

// WinRMLog returns a logger that writes to Terraform's log. What is logged must carry the context of a call to the
// provider: that call's log is the one it goes to.
func WinRMLog() *slog.Logger { return slog.New(winrmLog{}) }

// winrmLog is a slog.Handler. Groups are not used by the WinRM client, and are dropped.
type winrmLog struct{ attrs []slog.Attr }

func (winrmLog) Enabled(context.Context, slog.Level) bool { return true }

func (l winrmLog) WithAttrs(attrs []slog.Attr) slog.Handler {
	return winrmLog{append(slices.Clip(l.attrs), attrs...)}
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
	switch {
	case r.Level >= slog.LevelError:
		write = tflog.SubsystemError
	case r.Level >= slog.LevelWarn:
		write = tflog.SubsystemWarn
	case r.Level >= slog.LevelInfo:
		write = tflog.SubsystemInfo
	case r.Level >= slog.LevelDebug:
		write = tflog.SubsystemDebug
	}
	write(ctx, winrmSubsystem, r.Message, fields)
	return nil
}
