// SPDX-License-Identifier: MPL-2.0

package kerberos

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/winrmbits/terraform-provider-bits/internal/connection"
)

// inFiles writes files into a folder, whose name replaces DIR in them, and returns the path of the first.
func inFiles(t *testing.T, files ...string) string {
	t.Helper()
	dir := t.TempDir()
	for i := 0; i < len(files); i += 2 {
		path := filepath.Join(dir, files[i])
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(strings.ReplaceAll(files[i+1], "DIR", filepath.ToSlash(dir))), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(dir, files[0])
}

const (
	corp = "[realms]\n CORP.EXAMPLE = {\n  kdc = dc01\n }\n"
	far  = "[realms]\n FAR.EXAMPLE = {\n  kdc = dc02\n }\n"
)

// TestIncludedFilesAreRead has the forms of krb5.conf(5).
func TestIncludedFilesAreRead(t *testing.T) {
	for _, tt := range []struct {
		name  string
		files []string
		want  string // default_realm, KDCs, default_ccache_name
	}{
		{"a folder, as Fedora and RHEL have it", []string{
			"krb5.conf", "includedir DIR/conf.d/\n[libdefaults]\n default_realm = CORP.EXAMPLE\n",
			"conf.d/corp.conf", corp, "conf.d/kcm_default_ccache", "[libdefaults]\n    default_ccache_name = KCM:\n",
		}, "CORP.EXAMPLE [dc01:88] KCM:"},
		{"a file", []string{"krb5.conf", "[libdefaults]\n default_realm = CORP.EXAMPLE\ninclude DIR/more\n", "more", corp}, "CORP.EXAMPLE [dc01:88] "},
		{"a folder that a file of a folder includes, as sssd has it", []string{
			"krb5.conf", "includedir DIR/conf.d\n", "conf.d/sssd_dir", "includedir DIR/sssd\n", "sssd/realm", corp + "[libdefaults]\n default_realm = CORP.EXAMPLE\n",
		}, "CORP.EXAMPLE [dc01:88] "},
		{"files that editors and package managers leave", []string{
			"krb5.conf", "includedir DIR/conf.d\n", "conf.d/corp.conf.rpmsave", corp, "conf.d/corp~", corp, "conf.d/.corp.conf", corp, "conf.d/#corp#", corp,
		}, " [] "},
		{"a folder in a folder, which is not included", []string{"krb5.conf", "includedir DIR/conf.d\n", "conf.d/old/corp.conf", corp}, " [] "},
		{"in the order of names", []string{
			"krb5.conf", "includedir DIR/conf.d\n", "conf.d/b", "[libdefaults]\n default_realm = B\n", "conf.d/a", "[libdefaults]\n default_realm = A\n",
		}, "A [] "},
		{"what precedes it counts first", []string{
			"krb5.conf", "[libdefaults]\n default_realm = FIRST\ninclude DIR/more\n default_ccache_name = LAST\n", "more", "[libdefaults]\n default_realm = B\n default_ccache_name = C\n",
		}, "FIRST [] C"},
		{"what follows it is still of its section", []string{
			"krb5.conf", "[libdefaults]\ninclude DIR/more\n default_realm = CORP.EXAMPLE\n", "more", corp,
		}, "CORP.EXAMPLE [dc01:88] "},
		{"in the braces of a realm", []string{
			"krb5.conf", "[realms]\n CORP.EXAMPLE = {\ninclude DIR/more\n  kdc = dc01\n }\n", "more", far,
		}, " [dc02:88 dc01:88] "},
		{"two sections of realms", []string{"krb5.conf", corp + "[domain_realm]\n" + far}, " [dc01:88 dc02:88] "},
		{"with a comment and a quotation", []string{"krb5.conf", "[libdefaults]\n# default_realm = A\n default_realm = \"B\" # C\n"}, "B [] "},
	} {
		t.Run(tt.name, func(t *testing.T) {
			path := inFiles(t, tt.files...)
			read, err := readConfig(path)
			if err != nil {
				t.Fatal(err)
			}
			c, err := configuration(connection.Kerberos{Config: path})
			if err != nil {
				t.Fatal(err)
			}
			kdcs := []string{}
			for _, r := range c.Realms {
				kdcs = append(kdcs, r.KDC...)
			}
			if got := fmt.Sprintf("%s %v %s", c.LibDefaults.DefaultRealm, kdcs, read.cache); got != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}

func TestAnIncludedFileThatCantBeReadIsAnError(t *testing.T) {
	for name, files := range map[string][]string{
		"none":                    {"krb5.conf", "include DIR/none\n"},
		"its folder is not there": {"krb5.conf", "includedir DIR/none\n"},
		"it includes itself":      {"krb5.conf", "include DIR/krb5.conf\n"},
		"it is not a krb5.conf":   {"krb5.conf", "include DIR/none\n", "none", "[realms]\nA = { kdc = b }\n"},
	} {
		t.Run(name, func(t *testing.T) {
			path := inFiles(t, files...)
			_, err := readConfig(path)
			if err == nil || !slices.ContainsFunc([]string{filepath.Join(filepath.Dir(path), "none"), path}, func(p string) bool { return strings.Contains(err.Error(), p) }) {
				t.Errorf("%v", err)
			}
		})
	}
}
