package hosts

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/winrmbits/terraform-provider-bits/internal/provider/report"
)

// setting is one attribute of the provider: its path, its name in texts, and its environment variable, if it has one.
type setting struct {
	at             path.Path
	name, variable string
}

func rootSetting(name string) setting {
	return setting{at: path.Root(name), name: name, variable: variable(name)}
}

func kerberosSetting(name string) setting {
	return setting{at: path.Root("kerberos").AtName(name), name: "kerberos." + name, variable: variable("kerberos_" + name)}
}

func hostSetting(key, name string) setting {
	return setting{at: path.Root("hosts").AtMapKey(key).AtName(name), name: fmt.Sprintf("hosts[%q].%s", key, name)}
}

// variable is the environment variable of an attribute.
func variable(attribute string) string { return "BITS_" + strings.ToUpper(attribute) }

// resolver resolves attributes one by one, and collects what is unknown or wrong.
type resolver struct {
	env     func(string) string
	files   bool     // files may be read: terraform validate may run elsewhere
	unknown []string // attributes whose values are known only after an apply
	diags   diag.Diagnostics
}

// configured is a value of the configuration, whatever its type.
type configured interface {
	IsNull() bool
	IsUnknown() bool
}

// resolve returns the configured value, else that of the environment, else the default. For an unknown value, which is noted, it
// returns the default, and nothing uses it.
func resolve[T any](r *resolver, of setting, value configured, parse func(string) (T, error), fallback T) T {
	var text string
	origin := of.name
	switch {
	case value.IsUnknown():
		r.unknown = append(r.unknown, of.name)
		return fallback
	case value.IsNull():
		if text, origin = r.variable(of), of.variable; text == "" {
			return fallback
		}
	default:
		text = plain(value)
	}
	parsed, err := parse(text)
	if err != nil {
		r.refuse(of.at, fmt.Sprintf("%s: %s", origin, report.WithPeriod(err.Error())))
		return fallback
	}
	return parsed
}

// variable is the environment's value of a setting; "" counts as none.
func (r *resolver) variable(of setting) string {
	if of.variable == "" {
		return ""
	}
	return r.env(of.variable)
}

func (r *resolver) refuse(at path.Path, detail string) {
	r.diags.Append(report.Problem(at, report.InvalidProviderConfiguration, "%s", detail))
}

func plain(value configured) string {
	switch v := value.(type) {
	case types.String:
		return v.ValueString()
	case types.Bool:
		return strconv.FormatBool(v.ValueBool())
	case types.Int64:
		return strconv.FormatInt(v.ValueInt64(), 10)
	}
	return ""
}

func parseCount(s string) (int, error) {
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 {
		return 0, fmt.Errorf("%q is not a number of 1 or more", s)
	}
	return n, nil
}
