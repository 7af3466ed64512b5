// SPDX-License-Identifier: MPL-2.0

package main

import (
	"bufio"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"net"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/go-plugin"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"google.golang.org/grpc"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/provider"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost"
)

var cycles = flag.Int("cycles", 5, "cycles of an apply and a plan that one process of the provider serves in TestSoak")

const (
	soaked  = 4         // jobs
	warmUp  = 2         // cycles before the first look
	heapCap = 100 << 10 // bytes that a cycle may leave
	slack   = 15        // goroutines and descriptors of connections that are about to end; a cycle makes five
)

// TestSoak has one process of the provider serve many commands, as it does with -debug: each cycle is an apply that changes the
// priority of every job, and a plan. Neither memory that is used nor goroutines nor descriptors grow with their number.
func TestSoak(t *testing.T) {
	network, err := winhost.Start(winhost.Config{Limits: 10})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := network.Close(); err != nil {
			t.Error(err)
		}
	})
	network.Host(0).BITS.Pause()
	p := startSoaked(t, network)
	for range warmUp {
		p.cycle()
	}
	first := p.look()
	t.Logf("%5s %s", "cycle", "use")
	t.Logf("%5d %s", 0, first)
	last := first
	for n := 1; n <= *cycles; n++ {
		p.cycle()
		p.check(network.Host(0))
		if n%max(*cycles/10, 1) == 0 {
			last = p.look()
			t.Logf("%5d %s", n, last)
		}
	}
	if grown := (last.Heap - first.Heap) / *cycles; grown > heapCap {
		t.Errorf("each cycle leaves %d bytes in the heap", grown)
	}
	if last.Goroutines > first.Goroutines+slack || last.Descriptors > first.Descriptors+slack {
		t.Errorf("after %d cycles the process uses %s, and it used %s before", *cycles, last, first)
	}
}

// check expects that the last apply had its effect.
func (p *soakedProvider) check(host *winhost.Host) {
	p.t.Helper()
	jobs, err := host.BITS.Jobs(host.Account, true)
	if err != nil || len(jobs) != soaked {
		p.t.Fatalf("%d jobs, %v", len(jobs), err)
	}
	for _, job := range jobs {
		if (job.Priority == bits.PriorityHigh) != p.high {
			p.t.Fatalf("%s has priority %s", job.DisplayName, job.Priority)
		}
	}
}

// use is what a process uses.
type use struct {
	Heap        int // bytes after a garbage collection
	Resident    int // kB; 0 where the system does not report it
	Goroutines  int
	Descriptors int // 0 where the system does not report it
}

func (u use) String() string {
	return fmt.Sprintf("%.1f MB of heap, %d MB resident, %d goroutines, %d descriptors",
		float64(u.Heap)/1e6, u.Resident/1000, u.Goroutines, u.Descriptors)
}

// reportUse writes what this process uses for every line of its standard input.
func reportUse() {
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		runtime.GC()
		runtime.GC() // finalizers have run
		var memory runtime.MemStats
		runtime.ReadMemStats(&memory)
		now := use{Heap: int(memory.HeapAlloc), Goroutines: runtime.NumGoroutine()}
		if status, err := os.ReadFile("/proc/self/status"); err == nil {
			_, after, _ := strings.Cut(string(status), "VmRSS:")
			_, _ = fmt.Sscan(after, &now.Resident)
		}
		if open, err := os.ReadDir("/proc/self/fd"); err == nil {
			now.Descriptors = len(open)
		}
		text, err := json.Marshal(now)
		if err != nil {
			panic(err)
		}
		fmt.Println(string(text))
	}
}

// soakedProvider is a process of the provider, and the state of its jobs.
type soakedProvider struct {
	t       *testing.T
	ask     func() string // asks for a line of output
	attach  plugin.ReattachConfig
	config  []byte // of the provider
	typ     tftypes.Object
	jobs    []soakedJob
	command *grpc.ClientConn // of the CLI's present walk
	high    bool
}

type soakedJob struct {
	config         tftypes.Value
	state, private []byte
}

// startSoaked starts the provider with -debug, and creates its jobs.
func startSoaked(t *testing.T, network *winhost.Network) *soakedProvider {
	t.Helper()
	cmd := exec.CommandContext(context.WithoutCancel(t.Context()), os.Args[0], "-debug")
	host := network.Host(0)
	cmd.Env = append(os.Environ(), role+"=soaked", fmt.Sprintf("BITS_HOST=%s:%d", host.Name, host.Port),
		"BITS_USERNAME="+host.Username, "BITS_PASSWORD="+host.Password, "BITS_CA_FILE="+network.CAFile)
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(os.Interrupt)
		if err := cmd.Wait(); err != nil {
			t.Errorf("the provider ended: %v", err)
		}
	})
	lines := bufio.NewScanner(stdout)
	p := &soakedProvider{t: t}
	p.ask = func() string {
		if _, err := fmt.Fprintln(stdin); err != nil {
			t.Fatal(err)
		}
		if !lines.Scan() {
			t.Fatalf("the provider reports nothing: %v", lines.Err())
		}
		return lines.Text()
	}
	for found := false; !found; {
		if !lines.Scan() {
			t.Fatalf("the provider did not start: %v", lines.Err())
		}
		var text string
		if _, text, found = strings.Cut(lines.Text(), "TF_REATTACH_PROVIDERS='"); found {
			p.parse(strings.TrimSuffix(text, "'"))
			lines.Scan() // an empty line
		}
	}
	p.declare(network)
	return p
}

// parse reads the value of TF_REATTACH_PROVIDERS.
func (p *soakedProvider) parse(value string) {
	p.t.Helper()
	var providers map[string]struct {
		Pid             int
		ProtocolVersion int
		Addr            struct{ Network, String string }
	}
	if err := json.Unmarshal([]byte(value), &providers); err != nil || len(providers) != 1 {
		p.t.Fatalf("%s: %v", value, err)
	}
	for _, served := range providers {
		p.attach = plugin.ReattachConfig{
			Protocol: plugin.ProtocolGRPC, ProtocolVersion: served.ProtocolVersion, Pid: served.Pid, Test: true,
			Addr: &net.UnixAddr{Net: served.Addr.Network, Name: served.Addr.String},
		}
	}
}

// declare configures jobs that do not exist yet.
func (p *soakedProvider) declare(network *winhost.Network) {
	p.t.Helper()
	server, err := provider.NewServer("test", nil)
	if err != nil {
		p.t.Fatal(err)
	}
	schemas, err := server.GetProviderSchema(p.t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		p.t.Fatal(err)
	}
	p.config = p.packed(filled(schemas.Provider.ValueType(), nil))
	p.typ = schemas.ResourceSchemas["bits_job"].ValueType().(tftypes.Object)
	files := p.typ.AttributeTypes["files"].(tftypes.List)
	none := p.packed(tftypes.NewValue(p.typ, nil))
	for i := range soaked {
		name := fmt.Sprintf("job-%d", i)
		file := filled(files.ElementType, map[string]tftypes.Value{
			"remote_name": stringOf(network.FilesURL + "/" + name + "?size=100"), "local_name": stringOf(`C:\Soak\` + name),
		})
		p.jobs = append(p.jobs, soakedJob{state: none, config: filled(p.typ, map[string]tftypes.Value{
			"display_name": stringOf(name), "files": tftypes.NewValue(files, []tftypes.Value{file}),
			"wait_for_transfer": tftypes.NewValue(tftypes.Bool, false),
		})})
	}
}

func stringOf(s string) tftypes.Value { return tftypes.NewValue(tftypes.String, s) }

// filled returns an object; what is absent is null.
func filled(typ tftypes.Type, set map[string]tftypes.Value) tftypes.Value {
	all := map[string]tftypes.Value{}
	for name, t := range typ.(tftypes.Object).AttributeTypes {
		all[name] = tftypes.NewValue(t, nil)
	}
	maps.Copy(all, set)
	return tftypes.NewValue(typ, all)
}

func (p *soakedProvider) packed(v tftypes.Value) []byte {
	p.t.Helper()
	value, err := tfprotov6.NewDynamicValue(v.Type(), v)
	if err != nil {
		p.t.Fatal(err)
	}
	return value.MsgPack
}

func (p *soakedProvider) look() use {
	p.t.Helper()
	var now use
	if line := p.ask(); json.Unmarshal([]byte(line), &now) != nil {
		p.t.Fatal(line)
	}
	return now
}

// cycle is an apply that changes the priority of all jobs, and a plan that changes nothing. Both begin with a refresh. Each walk of
// a CLI through its configuration is a connection of its own.
func (p *soakedProvider) cycle() {
	p.t.Helper()
	p.high = !p.high
	for _, apply := range []bool{true, false} {
		p.walk(func() {
			for i := range p.jobs {
				p.call("ValidateResourceConfig", message{"config": value(p.packed(p.configOf(i)))})
			}
		})
		var plans []message
		p.walk(func() {
			p.call("ConfigureProvider", message{"config": value(p.config)})
			for i := range p.jobs {
				p.refresh(i)
				plans = append(plans, p.plan(i))
			}
		})
		if apply {
			p.walk(func() {
				p.call("ConfigureProvider", message{"config": value(p.config)})
				for i, plan := range plans {
					p.apply(i, plan)
				}
			})
		}
	}
}

// configOf is the configuration of a job in this cycle.
func (p *soakedProvider) configOf(i int) tftypes.Value { return p.withPriority(p.jobs[i].config) }

func (p *soakedProvider) withPriority(v tftypes.Value) tftypes.Value {
	p.t.Helper()
	var attributes map[string]tftypes.Value
	if err := v.As(&attributes); err != nil {
		p.t.Fatal(err)
	}
	attributes["priority"] = stringOf(map[bool]string{true: "high", false: "low"}[p.high])
	return tftypes.NewValue(p.typ, attributes)
}

func (p *soakedProvider) refresh(i int) {
	p.t.Helper()
	job := &p.jobs[i]
	if !p.exists(i) {
		return
	}
	p.call("UpgradeResourceState", message{"version": 1, "rawState": message{"json": []byte("{}")}})
	read := p.call("ReadResource", message{"currentState": value(job.state), "private": job.private})
	job.state, job.private = read.State, read.Private
}

func (p *soakedProvider) exists(i int) bool {
	return !slices.Equal(p.jobs[i].state, p.packed(tftypes.NewValue(p.typ, nil)))
}

func (p *soakedProvider) plan(i int) message {
	p.t.Helper()
	job := p.jobs[i]
	config := p.configOf(i)
	proposed := config
	if p.exists(i) {
		state, err := (&tfprotov6.DynamicValue{MsgPack: job.state}).Unmarshal(p.typ)
		if err != nil {
			p.t.Fatal(err)
		}
		proposed = p.withPriority(state)
	}
	plan := message{"priorState": value(job.state), "config": value(p.packed(config))}
	planned := p.call("PlanResourceChange", with(plan, message{"proposedNewState": value(p.packed(proposed)), "priorPrivate": job.private}))
	return with(plan, message{"plannedState": value(planned.State), "plannedPrivate": planned.Private})
}

func (p *soakedProvider) apply(i int, plan message) {
	p.t.Helper()
	applied := p.call("ApplyResourceChange", plan)
	p.jobs[i].state, p.jobs[i].private = applied.State, applied.Private
}
