package report

import (
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
)

// Sentence makes a sentence of an error's text.
func Sentence(text string) string {
	if text == "" {
		return ""
	}
	text = strings.ToUpper(text[:1]) + text[1:]
	if !strings.HasSuffix(text, ".") {
		text += "."
	}
	return text
}

// WithPeriod ends a text with a full stop.
func WithPeriod(text string) string {
	if strings.HasSuffix(text, ".") {
		return text
	}
	return text + "."
}

func UpperFirst(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

func Notice(at path.Path, summary, detail string) diag.Diagnostic {
	if at.Equal(path.Empty()) {
		return diag.NewWarningDiagnostic(summary, Redact(detail))
	}
	return diag.NewAttributeWarningDiagnostic(at, summary, Redact(detail))
}

func AsWarning(d diag.Diagnostic) diag.Diagnostic {
	if at, ok := d.(diag.DiagnosticWithPath); ok {
		return diag.NewAttributeWarningDiagnostic(at.Path(), d.Summary(), d.Detail())
	}
	return diag.NewWarningDiagnostic(d.Summary(), d.Detail())
}
