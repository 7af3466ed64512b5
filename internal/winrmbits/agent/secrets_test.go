package agent

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
)

func TestSecretsGoToTheHostAndNowhereElse(t *testing.T) {
	const hush = "hush"
	p := bits.Properties{
		CustomHeaders:   []bits.Secret{bits.NewSecret("X: " + hush)},
		Credential:      &bits.Credential{Username: "u", Password: bits.NewSecret(hush), Scheme: bits.AuthBasic},
		ProxyCredential: &bits.Credential{Username: "v", Password: bits.NewSecret(hush)},
	}
	op := Op{Name: OpChange, Set: &Set{Properties: p, Secrets: SecretsOf(p)}}
	text, err := json.Marshal(op.Set)
	const want = `{"custom_headers":["X: hush"],"credential":{"username":"u","password":"hush","scheme":"basic"},` +
		`"proxy_credential":{"username":"v","password":"hush"}}`
	if err != nil || string(text) != want {
		t.Errorf("on the wire stands\n%s, %v\nwant\n%s", text, err, want)
	}
	if printed := fmt.Sprintf("%v %+v %#v %s", op.Set, *op.Set, op.Set.Secrets, op.Set.Secrets.Credential); strings.Contains(printed, hush) {
		t.Errorf("a secret is printed: %s", printed)
	}
	if back := op.Set.With(bits.Properties{}); !reflect.DeepEqual(back, p) {
		t.Error("the secrets change on their way back")
	}
}

func TestAbsentAndEmptyPropertiesDiffer(t *testing.T) {
	text, err := json.Marshal(Set{
		Properties: bits.Properties{ProxyList: []string{}, SecurityFlags: []bits.SecurityFlag{}},
		Secrets:    SecretsOf(bits.Properties{CustomHeaders: []bits.Secret{}}),
	})
	if want := `{"proxy_list":[],"security_flags":[],"custom_headers":[]}`; err != nil || string(text) != want {
		t.Errorf("on the wire stands %s, %v; want %s", text, err, want)
	}
}
