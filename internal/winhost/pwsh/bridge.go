// SPDX-License-Identifier: MPL-2.0

package pwsh

import (
	"bufio"
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"strconv"
	"sync"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/bitsvc"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/machine"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/windows"
)

// maxCall bounds one call, in bytes.
const maxCall = 4 << 20

// bridge is how the stand-ins in one PowerShell process reach the host's BITS service: what COM is on Windows. It
// serves one TCP connection on loopback, JSON lines both ways, for one caller.
type bridge struct {
	service *bitsvc.Service
	drive   *machine.Drive
	tasks   *windows.Scheduler
	pipes   *windows.Pipes
	caller  bitsvc.Caller

	odd      *windows.Oddities
	listener net.Listener
	served   chan struct{}
	jobs     map[bits.JobID]*bitsvc.Handle // that the process holds
	made     []*windows.Pipe               // by the process

	mu   sync.Mutex
	conn net.Conn // nil before the process connects
}

// openBridge listens for the process.
func openBridge(ctx context.Context, h Host, caller bitsvc.Caller) (*bridge, error) {
	var lc net.ListenConfig
	listener, err := lc.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("open the bridge to BITS: %w", err)
	}
	d := &bridge{
		service: h.Service, drive: h.Drive, tasks: h.Tasks, pipes: h.Pipes, caller: caller, odd: h.Setup.Odd,
		listener: listener, served: make(chan struct{}), jobs: map[bits.JobID]*bitsvc.Handle{},
	}
	go d.serve()
	return d, nil
}

// close ends the bridge when the process has ended.
func (d *bridge) close() {
	_ = d.listener.Close()
	d.mu.Lock()
	if d.conn != nil {
		_ = d.conn.Close()
	}
	d.mu.Unlock()
	<-d.served
	d.closePipes()
}

// environment is what the process learns of the host and its account.
func (d *bridge) environment(h Host) []string {
	at, _ := d.listener.Addr().(*net.TCPAddr)
	return append(append(h.Setup.Environment(), pipeEnvironment()...),
		"WINHOST_WINDOWS="+h.Windows,
		"WINHOST_MODULE="+h.Module,
		"WINHOST_LIMITS="+strconv.FormatFloat(cmp.Or(h.Limits, 1), 'f', -1, 64),
		"WINHOST_BRIDGE="+strconv.Itoa(at.Port),
		"WINHOST_ACCOUNT="+d.caller.Account,
		"WINHOST_SID="+d.caller.SID,
		"WINHOST_ELEVATED="+strconv.FormatBool(d.caller.Elevated),
	)
}

// serve answers the calls of the one connection.
func (d *bridge) serve() {
	defer close(d.served)
	conn, err := d.listener.Accept()
	if err != nil {
		return // the process ended without a call
	}
	d.mu.Lock()
	d.conn = conn
	d.mu.Unlock()
	_ = d.listener.Close()
	defer func() { _ = conn.Close() }()
	lines := bufio.NewScanner(conn)
	lines.Buffer(nil, maxCall)
	answers := json.NewEncoder(conn)
	for lines.Scan() {
		var c call
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			return // not one of the stand-ins
		}
		if err := answers.Encode(d.answer(c)); err != nil {
			return
		}
	}
}

// call is one call of a stand-in function. Which fields matter depends on Name.
type call struct {
	Name     string   `json:"call"`
	ID       string   `json:"id"`
	IDs      []string `json:"ids"`
	AllUsers bool     `json:"all_users"`
	Text     string   `json:"text"`
	Local    string   `json:"local"`
	Log      string   `json:"log"`
	AtMost   int      `json:"at_most"`

	Set  settings               `json:"set"` // the properties of set-properties
	Task windows.TaskDefinition `json:"task"`
}

// answer is the answer to a call: the result, or why it was refused.
type answer struct {
	IDs   []text       `json:"ids,omitempty"`
	Names []text       `json:"names,omitempty"` // of the ids
	Jobs  []job        `json:"jobs,omitempty"`
	Odd   *windows.Odd `json:"odd,omitempty"` // beside jobs: how they are shown
	Found bool         `json:"found"`

	Rules   []machine.AccessRule `json:"rules,omitempty"`
	Reparse *machine.Reparse     `json:"reparse,omitempty"`
	Numbers map[string]int32     `json:"numbers,omitempty"` // of the registry, as .NET spells them
	Text    text                 `json:"text"`
	Tasks   []task               `json:"tasks,omitempty"`
	HResult int32                `json:"hresult"` // 0: it worked; as .NET spells it, negative for a failure
}

// answer carries a call out.
func (d *bridge) answer(c call) answer {
	a, err := d.perform(c)
	if err == nil {
		return a
	}
	var refusal *bits.Error
	if !errors.As(err, &refusal) {
		refusal = &bits.Error{HResult: 0x80004005, Text: err.Error()} // E_FAIL
	}
	return answer{HResult: int32(refusal.HResult), Text: text(refusal.Text)} //nolint:gosec // the same 32 bits, signed
}

// perform carries a call out.
func (d *bridge) perform(c call) (answer, error) {
	id := bits.JobID(c.ID)
	switch c.Name {
	case "pipe-make", "pipe-owner", "task-register", "task-run", "task-delete", "task-list":
		return d.start(c)
	case "directory":
		return answer{Found: d.drive.DirExists(c.Local)}, nil
	case "now":
		return answer{Text: text(d.service.Now().Format(time.RFC3339Nano))}, nil
	case "access":
		return answer{Rules: d.drive.Access(c.Local)}, nil
	case "reparse":
		return d.reparse(c)
	case "place":
		place, err := d.drive.Place(c.Local)
		return answer{Text: text(place)}, err
	case "events":
		return d.events(c)
	case "service-status":
		status, err := d.service.Status()
		return answer{Text: text(status)}, err
	case "free-bytes":
		free, err := d.drive.Free(c.Local)
		return answer{Text: text(strconv.FormatUint(free, 10))}, err
	case "machine-key":
		key, err := d.service.Registry(c.Text)
		numbers := map[string]int32{}
		for name, n := range key {
			numbers[name] = int32(n) //nolint:gosec // the same 32 bits, signed
		}
		return answer{Numbers: numbers}, err
	case "logged-on":
		if !d.caller.Elevated { // Get-Process -IncludeUserName is for administrators
			return answer{}, errors.New("the 'IncludeUserName' parameter requires elevated user rights")
		}
		return answer{Found: d.service.LoggedOn(c.Text)}, nil
	case "registry-value":
		value, err := d.service.Value(c.Text)
		return answer{Found: value != nil, Text: text(base64.StdEncoding.EncodeToString(value))}, err
	case "sid":
		return d.sid(c.Text)
	case "list":
		return d.list(c.AllUsers, c.Text == "names")
	case "read":
		return d.read(c.IDs, d.service.OpenListed)
	case "create":
		made, err := d.service.CreateJob(d.caller, c.Text, bits.TransferType(c.ID))
		if err != nil {
			return answer{}, err
		}
		return d.read([]string{string(made)}, d.service.OpenListed)
	case "open":
		return d.read([]string{c.ID}, d.open)
	}
	held := d.jobs[id]
	if held == nil {
		return answer{}, fmt.Errorf("%s: the process holds no such job", c.Name)
	}
	return answer{}, change(held, c)
}

// change carries a call on a job that the process holds out.
func change(h *bitsvc.Handle, c call) error {
	var err error
	switch c.Name {
	case "add-file":
		err = h.AddFile(bits.FileSpec{RemoteName: c.Text, LocalName: c.Local})
	case "set-priority":
		err = h.SetPriority(bits.Priority(c.Text))
	case "set-description":
		err = h.SetDescription(c.Text)
	case "set-display-name":
		err = h.SetDisplayName(c.Text)
	case "set-properties":
		err = h.SetProperties(c.Set.properties())
	case "suspend":
		err = h.Suspend()
	case "resume":
		err = h.Resume()
	case "complete":
		err = success(h.Complete())
	case "cancel":
		err = success(h.Cancel())
	default:
		err = fmt.Errorf("unknown call %q", c.Name)
	}
	return err
}

// success makes an error of a success with a reservation. What the real cmdlets do with one is not known: an error is
// the harder case for their callers.
func success(h bits.HResult, err error) error {
	if err == nil && h != 0 {
		err = &bits.Error{HResult: h}
	}
	return err
}

// list returns the ids of jobs, and their names where those are looked for; read returns the jobs.
func (d *bridge) list(allUsers, named bool) (answer, error) {
	jobs, err := d.service.Jobs(d.caller, allUsers)
	if err != nil {
		return answer{}, err
	}
	var a answer
	for _, j := range jobs {
		a.IDs = append(a.IDs, text(j.ID))
		if named {
			a.Names = append(a.Names, text(j.DisplayName))
		}
	}
	return a, nil
}

// read returns jobs, which the process holds from then on. A job that ended since it was listed is left out of many,
// and refused alone.
func (d *bridge) read(ids []string, open func(bitsvc.Caller, bits.JobID) (*bitsvc.Handle, bits.Job, error)) (answer, error) {
	odd := d.odd.Now()
	odd.Unreadable = nil // each job says that
	a := answer{Odd: &odd}
	for _, raw := range ids {
		id := bits.JobID(raw)
		handle, snapshot, err := open(d.caller, id)
		switch {
		case err != nil && len(ids) == 1:
			return answer{}, err
		case err == nil:
			d.jobs[id] = handle
			shown := snapshotOf(snapshot)
			shown.Unreadable, _ = d.odd.Unreadable(id)
			a.Jobs = append(a.Jobs, shown)
		}
	}
	return a, nil
}

// open opens a job by its id.
func (d *bridge) open(c bitsvc.Caller, id bits.JobID) (*bitsvc.Handle, bits.Job, error) {
	handle, err := d.service.Open(c, id)
	if err != nil {
		return nil, bits.Job{}, err
	}
	snapshot, err := d.service.Job(c, id)
	return handle, snapshot, err
}

// sid translates the name of an account that owns a job.
func (d *bridge) sid(account string) (answer, error) {
	jobs, err := d.service.Jobs(bitsvc.Caller{System: true}, true)
	if err != nil {
		return answer{}, err
	}
	for _, j := range jobs {
		if j.Owner.Name == account {
			return answer{Found: true, Text: text(j.Owner.SID)}, nil
		}
	}
	return answer{}, nil
}

// reparse looks for a reparse point at a place. Reading it may be refused, where looking at the attributes is not.
func (d *bridge) reparse(c call) (answer, error) {
	r, found := d.drive.Reparse(c.Local)
	if found && c.Text == "read" && r.Answer != 0 {
		return answer{}, machine.Refuse(r.Answer, c.Local)
	}
	return answer{Found: found, Reparse: &r}, nil
}
