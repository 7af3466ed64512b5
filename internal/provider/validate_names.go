package provider

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"unicode/utf16"

	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
)

// units is the length of a text as Windows counts it: UTF-16 code units.
func units(s string) int { return len(utf16.Encode([]rune(s))) }

type displayNameValidator struct{}

func (displayNameValidator) Description(context.Context) string {
	return fmt.Sprintf("1 to %d UTF-16 code units", bits.MaxDisplayName)
}

func (v displayNameValidator) MarkdownDescription(ctx context.Context) string {
	return v.Description(ctx)
}

func (displayNameValidator) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	validateText(req, resp, "Invalid Display Name", checkDisplayName)
}

func checkDisplayName(name string) error {
	if name == "" {
		return errors.New("a display name can't be empty: administrators tell jobs apart by it")
	}
	if strings.HasPrefix(name, bits.PendingPrefix) {
		return fmt.Errorf("a display name can't begin with %q: this provider marks jobs with it that are not finished being made", bits.PendingPrefix)
	}
	return checkText("display name", name, bits.MaxDisplayName)
}

type descriptionValidator struct{}

func (descriptionValidator) Description(context.Context) string {
	return fmt.Sprintf("at most %d UTF-16 code units", bits.MaxDescription)
}

func (v descriptionValidator) MarkdownDescription(ctx context.Context) string {
	return v.Description(ctx)
}

func (descriptionValidator) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	validateText(req, resp, "Invalid Description", func(s string) error {
		return checkText("description", s, bits.MaxDescription)
	})
}

func checkText(what, text string, limit int) error {
	if strings.ContainsRune(text, 0) {
		return fmt.Errorf("a %s can't hold the character U+0000: Windows ends texts with it", what)
	}
	if n := units(text); n > limit {
		return fmt.Errorf("a %s has at most %d UTF-16 code units, and this one has %d: characters outside the basic plane, such as emoji, count as two", what, limit, n)
	}
	return nil
}
