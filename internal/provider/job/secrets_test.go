// SPDX-License-Identifier: MPL-2.0

package job

import (
	"bytes"
	"context"
	"maps"
	"reflect"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-log/tflogtest"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
)

// secretCases are the write-only attributes, each with a secret and the number of its version.
var secretCases = []struct {
	name string
	set  func(secret string, version int64) values
	sent func(secret string) bits.Properties
}{
	{
		name: "the password of an account",
		set: func(secret string, version int64) values {
			return values{"credentials": credentialsOf(values{"username": text("u"), "scheme": text("basic"), "password_wo": text(secret), "password_wo_version": number(version)})}
		},
		sent: func(secret string) bits.Properties {
			return bits.Properties{Credential: &bits.Credential{Username: "u", Password: bits.NewSecret(secret), Scheme: bits.AuthBasic}}
		},
	},
	{
		name: "the password of an account for proxies with a scheme",
		set: func(secret string, version int64) values {
			return values{"proxy": proxyOf(values{"usage": text("auto_detect"), "username": text("u"), "scheme": text("ntlm"), "password_wo": text(secret), "password_wo_version": number(version)})}
		},
		sent: func(secret string) bits.Properties {
			return bits.Properties{ProxyCredential: &bits.Credential{Username: "u", Password: bits.NewSecret(secret), Scheme: bits.AuthNTLM}}
		},
	},
	{
		name: "the password for a proxy",
		set: func(secret string, version int64) values {
			return values{"proxy": proxyOf(values{"usage": text("auto_detect"), "username": text("u"), "password_wo": text(secret), "password_wo_version": number(version)})}
		},
		sent: func(secret string) bits.Properties {
			return bits.Properties{ProxyCredential: &bits.Credential{Username: "u", Password: bits.NewSecret(secret)}}
		},
	},
	{
		name: "hidden headers",
		set: func(secret string, version int64) values {
			return values{"custom_headers_wo": textMap("Authorization", secret), "custom_headers_wo_version": number(version)}
		},
		sent: func(secret string) bits.Properties {
			hide := true
			return bits.Properties{CustomHeaders: []bits.Secret{bits.NewSecret("Authorization: " + secret)}, CustomHeadersWriteOnly: &hide}
		},
	},
}

const otherSecret = "swordfish-never-seen"

// keeps expects that neither secret is in what Terraform keeps or a log tells.
func keeps(t *testing.T, what string, held ...[]byte) {
	t.Helper()
	for _, secret := range []string{testPassword, otherSecret} {
		if bytes.Contains(bytes.Join(held, nil), []byte(secret)) {
			t.Errorf("a secret is in %s", what)
		}
	}
}

func TestSecretsReachTheHostAndNothingElse(t *testing.T) {
	for _, test := range secretCases {
		t.Run(test.name, func(t *testing.T) {
			r := ready(t)
			var log bytes.Buffer
			ctx := tflogtest.RootLogger(t.Context(), &log)
			config := jobConfig(test.set(testPassword, 1))
			p := r.plan(r.none(), config)
			keeps(t, "the plan", r.bytes(p.state), p.private)
			state, diags := r.apply(ctx, p)
			expectDiagnostic(t, diags, "")
			if got := without(r.host.specs[0].Properties); !reflect.DeepEqual(got, test.sent(testPassword)) {
				t.Errorf("sent %+v", got)
			}
			keeps(t, "the state", r.bytes(state.value), state.private)

			maps.Copy(config, test.set(otherSecret, 2))
			p = r.plan(state, config)
			r.host.called()
			state = r.changedTo(ctx, p, test.sent(otherSecret))
			keeps(t, "the state", r.bytes(state.value), state.private)

			r.host.fail["change"] = &bits.Error{Code: bits.CodeRefused, HResult: 0x80070057, Step: "set:credential", Text: "(sensitive)"}
			maps.Copy(config, test.set(testPassword, 3))
			_, diags = r.apply(ctx, r.plan(state, config))
			keeps(t, "an error", []byte(formatted(diags)))
			keeps(t, "the log", log.Bytes())
		})
	}
}

func (r *rig) bytes(v tftypes.Value) []byte {
	r.t.Helper()
	return r.dynamic(r.resource, v).MsgPack
}

func (r *rig) changedTo(ctx context.Context, p planned, want bits.Properties) instance {
	r.t.Helper()
	state, diags := r.apply(ctx, p)
	if len(diags) > 0 || len(r.host.changes) != 1 || !reflect.DeepEqual(without(r.host.changes[0].Properties), want) {
		r.t.Errorf("%s asked for %+v: %s", describe(p), r.host.changes, formatted(diags))
	}
	return state
}

// without leaves out how a proxy is used, which goes with its account.
func without(p bits.Properties) bits.Properties {
	p.ProxyUsage = nil
	return p
}

func TestACLIWithoutWriteOnlyAttributesIsRefused(t *testing.T) {
	for _, test := range secretCases {
		t.Run(test.name, func(t *testing.T) {
			r := newRig(t)
			r.old = true
			told := formatted(r.validate(jobConfig(test.set(testPassword, 1))))
			if !strings.Contains(told, "WriteOnly Attribute Not Allowed") || !strings.Contains(told, "_wo") || !strings.Contains(told, "1.11") {
				t.Errorf("told: %s", told)
			}
			keeps(t, "an error", []byte(told))
		})
	}
}
