package job

import (
	"errors"
	"fmt"
	"math"
	"net/url"
	"strings"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/attrs"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/report"
)

// Validators of texts. Those of files are in validate_files.go.
var (
	validDisplayName = attrs.Text(fmt.Sprintf("1 to %d UTF-16 code units", bits.MaxDisplayName), report.InvalidDisplayName, checkDisplayName)
	validDescription = atMost("description", bits.MaxDescription, report.InvalidDescription)
	validPassword    = atMost("password", bits.MaxPassword, report.InvalidPassword)
	validUserName    = atMost("user name", bits.MaxUsername, report.InvalidUserName)
	validTimeout     = attrs.Text("a duration longer than 0s", report.InvalidDuration, checkTimeout)
	validMethod      = attrs.Text("an HTTP method in capitals", report.InvalidHTTPMethod, checkMethod)
	validThumbprint  = attrs.Text("40 hexadecimal digits, with or without blanks or colons", report.InvalidThumbprint, checkThumbprint)
	validProxy       = attrs.Text("the URL of a proxy, such as http://proxy.corp.example:3128", report.InvalidProxy, checkProxy)
	validBypass      = attrs.Text("a host, a pattern such as *.corp.example, or <local>", report.InvalidBypass, checkBypass)
)

// atMost limits the length of a text.
func atMost(what string, limit int, summary report.Summary) attrs.TextValidator {
	return attrs.Text(fmt.Sprintf("at most %d UTF-16 code units", limit), summary, func(s string) error {
		return attrs.CheckLength(what, s, limit)
	})
}

func checkDisplayName(name string) error {
	if name == "" {
		return errors.New("a display name can't be empty: administrators tell jobs apart by it")
	}
	if strings.HasPrefix(name, bits.PendingPrefix) {
		return fmt.Errorf("a display name can't begin with %q: this provider marks jobs with it that are not finished being made", bits.PendingPrefix)
	}
	return attrs.CheckLength("display name", name, bits.MaxDisplayName)
}

// seconds accepts durations of whole seconds, at least a minimum; with zero also 0s.
func seconds(least time.Duration, zero bool) attrs.TextValidator {
	return attrs.Text(fmt.Sprintf("a duration of whole seconds, at least %s", least), report.InvalidDuration, func(s string) error {
		d, err := time.ParseDuration(s)
		switch {
		case err != nil:
			return nil //nolint:nilerr // the type of the attribute reports it
		case d%time.Second != 0:
			return fmt.Errorf("%s is not a whole number of seconds, and BITS counts in seconds: write it without the fraction, such as 90s or 10m", s)
		case d == 0 && zero:
			return nil
		case d < least && zero:
			return fmt.Errorf("%s is too short: 0s, or %s and more, is what BITS takes", s, least)
		case d < least:
			return fmt.Errorf("%s is too short: BITS takes %s and more", s, least)
		case d/time.Second > math.MaxInt32:
			return errors.New("this is too long: the cmdlets take at most 2147483647 seconds, which is 596523h14m7s")
		}
		return nil
	})
}

func checkTimeout(s string) error {
	if d, err := time.ParseDuration(s); err == nil && d <= 0 { // the attribute's other validator reports what is not a duration
		return fmt.Errorf("within %s nothing can be done: a duration longer than 0s is expected, such as 30m", s)
	}
	return nil
}

func checkMethod(s string) error {
	if s == "" || strings.ContainsFunc(s, func(r rune) bool { return (r < 'A' || r > 'Z') && r != '-' }) {
		return fmt.Errorf("%q is not an HTTP method: capital letters are expected, such as GET or POST", s)
	}
	return nil
}

func checkThumbprint(s string) error {
	digits := normalizeThumbprint(s)
	if i := strings.IndexFunc(digits, func(r rune) bool { return !strings.ContainsRune("0123456789abcdef", r) }); i >= 0 {
		return fmt.Errorf("%q holds %q, and a thumbprint is 40 hexadecimal digits, with or without blanks or colons between them", s, []rune(digits[i:])[0])
	}
	if n := len(digits); n == 64 {
		return errors.New("this has 64 digits, as SHA-256 has, and BITS finds certificates by their SHA-1 thumbprint of 40: it is the one that Windows shows")
	} else if n != 40 {
		return fmt.Errorf("a thumbprint is 40 hexadecimal digits, and this one has %d", n)
	}
	return nil
}

func checkProxy(s string) error {
	u, err := url.Parse(s)
	switch {
	case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || strings.Trim(u.Path, "/")+u.RawQuery+u.Fragment != "":
		return errors.New("a proxy is written as scheme, host and port: http://proxy.corp.example:3128 is the form")
	case u.User != nil:
		return errors.New("a proxy's URL can't hold user and password: use proxy.username and proxy.password_wo")
	}
	return checkPort(u)
}

func checkBypass(s string) error {
	if s == "" || strings.ContainsAny(s, " ;,\t\r\n") {
		return errors.New("an element of bypass_list is one host, one pattern such as *.corp.example, or <local>: write several as several elements")
	}
	return nil
}
