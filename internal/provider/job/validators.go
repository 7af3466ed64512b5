// SPDX-License-Identifier: MPL-2.0

package job

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/connection"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/attrs"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/report"
)

// Validators of texts.
var (
	validDisplayName = attrs.Text(fmt.Sprintf("1 to %d UTF-16 code units", bits.MaxDisplayName), report.InvalidDisplayName, checkDisplayName)
	validDescription = attrs.Text(fmt.Sprintf("at most %d UTF-16 code units", bits.MaxDescription), report.InvalidDescription, checkDescription)
	validPassword    = attrs.Text(fmt.Sprintf("at most %d UTF-16 code units", bits.MaxPassword), report.InvalidPassword, checkPassword)
	validUserName    = attrs.Text(fmt.Sprintf("at most %d UTF-16 code units", bits.MaxUsername), report.InvalidUserName, checkUserName)
	validTimeout     = attrs.Text("a duration longer than 0s", report.InvalidDuration, checkTimeout)
	validMethod      = attrs.Text("an HTTP method in upper case", report.InvalidHTTPMethod, checkMethod)
	validThumbprint  = attrs.Text("40 hexadecimal digits, with or without spaces or colons", report.InvalidThumbprint, checkThumbprint)
	validProxy       = attrs.Text("the URL of a proxy, such as http://proxy.corp.example:3128", report.InvalidProxy, checkProxy)
	validLocalName   = attrs.Text(`an absolute path on the host, such as C:\ProgramData\Acme\p.cab`, report.InvalidLocalName, attrs.CheckPath)
	validRemoteName  = attrs.Text("an http, https or file URL, or a path of a share", report.InvalidRemoteName, checkRemoteName)
	validSHA256      = attrs.Text("64 hexadecimal digits", report.InvalidSHA256, checkSHA256)
	validBypass      = attrs.Text("a host, a pattern such as *.corp.example, or <local>", report.InvalidBypass, checkBypass)
)

func checkDescription(text string) error {
	return attrs.CheckLength("description", text, bits.MaxDescription)
}

func checkUserName(name string) error {
	if strings.ContainsFunc(name, unicode.IsControl) || strings.TrimSpace(name) != name {
		return fmt.Errorf("the user name %q has a line break, another control character, or a space around it: remove it, for example "+
			"with trimspace()", name)
	}
	return attrs.CheckLength("user name", name, bits.MaxUsername)
}

func checkPassword(password string) error {
	if strings.ContainsAny(password, "\r\n") {
		return errors.New("a password can't contain a line break, which often ends the content of a file: remove it, for " +
			"example with trimspace()")
	}
	return attrs.CheckLength("password", password, bits.MaxPassword)
}

func checkDisplayName(name string) error {
	if name == "" {
		return errors.New("a display name can't be empty: administrators identify jobs by it")
	}
	if strings.HasPrefix(name, bits.PendingPrefix) {
		return fmt.Errorf("a display name can't begin with %q, which this provider uses for jobs that it is still "+
			"creating", bits.PendingPrefix)
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
			return fmt.Errorf("%s is too short: BITS accepts 0s, or %s and more", s, least)
		case d < least:
			return fmt.Errorf("%s is too short: BITS accepts %s and more", s, least)
		case d/time.Second > math.MaxInt32:
			return errors.New("this is too long: the cmdlets accept at most 2147483647 seconds, which is 596523h14m7s")
		}
		return nil
	})
}

func checkTimeout(s string) error {
	if d, err := time.ParseDuration(s); err == nil && d <= 0 { // the attribute's other validator reports what is not a duration
		return fmt.Errorf("%s is not a usable limit: the duration must be longer than 0s, such as 30m", s)
	}
	return nil
}

func checkMethod(s string) error {
	if s == "" || strings.ContainsFunc(s, func(r rune) bool { return (r < 'A' || r > 'Z') && r != '-' }) {
		return fmt.Errorf("%q is not an HTTP method: use capital letters, such as GET or POST", s)
	}
	return nil
}

func checkThumbprint(s string) error {
	digits := normalizeThumbprint(s)
	if i := strings.IndexFunc(digits, func(r rune) bool { return !strings.ContainsRune("0123456789abcdef", r) }); i >= 0 {
		return fmt.Errorf("%q contains %q, and a thumbprint is 40 hexadecimal digits, with or without spaces or colons between them", s, []rune(digits[i:])[0])
	}
	if n := len(digits); n == 64 {
		return errors.New("this looks like a SHA-256 thumbprint (64 digits): BITS uses the SHA-1 thumbprint (40 digits), " +
			"which Windows shows")
	} else if n != 40 {
		return fmt.Errorf("a thumbprint is 40 hexadecimal digits, and this one has %d", n)
	}
	return nil
}

func checkProxy(s string) error {
	u, err := url.Parse(s)
	switch {
	case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || strings.Trim(u.Path, "/")+u.RawQuery+u.Fragment != "":
		return errors.New("write a proxy as scheme, host and port, such as http://proxy.corp.example:3128")
	case u.User != nil:
		return errors.New("a proxy's URL can't contain a user name or password: use proxy.username and proxy.password_wo")
	}
	return checkPort(u)
}

func checkBypass(s string) error {
	if s == "" || strings.ContainsAny(s, " ;,\t\r\n") {
		return errors.New("an element of bypass_list is one host, one pattern such as *.corp.example, or <local>: use one " +
			"element for each")
	}
	return nil
}

// distinctFiles expects every local name once.
type distinctFiles struct{ attrs.Expects }

func (distinctFiles) ValidateList(_ context.Context, req validator.ListRequest, resp *validator.ListResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	seen := map[string]int{}
	for i, f := range filesOf(req.ConfigValue) {
		if f.localName.IsNull() || f.localName.IsUnknown() {
			continue
		}
		key := bits.FileKey(f.localName.ValueString())
		if first, found := seen[key]; found {
			at := req.Path.AtListIndex(i).AtName("local_name")
			resp.Diagnostics.Append(report.Problem(at, report.DuplicateLocalName,
				"%s: %q is the same file as in files[%d], ignoring case, and one would overwrite the other. Give each file "+
					"its own local_name.", at, f.localName.ValueString(), first))
			continue
		}
		seen[key] = i
	}
}

// namedFiles expects both names of every file. The schema can't demand them: the framework reads null below an element that is unknown
// as a whole, and would miss them there.
type namedFiles struct{ attrs.Expects }

func (namedFiles) ValidateList(_ context.Context, req validator.ListRequest, resp *validator.ListResponse) {
	for i, f := range filesOf(req.ConfigValue) {
		if req.ConfigValue.Elements()[i].IsNull() { // which is refused as such
			continue
		}
		for _, part := range []struct {
			name  string
			value types.String
			words string
		}{
			{"remote_name", f.remoteName, "where the file comes from, or goes to in an upload: a URL, or a path of a share"},
			{"local_name", f.localName, `the file's full path on the host, such as C:\ProgramData\Acme\p.cab`},
		} {
			if at := req.Path.AtListIndex(i).AtName(part.name); part.value.IsNull() {
				resp.Diagnostics.Append(report.Problem(at, report.MissingAttribute, "%s is missing or null, and every file needs it. It is %s.", at, part.words))
			}
		}
	}
}

// checkRemoteName refuses what BITS can't fetch from or send to. Source: BG_FILE_INFO, learn.microsoft.com.
func checkRemoteName(name string) error {
	if n := attrs.UTF16Len(name); n > bits.MaxRemoteName {
		return fmt.Errorf("a remote name has at most %d characters, and this one has %d: use a shorter URL. Signed URLs are shorter "+
			"without a session token", bits.MaxRemoteName, n)
	}
	if strings.HasPrefix(name, `\\`) || (len(name) > 1 && name[1] == ':') {
		return attrs.CheckPath(name)
	}
	scheme, rest, found := strings.Cut(name, "://")
	switch strings.ToLower(scheme) {
	case "http", "https":
	case "file":
		if len(rest) > 2 && rest[1:3] == `:\` { // as test_CompleteLocalURL of Wine's dlls/qmgr/tests/job.c, which passes on Windows
			return attrs.CheckPath(rest)
		}
	default:
		found = false
	}
	if !found && wholeEncoded.MatchString(name) {
		return errors.New("the whole URL is percent-encoded: " + encodeSegments)
	}
	if !found {
		return fmt.Errorf(`%q is not a source that BITS supports: use an http://, https:// or file:// URL, or a share such as \\server\share\p.cab`, report.Redact(name))
	}
	if i := strings.IndexFunc(rest, illegalInURL); i >= 0 {
		return fmt.Errorf("the URL contains %q, which must be encoded, and BITS does not encode URLs: %s, and write a host "+
			"name in its xn-- form", []rune(rest[i:])[0], encodeSegments)
	}
	u, err := url.Parse(name)
	if err != nil {
		return errors.New("the URL can't be parsed: check each % for two hexadecimal digits after it, and the form of host and port")
	}
	return checkURL(u)
}

// encodeSegments is how Terraform encodes what a URL can't have as it is: urlencode() alone is for forms, where a space is "+".
const encodeSegments = `encode the path with provider::bits::url_path(), or before Terraform 1.8 one segment at a time with ` +
	`replace(urlencode(name), "+", "%20")`

// wholeEncoded matches a URL of which urlencode() has encoded the scheme, too.
var wholeEncoded = regexp.MustCompile(`(?i)^(https?|file)%3A%2F%2F`)

func checkURL(u *url.URL) error {
	if u.User != nil {
		return errors.New("a URL can't contain a user name or password, because administrators of the host can read it and " +
			"the state stores it: use credentials, or a source that needs none")
	}
	if u.Hostname() == "" && !strings.EqualFold(u.Scheme, "file") {
		return fmt.Errorf("the URL has no host: use the form %s://host/path", u.Scheme)
	}
	if err := checkPort(u); err != nil {
		return err
	}
	if _, err := connection.ParseHost(u.Hostname()); err != nil && u.Hostname() != "" {
		return fmt.Errorf("the URL has an invalid host: %w", err)
	}
	for part := range strings.SplitSeq(u.EscapedPath(), "/") {
		if len(part) > bits.MaxPath {
			return fmt.Errorf("a segment of a URL's path has at most %d characters, and one of this URL has %d: give the "+
				"file a shorter name on the server, or use a URL with the long part in its query", bits.MaxPath, len(part))
		}
	}
	return nil
}

// checkPort refuses a number that no port has. One that is left out is the scheme's.
func checkPort(u *url.URL) error {
	if n, err := strconv.Atoi(u.Port()); u.Port() != "" && (err != nil || n < 1 || n > 65535) {
		return fmt.Errorf("%s is not a port: expected 1 to 65535", u.Port())
	}
	return nil
}

// illegalInURL reports characters that RFC 3986 allows nowhere in a URL.
func illegalInURL(r rune) bool {
	return r <= ' ' || r >= 127 || strings.ContainsRune("\"<>\\^`{|}", r)
}

func checkSHA256(s string) error {
	if i := strings.IndexFunc(s, func(r rune) bool { return !strings.ContainsRune("0123456789abcdefABCDEF", r) }); i >= 0 {
		return fmt.Errorf("it contains %q, and a SHA-256 is 64 hexadecimal digits, as Get-FileHash and sha256sum show "+
			"it", []rune(s[i:])[0])
	}
	if len(s) != 64 {
		return fmt.Errorf("it has %d digits, and a SHA-256 is 64 hexadecimal digits, as Get-FileHash and sha256sum show it", len(s))
	}
	return nil
}
