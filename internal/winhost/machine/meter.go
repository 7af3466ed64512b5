// SPDX-License-Identifier: MPL-2.0

package machine

import (
	"reflect"
	"sync/atomic"
)

// Stats is what was counted since the start or the last reset. ShellsOpen, ScheduledTasks and Processes
// are levels and are not reset.
type Stats struct {
	HTTPRequests     int64 `json:"http_requests"`
	ShellsOpened     int64 `json:"shells_opened"`
	ShellsOpen       int64 `json:"shells_open"`       // now
	CommandsStarted  int64 `json:"commands_started"`  // in shells
	PowerShellStarts int64 `json:"powershell_starts"` // by shells and tasks
	BytesIn          int64 `json:"bytes_in"`          // on the connections of WinRM, TLS included
	BytesOut         int64 `json:"bytes_out"`
	Logons           int64 `json:"logons"`           // credentials accepted, once per connection
	FailedLogons     int64 `json:"failed_logons"`    // requests refused that carried a credential
	Connections      int64 `json:"connections"`      // accepted
	ScheduledTasks   int64 `json:"scheduled_tasks"`  // now
	TasksRegistered  int64 `json:"tasks_registered"` // with the task scheduler
	Processes        int64 `json:"processes"`        // now
}

// Add returns the sum of two hosts' counts.
func (s Stats) Add(o Stats) Stats {
	sum, other := reflect.ValueOf(&s).Elem(), reflect.ValueOf(o)
	for i := range sum.NumField() {
		sum.Field(i).SetInt(sum.Field(i).Int() + other.Field(i).Int())
	}
	return s
}

// Meter counts for one host. Its zero value is ready and it is safe for concurrent use.
type Meter struct {
	HTTPRequests, ShellsOpened, ShellsOpen, CommandsStarted, PowerShellStarts atomic.Int64
	BytesIn, BytesOut, Logons, FailedLogons, Connections                      atomic.Int64
	ScheduledTasks, TasksRegistered, Processes                                atomic.Int64
}

// Read returns the counts: each field of Stats has its counter of the same name.
func (m *Meter) Read() (s Stats) {
	counters, counts := reflect.ValueOf(m).Elem(), reflect.ValueOf(&s).Elem()
	for i := range counts.NumField() {
		counter, _ := counters.FieldByName(counts.Type().Field(i).Name).Addr().Interface().(*atomic.Int64)
		counts.Field(i).SetInt(counter.Load())
	}
	return s
}

// Reset starts every count but the levels again.
func (m *Meter) Reset() {
	for _, count := range []*atomic.Int64{
		&m.HTTPRequests, &m.ShellsOpened, &m.CommandsStarted, &m.PowerShellStarts,
		&m.BytesIn, &m.BytesOut, &m.Logons, &m.FailedLogons, &m.Connections, &m.TasksRegistered,
	} {
		count.Store(0)
	}
}
