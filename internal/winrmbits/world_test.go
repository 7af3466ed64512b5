package winrmbits

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/bitsvc"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/machine"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/standin"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/windows"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/agent"
)

// world is the BITS behind the shells of a test, whose downloads come from memory.
type world struct {
	t       *testing.T
	service *bitsvc.Service
	machine standin.Host
	caller  bitsvc.Caller // who the shells run as

	running    atomic.Int64                       // agents as SYSTEM
	killSystem atomic.Pointer[context.CancelFunc] // the last of them
}

// administrator is who the shells run as unless a test says otherwise.
var administrator = bitsvc.Caller{Account: `WEB00\ops`, SID: "S-1-5-21-1-2-3-500", Elevated: true, LoggedOn: true}

func newWorld(t *testing.T) *world {
	t.Helper()
	d, err := machine.NewDrive(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	c := machine.NewClock()
	service := bitsvc.New(bitsvc.Options{Clock: c, Drive: d, Client: &http.Client{Transport: memory{}}})
	w := &world{t: t, service: service, caller: administrator}
	w.machine = standin.Host{Service: service, Drive: d, Clock: c, Pipes: &windows.Pipes{}, Computer: "WEB00"}
	w.machine.Tasks = windows.NewScheduler(c, &machine.Meter{}, w.startTask)
	return w
}

// startTask starts what a scheduled task says.
func (w *world) startTask(ctx context.Context, caller bitsvc.Caller, line string, stdin io.Reader, stdout, stderr io.Writer) int {
	ctx, kill := context.WithCancel(ctx)
	defer kill()
	w.killSystem.Store(&kill)
	w.running.Add(1)
	defer w.running.Add(-1)
	return standin.Run(ctx, w.machine, line, caller, stdin, stdout, stderr)
}

// memory serves every URL with the same bytes.
type memory struct{}

func (memory) RoundTrip(r *http.Request) (*http.Response, error) {
	recorder := httptest.NewRecorder()
	recorder.Header().Set("ETag", `"one"`)
	http.ServeContent(recorder, r, "payload.bin", time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), strings.NewReader("payload"))
	return recorder.Result(), nil
}

// standIn is the program that speaks for a real agent.
func (w *world) standIn(ctx context.Context, commandLine string, stdin io.Reader, stdout, stderr io.Writer) int {
	return standin.Run(ctx, w.machine, commandLine, w.caller, stdin, stdout, stderr)
}

// jobs gives the display names of what BITS lists.
func (w *world) jobs() []string {
	w.t.Helper()
	list, err := w.service.Jobs(administrator, true)
	if err != nil {
		w.t.Error(err)
	}
	names := make([]string, 0, len(list))
	for _, job := range list {
		names = append(names, job.DisplayName)
	}
	return names
}

// job makes a suspended job on the host, behind the client's back.
func (w *world) job(name string) bits.JobID {
	w.t.Helper()
	id, err := w.service.CreateJob(administrator, name, bits.Download)
	if err == nil {
		err = w.service.AddFile(administrator, id, file(name))
	}
	if err != nil {
		w.t.Fatal(err)
	}
	return id
}

// transferred makes a job that has its files.
func (w *world) transferred(name string) bits.JobID {
	w.t.Helper()
	id := w.job(name)
	if err := w.service.Resume(administrator, id); err != nil {
		w.t.Fatal(err)
	}
	if err := w.service.WaitState(w.t.Context(), id, bits.StateTransferred); err != nil {
		w.t.Fatal(err)
	}
	return id
}

func file(name string) bits.FileSpec {
	name = strings.ReplaceAll(name, " ", "-")
	return bits.FileSpec{RemoteName: "http://files.example/" + name, LocalName: folder + name}
}

func spec(name string) bits.Spec {
	return bits.Spec{DisplayName: name, TransferType: bits.Download, Priority: bits.PriorityNormal, Files: []bits.FileSpec{file(name)}}
}

// pause is a line that is none: the agent waits a second instead.
const pause = "pause"

// scripted is a program whose agent answers as a function says: say gives the lines of an answer, each without the
// token, and is asked for every line that carries the token. It ends when the function gives nil.
func scripted(say func(n int, request agent.Request) []string) program {
	return func(_ context.Context, _ string, stdin io.Reader, stdout, _ io.Writer) int {
		lines := bufio.NewScanner(stdin)
		lines.Buffer(nil, agent.MaxLine)
		uploaded := false
		for n := 1; lines.Scan(); {
			if !uploaded {
				uploaded = lines.Text() == agent.EndOfUpload
				continue
			}
			token, object, ok := bytes.Cut(lines.Bytes(), []byte(" "))
			if !ok || len(token) != agent.TokenLength {
				continue
			}
			var request agent.Request
			_ = json.Unmarshal(object, &request)
			answer := say(n, request)
			if answer == nil {
				return agent.ExitDeadline
			}
			n++
			for _, line := range answer {
				if line == pause {
					pass(time.Second)
					continue
				}
				_, _ = fmt.Fprintf(stdout, "%s %s\n", token, line)
			}
		}
		return agent.ExitBye
	}
}

// greeting is the answer to a first batch that asks for nothing but hello.
func greeting() []string {
	return []string{fmt.Sprintf(`{"b":1,"r":[{"i":0,"v":{"protocol":%[1]d}},{"i":1,"v":{"protocol":%[1]d}}],"end":true}`, agent.Protocol)}
}
