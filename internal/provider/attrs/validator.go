package attrs

import (
	"fmt"
	"strings"
	"unicode/utf16"

	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/report"
)

// ValidateString checks a known string and tells what is wrong on its attribute. Unknown and null values pass. A CLI
// shows no more of the place than the resource when it lies within a list, so the text names it.
func ValidateString(req validator.StringRequest, resp *validator.StringResponse, summary string, check func(string) error) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	if err := check(req.ConfigValue.ValueString()); err != nil {
		text := report.Sentence(report.Redact(err.Error()))
		if len(req.Path.Steps()) > 1 {
			text = req.Path.String() + ": " + text
		}
		resp.Diagnostics.AddAttributeError(req.Path, summary, text)
	}
}

// UTF16Len is the length of a text as Windows counts it: UTF-16 code units.
func UTF16Len(s string) int { return len(utf16.Encode([]rune(s))) }

func CheckText(what, text string, limit int) error {
	if strings.ContainsRune(text, 0) {
		return fmt.Errorf("a %s can't hold the character U+0000: Windows ends texts with it", what)
	}
	if n := UTF16Len(text); n > limit {
		return fmt.Errorf("a %s has at most %d UTF-16 code units, and this one has %d: characters outside the basic plane, such as emoji, count as two", what, limit, n)
	}
	return nil
}
