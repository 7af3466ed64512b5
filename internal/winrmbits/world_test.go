// SPDX-License-Identifier: MPL-2.0

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

// world is the host behind the shells of a test. Its downloads come from memory.
type world struct {
	t       *testing.T
	service *bitsvc.Service
	machine standin.Host
	caller  bitsvc.Caller // the account that the shells run as

	running    atomic.Int64                       // agents as SYSTEM
	killSystem atomic.Pointer[context.CancelFunc] // the last of them
}

// administrator is the account that the shells run as unless a test changes it.
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

// startTask starts the program of a scheduled task.
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

// standIn is a program that runs the Go agent.
func (w *world) standIn(ctx context.Context, commandLine string, stdin io.Reader, stdout, stderr io.Writer) int {
	return standin.Run(ctx, w.machine, commandLine, w.caller, stdin, stdout, stderr)
}

// jobs returns the display names of the jobs on the host.
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

// job creates a suspended job on the host, without the client.
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

// transferred creates a transferred job.
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

// pause is a second in which the agent writes nothing.
const pause = "pause"

// scripted is a program whose agent answers as say does, for every line with the token: say returns the lines of an answer,
// each without the token, or nil to end the agent.
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
				if _, err := fmt.Fprintf(stdout, "%s %s\n", token, line); err != nil {
					return agent.ExitPeer
				}
			}
		}
		return agent.ExitEnd
	}
}

// script has the first shell run an agent that answers the first batch, of hello alone, and then as say does, which counts
// from the second batch. Later shells run the stand-in.
func (r *rig) script(say func(n int, request agent.Request) []string) {
	r.program = func(shell int) program {
		if shell > 1 {
			return nil
		}
		return scripted(func(n int, request agent.Request) []string {
			if n == 1 {
				return []string{answerTo(request, func() string { return "" })}
			}
			return say(n-1, request)
		})
	}
}

// answer has all shells run an agent that answers every operation but hello with value.
func (r *rig) answer(value func() string) {
	r.program = func(int) program {
		return scripted(func(_ int, request agent.Request) []string { return []string{answerTo(request, value)} })
	}
}

// answerTo is the answer of an agent that has value for every operation but hello.
func answerTo(request agent.Request, value func() string) string {
	var results []string
	for i, op := range request.Ops {
		v := `{}`
		if op.Name != agent.OpHello {
			v = value()
		}
		results = append(results, fmt.Sprintf(`{"i":%d,"v":%s}`, i, v))
	}
	return fmt.Sprintf(`{"b":%d,"r":[%s],"end":true}`, request.B, strings.Join(results, ","))
}
