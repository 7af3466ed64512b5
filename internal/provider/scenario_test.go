package provider_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/winrmbits/terraform-provider-bits/internal/connection"
	"github.com/winrmbits/terraform-provider-bits/internal/provider"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/hosts"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits"
)

// windows is a simulated Windows host with the real client in front of it, over real sockets. What happens on it
// behind Terraform's back goes through its control API, as an administrator's hands would.
type windows struct {
	t        *testing.T
	farm     *winhost.Network
	settings connection.Settings
}

// hostJob is a job as Get-BitsTransfer -AllUsers lists it.
type hostJob struct {
	ID          string `json:"id"`
	DisplayName string `json:"display_name"`
	Description string `json:"description"`
	Priority    string `json:"priority"`
	State       string `json:"state"`
	Files       []struct {
		RemoteName string `json:"remote_name"`
		LocalName  string `json:"local_name"`
	} `json:"files"`
}

// hostStats are the counters of a host.
type hostStats struct {
	ShellsOpened     int `json:"shells_opened"`
	ShellsOpen       int `json:"shells_open"`
	PowerShellStarts int `json:"powershell_starts"`
	ScheduledTasks   int `json:"scheduled_tasks"`
	TasksRegistered  int `json:"tasks_registered"`
	Processes        int `json:"processes"`
	Logons           int `json:"logons"`
	FailedLogons     int `json:"failed_logons"`
	Connections      int `json:"connections"`
}

// startWindows starts a host and what a CLI needs to reach it, or skips without a CLI.
func startWindows(t *testing.T) *windows {
	t.Helper()
	needCLI(t)
	return openWindows(t, winhost.Config{})
}

// openWindows starts hosts; what a scenario does and looks at is the first.
func openWindows(t *testing.T, c winhost.Config) *windows {
	t.Helper()
	farm, err := winhost.Start(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := farm.Close(); err != nil {
			t.Error(err)
		}
	})
	return &windows{t: t, farm: farm, settings: farm.Host(0).Settings()}
}

// factories serves the provider with the real client.
func (w *windows) factories() map[string]func() (tfprotov6.ProviderServer, error) {
	fleet := winrmbits.NewFleet(nil)
	w.t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := fleet.Close(ctx); err != nil {
			w.t.Error(err)
		}
		if stats := w.stats(); stats.ShellsOpen != 0 {
			w.t.Errorf("%d shells are left open", stats.ShellsOpen)
		}
	})
	open := func(s connection.Settings) hosts.Client { return fleet.Host(s) }
	return map[string]func() (tfprotov6.ProviderServer, error){
		"bits": providerserver.NewProtocol6WithError(provider.New("test", open)()),
	}
}

// declare is a configuration of the one job of a scenario on this host.
func (w *windows) declare(attributes string) string {
	return fmt.Sprintf(`
provider "bits" {
  host     = %q
  port     = %d
  auth     = %q
  username = %q
  password = %q
  ca_file  = %q
}

resource "bits_job" "payload" {
%s
}
`, w.settings.Host, w.settings.Port, w.settings.Auth, w.settings.Username, w.settings.Password.Reveal(), w.farm.CAFile, attributes)
}

// file is one element of files in HCL: a URL of the host's file server and a path.
func (w *windows) file(name, query string) string {
	return fmt.Sprintf(`{ remote_name = "%s/%s?%s", local_name = "C:\\t\\%[2]s" }`, w.farm.FilesURL, name, query)
}

// call asks the control API and decodes its answer into result, if there is one.
func (w *windows) call(method, path string, body, result any) {
	w.t.Helper()
	if err := w.try(method, path, body, result); err != nil {
		w.t.Fatal(err)
	}
}

func (w *windows) try(method, path string, body, result any) error {
	var content io.Reader
	if body != nil {
		raw, err := json.Marshal(body)
		if err != nil {
			return err
		}
		content = bytes.NewReader(raw)
	}
	req, err := http.NewRequestWithContext(context.Background(), method, w.farm.ControlURL+path, content)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s %s: %s: %s", method, path, resp.Status, answer)
	}
	if result == nil {
		return nil
	}
	return json.Unmarshal(answer, result)
}

func (w *windows) jobs() []hostJob {
	w.t.Helper()
	var jobs []hostJob
	w.call(http.MethodGet, "/hosts/0/jobs", nil, &jobs)
	return jobs
}

// job is the only job of the host.
func (w *windows) job() hostJob {
	w.t.Helper()
	jobs := w.jobs()
	if len(jobs) != 1 {
		w.t.Fatalf("the host has %d jobs, want one", len(jobs))
	}
	return jobs[0]
}

// behind does something to the only job, behind Terraform's back.
func (w *windows) behind(verb string, body any) {
	w.t.Helper()
	w.call(http.MethodPost, "/hosts/0/jobs/"+w.job().ID+"/"+verb, body, nil)
}

func (w *windows) do(verb string) {
	w.t.Helper()
	w.call(http.MethodPost, "/hosts/0/"+verb, nil, nil)
}

func (w *windows) stats() hostStats {
	w.t.Helper()
	var stats hostStats
	w.call(http.MethodGet, "/hosts/0/stats", nil, &stats)
	return stats
}

// size gives the size of a file on the host, or an error when it is not there.
func (w *windows) size(path string) (int64, error) {
	var file struct {
		Size json.Number `json:"size"`
	}
	if err := w.try(http.MethodGet, "/hosts/0/files?path="+url.QueryEscape(path), nil, &file); err != nil {
		return 0, err
	}
	return file.Size.Int64()
}

// empty checks that no job is left, neither listed nor pending.
func (w *windows) empty() error {
	if jobs := w.jobs(); len(jobs) > 0 {
		return fmt.Errorf("%d jobs are left: %+v", len(jobs), jobs)
	}
	return nil
}

// lines joins attributes.
func lines(attributes ...string) string { return "  " + strings.Join(attributes, "\n  ") }

const wrongPassword = "hunter2-never-seen"

func ptr[T any](v T) *T { return &v }

func readFile(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
