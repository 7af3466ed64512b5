package judges

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/go-krb5/krb5/credentials"
)

// Admin has the realm's administrator type commands, and gives what kadmin.local says.
func (k *KDC) Admin(ctx context.Context, commands ...string) (string, error) {
	said, err := k.run(ctx, strings.Join(commands, "\n")+"\n", "kadmin.local", "-r", k.Realm)
	if err != nil {
		return "", err
	}
	if at := strings.Index(said, ": "); strings.Contains(said, "while ") && at >= 0 {
		return "", fmt.Errorf("kadmin.local: %s", said)
	}
	return said, nil
}

// Account makes an account with a password. Options are those of kadmin's add_principal, like -allow_tix.
func (k *KDC) Account(ctx context.Context, name, password string, options ...string) error {
	_, err := k.Admin(ctx, fmt.Sprintf(`add_principal %s -pw "%s" %s`, strings.Join(options, " "), password, name))
	return err
}

// Service makes a service with random keys and gives the path of a keytab with them.
func (k *KDC) Service(ctx context.Context, spn string, options ...string) (string, error) {
	if _, err := k.Admin(ctx, fmt.Sprintf("add_principal -randkey %s %s", strings.Join(options, " "), spn)); err != nil {
		return "", err
	}
	return k.Keytab(ctx, spn)
}

// Keytab gives the path of a keytab with the keys that an account has.
func (k *KDC) Keytab(ctx context.Context, name string) (string, error) {
	path := filepath.Join(k.dir, strings.NewReplacer("/", "_", "@", "_").Replace(name)+".keytab")
	_, err := k.Admin(ctx, fmt.Sprintf("ktadd -k %s -norandkey %s", path, name))
	return path, err
}

// Cache logs on as an account and gives the path of the credential cache.
func (k *KDC) Cache(ctx context.Context, name, password string) (string, error) {
	path := filepath.Join(k.dir, name+".ccache")
	_, err := k.run(ctx, password+"\n", "kinit", "-c", path, name)
	return path, err
}

// Visit puts a ticket for a service into a credential cache. Its key is of an encryption type.
func (k *KDC) Visit(ctx context.Context, cache, spn, encryption string) error {
	_, err := k.run(ctx, "", "kvno", "-c", cache, "-e", encryption, spn)
	return err
}

// OldCache is [KDC.Cache] with tickets that ended a day before they should.
func (k *KDC) OldCache(ctx context.Context, name, password string) (string, error) {
	path, err := k.Cache(ctx, name, password)
	if err != nil {
		return "", err
	}
	text, err := os.ReadFile(path) //nolint:gosec // made here
	if err != nil {
		return "", err
	}
	var cache credentials.CCache
	if err := cache.Unmarshal(text); err != nil {
		return "", fmt.Errorf("read the credential cache: %w", err)
	}
	for _, c := range cache.GetEntries() {
		stamp := func(at time.Time) []byte { return binary.BigEndian.AppendUint32(nil, uint32(at.Unix())) } //nolint:gosec // before 2106
		text = bytes.ReplaceAll(text, stamp(c.EndTime), stamp(c.EndTime.AddDate(0, 0, -1)))
	}
	return path, os.WriteFile(path, text, 0o600) //nolint:gosec // made here
}

// Logons gives how many ticket-granting tickets the KDC has given out.
func (k *KDC) Logons() (int, error) {
	text, err := os.ReadFile(filepath.Join(k.dir, "kdc.log"))
	if err != nil {
		return 0, err
	}
	n := 0
	for line := range strings.Lines(string(text)) {
		if strings.Contains(line, "AS_REQ") && strings.Contains(line, "ISSUE: ") {
			n++
		}
	}
	return n, nil
}

var failedAttempts = regexp.MustCompile(`Failed password attempts: (\d+)`)

// Failures gives how many logons of an account failed since the last that did not.
func (k *KDC) Failures(ctx context.Context, name string) (int, error) {
	said, err := k.Admin(ctx, "get_principal "+name)
	if err != nil {
		return 0, err
	}
	found := failedAttempts.FindStringSubmatch(said)
	if found == nil {
		return 0, fmt.Errorf("kadmin.local: %s", said)
	}
	return strconv.Atoi(found[1])
}
