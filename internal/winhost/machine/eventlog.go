// SPDX-License-Identifier: MPL-2.0

package machine

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"
)

// The logs that BITS writes to. Source: "BITS service events" and the manifest of Microsoft-Windows-Bits-Client.
const (
	OperationalLog = "Microsoft-Windows-Bits-Client/Operational"
	SystemLog      = "System"
)

// EventLogCapacity is how many records a log holds before it overwrites the oldest. A real log is bounded in bytes; on a busy
// host BITS' own wraps within days.
const EventLogCapacity = 4096

// EventField is one value of an event. Some events name their values, some don't.
type EventField struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Event is one record.
type Event struct {
	Log    string       `json:"log"`
	Record uint64       `json:"record"` // counts up, also over a clearing of the log
	ID     int          `json:"event"`
	At     time.Time    `json:"at"`
	Fields []EventField `json:"fields"`
}

// The errors of reading a log, in .NET's words.
var (
	ErrNoLog     = errors.New("the specified channel could not be found")
	ErrLogDenied = errors.New("attempted to perform an unauthorized operation")
)

// EventLog is the logs of one host. It is safe for concurrent use.
type EventLog struct {
	clock *Clock

	mu      sync.Mutex
	next    map[string]uint64
	events  map[string][]Event // the oldest first
	off     map[string]bool    // takes no more records
	refused map[string]error   // to every reader
	reads   int
}

// NewEventLog returns empty logs.
func NewEventLog(c *Clock) *EventLog {
	return &EventLog{
		clock: c, next: map[string]uint64{}, events: map[string][]Event{}, off: map[string]bool{}, refused: map[string]error{},
	}
}

// Write adds a record at the host's time, unless the log is disabled.
func (l *EventLog) Write(log string, id int, fields ...EventField) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.off[log] {
		return
	}
	l.next[log]++
	l.events[log] = append(l.events[log], Event{Log: log, Record: l.next[log], ID: id, At: l.clock.Now(), Fields: fields})
	if over := len(l.events[log]) - EventLogCapacity; over > 0 {
		l.events[log] = l.events[log][over:]
	}
}

// EventQuery selects records.
type EventQuery struct {
	IDs    []int     // none: all
	Since  time.Time // zero: no bound
	Oldest bool      // from the oldest on; otherwise from the newest back
	AtMost int       // 0: all
}

// Read returns records of a log.
func (l *EventLog) Read(log string, q EventQuery) ([]Event, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.reads++
	if err := l.refused[log]; err != nil {
		return nil, err
	}
	var found []Event
	for _, e := range l.events[log] {
		if (len(q.IDs) == 0 || slices.Contains(q.IDs, e.ID)) && !e.At.Before(q.Since) {
			found = append(found, e)
		}
	}
	if !q.Oldest {
		slices.Reverse(found)
	}
	if q.AtMost > 0 && len(found) > q.AtMost {
		found = found[:q.AtMost]
	}
	return found, nil
}

// Reads returns how often a log was read: a read costs as much as the log has records.
func (l *EventLog) Reads() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.reads
}

// Clear empties a log, as Clear-EventLog and wevtutil do.
func (l *EventLog) Clear(log string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.events, log)
}

// Enable switches a log on or off; what it holds stays readable.
func (l *EventLog) Enable(log string, on bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.off[log] = !on
}

// Refuse makes every reading of a log fail; nil ends that.
func (l *EventLog) Refuse(log string, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.refused[log] = err
}

// provider is who writes the events of BITS, in both logs.
const provider = "Microsoft-Windows-Bits-Client"

// XML returns a record as EventRecord.ToXml does. Source: the event schema, learn.microsoft.com, and records that people
// published.
func (e Event) XML() string {
	var b bytes.Buffer
	fmt.Fprintf(&b, `<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System>`+
		`<Provider Name='%s' Guid='{ef1cc15b-46c1-414e-bb95-e76b077bd51e}'/><EventID>%d</EventID><Version>0</Version>`+
		`<Level>4</Level><TimeCreated SystemTime='%s'/><EventRecordID>%d</EventRecordID><Channel>%s</Channel>`+
		`<Security UserID='S-1-5-18'/></System><EventData>`,
		provider, e.ID, e.At.UTC().Format("2006-01-02T15:04:05.0000000Z"), e.Record, e.Log)
	for _, f := range e.Fields {
		b.WriteString("<Data")
		if f.Name != "" {
			fmt.Fprintf(&b, " Name='%s'", f.Name)
		}
		b.WriteString(">")
		_ = xml.EscapeText(&b, []byte(f.Value)) // a bytes.Buffer takes everything
		b.WriteString("</Data>")
	}
	b.WriteString("</EventData></Event>")
	return b.String()
}
