// SPDX-License-Identifier: MPL-2.0

package kerberos

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/go-krb5/krb5/config"

	"github.com/winrmbits/terraform-provider-bits/internal/connection"
)

// maxConfigFiles bounds the files that a krb5.conf includes: one that includes itself has no end.
const maxConfigFiles = 200

// krb5Conf is what is read of a krb5.conf and the files that it includes. Of several values the first counts, as in MIT's library.
type krb5Conf struct {
	realm   string // default_realm
	cache   string // default_ccache_name
	socket  string // kcm_socket
	realms  []config.Realm
	domains config.DomainRealm

	files int
}

// readConfig reads a krb5.conf; "" is none.
func readConfig(path string) (*krb5Conf, error) {
	c := &krb5Conf{domains: config.DomainRealm{}}
	if path == "" {
		return c, nil
	}
	return c, c.read(path)
}

// confSection is a section of a file, as far as it is read.
type confSection struct {
	path   string // of the file
	name   string
	lines  strings.Builder
	braces int // that are open
}

// read reads a file. Its sections are given to the library one by one, because it forgets the first of two sections [realms] and
// ignores what is included.
func (c *krb5Conf) read(path string) error {
	if c.files++; c.files > maxConfigFiles {
		return fmt.Errorf("%s: more than %d files are included", path, maxConfigFiles)
	}
	text, err := os.ReadFile(path) //nolint:gosec // the operator names it
	if err != nil {
		return err
	}
	s := &confSection{path: path}
	for line := range strings.Lines(connection.DecodeText(string(text))) {
		if err := c.line(s, line); err != nil {
			return err
		}
	}
	return c.end(s)
}

// line reads a line of a section.
func (c *krb5Conf) line(s *confSection, line string) error {
	trimmed := strings.TrimSpace(line)
	if found := includes.FindStringSubmatch(line); found != nil {
		if s.braces == 0 { // what precedes it counts first
			if err := c.end(s); err != nil {
				return err
			}
		}
		return c.include(found[1], strings.TrimSpace(found[2]))
	}
	switch {
	case strings.HasPrefix(trimmed, "["):
		err := c.end(s)
		s.name, _, _ = strings.Cut(trimmed[1:], "]")
		return err
	case strings.HasSuffix(trimmed, "{"):
		s.braces++
	case strings.HasPrefix(trimmed, "}"):
		s.braces--
	}
	s.lines.WriteString(line)
	return nil
}

// end adds what was read of a section.
func (c *krb5Conf) end(s *confSection) error {
	defer s.lines.Reset()
	if err := c.add(s.name, s.lines.String()); err != nil {
		return fmt.Errorf("read %s: %w", s.path, err)
	}
	return nil
}

// includes is a line that includes a file, or the files of a folder. Source: krb5.conf(5).
var includes = regexp.MustCompile(`^(include|includedir)\s+(\S.*)`)

// included is the name of a file that is included with its folder: editors and package managers leave others there.
// Source: krb5.conf(5).
var included = regexp.MustCompile(`^[A-Za-z0-9_-]+$|^[^.].*\.conf$`)

// include reads what a line includes.
func (c *krb5Conf) include(directive, path string) error {
	if directive == "include" {
		return c.read(path)
	}
	entries, err := os.ReadDir(path) // by name
	if err != nil {
		return err
	}
	for _, e := range entries {
		if included.MatchString(e.Name()) && !e.IsDir() {
			if err := c.read(filepath.Join(path, e.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}

// add adds the values of a section.
func (c *krb5Conf) add(section, lines string) error {
	switch section {
	case "libdefaults":
		c.defaults(lines)
	case "realms", "domain_realm":
		read, err := parseSection("[" + section + "]\n" + lines)
		if err != nil {
			return err
		}
		c.realms = append(c.realms, read.Realms...)
		maps.DeleteFunc(read.DomainRealm, func(domain, _ string) bool { return c.domains[domain] != "" })
		maps.Copy(c.domains, read.DomainRealm)
	}
	return nil
}

// defaults reads a section [libdefaults]. The library refuses values of it that MIT takes, such as dns_canonicalize_hostname =
// fallback, which is Fedora's.
func (c *krb5Conf) defaults(lines string) {
	for line := range strings.Lines(lines) {
		name, value, _ := strings.Cut(line, "=")
		value, _, _ = strings.Cut(value, ";")
		value, _, _ = strings.Cut(value, "#")
		for setting, to := range map[string]*string{"default_realm": &c.realm, "default_ccache_name": &c.cache, "kcm_socket": &c.socket} {
			if strings.TrimSpace(name) == setting && *to == "" {
				*to = strings.Trim(strings.TrimSpace(value), `"`)
			}
		}
	}
}

// parseSection reads a section of realms. The library panics at a realm that is written on one line, which MIT does not take
// either: that is an error here.
func parseSection(text string) (c *config.Config, err error) {
	defer func() {
		if recover() != nil {
			c, err = nil, errors.New("its section [realms] is invalid: each setting and each closing brace must be on a line of its own")
		}
	}()
	c, err = config.NewFromString(text)
	var unsupported config.UnsupportedDirective
	if c != nil && errors.As(err, &unsupported) {
		err = nil
	}
	return c, err
}
