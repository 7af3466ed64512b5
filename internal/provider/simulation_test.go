// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/connection"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/bitsvc"
)

// simulation is a network of simulated Windows hosts, with their control API. Its methods are about the first host.
type simulation struct {
	t        *testing.T
	network  *winhost.Network
	host     *winhost.Host
	settings connection.Settings
}

// hostJob is a job as Get-BitsTransfer -AllUsers lists it.
type hostJob struct {
	ID          string `json:"id"`
	DisplayName string `json:"display_name"`
	Priority    string `json:"priority"`
	State       string `json:"state"`
	Files       []struct {
		RemoteName string `json:"remote_name"`
		LocalName  string `json:"local_name"`
	} `json:"files"`
}

func simulate(t *testing.T, c winhost.Config) *simulation {
	t.Helper()
	c.Limits = cmp.Or(c.Limits, 10) // a busy machine fails no test
	network, err := winhost.Start(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := network.Close(); err != nil {
			t.Error(err)
		}
	})
	host := network.Host(0)
	return &simulation{t: t, network: network, host: host, settings: host.Settings()}
}

// call sends a request to the control API and decodes the answer into result.
func (s *simulation) call(method, path string, body, result any) {
	s.t.Helper()
	content, err := json.Marshal(body)
	if err != nil {
		s.t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(context.Background(), method, s.network.ControlURL+path, bytes.NewReader(content))
	if err != nil {
		s.t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	answer, err := io.ReadAll(resp.Body)
	if err == nil {
		err = json.Unmarshal(answer, result)
	}
	if err != nil || resp.StatusCode != http.StatusOK {
		s.t.Fatalf("%s %s: %s: %s: %v", method, path, resp.Status, answer, err)
	}
}

// control makes the host do something: pause and run transfers, stop and start the BITS service, clear the event log.
func (s *simulation) control(verb string) {
	s.t.Helper()
	s.call(http.MethodPost, "/hosts/0/"+verb, nil, &struct{}{})
}

// pauseAll keeps every host from transferring files.
func (s *simulation) pauseAll() {
	s.t.Helper()
	for _, h := range s.network.Hosts() {
		h.BITS.Pause()
	}
}

func (s *simulation) jobs() []hostJob {
	s.t.Helper()
	return s.jobsOf(0)
}

func (s *simulation) jobsOf(host int) []hostJob {
	s.t.Helper()
	var jobs []hostJob
	s.call(http.MethodGet, fmt.Sprintf("/hosts/%d/jobs", host), nil, &jobs)
	return jobs
}

// job returns the only job of the host.
func (s *simulation) job() hostJob {
	s.t.Helper()
	jobs := s.jobs()
	if len(jobs) != 1 {
		s.t.Fatalf("the host has %d jobs, want one", len(jobs))
	}
	return jobs[0]
}

// outside changes the only job of the host outside Terraform: priority sets it to low, fail is for HTTP status 404.
func (s *simulation) outside(verb string) {
	s.t.Helper()
	s.change(s.job().ID, verb)
}

func (s *simulation) change(id, verb string) {
	s.t.Helper()
	how := map[string]string{"by": `CORP\ops`, "priority": "low", "hresult": "0x80190194"}
	s.call(http.MethodPost, "/hosts/0/jobs/"+id+"/"+verb, how, &struct{}{})
}

// setProperties changes properties of the only job outside Terraform, as its owner, SYSTEM.
func (s *simulation) setProperties(p bits.Properties) {
	s.t.Helper()
	job, err := s.host.BITS.Open(bitsvc.LocalSystem(), bits.JobID(s.job().ID))
	if err == nil {
		err = job.SetProperties(p)
	}
	if err != nil {
		s.t.Fatal(err)
	}
}

// listed returns the only job as its owner sees it.
func (s *simulation) listed() bits.Job {
	s.t.Helper()
	jobs, err := s.host.BITS.Jobs(s.host.Account, true)
	if err != nil || len(jobs) != 1 {
		s.t.Fatalf("the host has %d jobs: %v", len(jobs), err)
	}
	return jobs[0]
}

// unlisted returns what the only job has that BITS does not list: secrets, and properties that are only set.
func (s *simulation) unlisted() bits.Properties {
	s.t.Helper()
	return s.host.BITS.Settings(bits.JobID(s.job().ID))
}

// waitUntil waits for something that no command waits for.
func (s *simulation) waitUntil(what string, happened func() bool) {
	s.t.Helper()
	again, late := time.NewTicker(20*time.Millisecond), time.After(patience)
	defer again.Stop()
	for !happened() {
		select {
		case <-again.C:
		case <-late:
			s.t.Fatalf("it does not happen that %s", what)
		}
	}
}

// waitFor waits until the only job is in a state.
func (s *simulation) waitFor(state string) {
	s.t.Helper()
	s.waitUntil("the job is in state "+state, func() bool { return s.job().State == state })
}

// expectIdle expects that no shell, task, process and pipe is left on the hosts, once the processes there have noticed.
func (s *simulation) expectIdle() {
	s.t.Helper()
	s.waitUntil("the provider leaves the hosts", func() bool {
		stats := s.network.Stats()
		return stats.ShellsOpen == 0 && stats.ScheduledTasks == 0 && stats.Processes == 0 && len(s.host.Pipes.Names()) == 0
	})
}

// path returns where a file of the host is on this machine.
func (s *simulation) path(local string) string {
	s.t.Helper()
	path, err := s.host.Drive.Place(local)
	if err != nil {
		s.t.Fatal(err)
	}
	return path
}

// expectFile expects a file on the host.
func (s *simulation) expectFile(local string, size int) {
	s.t.Helper()
	if got := len(readFile(s.t, s.path(local))); got != size {
		s.t.Errorf("%s has %d bytes, want %d", local, got, size)
	}
}

func (s *simulation) hash(local string) string {
	s.t.Helper()
	return fmt.Sprintf("%x", sha256.Sum256([]byte(readFile(s.t, s.path(local)))))
}

func (s *simulation) writeFile(local, content string) {
	s.t.Helper()
	if err := errors.Join(os.MkdirAll(filepath.Dir(s.path(local)), 0o750), os.WriteFile(s.path(local), []byte(content), 0o600)); err != nil {
		s.t.Fatal(err)
	}
}

func (s *simulation) deleteFile(local string) {
	s.t.Helper()
	if err := os.Remove(s.path(local)); err != nil {
		s.t.Fatal(err)
	}
}

// file returns an element of files in HCL: a URL of the network's file server, and a path.
func (s *simulation) file(name, query string) string {
	return fmt.Sprintf(`{ remote_name = "%s/%s?%s", local_name = "C:\\t\\%[2]s" }`, s.network.FilesURL, name, query)
}
