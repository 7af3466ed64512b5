// SPDX-License-Identifier: MPL-2.0

package connection

import (
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"regexp"
	"strings"
)

const beginCertificate = "-----BEGIN CERTIFICATE-----"

// ParseCertificates accepts PEM certificates, or a DER one as Export-Certificate writes it, and returns them as PEM without
// anything else. What is between the blocks does not count. One that can't be read is an error: left out, it would be missed
// later, as an authority that is not trusted.
func ParseCertificates(content string) (string, error) {
	text := DecodeText(content)
	_, blocks, found := strings.Cut(text, beginCertificate)
	if !found {
		return parseDER(text)
	}
	var parsed strings.Builder
	all := strings.Split(blocks, beginCertificate)
	for i, rest := range all {
		block, _ := pem.Decode([]byte(beginCertificate + rest))
		err := errors.New("its PEM block is damaged")
		if block != nil {
			_, err = x509.ParseCertificate(block.Bytes)
		}
		if err != nil {
			return "", fmt.Errorf("certificate %d of %d can't be read: %s. Export it again, or remove its block",
				i+1, len(all), strings.TrimPrefix(err.Error(), "x509: "))
		}
		parsed.Write(pem.EncodeToMemory(&pem.Block{Type: block.Type, Bytes: block.Bytes}))
	}
	return parsed.String(), nil
}

// otherBlock matches the first line of a PEM block.
var otherBlock = regexp.MustCompile(`-----BEGIN ([A-Z0-9 ]+)-----`)

// parseDER accepts binary certificates.
func parseDER(content string) (string, error) {
	const toPEM = "On Windows, certutil -encode ca.cer ca.pem converts an exported certificate"
	certificates, err := x509.ParseCertificates([]byte(content))
	other := otherBlock.FindStringSubmatch(content)
	switch {
	case err == nil && len(certificates) > 0:
		var parsed strings.Builder
		for _, c := range certificates {
			parsed.Write(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw}))
		}
		return parsed.String(), nil
	case other != nil:
		return "", fmt.Errorf("it contains a block %q and no certificate: expected one or more blocks %q", other[0], beginCertificate)
	case strings.HasPrefix(content, "\x30"): // a sequence of ASN.1
		return "", errors.New("it is binary and not a certificate, but perhaps a .p7b or .pfx file, or damaged: expected a PEM file, or a single " +
			"certificate (.cer)")
	case strings.HasPrefix(strings.TrimSpace(content), "MI"): // base64 of such a sequence
		return "", fmt.Errorf("it has no line %q before its base64 text, and none after it. %s", beginCertificate, toPEM)
	}
	return "", fmt.Errorf("it contains no certificate: expected one or more PEM blocks %q. %s", beginCertificate, toPEM)
}

// ParseKey accepts a PEM key without a passphrase, and returns it without anything else. An error quotes nothing of it.
func ParseKey(content string) (string, error) {
	text := DecodeText(content)
	if strings.Contains(text, "ENCRYPTED") {
		return "", errors.New("the key is encrypted: expected a key without a passphrase (openssl pkey -in encrypted.pem -out plain.pem)")
	}
	for rest := []byte(text); ; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		if !strings.HasSuffix(block.Type, "PRIVATE KEY") {
			continue
		}
		if !readableKey(block.Bytes) {
			return "", fmt.Errorf("its block %q is not a key: it is damaged, or not a kind of key that TLS supports", block.Type)
		}
		return string(pem.EncodeToMemory(&pem.Block{Type: block.Type, Bytes: block.Bytes})), nil
	}
	return "", errors.New("it contains no PEM key: expected a block \"-----BEGIN PRIVATE KEY-----\"")
}

// readableKey reports whether a key has one of the forms that crypto/tls reads.
func readableKey(der []byte) bool {
	_, pkcs8 := x509.ParsePKCS8PrivateKey(der)
	_, pkcs1 := x509.ParsePKCS1PrivateKey(der)
	_, ec := x509.ParseECPrivateKey(der)
	return pkcs8 == nil || pkcs1 == nil || ec == nil
}
