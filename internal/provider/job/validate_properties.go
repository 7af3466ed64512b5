package job

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/attrs"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/report"
)

// secondsValidator takes durations of whole seconds, from a least one on; zero is a case of its own.
type secondsValidator struct {
	least time.Duration
	zero  bool
}

func (v secondsValidator) Description(context.Context) string {
	return fmt.Sprintf("a duration of whole seconds, at least %s", v.least)
}

func (v secondsValidator) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (v secondsValidator) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	attrs.ValidateString(req, resp, "Invalid Duration", v.check)
}

func (v secondsValidator) check(s string) error {
	d, err := time.ParseDuration(s)
	switch {
	case err != nil:
		return nil //nolint:nilerr // the type of the attribute tells
	case d%time.Second != 0:
		return fmt.Errorf("%s is not a whole number of seconds, and BITS counts in seconds: write it without the fraction, such as 90s or 10m", s)
	case d == 0 && v.zero:
		return nil
	case d < v.least && v.zero:
		return fmt.Errorf("%s is too short: 0s, or %s and more, is what BITS takes", s, v.least)
	case d < v.least:
		return fmt.Errorf("%s is too short: BITS takes %s and more", s, v.least)
	case d/time.Second > math.MaxInt32:
		return errors.New("this is too long: the cmdlets take at most 2147483647 seconds, which is 596523h14m7s")
	}
	return nil
}

// timeoutValidator takes durations in which something can be done.
type timeoutValidator struct{}

func (timeoutValidator) Description(context.Context) string { return "a duration longer than 0s" }

func (v timeoutValidator) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (timeoutValidator) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	attrs.ValidateString(req, resp, "Invalid Duration", func(s string) error {
		if d, err := time.ParseDuration(s); err == nil && d <= 0 { // what is no duration the attribute's other validator tells
			return fmt.Errorf("within %s nothing can be done: a duration longer than 0s is expected, such as 30m", s)
		}
		return nil
	})
}

// validateProperties checks what concerns more than one property.
func validateProperties(config model) diag.Diagnostics {
	var diags diag.Diagnostics
	for _, check := range []func(model) diag.Diagnostics{validateRetries, validateProxy, validateHTTP} {
		diags.Append(check(config)...)
	}
	return diags
}

// validateRetries refuses a job that would fail at its first trouble. Source: Start-BitsTransfer, learn.microsoft.com.
func validateRetries(config model) diag.Diagnostics {
	p := config.sent(properties...)
	delay, told := bits.Seconds(bits.DefaultRetryDelay), "the 10m that BITS waits before a retry while minimum_retry_delay is not set"
	if p.MinimumRetryDelay != nil {
		delay, told = *p.MinimumRetryDelay, "minimum_retry_delay ("+config.MinimumRetryDelay.ValueString()+")"
	}
	if config.MinimumRetryDelay.IsUnknown() || p.NoProgressTimeout == nil || *p.NoProgressTimeout == 0 || *p.NoProgressTimeout >= delay {
		return nil
	}
	return conflict("no_progress_timeout", "%s is shorter than %s, so the job would fail before its first retry: make it "+
		"as long as the delay, set a shorter minimum_retry_delay (1m at least), or set it to 0s if the job shall never retry.",
		config.NoProgressTimeout.ValueString(), told)
}

func conflict(attribute, format string, values ...any) diag.Diagnostics {
	return diag.Diagnostics{diag.NewAttributeErrorDiagnostic(path.Root(attribute), "Conflicting Attributes", fmt.Sprintf(format, values...))}
}

// noticeOpenToUsers warns of directories in which others than administrators may put files.
func noticeOpenToUsers(host string, job bits.Job) diag.Diagnostics {
	if len(job.OpenToUsers) == 0 {
		return nil
	}
	return diag.Diagnostics{report.Notice(path.Root("files"), "Destination Directory Open to Users", fmt.Sprintf(
		"On %s not only administrators may put files into %s: somebody could replace what BITS writes there before it is used, or swap a directory for a "+
			"link. Choose a directory that only administrators and SYSTEM may write to, or restrict the permissions of this one.",
		host, strings.Join(job.OpenToUsers, ", ")))}
}
