// SPDX-License-Identifier: MPL-2.0

package job

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"
)

// privateOf returns the private state of an instance, by key.
func privateOf(t *testing.T, of instance) map[string][]byte {
	t.Helper()
	keys := map[string][]byte{}
	if len(of.private) > 0 {
		if err := json.Unmarshal(of.private, &keys); err != nil {
			t.Fatal(err)
		}
	}
	delete(keys, ".timeouts")
	return keys
}

// withPrivate returns an instance with other values in its private state.
func withPrivate(t *testing.T, of instance, value string) instance {
	t.Helper()
	keys := privateOf(t, of)
	for key := range keys {
		keys[key] = []byte(value)
	}
	raw, err := json.Marshal(keys)
	if err != nil {
		t.Fatal(err)
	}
	of.private = raw
	return of
}

func TestEvidenceThatCanNotBeReadIsAWarning(t *testing.T) {
	waits := jobConfig(values{"wait_for_transfer": yes()})
	for name, value := range map[string]string{"another version": `{"v": 2, "ending": "completed"}`, "none": `{"ending": "cancelled"}`, "another type": `[1]`} {
		t.Run(name, func(t *testing.T) {
			for situation, config := range map[string]values{"live": jobConfig(nil), "completed": waits} {
				r := ready(t)
				damaged := withPrivate(t, r.brought(config, nil, situation == "completed"), value)
				p := r.plan(damaged, config)
				expectDiagnostic(t, p.diags, "WARNING", "Unreadable Private State")
				read, diags := r.refresh(damaged)
				expectDiagnostic(t, diags, "WARNING", "Unreadable Private State")
				if p := r.plan(read, config); p.action() != "none" || len(p.diags) > 0 {
					t.Errorf("%s: after a refresh is planned: %s: %s", situation, describe(p), formatted(p.diags))
				}
				if diags := r.destroy(damaged); len(diags) > 0 {
					t.Errorf("%s: destroy: %s", situation, formatted(diags))
				}
			}
		})
	}
}

func TestEvidenceIsOneVersionedObject(t *testing.T) {
	r := ready(t)
	made := r.created(jobConfig(nil))
	for _, test := range []struct {
		name string
		of   instance
	}{
		{"a live job", made},
		{"a completed job", r.brought(jobConfig(values{"wait_for_transfer": yes(), "files": fileList(urlA, pathA)}), nil, true)},
	} {
		private := privateOf(t, test.of)
		if keys := slices.Collect(maps.Keys(private)); !slices.Equal(keys, []string{"evidence"}) {
			t.Errorf("%s: the keys are %q", test.name, keys)
		}
		text := string(private["evidence"])
		if !strings.Contains(text, `"v":1`) || strings.Contains(text, "token") || strings.Count(text, "local_name") != 1 {
			t.Errorf("%s: the evidence is %s", test.name, text)
		}
	}
}
