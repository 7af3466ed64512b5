// SPDX-License-Identifier: MPL-2.0

package winrmbits

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/connection"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/agent"
)

// hostile has every agent answer hello, and everything else as say does, which counts from 1 over all agents.
func (r *rig) hostile(say func(n int, request agent.Request) []string) (asked *int) {
	asked = new(int)
	r.program = func(int) program {
		return scripted(func(_ int, request agent.Request) []string {
			last := len(request.Ops) - 1
			if last < 0 || request.Ops[last].Name == agent.OpHello {
				return []string{answerTo(request, func() string { return "" })}
			}
			*asked++
			hello := fmt.Sprintf(`{"b":%d,"r":[{"i":0,"v":{}}]}`, request.B)
			if last > 0 { // it travels with the first operation of another agent
				return append([]string{hello}, say(*asked, request)...)
			}
			return say(*asked, request)
		})
	}
	r.warm()
	return asked
}

// TestAnAnswerWithoutAnEndIsNotKept has a host list more jobs than any has, and more than fit into memory.
func TestAnAnswerWithoutAnEndIsNotKept(t *testing.T) {
	page := func(jobs int, name string) string {
		job := fmt.Sprintf(`{"id":%q,"display_name":%q}`, noJob, name)
		return `{"b":2,"r":[{"i":0,"page":[` + strings.TrimSuffix(strings.Repeat(job+",", jobs), ",") + `]}]}`
	}
	tests := map[string]struct{ line, text string }{
		"jobs":  {page(10_000, "a"), "list has 110000 jobs"},
		"bytes": {page(1, strings.Repeat("x", 1<<20-200)), "more than 64 MB"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			p, b := &process{token: "token"}, newBatch(2, []agent.Op{{Name: agent.OpList}})
			var err error
			for n := 0; err == nil && n < 100; n++ {
				err = p.readLine(b, []byte("token "+tt.line))
			}
			if !errors.Is(err, errUnreadable) || !strings.Contains(err.Error(), tt.text) {
				t.Errorf("%v", err)
			}
		})
	}
}

func TestWhatAHostAnswersIsComparedWithWhatItWasAsked(t *testing.T) {
	const other = "7f8f5f10-0b3f-4c7e-9a52-0d6f1c1e2a3b"
	value := func(v string) func(int, agent.Request) []string {
		return func(_ int, request agent.Request) []string {
			return []string{answerTo(request, func() string { return v })}
		}
	}
	ctx := context.Background() // each bubble has another
	about := func(id bits.JobID) string { return `{"job":` + wire(id) + `}` }
	verbs := map[string]func(h *Host) error{
		"get":      func(h *Host) error { _, err := h.Get(ctx, noJob, ""); return err },
		"change":   func(h *Host) error { _, err := low(ctx, h, noJob); return err },
		"commit":   func(h *Host) error { return commit(h, noJob) },
		"complete": func(h *Host) error { return complete(h, noJob) },
	}
	answers := map[string]func(int, agent.Request) []string{
		"another job":         value(about(other)),
		"no id":               value(`{"job":{}}`),
		"nothing of the kind": value(`[1]`),
		"a page": func(_ int, request agent.Request) []string {
			return []string{fmt.Sprintf(`{"b":%d,"r":[{"i":0,"page":[%s]}],"end":true}`, request.B, wire(noJob))}
		},
	}
	for verb, run := range verbs {
		for name, say := range answers {
			t.Run(verb+": "+name, func(t *testing.T) {
				bubble(t, func(t *testing.T, r *rig) {
					r.hostile(say)
					err := run(r.host)
					if errors.Is(err, bits.ErrUnknownOutcome) {
						return // of a change whose answer is none
					}
					wantFailure(t, err, connection.Unreadable, "the agent's response is invalid", "a proxy that rewrites responses")
				})
			})
		}
	}
}

// TestResultsThatDoNotComeAreAnErrorAfterAFewTries has an agent end each batch without a result, or with half of one.
func TestResultsThatDoNotComeAreAnErrorAfterAFewTries(t *testing.T) {
	says := map[string]func(int, agent.Request) []string{
		"no result": func(_ int, request agent.Request) []string {
			return []string{fmt.Sprintf(`{"b":%d,"end":true}`, request.B)}
		},
		"a list that is not whole": func(_ int, request agent.Request) []string {
			return []string{fmt.Sprintf(`{"b":%d,"r":[{"i":0,"v":{"count":3,"now":"2026-11-20T10:11:12Z"}}],"end":true}`, request.B)}
		},
		"a line that is none": func(int, agent.Request) []string { return []string{`{"b":`} },
	}
	for name, say := range says {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, r *rig) {
				asked := r.hostile(say)
				began := time.Now()
				_, err := r.host.Listing(t.Context(), false)
				wantFailure(t, err, connection.Unreadable, "the agent's response is invalid")
				if *asked != maxTries || time.Since(began) > 30*time.Second {
					t.Errorf("asked %d times, %s", *asked, time.Since(began))
				}
			})
		})
	}
}

// TestAnAnswerThatBringsNothingEnds has an agent send lines for ever, none of which is a result.
func TestAnAnswerThatBringsNothingEnds(t *testing.T) {
	lines := map[string]string{
		"of an earlier batch": `{"b":1,"end":true}`,
		"empty":               `{"b":2,"r":[]}`,
	}
	for name, line := range lines {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, r *rig) {
				id := r.world.job("a")
				r.script(func(int, agent.Request) []string {
					var forever []string
					for range 1000 {
						forever = append(forever, line, pause)
					}
					return forever
				})
				r.warm()
				_, err := r.host.Get(t.Context(), id, "")
				wantFailure(t, err, connection.Silent, "did not respond within 1m0s")
				get(t, r.host, id) // the next agent
				if story := r.story(); !strings.Contains(story, "close 1; open 2") {
					t.Error(story)
				}
			})
		})
	}
}

// TestABatchEndsWhenNobodyWaitsForIt has an agent list a job every few seconds.
func TestABatchEndsWhenNobodyWaitsForIt(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		r.script(func(int, agent.Request) []string {
			var forever []string
			for range 1000 {
				forever = append(forever, `{"b":2,"r":[{"i":0,"page":[`+wire(noJob)+`]}]}`, pause)
			}
			return forever
		})
		r.warm()
		_, err := r.host.Listing(t.Context(), false)
		wantFailure(t, err, connection.Silent, "did not respond within 1m0s")
		wait(learnOutcome + 5*time.Second)
		r.expect("1/2 list; close 1")
	})
}

// TestTextsOfAHostAreCut reads what goes into a state, and the largest texts that Windows has.
func TestTextsOfAHostAreCut(t *testing.T) {
	long := strings.Repeat("x", 300_000)
	strange := "ops\x1b[31m\u202e" + long
	text, err := json.Marshal(agent.Job{
		ID: string(noJob), TransferType: "download", Priority: "low", State: "suspended", BytesTransferred: "0",
		DisplayName: long, Description: long, OwnerSID: &strange, OwnerName: &strange, Files: []agent.File{{RemoteName: long, LocalName: long}},
		Properties: bits.Properties{ProxyList: []string{long}, CertificateHash: &long},
	})
	if err != nil {
		t.Fatal(err)
	}
	w, err := value[agent.Job](outcome{value: text})
	if err != nil {
		t.Fatal(err)
	}
	job, err := jobFromWire(w)
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		text string
		most int
	}{
		"SID": {job.Owner.SID, maxName}, "owner": {job.Owner.Name, maxName}, "name": {job.DisplayName, maxName},
		"description": {job.Description, maxDescription}, "remote name": {job.Files[0].RemoteName, maxText}, "local name": {job.Files[0].LocalName, maxText},
		"proxy": {job.Properties.ProxyList[0], maxText}, "hash": {*job.Properties.CertificateHash, maxText},
	} {
		if n := len([]rune(tt.text)); n != tt.most+len("...") {
			t.Errorf("%s: %d characters", name, n)
		}
		if strings.ContainsAny(tt.text, "\x1b\u202e") {
			t.Errorf("%s: %.100q", name, tt.text)
		}
	}
	hello, err := value[agent.Hello](outcome{value: json.RawMessage(`{"policies":{"Process":"` + long + `"},"parameters":{"A":["` + long + `"]}}`)})
	if err != nil || len(hello.Policies["Process"]) != maxText+len("...") || len(hello.Parameters["A"][0]) != maxText+len("...") {
		t.Errorf("%d, %v", len(hello.Policies["Process"]), err)
	}
}

// TestANewJobThatCanNotBeReadIsTakenBack has a host answer create with a job that can't be read. Its name is that of the pending job.
func TestANewJobThatCanNotBeReadIsTakenBack(t *testing.T) {
	const refused = `"e":{"code":"refused","hresult":"0x80070005"}`
	name := `"display_name":"` + bits.PendingPrefix + pending + `"`
	good := strings.Replace(wire(noJob), `"display_name":"a"`, name, 1)
	tests := []struct {
		name     string
		old, new string // in the answer
		removal  string
		text     string // of the error
		left     bits.JobID
		unknown  bool
	}{
		{"a state", `"suspended"`, `"banana"`, `"v":{}`, `"banana" is not a BITS job state`, "", false},
		{"a time", "2026-01-02T03:04:05Z", "yesterday", `"v":{}`, `"yesterday" is not a time`, "", false},
		{"a size", `"bytes_transferred":"0"`, `"bytes_transferred":"-1"`, `"v":{}`, `"-1" is not a size`, "", false},
		{"a state, and the job can't be removed", `"suspended"`, `"banana"`, refused, `"banana" is not a BITS job state`, noJob, false},
		{"the id", string(noJob), "x", "", `"x" is not a job ID`, "", true},
		{"the name of another job", name, `"display_name":"payload"`, "", "the pending job of token", "", true},
		{"a value of another kind", `"suspended"`, `[]`, "", "does not follow the protocol", "", true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			bubble(t, func(t *testing.T, r *rig) {
				var removed []string
				r.hostile(func(_ int, request agent.Request) []string {
					op, result := request.Ops[len(request.Ops)-1], `"v":{"job":`+strings.Replace(good, tt.old, tt.new, 1)+`}`
					if op.Name == agent.OpRemove {
						removed, result = append(removed, op.ID), tt.removal
					}
					return []string{fmt.Sprintf(`{"b":%d,"r":[{"i":%d,%s}],"end":true}`, request.B, len(request.Ops)-1, result)}
				})
				job, err := r.host.Create(t.Context(), pending, spec("a"))
				var failed *bits.Error
				switch {
				case job.ID != "" || errors.Is(err, bits.ErrUnknownOutcome) != tt.unknown:
					t.Errorf("%q, %v", job.ID, err)
				case tt.unknown && (len(removed) != 0 || !strings.Contains(err.Error(), tt.text) && !errors.Is(err, bits.ErrUnreadable)):
					t.Errorf("removed %q, %v", removed, err)
				case !tt.unknown && (!errors.As(err, &failed) || failed.Text != tt.text || failed.Left != tt.left || failed.TakenBack != (tt.left == "")):
					t.Errorf("%+v, %v", failed, err)
				case !tt.unknown && (len(removed) != 1 || removed[0] != string(noJob)):
					t.Errorf("removed %q", removed)
				}
			})
		})
	}
}
