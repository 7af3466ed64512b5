package job

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/attrs"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/report"
)

// Validators of files.
var (
	validLocalName  = attrs.Text(`a full path on the host, such as C:\ProgramData\Acme\p.cab`, report.InvalidLocalName, checkPath)
	validRemoteName = attrs.Text("an http, https or file URL, or a path of a share", report.InvalidRemoteName, checkRemoteName)
	validSHA256     = attrs.Text("64 hexadecimal digits", report.InvalidSHA256, checkSHA256)
)

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
				"%s: %q is the same file as that of files[%d], case aside: one of the two would overwrite the other. Give each file a "+
					"local_name of its own.", at, f.localName.ValueString(), first))
			continue
		}
		seen[key] = i
	}
}

// checkPath refuses what is no full path of a file to BITS. Source: BG_FILE_INFO, learn.microsoft.com, for the full
// path, its length, wildcards, streams and \\?\; "Naming Files, Paths, and Namespaces" for the characters.
func checkPath(name string) error {
	if name == "" {
		return errors.New(`a path can't be empty: a full path such as C:\ProgramData\Acme\p.cab is expected`)
	}
	if n := attrs.UTF16Len(name); n >= bits.MaxPath {
		return fmt.Errorf("a path has at most %d characters, and this one has %d", bits.MaxPath-1, n)
	}
	if strings.HasPrefix(name, `\\?\`) || strings.HasPrefix(name, `\\.\`) {
		return fmt.Errorf(`a path can't begin with %s, which BITS does not take: write it with a drive or as that of a share`, name[:4])
	}
	if strings.Contains(name, "/") {
		return fmt.Errorf(`%q holds a slash: a path on Windows is written with backslashes, such as C:\ProgramData\Acme\p.cab ("C:\\ProgramData\\..." in HCL)`, name)
	}
	rest, err := cutRoot(name)
	if err != nil {
		return err
	}
	for part := range strings.SplitSeq(rest, `\`) {
		if err := checkComponent(name, part); err != nil {
			return err
		}
	}
	return nil
}

// cutRoot takes the drive, or server and share, off a full path.
func cutRoot(name string) (rest string, err error) {
	if share, found := strings.CutPrefix(name, `\\`); found {
		parts := strings.SplitN(share, `\`, 3)
		if len(parts) < 3 || parts[0] == "" || parts[1] == "" || parts[2] == "" {
			return "", fmt.Errorf(`%q names no file of a share: \\server\share\file is the form`, name)
		}
		if strings.ContainsAny(parts[0]+parts[1], `:*?"<>|`) {
			return "", fmt.Errorf(`%q has a server or share name that no host has: \\server\share\file is the form`, name)
		}
		return parts[2], nil
	}
	letter := len(name) > 0 && (name[0]|0x20 >= 'a' && name[0]|0x20 <= 'z')
	if !letter || len(name) < 3 || name[1] != ':' || name[2] != '\\' {
		return "", fmt.Errorf(`%q is not a full path: BITS needs one with a drive or of a share, such as C:\ProgramData\Acme\p.cab or \\server\share\p.cab`, name)
	}
	return name[3:], nil
}

// deviceName matches what names a device in every directory.
var deviceName = regexp.MustCompile(`(?i)^(CON|PRN|AUX|NUL|CONIN\$|CONOUT\$|(COM|LPT)[1-9\x{b9}\x{b2}\x{b3}]) *(\.|$)`)

func checkComponent(name, part string) error {
	switch {
	case part == "":
		return fmt.Errorf("%q ends with a backslash or has two in a row: it has to name a file", name)
	case part == "." || part == "..":
		return fmt.Errorf("%q holds %q: write the path without it", name, part)
	case strings.HasSuffix(part, ".") || strings.HasSuffix(part, " "):
		return fmt.Errorf("%q has a part that ends with a dot or a space, which Windows takes away: write it without", name)
	case strings.ContainsAny(part, "*?"):
		return fmt.Errorf("%q holds a wildcard, and BITS expands none here: name every file", name)
	case deviceName.MatchString(part):
		return fmt.Errorf("%q holds %q, which means a device on Windows, whatever follows the name: choose another one", name, part)
	case strings.Contains(part, ":"):
		return fmt.Errorf("%q holds a colon behind the drive: BITS writes to no streams of files", name)
	}
	if i := strings.IndexFunc(part, func(r rune) bool { return r < 32 || strings.ContainsRune(`"<>|`, r) }); i >= 0 {
		return fmt.Errorf(`%q holds %q, which no file name on Windows can have, nor any of < > " | and control characters`, name, part[i])
	}
	return nil
}

// checkRemoteName refuses what BITS can't fetch from or send to. Source: BG_FILE_INFO, learn.microsoft.com.
func checkRemoteName(name string) error {
	if n := attrs.UTF16Len(name); n > bits.MaxRemoteName {
		return fmt.Errorf("a remote name has at most %d characters, and this one has %d", bits.MaxRemoteName, n)
	}
	if strings.HasPrefix(name, `\\`) || (len(name) > 1 && name[1] == ':') {
		return checkPath(name)
	}
	scheme, rest, found := strings.Cut(name, "://")
	switch strings.ToLower(scheme) {
	case "http", "https", "file":
	default:
		found = false
	}
	if !found {
		return fmt.Errorf(`%q is nothing that BITS transfers: a URL that begins with http://, https:// or file://, or a path of a share such as \\server\share\p.cab, is expected`, report.Redact(name))
	}
	if i := strings.IndexFunc(rest, illegalInURL); i >= 0 {
		return fmt.Errorf("the URL holds %q, which no URL may have as it is, and BITS escapes nothing: write it percent-encoded, for example with urlencode(), and a host name in its xn-- form", []rune(rest[i:])[0])
	}
	u, err := url.Parse(name)
	if err != nil {
		return errors.New("the URL can't be read: look for a % that is not followed by two hexadecimal digits, and for the form of host and port")
	}
	return checkURL(u)
}

func checkURL(u *url.URL) error {
	if u.User != nil {
		return errors.New("a URL can't hold user and password: every administrator of the host can read it, and it is stored in the state; use a presigned URL or a source that needs none")
	}
	if u.Hostname() == "" && !strings.EqualFold(u.Scheme, "file") {
		return fmt.Errorf("the URL names no host: %s://host/path is the form", u.Scheme)
	}
	if err := checkPort(u); err != nil {
		return err
	}
	for part := range strings.SplitSeq(u.EscapedPath(), "/") {
		if len(part) > bits.MaxPath {
			return fmt.Errorf("a segment of a URL's path has at most %d characters, and one of this URL has %d", bits.MaxPath, len(part))
		}
	}
	return nil
}

// checkPort refuses a number that no port has. One that is left out is the scheme's.
func checkPort(u *url.URL) error {
	if n, err := strconv.Atoi(u.Port()); u.Port() != "" && (err != nil || n < 1 || n > 65535) {
		return fmt.Errorf("a URL can't have the port %s: 1 to 65535 is expected", u.Port())
	}
	return nil
}

// illegalInURL reports characters that RFC 3986 allows nowhere in a URL.
func illegalInURL(r rune) bool {
	return r <= ' ' || r >= 127 || strings.ContainsRune("\"<>\\^`{|}", r)
}

func checkSHA256(s string) error {
	if i := strings.IndexFunc(s, func(r rune) bool { return !strings.ContainsRune("0123456789abcdefABCDEF", r) }); i >= 0 {
		return fmt.Errorf("it holds %q, and a SHA-256 is 64 hexadecimal digits, as Get-FileHash and sha256sum show it", []rune(s[i:])[0])
	}
	if len(s) != 64 {
		return fmt.Errorf("it has %d digits, and a SHA-256 is 64 hexadecimal digits, as Get-FileHash and sha256sum show it", len(s))
	}
	return nil
}
