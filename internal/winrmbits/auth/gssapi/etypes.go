// SPDX-License-Identifier: MPL-2.0

package gssapi

import (
	"fmt"
	"slices"

	"github.com/go-krb5/krb5/crypto/etype"
	"github.com/go-krb5/krb5/iana/etypeID"
)

// EncryptionTypes are the ones that the client requests, in MIT's order: AES as every Windows since 2008 has it, and then AES with
// SHA-2, which realms of MIT and FreeIPA may demand of their accounts.
func EncryptionTypes() []int32 {
	return []int32{
		etypeID.AES256_CTS_HMAC_SHA1_96, etypeID.AES128_CTS_HMAC_SHA1_96,
		etypeID.AES256_CTS_HMAC_SHA384_192, etypeID.AES128_CTS_HMAC_SHA256_128,
	}
}

// keyLength is the length of an encryption type's keys, in bytes. go-krb5 has that of a checksum for AES with SHA-384.
func keyLength(cipher etype.EType) int {
	if cipher.GetETypeID() == etypeID.AES256_CTS_HMAC_SHA384_192 {
		return 32
	}
	return cipher.GetKeyByteSize()
}

// Weak reports whether an encryption type is not one of [EncryptionTypes].
func Weak(id int32) bool { return !slices.Contains(EncryptionTypes(), id) }

// EncryptionType names an encryption type. Source: "Kerberos Encryption Type Numbers", iana.org.
func EncryptionType(id int32) string {
	switch id {
	case etypeID.AES128_CTS_HMAC_SHA1_96:
		return "aes128-cts-hmac-sha1-96"
	case etypeID.AES256_CTS_HMAC_SHA1_96:
		return "aes256-cts-hmac-sha1-96"
	case etypeID.AES128_CTS_HMAC_SHA256_128:
		return "aes128-cts-hmac-sha256-128"
	case etypeID.AES256_CTS_HMAC_SHA384_192:
		return "aes256-cts-hmac-sha384-192"
	case etypeID.RC4_HMAC:
		return "rc4-hmac"
	case etypeID.DES3_CBC_SHA1_KD:
		return "des3-cbc-sha1"
	default:
		return fmt.Sprintf("encryption type %d", id)
	}
}

// WeakError is a key of an encryption type that is not used, such as RC4.
type WeakError struct {
	Type int32
}

func (e *WeakError) Error() string {
	return fmt.Sprintf("a Kerberos key is for %s, and only AES is supported", EncryptionType(e.Type))
}
