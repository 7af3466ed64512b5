package standin

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/machine"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/agent"
)

// maxRecords is how many records of one log are looked through, from the newest back.
const maxRecords = 5000

// utcTime is how the protocol spells times.
var utcTime = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,7})?Z$`)

// needSince checks the time of a request.
func needSince(op agent.Op) *agent.Error {
	if op.Since == "" {
		return nil
	}
	if _, err := time.Parse(time.RFC3339, op.Since); err != nil || !utcTime.MatchString(op.Since) {
		return badOp(`"since" is no time in UTC`)
	}
	return nil
}

// endings say what the events mean, those that tell more first. The last ones end no job: they are its last trace.
var endings = []struct {
	event  int
	ending bits.Ending
}{
	{4, bits.EndingCompleted}, {16389, bits.EndingExpired}, {5, bits.EndingCancelled}, {16384, bits.EndingCancelled},
	{61, bits.EndingUnknown}, {16387, bits.EndingUnknown}, {16388, bits.EndingUnknown},
}

// history tells how a job ended, as far as the event logs do.
func (o operations) history(id bits.JobID, op agent.Op) agent.History {
	var since time.Time
	if op.Since != "" {
		since, _ = time.Parse(time.RFC3339, op.Since) // was checked
	}
	var remarks []string
	log := o.host.Service.Log()
	var records []machine.Event
	for _, source := range []struct {
		log string
		ids []int
	}{{machine.OperationalLog, []int{4, 5, 61}}, {machine.SystemLog, []int{16384, 16387, 16388, 16389}}} {
		found, err := log.Read(source.log, machine.EventQuery{IDs: source.ids, Since: since, AtMost: maxRecords})
		switch {
		case err != nil:
			remarks = append(remarks, fmt.Sprintf("The log %s can't be read: %s", source.log, err))
		case len(found) == maxRecords:
			remarks = append(remarks, fmt.Sprintf("Only the newest %d records of the log %s were looked through.", maxRecords, source.log))
		}
		for _, e := range found {
			if about(e, id) {
				records = append(records, e)
			}
		}
	}
	h := agent.History{Ending: string(bits.EndingUnknown)}
	if enabled, err := log.Enabled(machine.OperationalLog); err == nil && !enabled {
		remarks = append(remarks, "The log "+machine.OperationalLog+" is disabled.")
	}
	if first, err := log.Read(machine.OperationalLog, machine.EventQuery{Oldest: true, AtMost: 1}); err == nil && len(first) == 1 {
		at := stamp(first[0].At)
		h.LogSince = &at
	}
	h.Text = strings.Join(remarks, " ")
	for _, meaning := range endings {
		for _, e := range records {
			if e.ID == meaning.event {
				tell(&h, e, meaning.ending)
				return h
			}
		}
	}
	return h
}

// idNames are how the values are named that can be a job's id; some have no name.
var idNames = []string{"", "jobId", "Id"}

// about reports whether one of an event's values is the job's id, in whatever form.
func about(e machine.Event, id bits.JobID) bool {
	for _, f := range e.Fields {
		if slices.Contains(idNames, f.Name) && bare(f.Value) == bare(string(id)) {
			return true
		}
	}
	return false
}

// bare takes what differs between the forms of a GUID away.
func bare(guid string) string {
	if strings.HasPrefix(guid, "{") && strings.HasSuffix(guid, "}") {
		guid = guid[1 : len(guid)-1]
	}
	return strings.ToLower(strings.ReplaceAll(guid, "-", ""))
}

// tell takes over what an event says of an end.
func tell(h *agent.History, e machine.Event, ending bits.Ending) {
	at := stamp(e.At)
	h.Ending, h.Event, h.At = string(ending), &e.ID, &at
	for _, f := range e.Fields {
		switch f.Name {
		case "User":
			h.By = known(f.Value)
		case "fileCount":
			if n, err := strconv.Atoi(f.Value); err == nil {
				h.Files = &n
			}
		}
	}
}
