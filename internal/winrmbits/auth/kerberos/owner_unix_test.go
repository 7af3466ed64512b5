// SPDX-License-Identifier: MPL-2.0

//go:build unix

package kerberos

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/winrmbits/terraform-provider-bits/internal/connection"
)

// TestACacheOfAnotherUserIsNotTaken has one in the place of the default cache, which is in a folder that everybody may write to. Who
// made it up knows its keys, and so could pass for the hosts.
func TestACacheOfAnotherUserIsNotTaken(t *testing.T) {
	r := newRealm(t)
	file := r.Cache(t, "ops", password)
	uid := os.Geteuid()
	if uid == 0 { // root is trusted
		uid = 54321
		if err := os.Chown(file, uid, -1); err != nil {
			t.Fatal(err)
		}
	}
	realm, err := os.ReadFile(r.Config)
	if err != nil {
		t.Fatal(err)
	}
	found := connection.Kerberos{Config: inFiles(t, "krb5.conf", "[libdefaults]\n default_ccache_name = FILE:"+file+"\n"+string(realm))}
	named := connection.Kerberos{Config: found.Config, CCache: file}
	for _, tt := range []struct {
		name     string
		uid      int
		kerberos connection.Kerberos
		says     string // "" means a ticket
	}{
		{"of this user", uid, found, ""},
		{"of another one", uid + 1, found, "it belongs to another user of this machine"},
		{"of another one, and named by the operator", uid + 1, named, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tickets := NewTickets()
			tickets.env, tickets.uid = func(string) string { return "" }, tt.uid
			s := r.settings(func(s *connection.Settings) {
				s.Username, s.Password, s.Kerberos = "", connection.Settings{}.Password, tt.kerberos
			})
			if tt.says == "" {
				if _, err := tickets.For(t.Context(), s); err != nil {
					t.Error(err)
				}
			} else if failed := failureOf(t, tickets, s); !strings.Contains(failed.Problem, tt.says) {
				t.Errorf("%v", failed)
			}
		})
	}
}

// TestOnlyAFileIsACache has what would hold a run up for ever, or take its memory.
func TestOnlyAFileIsACache(t *testing.T) {
	dir := t.TempDir()
	pipe, huge := filepath.Join(dir, "pipe"), filepath.Join(dir, "huge")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(huge, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(huge, maxCache+1); err != nil {
		t.Fatal(err)
	}
	for path, says := range map[string]string{pipe: "it is not a file", dir: "it is not a file", os.DevNull: "it is not a file", huge: "it has more than 10485760 bytes"} {
		if _, err := readCache(path, os.Geteuid()); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", path, err)
		}
	}
}
