// SPDX-License-Identifier: MPL-2.0

package kerberos

import (
	"cmp"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/go-krb5/krb5/crypto"
	"github.com/go-krb5/krb5/iana/nametype"
	"github.com/go-krb5/krb5/keytab"
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
			return types.EncryptionKey{}, fmt.Errorf("the KDC requires a key with unknown parameters (%x)", p.iterations)
		}
		if n := binary.BigEndian.Uint32(p.iterations); n < minIterations || n > maxIterations {
			return types.EncryptionKey{}, fmt.Errorf("the KDC requires a key with %d iterations, and only %d to %d are accepted", n, minIterations, maxIterations)
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
	kind, file := kindOf(path)
	if kind != fileKind {
		return keytabKeys{}, fmt.Errorf("read the keytab %s: only files are supported", path)
	}
	text, err := os.ReadFile(file) //nolint:gosec // the operator names it
	if err != nil {
		return keytabKeys{}, fmt.Errorf("read the keytab %s: %w", path, err)
	}
	keys, err := parsed(text, func(b []byte) (*keytab.Keytab, error) {
		k := keytab.New()
		return k, k.Unmarshal(b)
	})
	if err != nil {
		return keytabKeys{}, fmt.Errorf("read the keytab %s: %w", path, err)
	}
	return keytabKeys{path, keys}, nil
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
		if slices.ContainsFunc(names, p.is) && !gssapi.Weak(e.Key.KeyType) {
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
