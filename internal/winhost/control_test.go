// SPDX-License-Identifier: MPL-2.0

package winhost

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/bitsvc"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/machine"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/windows"
)

// started is where the clocks of these tests stand.
var started = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// controlRig is the API for two hosts.
type controlRig struct {
	api   http.Handler
	hosts []*Host
	files string
}

func newControlRig(t *testing.T) *controlRig {
	t.Helper()
	server := httptest.NewServer(bitsvc.FileServer())
	t.Cleanup(server.Close)
	r := &controlRig{files: server.URL}
	for i := range 2 {
		d, err := machine.NewDrive(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		c := machine.NewManualClock(started)
		service := bitsvc.New(bitsvc.Options{Clock: c, Drive: d})
		t.Cleanup(service.Close)
		r.hosts = append(r.hosts, &Host{
			BITS: service, Drive: d, Clock: c, meter: &machine.Meter{}, Odd: &windows.Oddities{},
			Account: bitsvc.Caller{
				Account: fmt.Sprintf(`WEB0%d\Administrator`, i+1), SID: "S-1-5-21-1-2-3-500", Elevated: true, LoggedOn: true,
			},
		})
	}
	r.api = controlAPI(r.hosts)
	return r
}

// ask sends a request and returns the status and the body of the answer.
func (r *controlRig) ask(method, target, body string) (int, string) {
	w := httptest.NewRecorder()
	req := httptest.NewRequestWithContext(context.Background(), method, target, strings.NewReader(body))
	r.api.ServeHTTP(w, req)
	return w.Code, strings.TrimSpace(w.Body.String())
}

// job makes a suspended job with one file on a host.
func (r *controlRig) job(t *testing.T, h *Host) bits.JobID {
	t.Helper()
	id, err := h.BITS.CreateJob(h.Account, "a\"b'c$(x)\n😀", bits.Download)
	if err != nil {
		t.Fatal(err)
	}
	spec := bits.FileSpec{RemoteName: r.files + "/a?size=5&rate=0", LocalName: `C:\t\a.bin`}
	if err := h.BITS.AddFile(h.Account, id, spec); err != nil {
		t.Fatal(err)
	}
	return id
}

func TestAJobIsSpelledAsTheProviderSpellsIt(t *testing.T) {
	r := newControlRig(t)
	if status, body := r.ask(http.MethodGet, "/hosts/0/jobs", ""); status != http.StatusOK || body != "[]" {
		t.Errorf("no jobs: %d %s", status, body)
	}
	id := r.job(t, r.hosts[0])
	status, body := r.ask(http.MethodGet, "/hosts/0/jobs", "")
	want := fmt.Sprintf(`[{"id":%q,"display_name":"a\"b'c$(x)\n😀","description":"","priority":"normal","state":"suspended",`+
		`"owner":"WEB01\\Administrator","files":[{"remote_name":%q,"local_name":"C:\\t\\a.bin","bytes_transferred":0,`+
		`"bytes_total":null}]}]`, id, r.files+"/a?size=5&rate=0")
	if status != http.StatusOK || body != want {
		t.Errorf("got %d\n%s\nwant\n%s", status, body, want)
	}
	if _, body := r.ask(http.MethodGet, "/hosts/1/jobs", ""); body != "[]" {
		t.Errorf("the other host: %s", body)
	}
}

func TestAnAdministratorChangesJobs(t *testing.T) {
	tests := []struct {
		verb, body string
		before     bits.State // "": suspended
		after      bits.State
	}{
		{verb: "resume", after: bits.StateTransferred},
		{verb: "suspend", before: bits.StateTransferred, after: bits.StateSuspended},
		{verb: "complete", body: `{"by":"CORP\\ops"}`, before: bits.StateTransferred, after: bits.StateAcknowledged},
		{verb: "cancel", body: `{"by":"CORP\\ops"}`, after: bits.StateCancelled},
		{verb: "fail", body: `{"hresult":"0x80190194"}`, after: bits.StateError},
		{verb: "fail", body: `{"hresult":"0x80072EE7","transient":true}`, after: bits.StateTransientError},
		{verb: "priority", body: `{"priority":"low","by":"WEB01\\Administrator"}`, after: bits.StateSuspended},
	}
	for _, test := range tests {
		t.Run(test.verb, func(t *testing.T) {
			r := newControlRig(t)
			h := r.hosts[0]
			id := r.job(t, h)
			if test.before != "" {
				if err := h.BITS.Resume(h.Account, id); err != nil {
					t.Fatal(err)
				}
				await(t, h, id, test.before)
			}
			target := "/hosts/0/jobs/" + string(id) + "/" + test.verb
			if status, body := r.ask(http.MethodPost, target, test.body); status != http.StatusOK || body != "{}" {
				t.Fatalf("got %d %s", status, body)
			}
			if !test.after.Final() {
				await(t, h, id, test.after)
			} else if last, _ := h.BITS.Final(id); last.State != test.after {
				t.Errorf("the job is %s, want %s", last.State, test.after)
			}
			if test.verb == "priority" {
				if j, err := h.BITS.Job(h.Account, id); err != nil || j.Priority != bits.PriorityLow {
					t.Errorf("priority %s, %v", j.Priority, err)
				}
			}
		})
	}
}

func await(t *testing.T, h *Host, id bits.JobID, state bits.State) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	if err := h.BITS.WaitState(ctx, id, state); err != nil {
		t.Fatal(err)
	}
}

func TestWhatIsRefused(t *testing.T) {
	r := newControlRig(t)
	id := string(r.job(t, r.hosts[0]))
	done := string(r.job(t, r.hosts[0]))
	if status, body := r.ask(http.MethodPost, "/hosts/0/jobs/"+done+"/cancel", ""); status != http.StatusOK {
		t.Fatalf("cancel: %d %s", status, body)
	}
	job, files := "/hosts/0/jobs/"+id, "/hosts/0/files?path="
	tests := []struct {
		name, method, target, body string
		status                     int
		hresult                    string
	}{
		{"an unknown host", "GET", "/hosts/2/jobs", "", 404, ""},
		{"a host that is not a number", "GET", "/hosts/x/jobs", "", 404, ""},
		{"an unknown path", "GET", "/nothing", "", 404, ""},
		{"another method", "PUT", "/hosts/0/jobs", "", 404, ""},
		{"an unknown verb", "POST", job + "/explode", "", 404, ""},
		{"an id that is none", "POST", "/hosts/0/jobs/x/cancel", "", 404, ""},
		{"a job that BITS no longer lists", "POST", "/hosts/0/jobs/" + done + "/cancel", "", 404, "0x80200001"},
		{"a priority that BITS does not know", "POST", job + "/priority", `{"priority":"urgent"}`, 400, ""},
		{"a result that is none", "POST", job + "/fail", `{"hresult":"bad"}`, 400, ""},
		{"a result that is not a failure", "POST", job + "/fail", `{"hresult":"0x00200017"}`, 400, ""},
		{"an unknown field", "POST", job + "/cancel", `{"bye":"x"}`, 400, ""},
		{"more than one body", "POST", job + "/priority", `{"priority":"low"} {}`, 400, ""},
		{"no JSON", "POST", "/hosts/0/clock", "24h", 400, ""},
		{"a code that is none", "POST", "/hosts/0/drive", `{"refusal":"full"}`, 400, ""},
		{"a cost that no network has", "POST", "/hosts/0/network-cost", `{"cost":"cheap"}`, 400, ""},
		{"a reparse point at no path", "POST", "/hosts/0/reparse", `{"path":"a.bin"}`, 400, ""},
		{"an oddity that is none", "POST", "/hosts/0/odd", `{"colour":"red"}`, 400, ""},
		{"a rule that is none", "POST", "/hosts/0/allow", `{"rights":"all"}`, 400, ""},
		{"a share that is none", "POST", "/hosts/0/shares", `{"share":"files"}`, 400, ""},
		{"a policy that is not a number", "POST", "/hosts/0/policies", `{"MaxInternetBandwidth":"none"}`, 400, ""},
		{"no duration", "POST", "/hosts/0/clock", `{"advance":"a day"}`, 400, ""},
		{"a clock that goes back", "POST", "/hosts/0/clock", `{"advance":"-1s"}`, 400, ""},
		{"an unknown log", "POST", "/hosts/0/clear-log", `{"log":"Security"}`, 404, ""},
		{"no file", "GET", "/hosts/0/files", "", 400, ""},
		{"a path that is none", "GET", files + "a.bin", "", 400, ""},
		{"a missing file", "GET", files + `C:%5Ct%5Cnone.bin`, "", 404, ""},
		{"a missing folder", "PUT", files + `C:%5Cnone%5Ca.bin`, "", 404, "0x80070003"},
		{"a folder", "DELETE", files + `C:%5CWindows`, "", 404, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			status, body := r.ask(test.method, test.target, test.body)
			if status != test.status {
				t.Fatalf("status %d, want %d: %s", status, test.status, body)
			}
			var answer struct{ HResult, Message string }
			if err := json.Unmarshal([]byte(body), &answer); err != nil {
				t.Fatalf("%v: %s", err, body)
			}
			if answer.Message == "" || answer.HResult != test.hresult {
				t.Errorf("no message, or another hresult than %q: %s", test.hresult, body)
			}
		})
	}
}

func TestTheServiceStopsAndStarts(t *testing.T) {
	r := newControlRig(t)
	id := string(r.job(t, r.hosts[0]))
	for _, step := range []struct {
		method, target string
		status         int
		hresult        string
	}{
		{http.MethodPost, "/hosts/0/stop-bits", 200, ""},
		{http.MethodGet, "/hosts/0/jobs", 409, "0x80070426"},
		{http.MethodPost, "/hosts/0/jobs/" + id + "/resume", 409, "0x80070426"},
		{http.MethodPost, "/hosts/0/jobs/" + id + "/fail", 409, "0x80070426"},
		{http.MethodPost, "/hosts/0/start-bits", 200, ""},
		{http.MethodPost, "/hosts/0/pause", 200, ""},
		{http.MethodPost, "/hosts/0/jobs/" + id + "/resume", 200, ""},
		{http.MethodPost, "/hosts/0/run", 200, ""},
	} {
		body := ""
		if strings.HasSuffix(step.target, "/fail") {
			body = `{"hresult":"0x80190194"}`
		}
		status, body := r.ask(step.method, step.target, body)
		if status != step.status || step.hresult != "" && !strings.Contains(body, `"hresult":"`+step.hresult+`"`) {
			t.Errorf("%s: %d %s, want %d %s", step.target, status, body, step.status, step.hresult)
		}
	}
	await(t, r.hosts[0], bits.JobID(id), bits.StateTransferred)
}

func TestADriveThatTakesNoMoreBytes(t *testing.T) {
	r := newControlRig(t)
	h := r.hosts[0]
	id := r.job(t, h)
	for _, step := range []struct {
		verb, body string
		want       bits.HResult // of the job; 0: it is transferred
	}{
		{"drive", `{"free":4}`, 0},
		{"jobs/" + string(id) + "/resume", "", 0x80070070},
		{"drive", `{"free":10000000,"refusal":"0x80070013"}`, 0x80070070},
		{"jobs/" + string(id) + "/resume", "", 0x80070013},
		{"drive", `{"refusal":""}`, 0x80070013},
		{"jobs/" + string(id) + "/resume", "", 0},
	} {
		if status, body := r.ask(http.MethodPost, "/hosts/0/"+step.verb, step.body); status != http.StatusOK || body != "{}" {
			t.Fatalf("%s %s: %d %s", step.verb, step.body, status, body)
		}
		if step.verb == "drive" {
			continue
		}
		if step.want == 0 {
			await(t, h, id, bits.StateTransferred)
			continue
		}
		await(t, h, id, bits.StateError)
		if job, err := h.BITS.Job(h.Account, id); err != nil || job.Error.HResult != step.want {
			t.Errorf("after %s %s the job is %+v, %v", step.verb, step.body, job.Error, err)
		}
	}
}

func TestWhatKeepsJobsFromMoving(t *testing.T) {
	r := newControlRig(t)
	h := r.hosts[0]
	id := r.job(t, h)
	for _, step := range []struct {
		verb, body string
		want       bits.HResult // 0: the job is transferred
	}{
		{"network-down", "", 0x80200010},
		{"jobs/" + string(id) + "/resume", "", 0x80200010},
		{"policies", `{"MaxInternetBandwidth":0}`, 0x80200010},
		{"network-up", "", 0x8020003E},
		{"network-cost", `{"cost":"capped"}`, 0x8020003E},
		{"policies", `{}`, 0x80200059},
		{"network-cost", "", 0},
	} {
		if status, body := r.ask(http.MethodPost, "/hosts/0/"+step.verb, step.body); status != http.StatusOK || body != "{}" {
			t.Fatalf("%s: %d %s", step.verb, status, body)
		}
		job, err := h.BITS.Job(h.Account, id)
		switch {
		case err != nil:
			t.Fatal(err)
		case step.want == 0:
			await(t, h, id, bits.StateTransferred)
		case job.State == bits.StateSuspended && step.verb == "network-down":
		case job.Error == nil || job.Error.HResult != step.want:
			t.Errorf("after %s %s the job is %s with %+v", step.verb, step.body, job.State, job.Error)
		}
	}
}

func TestTheClockIsOneHosts(t *testing.T) {
	r := newControlRig(t)
	status, body := r.ask(http.MethodPost, "/hosts/1/clock", `{"advance":"24h"}`)
	if status != http.StatusOK || body != `{"now":"2026-01-03T03:04:05Z"}` {
		t.Errorf("got %d %s", status, body)
	}
	if now := r.hosts[0].Clock.Now(); !now.Equal(started) {
		t.Errorf("the other host's clock is %s", now)
	}
}

func TestFiles(t *testing.T) {
	r := newControlRig(t)
	target := "/hosts/0/files?path=" + url.QueryEscape(`C:\ProgramData\a b.bin`)
	const want = `{"size":5,"sha256":"2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824",` +
		`"modified":"2026-01-02T04:04:05Z"}`
	r.hosts[0].Clock.Advance(time.Hour)
	for _, method := range []string{http.MethodPut, http.MethodGet} {
		status, body := r.ask(method, target, "hello")
		if status != http.StatusOK || body != want {
			t.Errorf("%s: %d %s", method, status, body)
		}
	}
	if status, body := r.ask(http.MethodDelete, target, ""); status != http.StatusOK {
		t.Errorf("delete: %d %s", status, body)
	}
	if status, _ := r.ask(http.MethodGet, target, ""); status != http.StatusNotFound {
		t.Errorf("after the deletion: %d", status)
	}
}

func TestAShareHasFilesAndAccounts(t *testing.T) {
	r := newControlRig(t)
	h := r.hosts[0]
	target := "/hosts/0/files?path=" + url.QueryEscape(`\\files\pub\p.cab`)
	if status, _ := r.ask(http.MethodPut, target, "hello"); status != http.StatusConflict {
		t.Errorf("before the share is made: %d", status)
	}
	for _, step := range []struct {
		accounts string
		want     bits.State
	}{
		{`[]`, bits.StateError},
		{`["` + strings.ReplaceAll(h.Account.Account, `\`, `\\`) + `"]`, bits.StateTransferred},
	} {
		body := `{"share":"\\\\files\\pub","accounts":` + step.accounts + `}`
		if status, answer := r.ask(http.MethodPost, "/hosts/0/shares", body); status != http.StatusOK {
			t.Fatalf("%d %s", status, answer)
		}
		if status, answer := r.ask(http.MethodPut, target, "hello"); status != http.StatusOK || !strings.Contains(answer, `"size":5`) {
			t.Fatalf("%d %s", status, answer)
		}
		id, err := h.BITS.CreateJob(h.Account, "a copy", bits.Download)
		if err != nil {
			t.Fatal(err)
		}
		spec := bits.FileSpec{RemoteName: `\\files\pub\p.cab`, LocalName: `C:\t\p.cab`}
		if err := errors.Join(h.BITS.AddFile(h.Account, id, spec), h.BITS.Resume(h.Account, id)); err != nil {
			t.Fatal(err)
		}
		await(t, h, id, step.want)
	}
}

func TestStats(t *testing.T) {
	r := newControlRig(t)
	r.hosts[0].meter.HTTPRequests.Add(2)
	r.hosts[1].meter.HTTPRequests.Add(3)
	r.hosts[1].meter.ShellsOpen.Add(1)
	const form = `{"http_requests":%d,"shells_opened":0,"shells_open":%d,"commands_started":0,"powershell_starts":0,` +
		`"bytes_in":0,"bytes_out":0,"logons":0,"failed_logons":0,"connections":0,"scheduled_tasks":0,"tasks_registered":0,"processes":0}`
	for _, step := range []struct {
		method, target, want string
	}{
		{http.MethodGet, "/hosts/1/stats", fmt.Sprintf(form, 3, 1)},
		{http.MethodGet, "/stats", fmt.Sprintf(form, 5, 1)},
		{http.MethodDelete, "/hosts/1/stats", `{}`},
		{http.MethodGet, "/stats", fmt.Sprintf(form, 2, 1)},
	} {
		status, body := r.ask(step.method, step.target, "")
		if status != http.StatusOK || !bytes.Equal([]byte(body), []byte(step.want)) {
			t.Errorf("%s %s: %d %s, want %s", step.method, step.target, status, body, step.want)
		}
	}
}

func TestTheLogNamesWhoChangedAJob(t *testing.T) {
	r := newControlRig(t)
	id := string(r.job(t, r.hosts[0]))
	if status, body := r.ask(http.MethodPost, "/hosts/0/jobs/"+id+"/cancel", `{"by":"CORP\\ops"}`); status != http.StatusOK {
		t.Fatalf("cancel: %d %s", status, body)
	}
	status, body := r.ask(http.MethodGet, "/hosts/0/events", "")
	var events []machine.Event
	if err := json.Unmarshal([]byte(body), &events); err != nil || status != http.StatusOK {
		t.Fatalf("%d %s: %v", status, body, err)
	}
	var ids []int
	users := map[int]string{}
	for _, e := range events {
		ids = append(ids, e.ID)
		users[e.ID] = e.Fields[0].Value
		if !e.At.Equal(started) {
			t.Errorf("event %d is of %s, want the host's time %s", e.ID, e.At, started)
		}
	}
	if len(ids) != 3 || users[5] != `CORP\ops` || users[16384] != `CORP\ops` {
		t.Errorf("the events are %v by %v", ids, users)
	}
	if _, other := r.ask(http.MethodGet, "/hosts/1/events", ""); other != "[]" {
		t.Errorf("the other host's log has %s", other)
	}
}

func TestALogIsCleared(t *testing.T) {
	r := newControlRig(t)
	for _, body := range []string{`{"log":"Microsoft-Windows-Bits-Client/Operational"}`, ""} {
		r.job(t, r.hosts[0])
		if status, answer := r.ask(http.MethodPost, "/hosts/0/clear-log", body); status != http.StatusOK {
			t.Fatalf("%d %s", status, answer)
		}
		if _, events := r.ask(http.MethodGet, "/hosts/0/events", ""); events != "[]" {
			t.Errorf("after clearing %q the log has %s", body, events)
		}
	}
}
