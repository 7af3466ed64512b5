// SPDX-License-Identifier: MPL-2.0

package kerberos

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"

	"github.com/go-krb5/krb5/credentials"
	"github.com/go-krb5/krb5/messages"

	"github.com/winrmbits/terraform-provider-bits/internal/connection"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/auth/gssapi"
)

// fileKind is the kind of a name without one.
const fileKind = "FILE"

// elsewhere are the kinds of credential caches that are not read, and where their tickets are.
// Source: "Credential cache types", doc/basic/ccache_def.rst of MIT krb5.
var elsewhere = map[string]string{
	"KEYRING": "a keyring of the Linux kernel",
	"API":     "a service of macOS or of MIT Kerberos for Windows",
	"MSLSA":   "the Windows logon session",
	"MEMORY":  "the memory of another program",
}

// kindOf returns the kind of a keytab or a credential cache, and its name in that kind. A drive of Windows is not a kind.
func kindOf(name string) (kind, rest string) {
	if kind, rest, ok := strings.Cut(name, ":"); ok && len(kind) > 1 {
		return kind, rest
	}
	return fileKind, name
}

// expanded replaces what MIT's library replaces in the name of a credential cache. Source: krb5.conf(5), "Parameter expansion".
func expanded(name string) string {
	uid := strconv.Itoa(os.Getuid())
	return strings.NewReplacer("%{uid}", uid, "%{euid}", uid, "%{USERID}", uid, "%{TEMP}", os.TempDir()).Replace(name)
}

// defaultCache is the credential cache that a system's kinit fills, where neither $KRB5CCNAME nor the krb5.conf names one.
// Source: doc/basic/ccache_def.rst of MIT krb5.
func defaultCache(system string) string {
	switch system {
	case "windows":
		return "MSLSA:"
	case "darwin":
		return "API:"
	default:
		return "FILE:/tmp/krb5cc_%{uid}"
	}
}

// cached is what a credential cache holds.
type cached struct {
	name    string
	client  principal
	tickets map[string]gssapi.Ticket // by the name of the service and its realm
}

// openCache reads the credential cache that is set, or else the default one.
func (t *Tickets) openCache(ctx context.Context, k connection.Kerberos) (cached, error) {
	name := cmp.Or(k.CCache, t.env("KRB5CCNAME"))
	owner := anybody
	if name == "" {
		owner = t.uid
	}
	read := &krb5Conf{}
	var err error
	if kind, _ := kindOf(name); name == "" || kind == "KCM" {
		if read, err = readConfig(cmp.Or(k.Config, systemConfig())); err != nil {
			return cached{}, err
		}
	}
	name = expanded(cmp.Or(name, read.cache, defaultCache(runtime.GOOS)))
	kind, rest := kindOf(name)
	var text []byte
	switch kind {
	case fileKind:
		text, err = readCache(rest, owner)
	case "DIR":
		text, err = readPrimary(rest, owner)
	case "KCM":
		text, err = t.network.askKCM(ctx, cmp.Or(read.socket, kcmSocket), rest)
	default:
		err = fmt.Errorf("its tickets are in %s, and only FILE:, DIR: and KCM: are supported", cmp.Or(elsewhere[kind], "an unknown kind of cache"))
	}
	var c cached
	if err == nil {
		c, err = parseCache(text)
	}
	if err != nil {
		return c, fmt.Errorf("read the credential cache %s: %w", name, err)
	}
	c.name = name
	return c, nil
}

// readPrimary reads a cache of a folder: the one that its file "primary" names, or a single one. Source: cc_dir.c of MIT krb5.
func readPrimary(path string, owner int) ([]byte, error) {
	if single, ok := strings.CutPrefix(path, ":"); ok {
		return readCache(single, owner)
	}
	name := "tkt"
	if text, err := readCache(filepath.Join(path, "primary"), owner); err == nil {
		name = strings.TrimSpace(string(text))
	}
	if filepath.Base(name) != name || !strings.HasPrefix(name, "tkt") {
		return nil, fmt.Errorf("its file primary names %q, which is not one of its caches", name)
	}
	return readCache(filepath.Join(path, name), owner)
}

const (
	maxCache = 10 << 20 // bytes
	anybody  = -1       // the owner of a cache that the operator names
)

// readCache reads a file. The default cache is often in a folder that everybody may write to, so it has to be a file of its owner,
// and opening it never waits.
func readCache(path string, owner int) ([]byte, error) {
	file, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0) //nolint:gosec // the operator names it, or its owner is checked
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	switch info, err := file.Stat(); {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, errors.New("it is not a file")
	case owner != anybody && !ownedBy(info, owner):
		return nil, errors.New("it belongs to another user of this machine: set kerberos.ccache or KRB5CCNAME to use it")
	case info.Size() > maxCache:
		return nil, fmt.Errorf("it has more than %d bytes", maxCache)
	}
	return io.ReadAll(io.LimitReader(file, maxCache))
}

// parseCache decodes a credential cache. Its times end in 2106. Source: "Credential cache file format", web.mit.edu/kerberos.
func parseCache(text []byte) (cached, error) {
	file, err := parsed(text, func(b []byte) (*credentials.CCache, error) {
		c := new(credentials.CCache)
		return c, c.Unmarshal(b)
	})
	if err != nil {
		return cached{}, err
	}
	c := cached{client: principal{file.DefaultPrincipal.PrincipalName, file.DefaultPrincipal.Realm}, tickets: map[string]gssapi.Ticket{}}
	for _, e := range file.GetEntries() {
		var ticket messages.Ticket
		if err := ticket.Unmarshal(e.Ticket); err != nil {
			return cached{}, fmt.Errorf("a ticket: %w", err)
		}
		server := principal{e.Server.PrincipalName, e.Server.Realm}
		c.tickets[server.String()] = gssapi.Ticket{
			Client: c.client.name, Realm: c.client.realm, Ticket: gssapi.CorrectTicket(ticket), Key: e.Key, End: e.EndTime,
		}
	}
	return c, nil
}

// parsed decodes with the library, which indexes past the end of a truncated file: that is an error here.
func parsed[T any](text []byte, parse func([]byte) (T, error)) (result T, err error) {
	defer func() {
		if recover() != nil {
			err = errors.New("the file is damaged")
		}
	}()
	if len(text) == 0 {
		return result, errors.New("the file is empty")
	}
	return parse(text)
}
