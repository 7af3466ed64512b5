// SPDX-License-Identifier: MPL-2.0

package bits

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
)

// Source of the composites: "BITS Cost States", learn.microsoft.com.
func TestBitFieldsAreSpelledAsHostsDo(t *testing.T) {
	for _, c := range []struct {
		name  string
		words []CostState
		mask  uint32
		back  []CostState
	}{
		{"no word is no bit", nil, 0, []CostState{}},
		{"a composite", []CostState{"standard"}, 0x80000067, []CostState{"standard"}},
		{"the bits of a composite", []CostState{"ignore_congestion", "over_cap_throttled", "unrestricted"}, 0x80000021, []CostState{"policy_unrestricted"}},
		{"a composite and one more", []CostState{"standard", "roaming"}, 0x800000E7, []CostState{"roaming", "standard"}},
		{"words of the cmdlets", []CostState{"BelowCap", "UsageBased"}, 0x44, []CostState{"below_cap", "usage_based"}},
		{"bits without a word", []CostState{"1073741825"}, 0x40000001, []CostState{"1073741824", "unrestricted"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			mask, err := PolicyMask(c.words)
			if err != nil || mask != c.mask {
				t.Errorf("the bits are %#x, %v; want %#x", mask, err, c.mask)
			}
			if back := PolicyWords(mask); !reflect.DeepEqual(back, c.back) {
				t.Errorf("the words are %q, want %q", back, c.back)
			}
		})
	}
	if _, err := PolicyMask([]CostState{"cheap"}); err == nil || !strings.Contains(err.Error(), "not_roaming") {
		t.Errorf("an unknown word is %v, want the known ones", err)
	}
}

func TestSecretsOfAJobAreNotPrinted(t *testing.T) {
	const text = "hush"
	p := Properties{CustomHeaders: []Secret{NewSecret(text)}, Credential: &Credential{Username: "u", Password: NewSecret(text)}}
	spec := Spec{Properties: p}
	encoded, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	for _, printed := range []string{
		fmt.Sprintf("%v %+v %#v %s %q", spec, spec, p.CustomHeaders, *p.Credential, p.CustomHeaders[0]), string(encoded),
	} {
		if strings.Contains(printed, text) {
			t.Errorf("a secret is printed: %s", printed)
		}
	}
}

func TestWithoutLeavesWhatDiffers(t *testing.T) {
	seconds, other := Seconds(60), Seconds(61)
	has := Properties{MinimumRetryDelay: &seconds, NoProgressTimeout: &seconds, ProxyList: []string{"p"}}
	want := Properties{NoProgressTimeout: &other, Credential: &Credential{Username: "u"}}
	change := Properties{MinimumRetryDelay: new(Seconds), NoProgressTimeout: &other, ProxyList: []string{"p"}, Credential: want.Credential}
	*change.MinimumRetryDelay = seconds
	if got := change.Without(has); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	override, bypass := ProxyOverride, []string{"b"}
	change = Properties{ProxyUsage: &override, ProxyList: []string{"q"}, ProxyBypassList: bypass}
	if got := change.Without(Properties{ProxyUsage: &override, ProxyList: []string{"p"}, ProxyBypassList: bypass}); !reflect.DeepEqual(got, change) {
		t.Errorf("of what is set in one call is left: %+v", got)
	}
	if !(Properties{}).Empty() || want.Empty() {
		t.Error("empty and not empty are mixed up")
	}
}

// A word that a list offers is one that the parser, or the mask, knows.
func TestEveryWordOfAPropertyIsKnown(t *testing.T) {
	for _, w := range ProxyUsages() {
		if got, err := ParseProxyUsage(strings.ToUpper(string(w))); err != nil || got != w {
			t.Errorf("%s is read as %q, %v", w, got, err)
		}
	}
	for _, err := range []error{
		known1(PolicyMask(CostStates())), known1(SecurityMask(SecurityFlags())),
	} {
		if err != nil {
			t.Error(err)
		}
	}
	if _, err := ParseProxyUsage("maybe"); err == nil {
		t.Error("an unknown proxy usage is known")
	}
}

func known1(_ uint32, err error) error { return err }
