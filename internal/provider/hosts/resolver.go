package hosts

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/winrmbits/terraform-provider-bits/internal/provider/report"
)

// resolver resolves the attributes of an object one by one, and collects what is unknown or wrong.
type resolver struct {
	in      path.Path             // the object; the empty path is the provider block itself
	values  map[string]attr.Value // as configured; a value that is absent is null
	env     func(string) string
	files   bool     // files may be read: terraform validate may run elsewhere
	unknown []string // attributes whose values are known only after an apply
	diags   diag.Diagnostics
}

// variable is the environment variable of an attribute, such as kerberos.spn.
func variable(attribute string) string {
	return "BITS_" + strings.ToUpper(strings.ReplaceAll(attribute, ".", "_"))
}

// resolve returns the configured value of an attribute, else that of the environment, where "" counts as none, else the default. For
// an unknown value, which is noted, it returns the default, and nothing uses it.
func resolve[T any](r *resolver, name string, parse func(string) (T, error), fallback T) T {
	at := r.in.AtName(name)
	origin, text := at.String(), ""
	switch value := r.values[name].(type) {
	case nil:
	case types.String:
		text = value.ValueString()
	default:
		text = value.String()
	}
	switch {
	case r.isNull(name):
		origin = variable(origin)
		if text = r.env(origin); text == "" {
			return fallback
		}
	case r.values[name].IsUnknown():
		r.unknown = append(r.unknown, origin)
		return fallback
	}
	parsed, err := parse(text)
	if err != nil {
		r.refuse(at, fmt.Sprintf("%s: %s", origin, report.WithPeriod(err.Error())))
		return fallback
	}
	return parsed
}

func (r *resolver) isNull(name string) bool { return r.values[name] == nil || r.values[name].IsNull() }

func (r *resolver) refuse(at path.Path, detail string) {
	r.diags.Append(report.Problem(at, report.InvalidProviderConfiguration, "%s", detail))
}

func parseCount(s string) (int, error) {
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 {
		return 0, fmt.Errorf("%q is not a number of 1 or more", s)
	}
	return n, nil
}
