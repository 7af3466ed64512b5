// SPDX-License-Identifier: MPL-2.0

package machine

import (
	"encoding/xml"
	"errors"
	"testing"
	"time"
)

var began = time.Date(2026, 2, 3, 4, 5, 6, 0, time.UTC)

func TestALogIsReadFromEitherEndAndWithinBounds(t *testing.T) {
	c := NewManualClock(began)
	l := NewEventLog(c)
	for id := range 5 {
		l.Write(SystemLog, id)
		c.Advance(time.Minute)
	}
	for _, test := range []struct {
		name string
		q    EventQuery
		want []int
	}{
		{"the newest first", EventQuery{}, []int{4, 3, 2, 1, 0}},
		{"the oldest first", EventQuery{Oldest: true}, []int{0, 1, 2, 3, 4}},
		{"one of them", EventQuery{Oldest: true, AtMost: 1}, []int{0}},
		{"by id", EventQuery{IDs: []int{1, 3, 9}}, []int{3, 1}},
		{"since a time, which counts", EventQuery{Since: began.Add(3 * time.Minute)}, []int{4, 3}},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := l.Read(SystemLog, test.q)
			if err != nil || len(got) != len(test.want) {
				t.Fatalf("%v, %v; want %v", got, err, test.want)
			}
			for i, e := range got {
				if e.ID != test.want[i] {
					t.Errorf("event %d is %d, want %d", i, e.ID, test.want[i])
				}
			}
		})
	}
}

func TestALogWrapsAndIsClearedAndSwitchedOff(t *testing.T) {
	l := NewEventLog(NewManualClock(began))
	for id := range EventLogCapacity + 10 {
		l.Write(SystemLog, id)
	}
	first, err := l.Read(SystemLog, EventQuery{Oldest: true, AtMost: 1})
	if err != nil || len(first) != 1 || first[0].ID != 10 {
		t.Errorf("the oldest record is %v, %v; want 10", first, err)
	}
	l.Clear(SystemLog)
	l.Write(SystemLog, 7)
	l.Enable(SystemLog, false)
	l.Write(SystemLog, 8)
	rest, err := l.Read(SystemLog, EventQuery{})
	if err != nil || len(rest) != 1 || rest[0].ID != 7 || rest[0].Record != EventLogCapacity+11 {
		t.Errorf("after it was cleared and switched off the log has %v, %v", rest, err)
	}
	l.Refuse(SystemLog, ErrLogDenied)
	if _, err := l.Read(SystemLog, EventQuery{}); !errors.Is(err, ErrLogDenied) {
		t.Errorf("a refused log answers %v", err)
	}
}

func TestARecordIsXML(t *testing.T) {
	l := NewEventLog(NewManualClock(began))
	l.Write(OperationalLog, 5, EventField{"User", `CORP\o'neil & sons <x>`}, EventField{"", "unnamed\n"})
	events, err := l.Read(OperationalLog, EventQuery{})
	if err != nil {
		t.Fatal(err)
	}
	var read struct {
		System struct {
			EventID     int
			TimeCreated struct {
				SystemTime time.Time `xml:",attr"`
			}
		}
		EventData struct {
			Data []struct {
				Name  string `xml:",attr"`
				Value string `xml:",chardata"`
			}
		}
	}
	if err := xml.Unmarshal([]byte(events[0].XML()), &read); err != nil {
		t.Fatal(err)
	}
	data := read.EventData.Data
	if read.System.EventID != 5 || !read.System.TimeCreated.SystemTime.Equal(began) || len(data) != 2 ||
		data[0].Name != "User" || data[0].Value != `CORP\o'neil & sons <x>` || data[1].Value != "unnamed\n" {
		t.Errorf("read %+v of %s", read, events[0].XML())
	}
}
