// SPDX-License-Identifier: MPL-2.0

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
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/agent"
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

// setPassword is a change that needs the secret 0.
func setPassword(id bits.JobID) string {
	return fmt.Sprintf(`[{"op":"change","id":%q,"set":{"credential":{"username":"u","password":0}}}]`, id)
}

// lostSecretScript sends lines of secrets, and then the request that needs one of them.
func lostSecretScript(t *testing.T, w *world) {
	id := w.jobIn(t, bits.StateSuspended)
	c := w.client(t, admin)
	object := fmt.Sprintf(`{"secrets":1,"b":%d,"ops":[%s]}`, c.n+1, withDeadlines(t, setPassword(id))[0])
	good := "secret 0 " + base64.StdEncoding.EncodeToString([]byte(topSecret))
	for _, before := range [][]string{
		nil,
		{good, "secret 1 " + good[len("secret 0 "):]},
		{"secret"}, {"secret 0"}, {"secret x UzNjcjN0"}, {good + " x"}, {"secret 0 UzNjcjN"}, {"secret 0 Uz*jcjN0"}, {strings.ToUpper(good)},
		{good, "nonsense"},
	} {
		for _, line := range before {
			c.send(t, line)
			if line != good && !strings.HasPrefix(line, "secret 1 ") {
				c.badLine(t)
			}
		}
		c.send(t, object)
		c.badLine(t)
	}
	if w.service.Settings(id).Credential != nil {
		t.Error("a bad line was executed")
	}
	c.write(t, "a prompt> "+c.token+" "+good+"\r\n")
	c.send(t, object)
	c.n++
	c.readAnswer(t, c.n, withDeadlines(t, setPassword(id)))
	if set := w.service.Settings(id).Credential; set == nil || set.Password.Reveal() != topSecret {
		t.Error("the password did not arrive")
	}
}

func forgottenSecretScript(t *testing.T, w *world) {
	id := w.jobIn(t, bits.StateSuspended)
	c := w.client(t, admin)
	ops := strings.Replace(setPassword(id), ":0", `:"`+topSecret+`"`, 1)
	first := c.call(t, ops)
	if code := codeOf(t, first.results[0]); code != "" {
		t.Errorf("the change has the code %q", code)
	}
	for _, n := range []int{c.n, c.n + 1} {
		c.send(t, fmt.Sprintf(`{"secrets":1,"b":%d,"ops":[%s]}`, n, withDeadlines(t, setPassword(id))[0]))
		c.badLine(t)
	}
	if second := c.again(t, ops); string(second.results[0]) != string(first.results[0]) {
		t.Errorf("the stored result is\n%s\nwant\n%s", second.results[0], first.results[0])
	}
}

func longSecretScript(t *testing.T, w *world) {
	id := w.jobIn(t, bits.StateSuspended)
	c := w.client(t, admin)
	ops := withDeadlines(t, fmt.Sprintf(`[{"op":"change","id":%q,"set":{"custom_headers":[0]}}]`, id))
	text := c.token + " secret 0 " + strings.Repeat("QUFB", agent.MaxLine/4-16) + "\n"
	line := func(n int) string { return strings.Repeat("n", n-len(text)) + text } // noise may come before a token
	c.write(t, line(agent.MaxLine+1))
	c.badLine(t)
	c.write(t, line(agent.MaxLine))
	c.n++
	c.send(t, fmt.Sprintf(`{"secrets":1,"b":%d,"ops":[%s]}`, c.n, ops[0]))
	if code := codeOf(t, c.readAnswer(t, c.n, ops).results[0]); code != "refused" {
		t.Errorf("a header of 3/4 MiB has the code %q", code)
	}
}

// noLeak checks what an agent says, and how it was started, for secrets.
func noLeak(t *testing.T, where, text string) {
	t.Helper()
	encoded := base64.RawStdEncoding.EncodeToString([]byte(topSecret[:len(topSecret)/3*3])) // as the protocol has it
	for _, secret := range []string{topSecret, encoded} {
		if at := strings.Index(text, secret); at >= 0 {
			t.Errorf("a secret is in %s: ...%.120q", where, text[max(0, at-60):])
		}
	}
}
