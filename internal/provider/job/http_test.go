package job

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// TestWhatEveryJobHasByItself has what TestMatrixOfProperties does not: values that BITS has without a property.
func TestWhatEveryJobHasByItself(t *testing.T) {
	for _, test := range []struct {
		name          string
		before, after values
		want          string
	}{
		{"GET is what a job has anyway", nil, values{"http_method": text("GET")}, "update http_method"},
		{"no dynamic content is what a job has anyway", nil, values{"dynamic": no()}, "update dynamic"},
		{"both replace once", values{"dynamic": yes(), "http_method": text("POST")}, values{"dynamic": no(), "http_method": text("GET")}, "replace for dynamic http_method"},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := ready(t)
			config := jobConfig(values{"priority": text("foreground")})
			prior := r.created(with(config, test.before))
			r.host.called()
			p := r.plan(prior, with(config, test.after))
			got := describe(p)
			if got == "replace for http_method dynamic" {
				got = "replace for dynamic http_method"
			}
			if got != test.want {
				t.Fatalf("planned: %s", got)
			}
			if p.action() != "update" {
				return
			}
			if _, diags := r.apply(t.Context(), p); len(diags) > 0 || r.host.mutated() {
				t.Errorf("called %v: %s", r.host.called(), formatted(diags))
			}
		})
	}
}

func TestCertificatesOfTheCurrentUserNeedAUser(t *testing.T) {
	certificate := func(location string) values {
		object := certificateOfMachine("0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a")
		changed, _ := tftypes.Transform(object, func(_ *tftypes.AttributePath, v tftypes.Value) (tftypes.Value, error) {
			if v.Equal(text("local_machine")) {
				return text(location), nil
			}
			return v, nil
		})
		return jobConfig(values{"client_certificate": changed})
	}
	for _, test := range []struct {
		name, runAs, location string
		refused               bool
	}{
		{"those of LocalSystem are refused", "system", "current_user", true},
		{"those of its group policy, too", "system", "current_user_group_policy", true},
		{"those of the machine are not", "system", "local_machine", false},
		{"those of a user are not", "user", "current_user", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := newRig(t)
			r.mustConfigure(values{"host": text("web01"), "username": text("u"), "password": text(testPassword), "run_as": text(test.runAs)})
			p := r.plan(r.none(), certificate(test.location))
			if failed(p.diags) != test.refused {
				t.Fatalf("planned: %s: %s", describe(p), formatted(p.diags))
			}
			if test.refused {
				expectDiagnostic(t, p.diags, "ERROR", "store_location", "LocalSystem, who has none", `"local_machine"`, `run_as = "user"`)
			}
		})
	}
}
