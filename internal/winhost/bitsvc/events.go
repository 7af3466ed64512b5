package bitsvc

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/machine"
)

// The events that BITS writes. Source: the message table of qmgr.dll and the manifest of Microsoft-Windows-Bits-Client.
const (
	eventCreated        = 3
	eventCompleted      = 4
	eventCancelled      = 5
	eventStarted        = 59
	eventStopped        = 60
	eventStoppedByError = 61

	eventAdminCancelled = 16384
	eventAdminChanged   = 16387
	eventAdminTook      = 16388
	eventExpired        = 16389
)

// inactivity is how long a job may make no progress and not be changed before it is cancelled.
// Source: the group policy JobInactivityTimeout, learn.microsoft.com.
const inactivity = 90 * 24 * time.Hour

// Log is the event log of the service's host.
func (s *Service) Log() *machine.EventLog { return s.log }

// braced is how the events of the Operational log that end a job spell its id; transfers spell it in lower case and the
// System log without braces. Readers must compare GUIDs, never texts.
func braced(id bits.JobID) string { return "{" + strings.ToUpper(string(id)) + "}" }

// noteCreated writes event 3, whose three values have no names and no job id among them.
// Source: records that people published; newer versions of Windows put the program in the third.
func (s *Service) noteCreated(j *job) {
	s.log.Write(machine.OperationalLog, eventCreated,
		machine.EventField{Name: "string", Value: j.name}, machine.EventField{Name: "string2", Value: j.owner.Account},
		machine.EventField{Name: "string3", Value: ""})
}

// noteEnded writes event 4 or 5, which reports who ended the job, and in the System log that an administrator cancelled
// another account's job.
func (s *Service) noteEnded(j *job, by Caller) {
	id, fields := eventCancelled, []machine.EventField{
		{Name: "User", Value: by.Account}, {Name: "jobTitle", Value: j.name}, {Name: "jobId", Value: braced(j.id)},
		{Name: "jobOwner", Value: j.owner.Account}, {Name: "fileCount", Value: strconv.Itoa(len(j.files))},
	}
	if j.state == bits.StateAcknowledged {
		var got uint64
		for _, f := range j.files {
			got += f.got
		}
		id = eventCompleted
		fields = append(fields, machine.EventField{Name: "bytesTransferred", Value: strconv.FormatUint(got, 10)},
			machine.EventField{Name: "bytesTransferredFromPeer", Value: "0"})
	}
	s.log.Write(machine.OperationalLog, id, fields...)
	if id == eventCancelled && by.SID != j.owner.SID {
		s.noteAdmin(eventAdminCancelled, j, by)
	}
}

// noteAdmin writes an administrator's change of another account's job to the System log. Only the meaning of these events
// is documented; their values have no names here.
func (s *Service) noteAdmin(id int, j *job, by Caller) {
	s.log.Write(machine.SystemLog, id,
		machine.EventField{Value: by.Account}, machine.EventField{Value: j.name}, machine.EventField{Value: j.owner.Account},
		machine.EventField{Value: string(j.id)})
}

// noteTransfer writes event 59, 60 or 61, which call the job's id Id and have another GUID beside it.
func (s *Service) noteTransfer(id int, j *job, f *file, result bits.HResult) {
	address, _, _ := strings.Cut(f.remote, "?")
	total := "18446744073709551615"
	if f.total != nil {
		total = strconv.FormatUint(*f.total, 10)
	}
	modified := ""
	if !f.modified.IsZero() {
		modified = f.modified.UTC().Format(time.RFC3339)
	}
	fields := []machine.EventField{
		{Name: "transferId", Value: "{00000000-0000-4000-8000-" + string(j.id)[24:] + "}"},
		{Name: "name", Value: j.name}, {Name: "Id", Value: "{" + string(j.id) + "}"}, {Name: "url", Value: address},
		{Name: "peer", Value: ""}, {Name: "fileTime", Value: modified}, {Name: "fileLength", Value: total},
		{Name: "bytesTotal", Value: total}, {Name: "bytesTransferred", Value: strconv.FormatUint(f.got, 10)},
		{Name: "bytesTransferredFromPeer", Value: "0"},
	}
	if id != eventStarted {
		fields = slices.Insert(fields, 5, machine.EventField{Name: "hr", Value: strconv.FormatUint(uint64(result), 10)})
	}
	s.log.Write(machine.OperationalLog, id, fields...)
}

// watch cancels the job once nothing happened to it for too long.
func (s *Service) watch(j *job) {
	j.stopWatch = s.clock.AfterFunc(inactivity, func() { s.expire(j) })
}

func (s *Service) expire(j *job) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || s.jobs[j.id] != j {
		return
	}
	last := j.modified
	if j.progressed.After(last) {
		last = j.progressed
	}
	if left := inactivity - s.clock.Now().Sub(last); left > 0 {
		j.stopWatch = s.clock.AfterFunc(left, func() { s.expire(j) })
		return
	}
	j.halt()
	j.stopRetry()
	j.drop()
	j.state, j.failure = bits.StateCancelled, nil
	s.retire(j)
	s.log.Write(machine.SystemLog, eventExpired,
		machine.EventField{Value: j.name}, machine.EventField{Value: string(j.id)}, machine.EventField{Value: j.owner.Account},
		machine.EventField{Value: strconv.Itoa(int(inactivity.Hours() / 24))})
	s.touch(j)
	s.schedule()
}
