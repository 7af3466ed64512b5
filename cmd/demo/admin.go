package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
)

// admin is an administrator at the simulated host: what it does happens behind Terraform's back.
type admin struct {
	name string // of the host
	url  string // of the host's part of the control API
}

// job is a job as the host lists it.
type job struct {
	ID          string `json:"id"`
	DisplayName string `json:"display_name"`
	Priority    string `json:"priority"`
	State       string `json:"state"`
	Files       []struct {
		BytesTransferred float64 `json:"bytes_transferred"`
	} `json:"files"`
}

// file is a file of the host's C:.
type file struct {
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
}

func (j job) transferred() (bytes float64) {
	for _, f := range j.Files {
		bytes += f.BytesTransferred
	}
	return bytes
}

// stats is what the host counted of what came in over WinRM.
type stats struct {
	HTTPRequests     int `json:"http_requests"`
	ShellsOpened     int `json:"shells_opened"`
	ShellsOpen       int `json:"shells_open"`
	PowerShellStarts int `json:"powershell_starts"`
	Logons           int `json:"logons"`
	ScheduledTasks   int `json:"scheduled_tasks"`
	TasksRegistered  int `json:"tasks_registered"`
	Processes        int `json:"processes"`
}

func (a admin) call(ctx context.Context, method, path string, body, answer any) error {
	var payload io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return fmt.Errorf("encode the body of %s %s: %w", method, path, err)
		}
		payload = bytes.NewReader(text)
	}
	req, err := http.NewRequestWithContext(ctx, method, a.url+path, payload)
	if err != nil {
		return fmt.Errorf("%s %s: %w", method, path, err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("%s %s: %w", method, path, err)
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	if err != nil {
		return fmt.Errorf("%s %s: %w", method, path, err)
	}
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s %s: the host answered %s: %s", method, path, resp.Status, text)
	}
	if answer == nil {
		return nil
	}
	if err := json.Unmarshal(text, answer); err != nil {
		return fmt.Errorf("%s %s: decode %q: %w", method, path, text, err)
	}
	return nil
}
