package job

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/attrs"
)

type displayNameValidator struct{}

func (displayNameValidator) Description(context.Context) string {
	return fmt.Sprintf("1 to %d UTF-16 code units", bits.MaxDisplayName)
}

func (v displayNameValidator) MarkdownDescription(ctx context.Context) string {
	return v.Description(ctx)
}

func (displayNameValidator) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	attrs.ValidateString(req, resp, "Invalid Display Name", checkDisplayName)
}

func checkDisplayName(name string) error {
	if name == "" {
		return errors.New("a display name can't be empty: administrators tell jobs apart by it")
	}
	if strings.HasPrefix(name, bits.PendingPrefix) {
		return fmt.Errorf("a display name can't begin with %q: this provider marks jobs with it that are not finished being made", bits.PendingPrefix)
	}
	return attrs.CheckText("display name", name, bits.MaxDisplayName)
}

type descriptionValidator struct{}

func (descriptionValidator) Description(context.Context) string {
	return fmt.Sprintf("at most %d UTF-16 code units", bits.MaxDescription)
}

func (v descriptionValidator) MarkdownDescription(ctx context.Context) string {
	return v.Description(ctx)
}

func (descriptionValidator) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	attrs.ValidateString(req, resp, "Invalid Description", func(s string) error {
		return attrs.CheckText("description", s, bits.MaxDescription)
	})
}
