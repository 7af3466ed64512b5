// SPDX-License-Identifier: MPL-2.0

package attrs

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
)

// CheckPath refuses what is no full path of a file to BITS. Source: BG_FILE_INFO, learn.microsoft.com, for the full
// path, its length, wildcards, streams and \\?\; "Naming Files, Paths, and Namespaces" for the characters.
func CheckPath(name string) error {
	if name == "" {
		return errors.New(`a path can't be empty: expected an absolute path, such as C:\ProgramData\Acme\p.cab`)
	}
	if n := UTF16Len(name); n >= bits.MaxPath {
		return fmt.Errorf("a path has at most %d characters, and this one has %d", bits.MaxPath-1, n)
	}
	if strings.HasPrefix(name, `\\?\`) || strings.HasPrefix(name, `\\.\`) {
		return fmt.Errorf(`a path can't begin with %s, which BITS does not support: use a drive or a share`, name[:4])
	}
	if strings.Contains(name, "/") {
		return fmt.Errorf(`%q contains a slash: write a Windows path with backslashes, such as C:\ProgramData\Acme\p.cab ("C:\\ProgramData\\..." in HCL), or use `+
			`provider::bits::windows_path()`, name)
	}
	if v := strings.Trim(variable.FindString(name), `\`); v != "" {
		return fmt.Errorf(`%q contains the variable %s, which BITS does not expand: write the resulting path, such as `+
			`C:\ProgramData\Acme\p.cab`, name, v)
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

// variable matches an environment variable where it can hardly be a part of a name: as a whole component of a path, by its name
// anywhere if Windows has it on each host, and as PowerShell writes it.
var variable = regexp.MustCompile(`(?i)\$\{?env:\w*|^%[a-z_][\w()]*%|\\%[a-z_][\w()]*%(\\|$)|%(ALLUSERSPROFILE|APPDATA|COMPUTERNAME|HOMEDRIVE|` +
	`HOMEPATH|LOCALAPPDATA|PROGRAM(DATA|FILES|FILES\(X86\)|W6432)|PUBLIC|SYSTEMDRIVE|SYSTEMROOT|TEMP|TMP|USER(DOMAIN|NAME|PROFILE)|WINDIR)%`)

// cutRoot takes the drive, or server and share, off a full path.
func cutRoot(name string) (rest string, err error) {
	if share, found := strings.CutPrefix(name, `\\`); found {
		parts := strings.SplitN(share, `\`, 3)
		if len(parts) < 3 || parts[0] == "" || parts[1] == "" || parts[2] == "" {
			return "", fmt.Errorf(`%q is not a file on a share: use the form \\server\share\file`, name)
		}
		if strings.ContainsAny(parts[0]+parts[1], `:*?"<>|`) {
			return "", fmt.Errorf(`%q has an invalid server or share name: use the form \\server\share\file`, name)
		}
		return parts[2], nil
	}
	letter := len(name) > 0 && (name[0]|0x20 >= 'a' && name[0]|0x20 <= 'z')
	if !letter || len(name) < 3 || name[1] != ':' || name[2] != '\\' {
		return "", fmt.Errorf(`%q is not an absolute path: use a drive or a share, such as C:\ProgramData\Acme\p.cab or \\server\share\p.cab`, name)
	}
	return name[3:], nil
}

// deviceName matches what names a device in every directory.
var deviceName = regexp.MustCompile(`(?i)^(CON|PRN|AUX|NUL|CONIN\$|CONOUT\$|(COM|LPT)[1-9\x{b9}\x{b2}\x{b3}]) *(\.|$)`)

func checkComponent(name, part string) error {
	switch {
	case part == "":
		return fmt.Errorf("%q ends with a backslash or has two in a row: it must name a file", name)
	case part == "." || part == "..":
		return fmt.Errorf("%q contains %q: write the path without it", name, part)
	case strings.HasSuffix(part, ".") || strings.HasSuffix(part, " "):
		return fmt.Errorf("%q has a part that ends with a dot or a space, which Windows removes: write it without", name)
	case strings.ContainsAny(part, "*?"):
		return fmt.Errorf("%q contains a wildcard, which BITS does not expand: name every file", name)
	case deviceName.MatchString(part):
		return fmt.Errorf("%q contains %q, which is a device name on Windows, with any extension: choose another name", name, part)
	case strings.Contains(part, ":"):
		return fmt.Errorf("%q contains a colon after the drive: BITS does not support file streams", name)
	}
	if i := strings.IndexFunc(part, func(r rune) bool { return r < 32 || strings.ContainsRune(`"<>|`, r) }); i >= 0 {
		return fmt.Errorf(`%q contains %q: file names on Windows can't contain it, nor any of < > " | and control characters`, name, part[i])
	}
	return nil
}
