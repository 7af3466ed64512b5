// SPDX-License-Identifier: MPL-2.0

package judges

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/go-krb5/krb5/credentials"
)

// Admin runs commands as the realm's administrator and returns the output of kadmin.local.
func (k *KDC) Admin(t testing.TB, commands ...string) string {
	t.Helper()
	out := k.run(t, strings.Join(commands, "\n")+"\n", "kadmin.local", "-r", k.Realm)
	if strings.Contains(out, ": ") && strings.Contains(out, "while ") {
		t.Fatalf("kadmin.local: %s", out)
	}
	return out
}

// Account makes an account with a password. Options are those of kadmin's add_principal, like -allow_tix.
func (k *KDC) Account(t testing.TB, name, password string, options ...string) {
	t.Helper()
	k.Admin(t, fmt.Sprintf(`add_principal %s -pw "%s" %s`, strings.Join(options, " "), password, name))
}

// Service makes a service with random keys and returns the path of a keytab with them.
func (k *KDC) Service(t testing.TB, spn string, options ...string) string {
	t.Helper()
	k.Admin(t, fmt.Sprintf("add_principal -randkey %s %s", strings.Join(options, " "), spn))
	return k.Keytab(t, spn)
}

// Keytab returns the path of a keytab with an account's keys.
func (k *KDC) Keytab(t testing.TB, name string) string {
	t.Helper()
	path := filepath.Join(k.dir, strings.NewReplacer("/", "_", "@", "_").Replace(name)+".keytab")
	k.Admin(t, fmt.Sprintf("ktadd -k %s -norandkey %s", path, name))
	return path
}

// Cache logs on as an account and returns the path of the credential cache.
func (k *KDC) Cache(t testing.TB, name, password string) string {
	t.Helper()
	path := filepath.Join(k.dir, name+".ccache")
	k.run(t, password+"\n", "kinit", "-c", path, name)
	return path
}

// Visit adds a ticket for a service to a credential cache. Its key is of an encryption type.
func (k *KDC) Visit(t testing.TB, cache, spn, encryption string) {
	t.Helper()
	k.run(t, "", "kvno", "-c", cache, "-e", encryption, spn)
}

// OldCache is [KDC.Cache] with tickets that ended a day before they should.
func (k *KDC) OldCache(t testing.TB, name, password string) string {
	t.Helper()
	path := k.Cache(t, name, password)
	text, err := os.ReadFile(path) //nolint:gosec // made here
	if err != nil {
		t.Fatal(err)
	}
	var cache credentials.CCache
	if err := cache.Unmarshal(text); err != nil {
		t.Fatalf("read the credential cache: %v", err)
	}
	for _, c := range cache.GetEntries() {
		stamp := func(at time.Time) []byte { return binary.BigEndian.AppendUint32(nil, uint32(at.Unix())) } //nolint:gosec // before 2106
		text = bytes.ReplaceAll(text, stamp(c.EndTime), stamp(c.EndTime.AddDate(0, 0, -1)))
	}
	if err := os.WriteFile(path, text, 0o600); err != nil { //nolint:gosec // made here
		t.Fatal(err)
	}
	return path
}

// Logons returns how many ticket-granting tickets the KDC has issued.
func (k *KDC) Logons(t testing.TB) (n int) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(k.dir, "kdc.log"))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if strings.Contains(line, "AS_REQ") && strings.Contains(line, "ISSUE: ") {
			n++
		}
	}
	return n
}

var failedAttempts = regexp.MustCompile(`Failed password attempts: (\d+)`)

// Failures returns how many logons of an account failed since the last that succeeded.
func (k *KDC) Failures(t testing.TB, name string) int {
	t.Helper()
	out := k.Admin(t, "get_principal "+name)
	found := failedAttempts.FindStringSubmatch(out)
	if found == nil {
		t.Fatalf("kadmin.local: %s", out)
	}
	n, _ := strconv.Atoi(found[1]) // digits
	return n
}
