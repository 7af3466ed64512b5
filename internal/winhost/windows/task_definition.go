package windows

import (
	"fmt"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/winhost/machine"
)

// TaskDefinition is what a task is registered with, named as in the XML of a task.
// Source: "Task Scheduler Schema", learn.microsoft.com.
type TaskDefinition struct {
	Name                       string `json:"name"`
	Description                string `json:"description"`
	UserID                     string `json:"user_id"`
	LogonType                  int    `json:"logon_type"` // 5: a service account
	RunLevel                   int    `json:"run_level"`  // 1: highest
	Path                       string `json:"path"`
	Arguments                  string `json:"arguments"`
	StartBoundary              string `json:"start_boundary"` // of its one trigger
	EndBoundary                string `json:"end_boundary"`
	DeleteExpiredTaskAfter     string `json:"delete_expired_task_after"`
	ExecutionTimeLimit         string `json:"execution_time_limit"`
	Priority                   int    `json:"priority"`
	DisallowStartIfOnBatteries bool   `json:"disallow_start_if_on_batteries"`
	StopIfGoingOnBatteries     bool   `json:"stop_if_going_on_batteries"`
	Sddl                       string `json:"sddl"` // of who may see and run it
}

// CommandLine is what the task starts.
func (d TaskDefinition) CommandLine() string { return `"` + d.Path + `" ` + d.Arguments }

// defaultTimeLimit is that of a definition without one: 72 hours.
// Source: TaskSettings.ExecutionTimeLimit, learn.microsoft.com.
const defaultTimeLimit = 72 * time.Hour

// times reads the times of a definition; no end is the zero time.
func (d TaskDefinition) times() (start, end time.Time, limit time.Duration, err error) {
	limit = defaultTimeLimit
	if start, err = boundary(d.StartBoundary); err != nil {
		return start, end, limit, err
	}
	if end, err = boundary(d.EndBoundary); err != nil {
		return start, end, limit, err
	}
	if d.ExecutionTimeLimit != "" {
		limit, err = machine.ParseDuration(d.ExecutionTimeLimit)
	}
	return start, end, limit, err
}

func boundary(text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return at, fmt.Errorf("a boundary is a date and time: %w", err)
	}
	return at, nil
}
