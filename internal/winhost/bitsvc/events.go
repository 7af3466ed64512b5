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
		named("string", j.name, "string2", j.owner.Account, "string3", "")...)
}

// noteEnded writes event 4 or 5, which reports who ended the job, and in the System log that an administrator cancelled
// another account's job.
func (s *Service) noteEnded(j *job, by Caller) {
	id, fields := eventCancelled, named("User", by.Account, "jobTitle", j.name, "jobId", braced(j.id), "jobOwner", j.owner.Account,
		"fileCount", strconv.Itoa(len(j.files)))
	if j.state == bits.StateAcknowledged {
		var got uint64
		for _, f := range j.files {
			got += f.got
		}
		id = eventCompleted
		fields = append(fields, named("bytesTransferred", strconv.FormatUint(got, 10), "bytesTransferredFromPeer", "0")...)
	}
	s.log.Write(machine.OperationalLog, id, fields...)
	if id == eventCancelled && by.SID != j.owner.SID {
		s.noteAdmin(eventAdminCancelled, j, by)
	}
}

// noteAdmin writes an administrator's change of another account's job to the System log. Only the meaning of these events
// is documented; their values have no names here.
func (s *Service) noteAdmin(id int, j *job, by Caller) {
	s.log.Write(machine.SystemLog, id, named("", by.Account, "", j.name, "", j.owner.Account, "", string(j.id))...)
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
	fields := named("transferId", "{00000000-0000-4000-8000-"+string(j.id)[24:]+"}",
		"name", j.name, "Id", "{"+string(j.id)+"}", "url", address, "peer", "")
	if id != eventStarted {
		fields = append(fields, named("hr", strconv.FormatUint(uint64(result), 10))...)
	}
	s.log.Write(machine.OperationalLog, id, append(fields, named("fileTime", modified, "fileLength", total, "bytesTotal", total,
		"bytesTransferred", strconv.FormatUint(f.got, 10), "bytesTransferredFromPeer", "0")...)...)
}

// named returns the values of an event from pairs of a name, which may be "", and a value.
func named(pairs ...string) (fields []machine.EventField) {
	for pair := range slices.Chunk(pairs, 2) {
		fields = append(fields, machine.EventField{Name: pair[0], Value: pair[1]})
	}
	return fields
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
	last := slices.MaxFunc([]time.Time{j.modified, j.progressed}, time.Time.Compare)
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
		named("", j.name, "", string(j.id), "", j.owner.Account, "", strconv.Itoa(int(inactivity.Hours()/24)))...)
	s.touch(j)
	s.schedule()
}
