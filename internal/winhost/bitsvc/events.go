// SPDX-License-Identifier: MPL-2.0

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

// Log is the event log of the service's host.
func (s *Service) Log() *machine.EventLog { return s.log }

// braced is how the events of the Operational log that end a job spell its id; transfers spell it in lower case and the
// System log without braces. Readers must compare GUIDs, never texts.
func braced(id bits.JobID) string { return "{" + strings.ToUpper(string(id)) + "}" }

// creator is the program that makes every job here, and its process.
var creator = named("processPath", `C:\Windows\System32\WindowsPowerShell\v1.0\powershell.exe`, "processId", "4321", "ClientProcessStartKey", "1")

// noteCreated writes event 3. Source: version 3 of the event, in records of Windows 11 23H2 that NextronSystems/evtx-baseline published.
func (s *Service) noteCreated(j *job) {
	s.log.Write(machine.OperationalLog, eventCreated,
		append(named("jobTitle", j.name, "jobId", braced(j.id), "jobOwner", j.owner.Account), creator...)...)
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

// noteTransfer writes event 59, 60 or 61, which call the job's id Id and have another GUID beside it. The URL has its query: whether
// Windows leaves it out is not known, and a signature in it is to be looked for in the logs.
func (s *Service) noteTransfer(id int, j *job, f *file, result bits.HResult) {
	total := "18446744073709551615"
	if f.total != nil {
		total = strconv.FormatUint(*f.total, 10)
	}
	modified := ""
	if !f.modified.IsZero() {
		modified = f.modified.UTC().Format(time.RFC3339)
	}
	fields := named("transferId", "{00000000-0000-4000-8000-"+string(j.id)[24:]+"}",
		"name", j.name, "Id", "{"+string(j.id)+"}", "url", f.remote, "peer", "")
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
