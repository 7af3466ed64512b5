// SPDX-License-Identifier: MPL-2.0

package bits

import (
	"fmt"
	"log/slog"
	"unique"
)

// Secret is a text that no format verb, logger or encoder prints, not even in an unexported field,
// whose methods package fmt does not call. Equal texts are equal secrets; the zero value is the empty text.
type Secret struct{ text unique.Handle[string] }

// Masked is printed instead of a secret.
const Masked = "(sensitive)"

// NewSecret returns a text as a secret.
func NewSecret(text string) Secret {
	if text == "" {
		return Secret{}
	}
	return Secret{unique.Make(text)}
}

// Reveal returns the text. Call it only where it is sent.
func (t Secret) Reveal() string {
	if t == (Secret{}) {
		return ""
	}
	return t.text.Value()
}

// String masks the text.
func (Secret) String() string { return Masked }

// Format masks the text for every verb of package fmt.
func (Secret) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(Masked)) }

// LogValue masks the text for log/slog.
func (Secret) LogValue() slog.Value { return slog.StringValue(Masked) }

// MarshalText masks the text for encoders.
func (Secret) MarshalText() ([]byte, error) { return []byte(Masked), nil }
