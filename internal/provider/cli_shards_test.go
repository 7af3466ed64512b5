// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/winrmbits/terraform-provider-bits/internal/winhost"
)

// TestCLIShardsOfAFleetRunSideBySide applies the example of a fleet, with a state for each of four shards: each host gets its job once,
// the next run completes the jobs, and a host that is added moves no other one to another state.
func TestCLIShardsOfAFleetRunSideBySide(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("the example is a shell script")
	}
	const hosts, shards = 6, 4
	wd := startProgram(t, winhost.Config{Hosts: hosts})
	wd.ownRequirements = true
	for _, name := range []string{"main.tf", "run-shards.sh"} {
		wd.writeHere(name, readFile(t, filepath.Join(examples, "fleet", name)))
	}
	entries, names := map[string]any{}, []string{}
	for i, h := range wd.network.Hosts() {
		name := fmt.Sprintf("web%02d.corp.example", i+1)
		names = append(names, name)
		entries[name] = map[string]any{"address": h.Name, "port": h.Port, "username": h.Username, "password": h.Password}
	}
	known, err := json.Marshal(entries)
	if err != nil {
		t.Fatal(err)
	}
	wd.env = append(wd.env, "BITS_HOSTS="+string(known), "BITS_TLS_SERVER_NAME="+wd.settings.Host,
		"TF_VAR_files_url="+wd.network.FilesURL, "TERRAFORM="+wd.cli.Path)
	delete(wd.provider, "host")
	run := func(names []string) {
		t.Helper()
		wd.writeHere("hosts.txt", strings.Join(names, "\n")+"\n")
		cmd, out := wd.command()
		cmd.Path, cmd.Args = "/usr/bin/env", append([]string{"env", "bash", "run-shards.sh", fmt.Sprint(shards)}, cmd.Args[1:]...)
		if err := cmd.Run(); err != nil {
			var logs []string
			for i := range shards {
				logs = append(logs, readFile(t, filepath.Join(wd.dir, "shards", fmt.Sprint(i)+".log")))
			}
			t.Fatalf("%v:\n%s\n%s", err, out, strings.Join(logs, "\n"))
		}
		t.Log(out)
	}
	run(names[:hosts-1])
	for i := range hosts - 1 {
		if jobs := wd.jobsOf(i); len(jobs) != 1 {
			t.Errorf("host %d has %+v, want one job", i, jobs)
		}
	}
	first := wd.resourcesOfShards(shards)
	run(names)
	for name, shard := range wd.resourcesOfShards(shards) {
		if was, known := first[name]; known && was != shard {
			t.Errorf("%s moved from shard %d to %d", name, was, shard)
		}
	}
	if len(first) != hosts-1 {
		t.Errorf("the first run managed %v", first)
	}
}

// resourcesOfShards returns the shard of each host in the states.
func (wd *workingDir) resourcesOfShards(shards int) map[string]int {
	wd.t.Helper()
	found := map[string]int{}
	for i := range shards {
		var state struct {
			Resources []struct {
				Instances []struct {
					Key string `json:"index_key"`
				} `json:"instances"`
			} `json:"resources"`
		}
		if err := json.Unmarshal([]byte(readFile(wd.t, filepath.Join(wd.dir, "shards", fmt.Sprint(i)+".tfstate"))), &state); err != nil {
			wd.t.Fatal(err)
		}
		for _, resource := range state.Resources {
			for _, instance := range resource.Instances {
				found[instance.Key] = i
			}
		}
	}
	return found
}
