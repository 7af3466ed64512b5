// SPDX-License-Identifier: MPL-2.0

// Package report makes all diagnostics of the provider: what was being done, what the host answered, where, and what to do now.
package report

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/connection"
)

// maxDetail is how many characters a diagnostic has at most, however much its host says.
const maxDetail = 8000

// Problem returns an error at an attribute, or without one for the empty path. A text about a part of an attribute names it: a
// CLI shows the line of the attribute. Secrets in URLs are hidden, and no name or word of a host controls the terminal.
func Problem(at path.Path, summary Summary, format string, args ...any) diag.Diagnostic {
	detail := bits.Cut(bits.Printable(Redact(fmt.Sprintf(format, args...))), maxDetail)
	if at.Equal(path.Empty()) {
		return diag.NewErrorDiagnostic(summary.text, detail)
	}
	return diag.NewAttributeErrorDiagnostic(withLine(at), summary.text, detail)
}

// withLine returns the part of a path of which a CLI finds the line: an attribute, or the key of a map. For anything within them
// it shows the line of the whole resource.
func withLine(at path.Path) path.Path {
	within := at.Steps()
	if len(within) < 2 {
		return at
	}
	attribute := path.Empty()
	if name, found := within[0].(path.PathStepAttributeName); found {
		attribute = attribute.AtName(string(name))
	}
	if key, found := within[1].(path.PathStepElementKeyString); found {
		return attribute.AtMapKey(string(key))
	}
	return attribute
}

// Notice returns a warning: nothing failed.
func Notice(at path.Path, summary Summary, format string, args ...any) diag.Diagnostic {
	return AsWarning(Problem(at, summary, format, args...))
}

// Finding returns what is wrong with the settings of a connection.
func Finding(at path.Path, f connection.Finding, detail string) diag.Diagnostic {
	return Problem(at, Summary{f.Summary}, "%s", detail)
}

// AsWarning returns a diagnostic as a warning.
func AsWarning(d diag.Diagnostic) diag.Diagnostic { return warning(d, d.Detail()) }

// WillFail returns an error that an apply will return as a warning of the plan.
func WillFail(d diag.Diagnostic) diag.Diagnostic {
	return warning(d, "Applying this plan will fail. "+d.Detail())
}

// OfHost returns the diagnostic of one of several hosts: a CLI shows one of the warnings that have the same summary, so the summary names
// the host.
func OfHost(d diag.Diagnostic, host string) diag.Diagnostic {
	summary := d.Summary() + ": " + bits.QuotableName(host)
	if d.Severity() == diag.SeverityWarning {
		return diag.NewWarningDiagnostic(summary, d.Detail())
	}
	return diag.NewErrorDiagnostic(summary, d.Detail())
}

// warning returns a diagnostic as a warning with another detail.
func warning(d diag.Diagnostic, detail string) diag.Diagnostic {
	if at, ok := d.(diag.DiagnosticWithPath); ok {
		return diag.NewAttributeWarningDiagnostic(at.Path(), d.Summary(), detail)
	}
	return diag.NewWarningDiagnostic(d.Summary(), detail)
}

// Sentence makes a sentence of an error's text: with a capital letter, and a period.
func Sentence(text string) string { return WithPeriod(UpperFirst(text)) }

// UpperFirst returns a text with a capital letter.
func UpperFirst(text string) string {
	return strings.ToUpper(text[:min(1, len(text))]) + text[min(1, len(text)):]
}

// WithPeriod ends a text with a period.
func WithPeriod(text string) string {
	if text == "" || strings.HasSuffix(text, ".") {
		return text
	}
	return text + "."
}

var (
	urls     = regexp.MustCompile(`(?i)[a-z][a-z0-9+.-]*://[^\s"'<>` + "`" + `]+`)
	userinfo = regexp.MustCompile(`://[^/?#]*@`)
)

const hidden = "(hidden)"

// Redact hides what may be secret in the URLs of a text: user and password, the query string (which has the signatures
// of presigned URLs) and the fragment.
func Redact(text string) string {
	return urls.ReplaceAllStringFunc(text, func(u string) string {
		u = userinfo.ReplaceAllLiteralString(u, "://"+hidden+"@")
		if i := strings.IndexAny(u, "?#"); i >= 0 {
			u = u[:i+1] + hidden
		}
		return u
	})
}
