package machine

import "sync/atomic"

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
	s.HTTPRequests += o.HTTPRequests
	s.ShellsOpened += o.ShellsOpened
	s.ShellsOpen += o.ShellsOpen
	s.CommandsStarted += o.CommandsStarted
	s.PowerShellStarts += o.PowerShellStarts
	s.BytesIn += o.BytesIn
	s.BytesOut += o.BytesOut
	s.Logons += o.Logons
	s.FailedLogons += o.FailedLogons
	s.Connections += o.Connections
	s.ScheduledTasks += o.ScheduledTasks
	s.TasksRegistered += o.TasksRegistered
	s.Processes += o.Processes
	return s
}

// Meter counts for one host. Its zero value is ready and it is safe for concurrent use.
type Meter struct {
	HTTPRequests, ShellsOpened, ShellsOpen, CommandsStarted, PowerShellStarts atomic.Int64
	BytesIn, BytesOut, Logons, FailedLogons, Connections                      atomic.Int64
	ScheduledTasks, TasksRegistered, Processes                                atomic.Int64
}

// Read returns the counts.
func (m *Meter) Read() Stats {
	return Stats{
		HTTPRequests:     m.HTTPRequests.Load(),
		ShellsOpened:     m.ShellsOpened.Load(),
		ShellsOpen:       m.ShellsOpen.Load(),
		CommandsStarted:  m.CommandsStarted.Load(),
		PowerShellStarts: m.PowerShellStarts.Load(),
		BytesIn:          m.BytesIn.Load(),
		BytesOut:         m.BytesOut.Load(),
		Logons:           m.Logons.Load(),
		FailedLogons:     m.FailedLogons.Load(),
		Connections:      m.Connections.Load(),
		ScheduledTasks:   m.ScheduledTasks.Load(),
		TasksRegistered:  m.TasksRegistered.Load(),
		Processes:        m.Processes.Load(),
	}
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
