package kerberos

import (
	"cmp"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/go-krb5/krb5/credentials"
	"github.com/go-krb5/krb5/crypto"
	"github.com/go-krb5/krb5/iana/nametype"
	"github.com/go-krb5/krb5/keytab"
	"github.com/go-krb5/krb5/messages"
	"github.com/go-krb5/krb5/types"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/auth/gssapi"
)

// A KDC asks for 4,096 iterations (Windows and MIT) or 32,768. An impostor would ask for few, to guess the password from the
// proof, or for many, to keep the client busy. Source of the default: RFC 3962 section 4.
const (
	minIterations = 4096
	maxIterations = 1 << 18
)

// parameters is how a KDC turns a password into a key. Source: RFC 4120 section 5.2.7.5.
type parameters struct {
	encryption int32
	salt       string
	iterations []byte // nil: the encryption type's default
}

// keys are an account's long-term keys.
type keys interface {
	// types returns the encryption types of the keys, the best first.
	types(account principal) []int32
	// key returns the key of an encryption type.
	key(account principal, p parameters) (types.EncryptionKey, error)
}

// passwordKeys makes keys of a password.
type passwordKeys struct {
	password bits.Secret
}

func (passwordKeys) types(principal) []int32 { return gssapi.EncryptionTypes() }

func (k passwordKeys) key(_ principal, p parameters) (types.EncryptionKey, error) {
	cipher, err := crypto.GetEtype(p.encryption)
	if err != nil {
		return types.EncryptionKey{}, fmt.Errorf("the encryption type that the KDC asks for: %w", err)
	}
	iterations := cipher.GetDefaultStringToKeyParams()
	if p.iterations != nil {
		if len(p.iterations) != 4 {
			return types.EncryptionKey{}, fmt.Errorf("the KDC asks for a key with the parameters %x", p.iterations)
		}
		if n := binary.BigEndian.Uint32(p.iterations); n < minIterations || n > maxIterations {
			return types.EncryptionKey{}, fmt.Errorf("the KDC asks for a key of %d iterations, and only %d to %d are accepted", n, minIterations, maxIterations)
		}
		iterations = hex.EncodeToString(p.iterations)
	}
	value, err := cipher.StringToKey(k.password.Reveal(), p.salt, iterations)
	if err != nil {
		return types.EncryptionKey{}, fmt.Errorf("make a key of the password: %w", err)
	}
	return types.EncryptionKey{KeyType: p.encryption, KeyValue: value}, nil
}

// keytabKeys takes keys from a keytab.
type keytabKeys struct {
	path string
	file *keytab.Keytab
}

// readKeytab reads a keytab from its path, which may have MIT's prefix FILE:.
func readKeytab(path string) (keytabKeys, error) {
	file, err := parsed(path, func(b []byte) (*keytab.Keytab, error) {
		k := keytab.New()
		return k, k.Unmarshal(b)
	})
	if err != nil {
		return keytabKeys{}, fmt.Errorf("read the keytab %s: %w", path, err)
	}
	return keytabKeys{path, file}, nil
}

func (k keytabKeys) types(account principal) []int32 {
	var have []int32
	for _, encryption := range gssapi.EncryptionTypes() {
		if _, err := k.key(account, parameters{encryption: encryption}); err == nil {
			have = append(have, encryption)
		}
	}
	return have
}

// key returns the newest key.
func (k keytabKeys) key(account principal, p parameters) (types.EncryptionKey, error) {
	var newest types.EncryptionKey
	var version uint32
	for _, e := range k.file.Entries {
		if e.Key.KeyType == p.encryption && account.equal(ofEntry(e.Principal.Components, e.Principal.Realm)) && (newest.KeyValue == nil || e.KVNO > version) {
			newest, version = e.Key, e.KVNO
		}
	}
	if newest.KeyValue == nil {
		return newest, fmt.Errorf("the keytab %s has no key of %s for %s", k.path, gssapi.EncryptionType(p.encryption), account)
	}
	return newest, nil
}

// find returns the principal of the keytab that is one of an account's possible names, whatever the case of its letters: Active
// Directory does not care, and other KDCs have it as it is in the keytab.
func (k keytabKeys) find(names []principal) ([]principal, error) {
	var have, want []string
	for _, e := range k.file.Entries {
		p := ofEntry(e.Principal.Components, e.Principal.Realm)
		same := func(name principal) bool {
			return sameName(p.name, name.name) && strings.EqualFold(p.realm, name.realm)
		}
		if slices.ContainsFunc(names, same) && !gssapi.Weak(e.Key.KeyType) {
			return []principal{p}, nil
		}
		if name := fmt.Sprintf("%s (%s)", p, gssapi.EncryptionType(e.Key.KeyType)); !slices.Contains(have, name) {
			have = append(have, name)
		}
	}
	for _, name := range names {
		if !name.enterprise() {
			want = append(want, name.String())
		}
	}
	if more := len(have) - maxNames; more > 0 {
		have = append(have[:maxNames], fmt.Sprintf("and %d more", more))
	}
	return nil, fmt.Errorf("the keytab %s has no AES key of %s; it has keys of: %s", k.path, strings.Join(want, " or "), cmp.Or(strings.Join(have, ", "), "nobody"))
}

// maxNames bounds the names that an error lists.
const maxNames = 10

// ofEntry is the principal of a keytab's entry.
func ofEntry(components []string, realm string) principal {
	return principal{types.PrincipalName{NameType: nametype.KRB_NT_PRINCIPAL, NameString: components}, realm}
}

// cached is what a credential cache holds.
type cached struct {
	client  principal
	tickets map[string]gssapi.Ticket // by the name of the service and its realm
}

// readCache reads a credential cache from its path, which may have MIT's prefix FILE:.
// The file's times end in 2038. Source: "Credential cache file format", web.mit.edu/kerberos.
func readCache(path string) (cached, error) {
	file, err := parsed(path, func(b []byte) (*credentials.CCache, error) {
		c := new(credentials.CCache)
		return c, c.Unmarshal(b)
	})
	if err != nil {
		return cached{}, fmt.Errorf("read the credential cache %s: %w", path, err)
	}
	c := cached{principal{file.DefaultPrincipal.PrincipalName, file.DefaultPrincipal.Realm}, map[string]gssapi.Ticket{}}
	for _, e := range file.GetEntries() {
		var ticket messages.Ticket
		if err := ticket.Unmarshal(e.Ticket); err != nil {
			return cached{}, fmt.Errorf("read the credential cache %s: a ticket: %w", path, err)
		}
		ticket = gssapi.CorrectTicket(ticket)
		server := principal{e.Server.PrincipalName, e.Server.Realm}
		c.tickets[server.String()] = gssapi.Ticket{Client: c.client.name, Realm: c.client.realm, Ticket: ticket, Key: e.Key, End: e.EndTime}
	}
	return c, nil
}

// parsed reads a file that the library parses. It indexes past the end of a truncated file: that is an error here.
func parsed[T any](path string, parse func([]byte) (T, error)) (result T, err error) {
	if kind, rest, ok := strings.Cut(path, ":"); ok && len(kind) > 1 {
		if kind != "FILE" {
			return result, fmt.Errorf("%s: is not supported, only files are", kind)
		}
		path = rest
	}
	text, err := os.ReadFile(path) //nolint:gosec // the operator names it
	if err != nil {
		return result, err
	}
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
