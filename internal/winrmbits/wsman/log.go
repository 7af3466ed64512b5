// SPDX-License-Identifier: MPL-2.0

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

// Log is the log of a connection. It holds none of the connection's secrets, whatever the errors quote.
type Log struct {
	log     *slog.Logger
	secrets *strings.Replacer
}

// NewLog returns a log that masks the secrets of a connection; nil discards everything.
func NewLog(log *slog.Logger, s connection.Settings) Log {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
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
	return Log{log, strings.NewReplacer(pairs...)}
}

// Debug logs a message with names and values in turn, as slog does.
func (l Log) Debug(ctx context.Context, message string, fields ...any) {
	if !l.log.Enabled(ctx, slog.LevelDebug) {
		return
	}
	for i, field := range fields {
		switch field.(type) {
		case int, int64, uint32:
		default:
			fields[i] = l.secrets.Replace(fmt.Sprint(field))
		}
	}
	l.log.DebugContext(ctx, message, fields...)
}
