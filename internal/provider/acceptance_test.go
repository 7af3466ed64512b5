// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"

	"github.com/winrmbits/terraform-provider-bits/internal/winhost"
)

// The acceptance tests run on the Windows host that they test, as .github/workflows/windows.yml makes one: the provider's
// environment variables name its WinRM, and its administrator is this machine's Windows PowerShell. Each has a twin on a
// simulated host, which always runs, so that the test itself is proven.

func TestAccJobLifecycle(t *testing.T)           { onWindows(t).jobLifecycle() }
func TestAccJobSourceMissing(t *testing.T)       { onWindows(t).jobSourceMissing() }
func TestAccJobCompletedOutside(t *testing.T)    { onWindows(t).jobCompletedOutside() }
func TestSimulatedJobLifecycle(t *testing.T)     { onSimulation(t).jobLifecycle() }
func TestSimulatedJobSourceMissing(t *testing.T) { onSimulation(t).jobSourceMissing() }
func TestSimulatedJobCompletedOutside(t *testing.T) {
	onSimulation(t).jobCompletedOutside()
}

// acceptance is a host under test, with its administrator.
type acceptance struct {
	t        *testing.T
	admin    administrator
	unit     bool   // runs without TF_ACC
	provider string // its block
	name     string // of the job, unlike any other of the host
	local    string // of its file
	files    string // URL of a server on the host

	only []tfversion.TerraformVersionCheck // CLIs that the test is for; nil: all
}

// onWindows tests this machine, with TF_ACC=1; otherwise it skips the test.
func onWindows(t *testing.T) *acceptance {
	t.Helper()
	if os.Getenv(resource.EnvTfAcc) == "" {
		t.Skip("acceptance tests run with TF_ACC=1, on a Windows host with WinRM")
	}
	if runtime.GOOS != "windows" {
		t.Fatal("acceptance tests run on the Windows host that they test")
	}
	for name, value := range hostVariables {
		t.Setenv(name, value)
	}
	return newAcceptance(t, &acceptance{admin: cmdlets{}})
}

// onSimulation tests a simulated host.
func onSimulation(t *testing.T) *acceptance {
	t.Helper()
	needCLI(t)
	t.Parallel()
	s := simulate(t, winhost.Config{})
	block := fmt.Sprintf("provider \"bits\" {\n  host = %q\n  port = %d\n  auth = %q\n  username = %q\n  password = %q\n  ca_file = %q\n}\n",
		s.settings.Host, s.settings.Port, s.settings.Auth, s.settings.Username, s.settings.Password.Reveal(), s.network.CAFile)
	return newAcceptance(t, &acceptance{admin: controlAPI{s}, unit: true, provider: block})
}

func newAcceptance(t *testing.T, a *acceptance) *acceptance {
	t.Helper()
	needCLI(t)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if path.Base(r.URL.Path) == "missing" {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "application/octet-stream")
		http.ServeContent(w, r, "", time.Unix(1_700_000_000, 0), bytes.NewReader(make([]byte, acceptanceSize)))
	}))
	a.t, a.name, a.files = t, "acceptance "+uuid.NewString(), server.URL
	a.local = `C:\ProgramData\` + strings.ReplaceAll(a.name, " ", "-") + ".bin"
	t.Cleanup(func() {
		server.Close()
		a.admin.delete(t, a.local)
	})
	return a
}

const acceptanceSize = 1000

// test runs steps, after each of which nothing may be left to plan, and expects the host not to list the job in the end.
func (a *acceptance) test(steps ...resource.TestStep) {
	a.t.Helper()
	provider := newAttachedProvider(a.t)
	serve := func() (tfprotov6.ProviderServer, error) { return provider, nil }
	resource.Test(a.t, resource.TestCase{
		IsUnitTest:               a.unit,
		ProtoV6ProviderFactories: map[string]func() (tfprotov6.ProviderServer, error){"bits": serve},
		Steps:                    steps,
		TerraformVersionChecks:   a.only,
		CheckDestroy: func(*terraform.State) error {
			if a.listed() != nil {
				return errors.New("the host still lists the job")
			}
			return nil
		},
	})
}

// config declares a job of one file.
func (a *acceptance) config(file string, attributes ...string) string {
	return a.provider + jobBlock("payload", append(attributes, fmt.Sprintf("display_name = %q", a.name),
		fmt.Sprintf("files = [{ remote_name = %q, local_name = %q }]", a.files+"/"+file, a.local))...)
}

// listed returns the job as the host lists it, or nil.
func (a *acceptance) listed() *hostJob {
	a.t.Helper()
	for _, job := range a.admin.list(a.t) {
		if job.DisplayName == a.name {
			return &job
		}
	}
	return nil
}

// expectCompleted expects the file, and no job on the host.
func (a *acceptance) expectCompleted() {
	a.t.Helper()
	if size := a.admin.size(a.t, a.local); size != acceptanceSize {
		a.t.Errorf("the file has %d bytes", size)
	}
	if job := a.listed(); job != nil {
		a.t.Errorf("the host still lists %+v", job)
	}
}

const timeouts = `timeouts = { create = "3m", update = "3m" }`

// updates expects a plan to change the job in place, and an attribute to a value.
func updates(attribute string, value knownvalue.Check) resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
		plancheck.ExpectResourceAction(address, plancheck.ResourceActionUpdate),
		plancheck.ExpectKnownValue(address, tfjsonpath.New(attribute), value),
	}}
}

// state expects the stage of the job in the state.
func state(stage string) []statecheck.StateCheck {
	return []statecheck.StateCheck{statecheck.ExpectKnownValue(address, tfjsonpath.New("state"), knownvalue.StringExact(stage))}
}

// jobLifecycle: create, a change of the priority outside Terraform, the transfer, destroy.
func (a *acceptance) jobLifecycle() {
	var id string
	suspended := a.config("small", `priority = "high"`, `suspended = true`)
	listed := func() {
		a.t.Helper()
		job := a.listed()
		if job == nil || job.Priority != "high" || job.State != "suspended" || (id != "" && job.ID != id) {
			a.t.Fatalf("the host lists %+v, and listed the job %q", job, id)
		}
		id = job.ID
	}
	a.test(
		resource.TestStep{Config: suspended, ConfigStateChecks: state("suspended"), PostApplyFunc: listed},
		resource.TestStep{
			PreConfig: func() { a.admin.lower(a.t, id) },
			Config:    suspended, ConfigPlanChecks: updates("priority", knownvalue.StringExact("high")), PostApplyFunc: listed,
		},
		resource.TestStep{ResourceName: address, ImportState: true, ImportStateVerify: true},
		resource.TestStep{
			Config: a.config("small", `priority = "high"`, waits, timeouts), ConfigStateChecks: state("acknowledged"), PostApplyFunc: a.expectCompleted,
		},
	)
}

func (a *acceptance) jobSourceMissing() {
	a.test(resource.TestStep{
		Config:      a.config("missing", waits, timeouts),
		ExpectError: regexp.MustCompile(`(?s)BITS Job Failed.*BG_E_HTTP_ERROR_404\s+\(0x80190194\)`),
	})
}

func (a *acceptance) jobCompletedOutside() {
	config := a.config("small", waits, `complete_when_transferred = false`, timeouts)
	a.test(
		resource.TestStep{Config: config, ConfigStateChecks: state("transferred")},
		resource.TestStep{
			PreConfig: func() { a.admin.complete(a.t, a.listed().ID) },
			Config:    config, ConfigPlanChecks: updates("state", knownvalue.StringExact("acknowledged")), PostApplyFunc: a.expectCompleted,
		},
	)
}
