package provider

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

const invalidConfiguration = "Invalid Provider Configuration"

// setting is one attribute of the provider: where it stands, how texts name it, and its environment variable, if it has one.
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

// resolver collects what comes of resolving attributes one by one.
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

// resolved gives the configured value, else the environment's, else the default. An unknown value is noted and gives the
// default, which nobody uses.
func resolved[T any](r *resolver, of setting, value configured, parse func(string) (T, error), fallback T) T {
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
		r.refuse(of.at, fmt.Sprintf("%s: %s", origin, ended(err.Error())))
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
	r.diags.AddAttributeError(at, invalidConfiguration, detail)
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

func parseBool(s string) (bool, error) {
	b, err := strconv.ParseBool(s)
	if err != nil {
		return false, fmt.Errorf("%q is neither true nor false", s)
	}
	return b, nil
}

func parsePort(s string) (int, error) {
	port, err := strconv.Atoi(s)
	if err != nil || port < 1 || port > 65535 {
		return 0, fmt.Errorf("%q is no port: 1 to 65535 is expected", s)
	}
	return port, nil
}

func parseCount(s string) (int, error) {
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 {
		return 0, fmt.Errorf("%q is no number of 1 or more", s)
	}
	return n, nil
}

func parseDuration(s string) (time.Duration, error) {
	d, err := time.ParseDuration(s)
	if err != nil || d <= 0 {
		return 0, fmt.Errorf("%q is no duration: a number above 0 with a unit is expected, such as \"30s\" or \"1m30s\"", s)
	}
	return d, nil
}

func anyText(s string) (string, error) {
	if s == "" {
		return "", errors.New("it can't be empty")
	}
	return s, nil
}

func checked(check func(string) error) func(string) (string, error) {
	return func(s string) (string, error) { return s, check(s) }
}

func checkHost(s string) error {
	_, _, err := splitHost(s)
	return err
}

// checkUsername refuses what Windows refuses, too.
func checkUsername(name string) error {
	if strings.Contains(name, ":") {
		return errors.New("a user name can't hold a colon: Windows knows no such names, and Basic authentication could not tell it from the password (RFC 7617)")
	}
	return nil
}

// only takes one of the allowed words.
func only[T ~string](allowed ...T) func(string) (T, error) {
	return func(s string) (T, error) {
		if slices.Contains(allowed, T(s)) {
			return T(s), nil
		}
		return "", fmt.Errorf("%q is not supported: one of %q is expected", s, allowed)
	}
}
