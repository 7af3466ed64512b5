// SPDX-License-Identifier: MPL-2.0

package winhost_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/agent"
)

// sharedScripts are the rules of the protocol that take more than one batch, as the admin's agent is asked them.
func sharedScripts() []contractScript {
	return append(relayScripts(),
		contractScript{"read results share a line, and a mutating result has its own", lineScript},
		contractScript{"a repeated create makes no second job", repeatCreateScript},
		contractScript{"what was refused is so again when its batch is repeated", repeatFailureScript},
		contractScript{"a batch number that is neither the last nor the next is a bad_line", numberScript},
		contractScript{"a request whose secrets did not arrive, or arrived damaged, is a bad_line", lostSecretScript},
		contractScript{"a secret is forgotten when its request was answered", forgottenSecretScript},
		contractScript{"a secret of 1 MiB is read and a longer one is a bad_line", longSecretScript},
		contractScript{"results beyond 1 MB of a batch are not kept for its repetition", bigBatchScript},
		contractScript{"a hash is there when it is asked for again", hashScript},
		contractScript{"the hash of a large file stops nothing", busyHashScript},
		contractScript{"a file that can't be read has an error instead of a hash, until it can be read", unreadableScript},
		contractScript{"no hash is forgotten before it was asked for again", manyHashesScript},
		contractScript{"directories in which ordinary users may replace files are named once", openDirectoriesScript},
		contractScript{"times of any kind, in any zone, are the same times", timesScript},
	)
}

// relayScripts are those that a relay could break.
func relayScripts() []contractScript {
	return []contractScript{
		{"a repeated batch gets the stored result of what it changed and reads again", repeatScript},
		{"a line without the token is noise, and the token may be anywhere in a line", noiseScript},
		{"a line that is not a batch is a bad_line, and nothing of it is executed", badLineScript},
		{"a half-sent line is ended by the LF before its repetition", halfLineScript},
		{"a line of 1 MiB is read and a longer one is a bad_line", longLineScript},
	}
}

// ownScripts are those that start agents of their own.
func ownScripts() []contractScript {
	return []contractScript{
		{"the end of stdin ends the process", endScript},
		{"the end of stdin within the upload has an exit code of its own", uploadScript},
		{"an answer that nobody reads ends the process at its deadline", deadlineScript},
	}
}

// value gives the job of a result.
func jobOf(t *testing.T, result json.RawMessage) agent.Job {
	t.Helper()
	var r struct {
		V *agent.JobValue `json:"v"`
		E json.RawMessage `json:"e"`
	}
	if err := json.Unmarshal(result, &r); err != nil || r.V == nil {
		t.Fatalf("the result holds no job: %v: %s", err, result)
	}
	return r.V.Job
}

// codeOf gives the error code of a result, or "".
func codeOf(t *testing.T, result json.RawMessage) string {
	t.Helper()
	var r agent.Result
	if err := json.Unmarshal(result, &r); err != nil {
		t.Fatal(err)
	}
	if r.Error == nil {
		return ""
	}
	return r.Error.Code
}

func lineScript(t *testing.T, w *world) {
	id := w.jobIn(t, bits.StateSuspended)
	c := w.client(t, admin)
	reads := c.call(t, fmt.Sprintf(`[{"op":"get","id":%q},{"op":"get","id":%q},{"op":"list"}]`, id, id))
	if len(reads.lines) != 1 {
		t.Errorf("three reads came in %d lines, want 1", len(reads.lines))
	}
	mixed := c.call(t, fmt.Sprintf(`[{"op":"get","id":%q},{"op":"change","id":%q,"set":{"priority":"low"}},
		{"op":"get","id":%q},{"op":"get","id":%q}]`, id, id, id, id))
	var shape []string
	for _, l := range mixed.lines {
		indexes := ""
		for _, r := range l.answer.R {
			indexes += fmt.Sprint(r.I)
		}
		shape = append(shape, indexes)
	}
	if got := strings.Join(shape, " "); got != "0 1 23" {
		t.Errorf("results by line: %s, want 0 1 23", got)
	}
	alone := c.call(t, fmt.Sprintf(`[{"op":"change","id":%q,"set":{"priority":"high"}}]`, id))
	if len(alone.lines) != 1 {
		t.Errorf("a batch of one change was answered in %d lines, want 1: the last result carries the end", len(alone.lines))
	}
}

func repeatScript(t *testing.T, w *world) {
	id := w.jobIn(t, bits.StateSuspended)
	c := w.client(t, admin)
	ops := fmt.Sprintf(`[{"op":"get","id":%q},{"op":"change","id":%q,"set":{"priority":"low"}},
		{"op":"get","id":%q}]`, id, id, id)
	first := c.call(t, ops)
	if err := w.service.SetPriority(w.admin(), id, bits.PriorityHigh); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		second := c.again(t, ops)
		if string(second.results[1]) != string(first.results[1]) {
			t.Errorf("the stored result is\n%s\nwant\n%s", second.results[1], first.results[1])
		}
		for _, i := range []int{0, 2} {
			if p := jobOf(t, second.results[i]).Priority; p != "high" {
				t.Errorf("read %d gives the priority %s, want the present one, high", i, p)
			}
		}
	}
	job, err := w.service.Job(w.admin(), id)
	if err != nil || job.Priority != bits.PriorityHigh {
		t.Errorf("the job has the priority %s, %v: the change was made again", job.Priority, err)
	}
	if got := jobOf(t, c.call(t, fmt.Sprintf(`[{"op":"get","id":%q}]`, id)).results[0]); got.Priority != "high" {
		t.Errorf("the next batch gives the priority %s", got.Priority)
	}
}

func repeatCreateScript(t *testing.T, w *world) {
	c := w.client(t, admin)
	token := newToken()
	ops := vars{"files": w.files, "local": w.local(), "token": token}.expand(createOne(`,"description":"","priority":"low"`))
	first := jobOf(t, c.call(t, ops).results[0])
	second := jobOf(t, c.again(t, ops).results[0])
	if first.ID != second.ID {
		t.Errorf("the repetition answers job %s, the first answer was %s", second.ID, first.ID)
	}
	jobs, err := w.service.Jobs(w.admin(), true)
	if err != nil || len(jobs) != 1 {
		t.Errorf("BITS lists %d jobs, %v; want 1", len(jobs), err)
	}
}

func repeatFailureScript(t *testing.T, w *world) {
	id := w.jobIn(t, bits.StateSuspended)
	c := w.client(t, admin)
	ops := fmt.Sprintf(`[{"op":"change","id":%q,"set":{"proxy_usage":"override"}},{"op":"get","id":%q}]`, id, id)
	for _, a := range []answered{c.call(t, ops), c.again(t, ops)} {
		if got := codeOf(t, a.results[0]); got != "refused" {
			t.Errorf("the change has the code %q", got)
		}
		if p := jobOf(t, a.results[1]).Priority; p != "normal" {
			t.Errorf("the priority is %s", p)
		}
	}
}

func noiseScript(t *testing.T, w *world) {
	id := w.jobIn(t, bits.StateSuspended)
	c := w.client(t, admin)
	change := withDeadlines(t, fmt.Sprintf(`[{"op":"remove","id":%q}]`, id))
	object := batchObject(c.n+1, change)
	for _, noise := range []string{
		newToken() + " " + object,                // another process'
		strings.ToUpper(c.token) + "- " + object, // not the token
		c.token[:31] + " " + object,
		"Windows PowerShell",
		"",
		"   ",
		object,
	} {
		c.write(t, noise+"\n")
	}
	get := withDeadlines(t, fmt.Sprintf(`[{"op":"get","id":%q}]`, id))
	c.n++
	c.write(t, "a prompt> "+c.token+" "+batchObject(c.n, get)+"\r\n")
	if got := jobOf(t, c.readAnswer(t, c.n, get).results[0]); got.ID != string(id) {
		t.Errorf("got job %s", got.ID)
	}
}

func badLineScript(t *testing.T, w *world) {
	id := w.jobIn(t, bits.StateSuspended)
	c := w.client(t, admin)
	remove := string(withDeadlines(t, fmt.Sprintf(`[{"op":"remove","id":%q}]`, id))[0])
	next := c.n + 1
	for _, object := range []string{
		``,
		`{`,
		`nonsense`,
		`[]`,
		`7`,
		`null`,
		`"x"`,
		fmt.Sprintf(`{"b":%d,"ops":[%s]`, next, remove),
		fmt.Sprintf(`{"b":%d,"ops":[%s]}}`, next, remove),
		fmt.Sprintf(`{"b":%d,"ops":[%s]} x`, next, remove),
		fmt.Sprintf(`{"ops":[%s]}`, remove),
		fmt.Sprintf(`{"b":null,"ops":[%s]}`, remove),
		fmt.Sprintf(`{"b":%d}`, next),
		fmt.Sprintf(`{"b":%d,"ops":null}`, next),
		fmt.Sprintf(`{"b":%d,"ops":%s}`, next, remove),
		fmt.Sprintf(`{"b":%d,"ops":"get"}`, next),
	} {
		c.send(t, object)
		l := c.read(t)
		if l.answer.B != 0 || l.answer.Fatal != agent.FatalBadLine {
			t.Fatalf("%s was answered with %+v, want bad_line", object, l.answer)
		}
	}
	if _, err := w.service.Job(w.admin(), id); err != nil {
		t.Errorf("a bad line was executed: %v", err)
	}
	c.call(t, fmt.Sprintf(`[{"op":"get","id":%q}]`, id))
}

func halfLineScript(t *testing.T, w *world) {
	id := w.jobIn(t, bits.StateSuspended)
	c := w.client(t, admin)
	c.n++
	ops := withDeadlines(t, fmt.Sprintf(`[{"op":"change","id":%q,"set":{"priority":"low"}}]`, id))
	text := c.token + " " + batchObject(c.n, ops)
	c.write(t, text[:len(text)/2])
	c.write(t, "\n"+text+"\n")
	c.badLine(t)
	if p := jobOf(t, c.readAnswer(t, c.n, ops).results[0]).Priority; p != "low" {
		t.Errorf("the priority is %s", p)
	}
	// Half of the token is noise, and no answer comes to it.
	c.n++
	text = c.token + " " + batchObject(c.n, ops)
	c.write(t, text[:10]+"\n"+text+"\n")
	c.readAnswer(t, c.n, ops)
}

func numberScript(t *testing.T, w *world) {
	c := w.client(t, admin)
	c.call(t, `[]`)
	c.call(t, `[]`)
	for _, n := range []int{c.n + 2, c.n - 1, 0, -1, 1 << 30} {
		c.send(t, fmt.Sprintf(`{"b":%d,"ops":[]}`, n))
		c.badLine(t)
	}
	c.again(t, `[]`)
	c.call(t, `[]`)
}

func longLineScript(t *testing.T, w *world) {
	id := w.jobIn(t, bits.StateSuspended)
	c := w.client(t, admin)
	padded := func(n int) (text string, ops []json.RawMessage) {
		c.n++
		ops = withDeadlines(t, fmt.Sprintf(`[{"op":"get","id":%q,"padding":"PAD"}]`, id))
		text = c.token + " " + batchObject(c.n, ops) + "\n"
		pad := strings.Repeat("p", n-len(text)+len("PAD"))
		return strings.Replace(text, "PAD", pad, 1), ops
	}
	text, ops := padded(agent.MaxLine)
	c.write(t, text)
	c.readAnswer(t, c.n, ops)
	text, _ = padded(agent.MaxLine + 1)
	c.write(t, text)
	c.badLine(t)
	c.n-- // nothing of it was executed
	text, _ = padded(3 * agent.MaxLine)
	c.write(t, text)
	c.badLine(t)
	c.n--
	c.call(t, fmt.Sprintf(`[{"op":"get","id":%q}]`, id))
}

func bigBatchScript(t *testing.T, w *world) {
	id := w.jobIn(t, bits.StateSuspended)
	for range 150 { // each result lists all of the files
		file := bits.FileSpec{RemoteName: w.files + "/" + strings.Repeat("p", 200), LocalName: w.local()}
		if err := w.service.AddFile(w.admin(), id, file); err != nil {
			t.Fatal(err)
		}
	}
	c := w.client(t, admin)
	ops := "[" + strings.Repeat(fmt.Sprintf(`{"op":"change","id":%q,"set":{"priority":"low"}},`, id), 40)
	ops = strings.TrimSuffix(ops, ",") + "]"
	first := c.call(t, ops)
	total := 0
	for _, result := range first.results {
		total += len(result)
	}
	if total < 1<<20 {
		t.Fatalf("the results have only %d bytes", total)
	}
	second := c.again(t, ops)
	lost := 0
	for i := range len(first.results) {
		switch {
		case codeOf(t, second.results[i]) != "":
			lost++
		case lost > 0:
			t.Errorf("result %d was kept after one that was not", i)
		case string(second.results[i]) != string(first.results[i]):
			t.Errorf("result %d differs from the first answer", i)
		}
	}
	if lost == 0 || lost == len(first.results) {
		t.Errorf("%d of %d results were not kept", lost, len(first.results))
	}
}

func endScript(t *testing.T, w *world) {
	c := start(t, w, admin.caller())
	c.call(t, `[]`)
	if err := c.stdin.Close(); err != nil {
		t.Fatal(err)
	}
	if code := c.exit(t); code != agent.ExitEnd {
		t.Errorf("exit code %d, want %d", code, agent.ExitEnd)
	}
}

func uploadScript(t *testing.T, w *world) {
	c := launch(t, w, admin.caller())
	c.write(t, "# half an agent\n")
	if err := c.stdin.Close(); err != nil {
		t.Fatal(err)
	}
	if code := c.exit(t); code != agent.ExitUpload {
		t.Errorf("exit code %d, want %d", code, agent.ExitUpload)
	}
}

func deadlineScript(t *testing.T, w *world) {
	for range 300 { // more than the pipes in between hold
		w.job(t, crowdElevated(), "/a")
	}
	c := start(t, w, crowd.caller())
	c.call(t, `[]`)
	c.n++
	ops := strings.TrimSuffix(strings.Repeat(`{"op":"list","ms":1000},`, 8), ",")
	c.send(t, fmt.Sprintf(`{"b":%d,"ops":[%s]}`, c.n, ops))
	// Nobody reads, until the process has ended.
	var code int
	select {
	case code = <-c.exited:
		c.exited <- code
	case <-time.After(patience):
		t.Fatalf("the agent did not end within %s", patience)
	}
	if code != agent.ExitDeadline {
		t.Errorf("exit code %d, want %d", code, agent.ExitDeadline)
	}
}
