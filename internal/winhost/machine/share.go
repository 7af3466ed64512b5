// SPDX-License-Identifier: MPL-2.0

package machine

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
)

// What Windows answers about shares. Source: "System Error Codes", learn.microsoft.com.
const (
	accessDenied bits.HResult = 0x80070005 // E_ACCESSDENIED
	badNetPath   bits.HResult = 0x80070035 // ERROR_BAD_NETPATH: there is no such server
	badNetName   bits.HResult = 0x80070043 // ERROR_BAD_NET_NAME: the server has no such share
)

// share is a folder of a file server that the host reaches.
type share struct {
	folder   string
	accounts []string // that may read and write, DOMAIN\name
}

// shareForm is how a share is named: \\server\share.
var shareForm = regexp.MustCompile(`^\\\\([A-Za-z0-9][A-Za-z0-9.-]*)\\([A-Za-z0-9][A-Za-z0-9$._-]*)$`)

// Share makes a share such as \\files\pub, which the accounts may use. For one that is there it replaces the accounts.
func (d *Drive) Share(name string, accounts ...string) error {
	parts := shareForm.FindStringSubmatch(strings.ToLower(name))
	if parts == nil {
		return fmt.Errorf(`%q names no share: \\server\share is expected`, name)
	}
	folder := filepath.Join(d.root+"-shares", parts[1], parts[2])
	if err := os.MkdirAll(folder, 0o750); err != nil {
		return fmt.Errorf("make the share %s: %w", name, err)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.shares == nil {
		d.shares = map[string]share{}
	}
	d.shares[parts[0]] = share{folder, slices.Clone(accounts)}
	return nil
}

// MayUse returns E_ACCESSDENIED for a path of a share that an account may not use. Other paths are for everybody.
func (d *Drive) MayUse(path, account string) error {
	name, _, remote := cutShare(path)
	if !remote {
		return nil
	}
	s, err := d.share(name, path)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(s.accounts, func(a string) bool { return strings.EqualFold(a, account) }) {
		return Refuse(accessDenied, path)
	}
	return nil
}

// share looks a share up.
func (d *Drive) share(name, path string) (share, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	name = strings.ToLower(name)
	if s, found := d.shares[name]; found {
		return s, nil
	}
	server := name[:strings.LastIndexByte(name, '\\')+1]
	for other := range d.shares {
		if strings.HasPrefix(other, server) {
			return share{}, Refuse(badNetName, path)
		}
	}
	return share{}, Refuse(badNetPath, path)
}

// cutShare takes server and share off a path; what is left may be "".
func cutShare(path string) (name, rest string, ok bool) {
	parts := strings.SplitN(path, `\`, 5)
	if len(parts) < 4 || parts[0] != "" || parts[1] != "" || parts[2] == "" || parts[3] == "" {
		return "", "", false
	}
	return strings.Join(parts[:4], `\`), strings.Join(parts[4:], ""), true
}
