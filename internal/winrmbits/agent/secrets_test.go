// SPDX-License-Identifier: MPL-2.0

package agent

import (
	"fmt"
	"strings"
	"testing"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
)

func TestSecretsTravelBesideTheRequestThatNamesThem(t *testing.T) {
	const hush = "hush \u00e9"
	p := bits.Properties{
		CustomHeaders:   []bits.Secret{bits.NewSecret("X: " + hush), {}},
		Credential:      &bits.Credential{Username: "u", Password: bits.NewSecret(hush), Scheme: bits.AuthBasic},
		ProxyCredential: &bits.Credential{Username: "v", Password: bits.NewSecret(hush)},
	}
	ops := []Op{
		{Name: OpCreate, MS: 1, Job: &Spec{Files: []FileSpec{}, Properties: p}}, {Name: OpGet, MS: 1, ID: "i"},
		{Name: OpChange, MS: 1, ID: "i", Set: &Set{Properties: p}},
	}
	for range 2 { // the first time changes nothing that the second one reads
		lines, err := Request{B: 3, Ops: ops}.Lines("TOKEN")
		const want = `TOKEN secret 0 WDogaHVzaCDDqQ==
TOKEN secret 1 
TOKEN secret 2 aHVzaCDDqQ==
TOKEN secret 3 aHVzaCDDqQ==
TOKEN secret 4 WDogaHVzaCDDqQ==
TOKEN secret 5 
TOKEN secret 6 aHVzaCDDqQ==
TOKEN secret 7 aHVzaCDDqQ==
TOKEN {"b":3,"secrets":8,"ops":[{"op":"create","ms":1,"job":{"description":"","transfer_type":"","priority":"","files":[],` +
			`"custom_headers":[0,1],"credential":{"username":"u","password":2,"scheme":"basic"},"proxy_credential":{"username":"v","password":3}}},` +
			`{"op":"get","ms":1,"id":"i"},` +
			`{"op":"change","ms":1,"id":"i","set":{` +
			`"custom_headers":[4,5],"credential":{"username":"u","password":6,"scheme":"basic"},"proxy_credential":{"username":"v","password":7}}}]}
`
		if err != nil || string(lines) != want {
			t.Errorf("the lines are\n%s, %v\nwant\n%s", lines, err, want)
		}
	}
	if printed := fmt.Sprintf("%v %+v %#v %s", ops, ops[0].Job, *ops[2].Set, ops[2].Set.Properties.Credential); strings.Contains(printed, "hush") {
		t.Errorf("a secret is printed: %s", printed)
	}
}

func TestAbsentAndEmptyPropertiesDiffer(t *testing.T) {
	set := Set{Properties: bits.Properties{ProxyList: []string{}, SecurityFlags: []bits.SecurityFlag{}, CustomHeaders: []bits.Secret{}}}
	lines, err := Request{B: 1, Ops: []Op{{Name: OpChange, Set: &set}}}.Lines("TOKEN")
	const want = `TOKEN {"b":1,"ops":[{"op":"change","ms":0,"set":{"proxy_list":[],"security_flags":[],"custom_headers":[]}}]}` + "\n"
	if err != nil || string(lines) != want {
		t.Errorf("the lines are %s, %v; want %s", lines, err, want)
	}
}
