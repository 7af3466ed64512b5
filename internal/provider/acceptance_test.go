package provider_test

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
)

// The acceptance tests run on the Windows host that they are about, as .github/workflows/windows.yml makes one: its WinRM
// is reached by the provider's environment variables, and its administrator is this machine's Windows PowerShell. Each has a
// twin on a simulated host, which runs always, so that the test itself is proven.

// acceptance is a host under test: an operator in front of it, and an administrator on it.
type acceptance struct {
	*operator
	admin administrator
	name  string // of the job, unlike any other of that host
	files string // URL of a server on the host
}

// onWindows is this machine, with TF_ACC=1; else the test skips.
func onWindows(t *testing.T) *acceptance {
	t.Helper()
	if os.Getenv("TF_ACC") == "" {
		t.Skip("acceptance tests run with TF_ACC=1, on a Windows host with WinRM")
	}
	if runtime.GOOS != "windows" {
		t.Fatal("acceptance tests run on the Windows host they are about")
	}
	var variables []string
	for _, variable := range os.Environ() {
		if strings.HasPrefix(variable, "BITS_") && !strings.HasPrefix(variable, "BITS_TEST_") {
			variables = append(variables, variable)
		}
	}
	return accept(newOperator(&windows{t: t}, variables...), cmdlets{})
}

// onSimulation is a simulated host.
func onSimulation(t *testing.T) *acceptance {
	t.Helper()
	t.Parallel()
	o := operate(t)
	return accept(o, simulated{o.windows})
}

func accept(o *operator, admin administrator) *acceptance {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if path.Base(r.URL.Path) == "missing" {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "application/octet-stream")
		http.ServeContent(w, r, "", time.Unix(1_700_000_000, 0), bytes.NewReader(make([]byte, acceptanceSize)))
	}))
	o.t.Cleanup(server.Close)
	return &acceptance{operator: o, admin: admin, name: "acceptance " + uuid.NewString(), files: server.URL}
}

const acceptanceSize = 1000

// declare declares a job of one file, and has the file deleted when the test ends.
func (a *acceptance) declare(file string, attributes ...string) (local string) {
	a.t.Helper()
	local = `C:\ProgramData\` + strings.ReplaceAll(a.name, " ", "-") + ".bin"
	a.t.Cleanup(func() { a.admin.tidy(a.t, local) })
	a.declareJob(slices.Concat(attributes, []string{
		fmt.Sprintf("display_name = %q", a.name), fmt.Sprintf("files = [{ remote_name = %q, local_name = %q }]", a.files+"/"+file, local),
	})...)
	return local
}

// listed gives the job under test as the host lists it, or nil.
func (a *acceptance) listed() *hostJob {
	a.t.Helper()
	for _, job := range a.admin.list(a.t) {
		if job.DisplayName == a.name {
			return &job
		}
	}
	return nil
}

// mustList is listed for a job that has to be there.
func (a *acceptance) mustList() hostJob {
	a.t.Helper()
	job := a.listed()
	if job == nil {
		a.t.Fatal("the host does not list the job")
	}
	return *job
}

// destroyed destroys everything and expects the host to list nothing of it.
func (a *acceptance) destroyed() {
	a.t.Helper()
	a.run(0, "destroy", "-auto-approve")
	if job := a.listed(); job != nil {
		a.t.Errorf("the host still lists %+v", job)
	}
}

func TestAccJobLivesItsLife(t *testing.T)         { onWindows(t).jobLivesItsLife() }
func TestAccJobWhoseSourceIsMissing(t *testing.T) { onWindows(t).jobWhoseSourceIsMissing() }
func TestAccJobThatIsCompletedBehindTheBack(t *testing.T) {
	onWindows(t).jobThatIsCompletedBehindTheBack()
}

func TestSimulatedJobLivesItsLife(t *testing.T)         { onSimulation(t).jobLivesItsLife() }
func TestSimulatedJobWhoseSourceIsMissing(t *testing.T) { onSimulation(t).jobWhoseSourceIsMissing() }
func TestSimulatedJobThatIsCompletedBehindTheBack(t *testing.T) {
	onSimulation(t).jobThatIsCompletedBehindTheBack()
}

// jobLivesItsLife: create, nothing left to plan, a drift of the priority, the transfer, destroy.
func (a *acceptance) jobLivesItsLife() {
	local := a.declare("small", `priority = "high"`, `suspended = true`)
	a.apply()
	job := a.mustList()
	if job.Priority != "high" || job.State != "suspended" {
		a.t.Errorf("the host lists %+v", job)
	}
	a.planIsEmpty()

	a.admin.setPriority(a.t, job.ID, "low")
	plan := a.run(2, "plan", "-detailed-exitcode")
	if got, want := plan.changes(), []string{`~ priority = "low" -> "high"`}; !slices.Equal(got, want) {
		a.t.Errorf("the plan marks %q, want %q:\n%s", got, want, plan.text)
	}
	a.apply()
	if again := a.mustList(); again.ID != job.ID || again.Priority != "high" {
		a.t.Errorf("the host lists %+v, and listed %+v", again, job)
	}
	a.planIsEmpty()

	a.declare("small", `priority = "high"`, `wait_for_transfer = true`, `timeouts = { create = "3m", update = "3m" }`)
	a.apply()
	if size := a.admin.size(a.t, local); size != acceptanceSize {
		a.t.Errorf("the file has %d bytes", size)
	}
	if job := a.listed(); job != nil {
		a.t.Errorf("the host still lists %+v", job)
	}
	a.planIsEmpty()
	a.destroyed()
}

func (a *acceptance) jobWhoseSourceIsMissing() {
	a.declare("missing", `wait_for_transfer = true`, `timeouts = { create = "3m", update = "3m" }`)
	a.run(1, "apply", "-auto-approve").has("Error: BITS Job Failed", "BG_E_HTTP_ERROR_404 (0x80190194)", a.name)
	a.destroyed()
}

func (a *acceptance) jobThatIsCompletedBehindTheBack() {
	local := a.declare("small", `wait_for_transfer = true`, `complete_when_transferred = false`, `timeouts = { create = "3m", update = "3m" }`)
	a.apply()
	a.admin.complete(a.t, a.mustList().ID)
	a.run(0, "plan").has("Warning: BITS Job Was Completed", a.name, "was completed at")
	a.apply()
	if size := a.admin.size(a.t, local); size != acceptanceSize {
		a.t.Errorf("the file has %d bytes", size)
	}
	a.planIsEmpty()
	a.destroyed()
}
