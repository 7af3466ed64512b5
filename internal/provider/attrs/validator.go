// SPDX-License-Identifier: MPL-2.0

package attrs

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"unicode/utf16"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/connection"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/report"
)

// Expects describes what a validator expects.
type Expects string

// Description returns the description.
func (e Expects) Description(context.Context) string { return string(e) }

// MarkdownDescription returns the description.
func (e Expects) MarkdownDescription(context.Context) string { return string(e) }

// TextValidator checks a text. Unknown and null values pass.
type TextValidator struct {
	Expects
	Summary report.Summary
	Check   func(string) error
}

// Text returns a validator of texts; expects completes "value must be ...".
func Text(expects string, summary report.Summary, check func(string) error) TextValidator {
	return TextValidator{Expects: Expects(expects), Summary: summary, Check: check}
}

// ValidateString reports what is wrong on the attribute. A CLI shows no more of the place than the resource when it is within a
// list, so the text names it.
func (v TextValidator) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	if err := v.Check(req.ConfigValue.ValueString()); err != nil {
		place := ""
		if len(req.Path.Steps()) > 1 {
			place = req.Path.String() + ": "
		}
		resp.Diagnostics.Append(report.Problem(req.Path, v.Summary, "%s%s", place, report.Sentence(err.Error())))
	}
}

// OneOf returns a validator of words.
func OneOf[W ~string](words ...W) validator.String {
	allowed := make([]string, len(words))
	for i, w := range words {
		allowed[i] = string(w)
	}
	return stringvalidator.OneOf(allowed...)
}

// Host checks the host of a resource or a data source.
var Host = Text("a host name or an address, optionally with a port", report.InvalidHost, func(s string) error {
	_, _, err := connection.SplitHost(s)
	return err
})

// JobID checks the id of a job.
var JobID = Text("the GUID of a job", report.InvalidJobID, func(s string) error {
	_, err := bits.ParseJobID(s)
	return err
})

// JobName checks the display name of a job that is to be found by it.
var JobName = Text("the display name of a job", report.InvalidDisplayName, func(name string) error {
	if name == "" {
		return errors.New("a display name can't be empty")
	}
	return nil
})

// NamesOneJob checks that a configuration names a job by its id or by its display name. Values that are not known yet may be null later.
func NamesOneJob(id, displayName types.String) diag.Diagnostics {
	switch {
	case id.IsNull() && displayName.IsNull():
		return diag.Diagnostics{report.Problem(path.Root("id"), report.MissingAttribute,
			"Neither id nor display_name is set. Set one of them to identify the job.")}
	case IsSet(id) && IsSet(displayName):
		return diag.Diagnostics{report.Problem(path.Root("display_name"), report.ConflictingAttributes,
			"Both id and display_name are set. Remove one of them.")}
	}
	return nil
}

// UTF16Len is the length of a text as Windows counts it: UTF-16 code units.
func UTF16Len(s string) int { return len(utf16.Encode([]rune(s))) }

// CheckLength refuses a text that is too long, or has a character that Windows ends texts with. It does not quote the text, which
// may be a secret.
func CheckLength(what, text string, limit int) error {
	if strings.ContainsRune(text, 0) {
		return fmt.Errorf("a %s can't contain the character U+0000, which ends texts in Windows", what)
	}
	if n := UTF16Len(text); n > limit {
		return fmt.Errorf("a %s has at most %d UTF-16 code units, and this one has %d: characters outside the basic plane, such as emoji, "+
			"count as two", what, limit, n)
	}
	return nil
}
