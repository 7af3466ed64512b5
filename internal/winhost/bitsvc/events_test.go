// SPDX-License-Identifier: MPL-2.0

package bitsvc

import (
	"fmt"
	"strings"
	"testing"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/machine"
)

// record is an event with its fields in order, as name=value.
func record(e machine.Event) string {
	words := []string{fmt.Sprint(e.ID)}
	for _, f := range e.Fields {
		words = append(words, f.Name+"="+f.Value)
	}
	return strings.Join(words, " ")
}

// records returns the events of a log with one of these ids, the oldest first.
func (r *rig) records(log string, ids ...int) []string {
	r.t.Helper()
	found, err := r.Log().Read(log, machine.EventQuery{IDs: ids, Oldest: true})
	r.must(err)
	var list []string
	for _, e := range found {
		list = append(list, record(e))
	}
	return list
}

// What BITS writes about a job, and in which form.
func TestTheLogTellsWhatBecameOfAJob(t *testing.T) {
	t.Parallel()
	const (
		messages  = "the message table of qmgr.dll"
		manifest  = "the manifest of Microsoft-Windows-Bits-Client"
		published = "records of Windows 11 23H2 that NextronSystems/evtx-baseline published"
		safest    = "none: no record of a URL with a query was found, so the worse case is assumed"
	)
	for _, c := range []struct {
		name, source string
		act          func(r *rig, id bits.JobID)
		log          string
		ids          []int
		want         []string // {id}, {ID} and {name}
	}{
		{
			name: "a new job is event 3, with its id and the program that made it", source: published, act: func(*rig, bits.JobID) {},
			log: machine.OperationalLog, ids: []int{3}, want: []string{`3 jobTitle=a job jobId={{ID}} jobOwner=CORP\anna ` +
				`processPath=C:\Windows\System32\WindowsPowerShell\v1.0\powershell.exe processId=4321 ClientProcessStartKey=1`},
		},
		{
			name: "a completed job is event 4 with who completed it and its id in braces and capitals", source: manifest,
			act: func(r *rig, id bits.JobID) {
				r.must(r.Resume(anna, id))
				r.await(id, bits.StateTransferred)
				_, err := r.Complete(anna, id)
				r.must(err)
			},
			log: machine.OperationalLog, ids: []int{4, 5},
			want: []string{`4 User=CORP\anna jobTitle=a job jobId={{ID}} jobOwner=CORP\anna fileCount=1 bytesTransferred=100 bytesTransferredFromPeer=0`},
		},
		{
			name: "a job that its owner cancels is event 5, and not in the System log", source: manifest,
			act: func(r *rig, id bits.JobID) {
				_, err := r.Cancel(anna, id)
				r.must(err)
				if got := r.records(machine.SystemLog); len(got) != 0 {
					r.t.Errorf("the System log has %q", got)
				}
			},
			log: machine.OperationalLog, ids: []int{4, 5}, want: []string{`5 User=CORP\anna jobTitle=a job jobId={{ID}} jobOwner=CORP\anna fileCount=1`},
		},
		{
			name: "an administrator who cancels another account's job is in event 5", source: manifest,
			act: func(r *rig, id bits.JobID) { _, err := r.Cancel(ops, id); r.must(err) },
			log: machine.OperationalLog, ids: []int{5}, want: []string{`5 User=CORP\ops jobTitle=a job jobId={{ID}} jobOwner=CORP\anna fileCount=1`},
		},
		{
			name: "and in event 16384 of the System log", source: messages,
			act: func(r *rig, id bits.JobID) { _, err := r.Cancel(ops, id); r.must(err) },
			log: machine.SystemLog, want: []string{`16384 =CORP\ops =a job =CORP\anna ={id}`},
		},
		{
			name: "an administrator who changes a property of another account's job is event 16387", source: messages,
			act: func(r *rig, id bits.JobID) { r.must(r.SetPriority(ops, id, bits.PriorityLow)) },
			log: machine.SystemLog, want: []string{`16387 =CORP\ops =a job =CORP\anna ={id}`},
		},
		{
			name: "a transfer is event 59 and event 60 with the id in braces and small letters", source: manifest,
			act: func(r *rig, id bits.JobID) { r.must(r.Resume(anna, id)); r.await(id, bits.StateTransferred) },
			log: machine.OperationalLog, ids: []int{59, 60, 61}, want: []string{"59 Id={{id}} url={url}", "60 Id={{id}} url={url} hr=0"},
		},
		{
			name: "and with the whole URL, its query too", source: safest,
			act: func(r *rig, id bits.JobID) { r.must(r.Resume(anna, id)); r.await(id, bits.StateTransferred) },
			log: machine.OperationalLog, ids: []int{59}, want: []string{"59 Id={{id}} url={url}"},
		},
		{
			name: "a transfer that fails is event 61 with the error as a number", source: manifest,
			act: func(r *rig, id bits.JobID) { r.must(r.Fail(id, 0x80190194)) },
			log: machine.OperationalLog, ids: []int{59, 60, 61}, want: []string{"61 Id={{id}} url={url} hr=2149122452"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			id := r.job(anna, bits.PriorityForeground, "/a?size=100")
			url := r.url + "/a?size=100"
			c.act(r, id)
			got := r.records(c.log, c.ids...)
			for i, g := range got {
				if !strings.HasPrefix(g, "59 ") && !strings.HasPrefix(g, "60 ") && !strings.HasPrefix(g, "61 ") {
					continue
				}
				var kept []string // the fields that matter here
				for _, word := range strings.Fields(g) {
					if name, _, _ := strings.Cut(word, "="); len(kept) == 0 || name == "Id" || name == "url" || name == "hr" {
						kept = append(kept, word)
					}
				}
				got[i] = strings.Join(kept, " ")
			}
			words := strings.NewReplacer("{id}", string(id), "{ID}", strings.ToUpper(string(id)), "{url}", url)
			if len(got) != len(c.want) {
				t.Fatalf("%s: the log has %q, want %q", c.source, got, c.want)
			}
			for i, want := range c.want {
				if want = words.Replace(want); got[i] != want {
					t.Errorf("%s: the log has\n%s\nwant\n%s", c.source, got[i], want)
				}
			}
		})
	}
}

func TestARestartLosesNoJob(t *testing.T) {
	t.Parallel()
	for _, state := range []bits.State{bits.StateSuspended, bits.StateTransferring, bits.StateError, bits.StateTransferred} {
		t.Run(string(state), func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			id, _ := r.in(state)
			r.Restart()
			r.await(id, state)
		})
	}
}

func TestADisabledServiceStaysSoOverARestart(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.Disable()
	r.Restart()
	if _, err := r.Jobs(ops, true); code(t, err) != serviceDisabled {
		t.Errorf("the service answers %v", err)
	}
	r.Start()
	r.Stop()
	r.Restart()
	if _, err := r.Jobs(ops, true); err != nil {
		t.Errorf("a service that was only stopped answers %v", err)
	}
}
