// Package secret has the text that nobody prints: passwords, tokens, keys.
package secret

import (
	"fmt"
	"log/slog"
	"unique"
)

// Text is a text that no format verb, logger or encoder prints, not even where it sits in an unexported field,
// whose methods package fmt does not call. Equal texts are equal secrets; the zero value is the empty text.
type Text struct{ text unique.Handle[string] }

// Masked is what stands for a secret wherever one is printed.
const Masked = "(sensitive)"

// New makes a secret of a text.
func New(text string) Text {
	if text == "" {
		return Text{}
	}
	return Text{unique.Make(text)}
}

// Reveal gives the text. Call it only where it is sent.
func (t Text) Reveal() string {
	if t == (Text{}) {
		return ""
	}
	return t.text.Value()
}

// String masks the text.
func (Text) String() string { return Masked }

// Format masks the text for every verb of package fmt.
func (Text) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(Masked)) }

// LogValue masks the text for log/slog.
func (Text) LogValue() slog.Value { return slog.StringValue(Masked) }

// MarshalText masks the text for encoders.
func (Text) MarshalText() ([]byte, error) { return []byte(Masked), nil }
