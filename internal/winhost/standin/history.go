// SPDX-License-Identifier: MPL-2.0

package standin

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/machine"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/agent"
)

// maxRecords is how many records of one log are looked through, from the newest back.
const maxRecords = 5000

// endings are the meanings of the events, the more telling ones first. The last ones end no job: they are its last trace.
var endings = []struct {
	event  int
	ending bits.Ending
}{
	{4, bits.EndingCompleted}, {16389, bits.EndingExpired}, {5, bits.EndingCancelled}, {16384, bits.EndingCancelled},
	{61, bits.EndingUnknown}, {16387, bits.EndingUnknown}, {16388, bits.EndingUnknown},
}

// history reports how a job ended, as far as the event logs show.
func (o *operation) history(context.Context) (any, error) {
	id, err := bits.ParseJobID(o.ID)
	if err != nil {
		return nil, err
	}
	var since time.Time
	if o.Since != "" {
		if since, err = time.Parse(time.RFC3339, o.Since); err != nil {
			return nil, err
		}
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
	h.Text = strings.Join(remarks, " ")
	for _, meaning := range endings {
		for _, e := range records {
			if e.ID == meaning.event {
				at := stamp(e.At)
				h.Ending, h.At, h.By = string(meaning.ending), &at, user(e)
				return h, nil
			}
		}
	}
	return h, nil
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

// user is the account that an event names.
func user(e machine.Event) *string {
	for _, f := range e.Fields {
		if f.Name == "User" {
			return optional(f.Value)
		}
	}
	return nil
}
