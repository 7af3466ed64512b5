package winhost_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
)

// secretStringCases bring hostile strings to BITS as headers, users and passwords, and see what arrived.
func secretStringCases() []contractCase {
	cases := make([]contractCase, 0, len(hostile))
	for _, h := range hostile {
		c := contractCase{
			name: "header, user and password arrive exactly: " + h.name, arrange: in(bits.StateSuspended),
			ask: expandText(h.text, `[{"op":"change","id":"{job}","set":{
				"credential":{"username":TEXT,"password":TEXT},"proxy_credential":{"username":TEXT,"password":TEXT,"scheme":"digest"}}}]`),
			want: `[{"v":{"job":{}}}]`,
			after: func(t *testing.T, w *world, v vars) error {
				t.Helper()
				p := w.service.Settings(bits.JobID(v["job"]))
				for _, c := range []*bits.Credential{p.Credential, p.ProxyCredential} {
					if c == nil || c.Username != h.text || c.Password.Reveal() != h.text {
						return fmt.Errorf("a credential did not arrive: %+v", c)
					}
				}
				return nil
			},
		}
		if !strings.ContainsAny(h.text, "\r\n") {
			c.ask = strings.Replace(c.ask, `"credential"`, expandText("X-Odd: "+h.text, `"custom_headers":[TEXT],"credential"`), 1)
			c.want = expandText("X-Odd: "+h.text, `[{"v":{"job":{"custom_headers":[TEXT]}}}]`)
		}
		cases = append(cases, c)
	}
	return cases
}

// Cases have secrets where they belong; the protocol has an index there, and the secret in a line of its own.
var (
	secretField = regexp.MustCompile(`"password":"(?:[^"\\]|\\.)*"|"custom_headers":\["(?:[^"\\]|\\.|",")*"`)
	jsonString  = regexp.MustCompile(`"(?:[^"\\]|\\.)*"`)
)

// batchLines writes a request, and before it the lines of its secrets.
func (c *client) batchLines(n int, ops []json.RawMessage) string {
	var lines strings.Builder
	count := 0
	line := func(quoted string) string {
		var text string
		_ = json.Unmarshal([]byte(quoted), &text) // matches the pattern of a string
		fmt.Fprintf(&lines, "%s secret %d %s\n", c.token, count, base64.StdEncoding.EncodeToString([]byte(text)))
		count++
		return strconv.Itoa(count - 1)
	}
	object := secretField.ReplaceAllStringFunc(batchObject(n, ops), func(field string) string {
		name, value, _ := strings.Cut(field, ":")
		return name + ":" + jsonString.ReplaceAllStringFunc(value, line)
	})
	if count > 0 {
		object = fmt.Sprintf(`{"secrets":%d,`, count) + object[1:]
	}
	return lines.String() + c.token + " " + object + "\n"
}

// noLeak checks what an agent says, and how it was started, for secrets.
func noLeak(t *testing.T, where, text string) {
	t.Helper()
	if at := strings.Index(text, topSecret); at >= 0 {
		t.Errorf("a secret is in %s: ...%.120q", where, text[max(0, at-60):])
	}
}
