// SPDX-License-Identifier: MPL-2.0

package winhost_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/machine"
)

// lostJob is the id of a job that BITS does not list.
const lostJob = "6f8f5f10-0b3f-4c7e-9a52-0d6f1c1e2a3b"

// resetLogs makes the event logs empty and readable again.
func (w *world) resetLogs() {
	log := w.service.Log()
	for _, name := range []string{machine.OperationalLog, machine.SystemLog} {
		log.Enable(name, true)
		log.Refuse(name, nil)
		log.Clear(name)
	}
}

// written arranges records in the logs, of events whose fields are written name=value; {JOB} is the lost job's id in
// capitals.
func written(events ...string) func(t *testing.T, w *world, v vars) {
	return func(t *testing.T, w *world, v vars) {
		t.Helper()
		v["job"] = lostJob
		for _, event := range events {
			event = strings.NewReplacer("{job}", lostJob, "{JOB}", strings.ToUpper(lostJob)).Replace(event)
			parts := strings.Split(event, "|")
			var id int
			if _, err := fmt.Sscan(parts[0], &id); err != nil {
				t.Fatal(err)
			}
			log := machine.OperationalLog
			if id >= 16384 {
				log = machine.SystemLog
			}
			var fields []machine.EventField
			for _, part := range parts[1:] {
				name, value, _ := strings.Cut(part, "=")
				fields = append(fields, machine.EventField{Name: name, Value: value})
			}
			w.service.Log().Write(log, id, fields...)
		}
	}
}

// then arranges one thing after another.
func then(steps ...func(t *testing.T, w *world, v vars)) func(t *testing.T, w *world, v vars) {
	return func(t *testing.T, w *world, v vars) {
		t.Helper()
		for _, step := range steps {
			step(t, w, v)
		}
	}
}

// logs arranges what is wrong with the logs.
func logs(change func(l *machine.EventLog)) func(t *testing.T, w *world, v vars) {
	return func(t *testing.T, w *world, _ vars) {
		t.Helper()
		change(w.service.Log())
	}
}

// historyCases are what the event logs tell of jobs that BITS no longer lists. Sources of the events' forms: the manifest
// of Microsoft-Windows-Bits-Client, the message table of qmgr.dll, and records that people published, in which ids have
// braces or none and capitals or none.
func historyCases() []contractCase {
	const ask = `[{"op":"history","id":"{job}"}]`
	const unknown = `[{"v":{"ending":"unknown","by":null,"at":null,"text":""}}]`
	ended4 := `4|User=CORP\ops|jobTitle=a|jobId={{JOB}}|jobOwner=CORP\anna|fileCount=3|bytesTransferred=9`
	return []contractCase{
		{
			name: "a job that was completed tells who did it and how many files it had", arrange: in(bits.StateAcknowledged), ask: ask,
			want: `[{"v":{"ending":"completed","by":"{admin}","at":"*","text":""}}]`,
		},
		{
			name: "a job that its owner cancelled tells who did it", arrange: in(bits.StateCancelled), ask: ask,
			want: `[{"v":{"ending":"cancelled","by":"{admin}","at":"*","text":""}}]`,
		},
		{
			name: "a job that an administrator cancelled tells the administrator and not the owner",
			arrange: func(t *testing.T, w *world, v vars) {
				t.Helper()
				ofUser(t, w, v)
				if _, err := w.service.Cancel(w.admin(), bits.JobID(v["job"])); err != nil {
					t.Fatal(err)
				}
			},
			ask: ask, want: `[{"v":{"ending":"cancelled","by":"{admin}"}}]`,
		},
		{
			name: "a job that BITS lists still has no ending, and its transfers are none", arrange: in(bits.StateTransferred),
			ask: ask, want: unknown,
		},
		{
			name: "an unknown job has no ending", arrange: written(strings.ReplaceAll(ended4, "{{JOB}}", "{11111111-2222-3333-4444-555555555555}")),
			ask: ask, want: unknown,
		},
		{
			name: "an id without braces and in small letters is the same id", arrange: written(`5|User=CORP\ops|jobId={job}|fileCount=2`),
			ask: ask, want: `[{"v":{"ending":"cancelled","by":"CORP\\ops"}}]`,
		},
		{
			name: "an id without hyphens is the same id", arrange: written("16389|=a|=" + strings.ReplaceAll(lostJob, "-", "")),
			ask: ask, want: `[{"v":{"ending":"expired","by":null}}]`,
		},
		{
			name: "an id in capitals asks for the same job", arrange: written(ended4),
			ask:  `[{"op":"history","id":"` + strings.ToUpper(lostJob) + `"}]`,
			want: `[{"v":{"ending":"completed","by":"CORP\\ops"}}]`,
		},
		{
			name: "a job that expired was cancelled by nobody", arrange: written(`16389|=a|={job}|=CORP\anna|=90`),
			ask: ask, want: `[{"v":{"ending":"expired","by":null,"at":"*","text":""}}]`,
		},
		{
			name: "the System log alone tells that an administrator cancelled a job", arrange: written(`16384|=CORP\ops|=a|=CORP\anna|={job}`),
			ask: ask, want: `[{"v":{"ending":"cancelled"}}]`,
		},
		{
			name: "a completion counts more than anything else", arrange: written(`16389|=a|={job}`, ended4, `5|User=x|jobId={job}`),
			ask: ask, want: `[{"v":{"ending":"completed"}}]`,
		},
		{
			name: "an expiry counts more than the cancelling that it is", arrange: written(`5|User=NT AUTHORITY\SYSTEM|jobId={job}`, `16389|=a|={job}`),
			ask: ask, want: `[{"v":{"ending":"expired"}}]`,
		},
		{
			name: "a transfer that failed is the last trace of a job and no ending", arrange: written(`61|transferId={11111111-2222-3333-4444-555555555555}|name=a|Id={{job}}|hr=5`),
			ask: ask, want: `[{"v":{"ending":"unknown","by":null,"at":"*","text":""}}]`,
		},
		{
			name: "the id of a transfer is no id of a job", arrange: written(`61|transferId={{job}}|name=a|Id={11111111-2222-3333-4444-555555555555}|hr=5`),
			ask: ask, want: unknown,
		},
		{
			name: "a change by an administrator is the last trace of a job and no ending", arrange: written(`16387|=CORP\ops|=a|=CORP\anna|={job}`),
			ask: ask, want: `[{"v":{"ending":"unknown","at":"*"}}]`,
		},
		{
			name: "hostile names are only names", arrange: written(`5|User=CORP\o'neil <&> "x" $(1) ` + "`é日" + `|jobTitle=</Data><EventID>4</EventID>|jobId={job}|fileCount=1`),
			ask: ask, want: `[{"v":{"ending":"cancelled","by":"CORP\\o'neil <&> \"x\" $(1) ` + "`é日" + `"}}]`,
		},
		{
			name: "a title that is another job's id makes no ending of that job", arrange: written(`5|User=CORP\ops|jobTitle={{job}}|jobId={11111111-2222-3333-4444-555555555555}`),
			ask: ask, want: unknown,
		},
		{
			name: "a missing log is no error", arrange: then(written(ended4), logs(func(l *machine.EventLog) { l.Refuse(machine.OperationalLog, machine.ErrNoLog) })),
			ask: ask, want: `[{"v":{"ending":"unknown","text":"*"}}]`,
		},
		{
			name:    "a log that may not be read does not hide what the other tells",
			arrange: then(written(ended4, `16389|=a|={job}`), logs(func(l *machine.EventLog) { l.Refuse(machine.OperationalLog, machine.ErrLogDenied) })),
			ask:     ask, want: `[{"v":{"ending":"expired","text":"*"}}]`,
		},
		{
			name: "a stopped service does not hide the log", arrange: then(written(ended4), func(t *testing.T, w *world, _ vars) {
				t.Helper()
				w.service.Stop()
				t.Cleanup(w.service.Start)
			}),
			ask: ask, want: `[{"v":{"ending":"completed"}}]`, after: func(_ *testing.T, w *world, _ vars) error { w.service.Start(); return nil },
		},
		{
			name: "records from before the window do not count", arrange: then(written(ended4), func(_ *testing.T, w *world, v vars) {
				v["since"] = w.clock.Now().Add(time.Hour).Format(time.RFC3339)
			}),
			ask: `[{"op":"history","id":"{job}","since":"{since}"}]`, want: unknown,
		},
		{
			name: "records within the window count", arrange: then(written(ended4), func(_ *testing.T, w *world, v vars) {
				v["since"] = w.clock.Now().Add(-time.Hour).Format("2006-01-02T15:04:05.0000000Z")
			}),
			ask: `[{"op":"history","id":"{job}","since":"{since}"}]`, want: `[{"v":{"ending":"completed"}}]`,
		},
		{
			name: "the newest of several endings counts", arrange: written(`5|User=CORP\first|jobId={job}`, `5|User=CORP\second|jobId={job}`),
			ask: ask, want: `[{"v":{"ending":"cancelled","by":"CORP\\second"}}]`,
		},
		{
			name: "a job is found behind a thousand records of others", arrange: written(append([]string{ended4}, crowdOf(1000)...)...),
			ask: ask, want: `[{"v":{"ending":"completed","by":"CORP\\ops","text":""}}]`,
		},
		{
			name: "a user may ask, too", as: user, arrange: written(ended4), ask: ask, want: `[{"v":{"ending":"completed"}}]`,
		},
	}
}

// crowdOf is completions of other jobs.
func crowdOf(n int) []string {
	list := make([]string, 0, n)
	for i := range n {
		list = append(list, fmt.Sprintf(`4|User=CORP\anna|jobTitle=b|jobId={%08X-2222-3333-4444-555555555555}|fileCount=1`, i))
	}
	return list
}
