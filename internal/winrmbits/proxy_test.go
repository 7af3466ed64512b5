// SPDX-License-Identifier: MPL-2.0

package winrmbits

import (
	"encoding/base64"
	"encoding/hex"
	"reflect"
	"testing"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
)

// stored is a value of the registry: a version, a counter and flags, then texts with their lengths.
func stored(flags byte, texts ...string) string {
	value := []byte{0x46, 0, 0, 0, 9, 0, 0, 0, flags, 0, 0, 0}
	for _, text := range texts {
		value = append(append(value, byte(len(text)), 0, 0, 0), text...)
	}
	return base64.StdEncoding.EncodeToString(value)
}

func TestProxySettingsAreReadAsWindowsStoresThem(t *testing.T) {
	direct, err := hex.DecodeString("1800000000000000010000000000000000000000") // source: "Use Group Policy to apply WinHTTP proxy settings", learn.microsoft.com
	if err != nil {
		t.Fatal(err)
	}
	proxy, script := "proxy.corp.example:3128", "http://wpad.corp.example/p.pac"
	for _, test := range []struct {
		name string
		wire string
		want *bits.ProxySettings
	}{
		{name: "none were ever set", wire: "", want: &bits.ProxySettings{}},
		{name: "WinHTTP without a proxy", wire: base64.StdEncoding.EncodeToString(direct), want: &bits.ProxySettings{}},
		{name: "WinHTTP with a proxy, which stores no script", wire: stored(3, proxy, "<local>"), want: &bits.ProxySettings{Proxies: proxy, Bypass: "<local>"}},
		{name: "an account with a proxy", wire: stored(3, proxy, "", "", string(make([]byte, 32))), want: &bits.ProxySettings{Proxies: proxy}},
		{name: "an account with a script, and WPAD", wire: stored(0x0d, "", "", script), want: &bits.ProxySettings{ScriptURL: script, AutoDetect: true}},
		{name: "what is stored and switched off", wire: stored(1, proxy, "<local>", script), want: &bits.ProxySettings{}},
		{name: "flags alone", wire: stored(9), want: &bits.ProxySettings{AutoDetect: true}},
		{name: "a length beyond the end", wire: stored(3, proxy)[:40], want: nil},
		{name: "too short", wire: "RgAA", want: nil},
		{name: "not base64", wire: "!", want: nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := proxyFromWire(&test.wire); !reflect.DeepEqual(got, test.want) {
				t.Errorf("it is %+v, want %+v", got, test.want)
			}
		})
	}
	if got := proxyFromWire(nil); got != nil {
		t.Errorf("what can't be read is %+v", got)
	}
}

func TestTheTimeOfAnAnswerIsNoDifferenceOfClocks(t *testing.T) {
	asked := time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC)
	answered := asked.Add(5 * time.Second)
	for _, test := range []struct {
		name string
		host time.Time
		want time.Duration
	}{
		{"between question and answer", asked.Add(3 * time.Second), 0},
		{"an hour ahead", answered.Add(time.Hour), time.Hour},
		{"90 s behind", asked.Add(-90*time.Second - 300*time.Millisecond), -90 * time.Second},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := clockOffset(test.host, asked, answered); got != test.want {
				t.Errorf("the offset is %s, want %s", got, test.want)
			}
		})
	}
}
