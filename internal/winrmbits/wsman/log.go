package wsman

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/connection"
)

// Masked returns a logger whose messages and attributes do not hold the secrets of a connection, whatever they quote.
func Masked(log *slog.Logger, s connection.Settings) *slog.Logger {
	var secrets []string
	for _, secret := range []bits.Secret{s.Password, s.ClientKey, s.ProxyURL} {
		if text := secret.Reveal(); text != "" {
			secrets = append(secrets, text)
		}
	}
	slices.SortFunc(secrets, func(a, b string) int { return cmp.Compare(len(b), len(a)) }) // one may be a part of another
	var pairs []string
	for _, text := range secrets {
		pairs = append(pairs, text, bits.Masked)
	}
	return slog.New(masking{log.Handler(), strings.NewReplacer(pairs...)})
}

// masking replaces secrets before another handler gets a record.
type masking struct {
	slog.Handler
	secrets *strings.Replacer
}

// Handle is for slog.Handler.
func (m masking) Handle(ctx context.Context, r slog.Record) error {
	masked := slog.NewRecord(r.Time, r.Level, m.secrets.Replace(r.Message), r.PC)
	r.Attrs(func(a slog.Attr) bool {
		masked.AddAttrs(m.mask(a))
		return true
	})
	return m.Handler.Handle(ctx, masked)
}

// WithAttrs is for slog.Handler.
func (m masking) WithAttrs(attrs []slog.Attr) slog.Handler {
	return masking{m.Handler.WithAttrs(m.all(attrs)), m.secrets}
}

// WithGroup is for slog.Handler.
func (m masking) WithGroup(name string) slog.Handler {
	return masking{m.Handler.WithGroup(name), m.secrets}
}

func (m masking) mask(a slog.Attr) slog.Attr {
	switch value := a.Value.Resolve(); value.Kind() {
	case slog.KindString, slog.KindAny:
		return slog.String(a.Key, m.secrets.Replace(fmt.Sprint(value.Any())))
	case slog.KindGroup:
		return slog.Attr{Key: a.Key, Value: slog.GroupValue(m.all(value.Group())...)}
	default:
		return a
	}
}

func (m masking) all(attrs []slog.Attr) []slog.Attr {
	masked := make([]slog.Attr, len(attrs))
	for i, a := range attrs {
		masked[i] = m.mask(a)
	}
	return masked
}
