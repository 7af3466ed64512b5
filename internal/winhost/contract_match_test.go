// SPDX-License-Identifier: MPL-2.0

package winhost_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// vars are what a case's templates name in braces: {job}, {files} and so on.
type vars map[string]string

// expand puts the values into a JSON template.
func (v vars) expand(template string) string {
	pairs := make([]string, 0, 2*len(v))
	for _, name := range slices.Sorted(maps.Keys(v)) {
		quoted, _ := json.Marshal(v[name]) // a string always can be written
		pairs = append(pairs, "{"+name+"}", string(quoted[1:len(quoted)-1]))
	}
	return strings.NewReplacer(pairs...).Replace(template)
}

// volatile are the fields that say when, and how they look.
var volatile = map[string]bool{
	"created_at": true, "modified_at": true, "transferred_at": true, "now": true, "at": true, "modified": true,
}

// ofTheMachine are the fields that tell of the machine an agent really runs on.
var ofTheMachine = map[string]bool{"computer": true, "os": true, "powershell": true}

// ofPowerShell are the fields of an error that only PowerShell has.
var ofPowerShell = map[string]bool{"type": true, "fqeid": true}

// numbered are the names of local files, see [world.local].
var numbered = regexp.MustCompile(`contract\d+\.bin`)

// guid is a job's id.
var guid = regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)

// normal makes an answer comparable between two agents: what must differ is checked for its form and replaced by a
// word for it.
func normal(t *testing.T, v vars, key string, value any) any {
	t.Helper()
	switch value := value.(type) {
	case map[string]any:
		out := make(map[string]any, len(value))
		for k, inner := range value {
			if !ofPowerShell[k] && (k != "step" || inner != "") {
				out[k] = normal(t, v, k, inner)
			}
		}
		return normalJob(out)
	case []any:
		out := make([]any, len(value))
		for i, inner := range value {
			out[i] = normal(t, v, key, inner)
		}
		return out
	case string:
		return normalString(t, v, key, value)
	default:
		return value
	}
}

// normalString is normal for a string.
func normalString(t *testing.T, v vars, key, s string) string {
	t.Helper()
	switch {
	case volatile[key]:
		if at, err := time.Parse(time.RFC3339Nano, s); err != nil || at.Location() != time.UTC {
			t.Errorf("%s is %q, which is no UTC time", key, s)
		}
		return "<time>"
	case ofTheMachine[key] && s != "":
		return "<" + key + ">"
	case key == "text" && s != "":
		return "<text>"
	case guid.MatchString(s) && s != v["job"]:
		return "<guid>"
	}
	for _, name := range slices.Sorted(maps.Keys(v)) {
		if len(v[name]) > 8 { // long enough to be no coincidence
			s = strings.ReplaceAll(s, v[name], "<"+name+">")
		}
	}
	return numbered.ReplaceAllString(s, "contract<n>.bin")
}

// moving are the states that BITS changes by itself from one moment to the next.
var moving = map[any]bool{"queued": true, "connecting": true, "transferring": true, "transient_error": true}

// normalJob calls a job that BITS moves by itself pending, and forgets how far it has come.
func normalJob(job map[string]any) map[string]any {
	if !moving[job["state"]] {
		return job
	}
	job["state"] = "pending"
	for _, name := range []string{"bytes_total", "bytes_transferred", "error", "files_transferred"} {
		delete(job, name)
	}
	files, _ := job["files"].([]any)
	for _, file := range files {
		if file, ok := file.(map[string]any); ok {
			delete(file, "bytes_total")
			delete(file, "bytes_transferred")
		}
	}
	return job
}

// mismatch says where got lacks what want has, or "". A "*" stands for any string that is not empty, "moving" for a
// state that BITS changes by itself, null for null or nothing; fields of got that want does not name are not looked at.
func mismatch(path string, want, got any) string {
	switch want := want.(type) {
	case map[string]any:
		fields, ok := got.(map[string]any)
		if !ok {
			return fmt.Sprintf("%s is %s, want an object", path, compact(got))
		}
		for _, name := range slices.Sorted(maps.Keys(want)) {
			if bad := mismatch(path+"."+name, want[name], fields[name]); bad != "" {
				return bad
			}
		}
		return ""
	case []any:
		list, ok := got.([]any)
		if !ok || len(list) != len(want) {
			return fmt.Sprintf("%s is %s, want %d elements", path, compact(got), len(want))
		}
		for i := range want {
			if bad := mismatch(fmt.Sprintf("%s[%d]", path, i), want[i], list[i]); bad != "" {
				return bad
			}
		}
		return ""
	case string:
		s, ok := got.(string)
		if (want == "*" && ok && s != "") || (want == "moving" && moving[s]) {
			return ""
		}
	}
	if want != got {
		return fmt.Sprintf("%s is %s, want %s", path, compact(got), compact(want))
	}
	return ""
}

// compact spells a value for a message.
func compact(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(text)
}

// parse reads a JSON text.
func parse(t *testing.T, text string) any {
	t.Helper()
	var v any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("%v: %.300s", err, text)
	}
	return v
}

// results gives what an answer says of each operation, in order, in one JSON value.
func (a answered) value(t *testing.T) []any {
	t.Helper()
	out := make([]any, 0, len(a.results))
	for i := range len(a.results) {
		result := parse(t, string(a.results[i]))
		if object, ok := result.(map[string]any); ok {
			delete(object, "i")
			if pages, ok := a.pages[i]; ok {
				jobs := make([]any, len(pages))
				for k, job := range pages {
					jobs[k] = parse(t, string(job))
				}
				object["jobs"] = jobs
			}
		}
		out = append(out, result)
	}
	return out
}
