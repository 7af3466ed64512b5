// SPDX-License-Identifier: MPL-2.0

package winrmbits

import (
	"encoding/base64"
	"encoding/binary"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
)

// Flags of stored proxy settings. Source: INTERNET_PER_CONN_FLAGS of INTERNET_PER_CONN_OPTION, learn.microsoft.com.
const (
	proxyManual     = 2
	proxyScript     = 4
	proxyAutoDetect = 8
)

// proxyFromWire reads proxy settings as Windows stores them in the registry: a version, a counter and flags, of 4 bytes each, the
// lowest first; then proxies, bypass list and the URL of a script, each after its length in 4 bytes. WinHTTP stores no
// script. They are nil where they could not be read. Sources: github.com/fhluo/winproxy, settings.go; "Use Group Policy to apply WinHTTP
// proxy settings", learn.microsoft.com, for those without a proxy.
func proxyFromWire(wire *string) *bits.ProxySettings {
	if wire == nil {
		return nil
	}
	stored, err := base64.StdEncoding.DecodeString(*wire)
	if err != nil {
		return nil
	}
	settings := &bits.ProxySettings{}
	if len(stored) == 0 {
		return settings
	}
	const header = 12
	if len(stored) < header {
		return nil
	}
	flags, rest := binary.LittleEndian.Uint32(stored[8:]), stored[header:]
	settings.AutoDetect = flags&proxyAutoDetect != 0
	for _, part := range []struct {
		text *string
		flag uint32
	}{{&settings.Proxies, proxyManual}, {&settings.Bypass, proxyManual}, {&settings.ScriptURL, proxyScript}} {
		text, more, ok := cutText(rest)
		if !ok {
			return nil
		}
		if flags&part.flag != 0 {
			*part.text = text
		}
		rest = more
	}
	return settings
}

// cutText cuts a text with its length off. What ends before a text holds no further one.
func cutText(b []byte) (text string, rest []byte, ok bool) {
	const length = 4
	if len(b) < length {
		return "", nil, true
	}
	n := binary.LittleEndian.Uint32(b)
	if b = b[length:]; uint64(n) > uint64(len(b)) {
		return "", nil, false
	}
	return string(b[:n]), b[n:], true
}
