// Command bench compares what this provider's client costs a host with what one-shot shells cost it: a shell and a
// powershell.exe for every operation, as providers have that run scripts through masterzen/winrm's client. Both work on
// the same simulated host, which counts.
//
// It prints a table for a refresh of many jobs and one for a change of each.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"text/tabwriter"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/bitsvc"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/logon"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	switch {
	case errors.Is(err, flag.ErrHelp):
	case err != nil:
		fmt.Fprintf(os.Stderr, "bench: %v\n", err)
		os.Exit(1)
	}
}

// parallelism is Terraform's default number of concurrent operations.
const parallelism = 10

// run measures and prints.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) (err error) {
	// Both log on by Basic, which costs one-shot shells the least.
	c := winhost.Config{Security: winhost.Security{Auth: []logon.Scheme{logon.Basic}}}
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.SetOutput(stderr)
	jobs := flags.Int("jobs", 50, "number of jobs on the host")
	flags.DurationVar(&c.RTT, "rtt", 20*time.Millisecond, "round trip of every HTTP exchange")
	flags.DurationVar(&c.StartDelay, "start-delay", 600*time.Millisecond, "time that a start of PowerShell takes")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() > 0 || *jobs < 1 || c.RTT < 0 || c.StartDelay < 0 {
		return errors.New("at least one job is needed, no flag may be negative, and there are no arguments")
	}
	network, err := winhost.Start(c)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, network.Close()) }()
	ids, err := prepare(network, *jobs)
	if err != nil {
		return err
	}
	fmt.Fprintf(stdout, "%d jobs on a simulated host, %d operations at a time, a round trip of %s, %s for a start of PowerShell.\n", *jobs, parallelism, c.RTT, c.StartDelay)
	for _, w := range works() {
		ours, err := measure(ctx, network.Host(0), func(ctx context.Context, on *winhost.Host) error { return w.ours(ctx, on, ids) })
		if err != nil {
			return fmt.Errorf("%s: %w", w.name, err)
		}
		theirs, err := measure(ctx, network.Host(0), func(ctx context.Context, on *winhost.Host) error {
			return oneShot(ctx, on, ids, w.script)
		})
		if err != nil {
			return fmt.Errorf("%s, by one-shot shells: %w", w.name, err)
		}
		report(stdout, w.name, ours, theirs)
	}
	fmt.Fprint(stdout, "\nThe one-shot scripts are started and not run: what they would print and how long they would take is not counted.\n")
	return nil
}

// prepare makes the jobs.
func prepare(network *winhost.Network, jobs int) (ids []bits.JobID, err error) {
	owner, service := bitsvc.LocalSystem(), network.Host(0).BITS
	for i := range jobs {
		name := fmt.Sprint("job ", i)
		id, err := service.CreateJob(owner, name, bits.Download)
		if err == nil {
			err = service.AddFile(owner, id, bits.FileSpec{RemoteName: network.FilesURL + "/" + fmt.Sprint(i), LocalName: fmt.Sprintf(`C:\Temp\%d`, i)})
		}
		if err != nil {
			return nil, fmt.Errorf("make a job: %w", err)
		}
		ids = append(ids, id)
	}
	return ids, nil
}

// cost is what a host counted, and how long it took.
type cost struct {
	winhost.Stats
	took time.Duration
}

// measure counts what work costs a host.
func measure(ctx context.Context, on *winhost.Host, work func(context.Context, *winhost.Host) error) (cost, error) {
	on.ResetStats()
	began := time.Now()
	err := work(ctx, on)
	return cost{on.Stats(), time.Since(began)}, err
}

// report writes a table.
func report(w io.Writer, name string, ours, theirs cost) {
	table := tabwriter.NewWriter(w, 0, 0, 3, ' ', tabwriter.AlignRight)
	fmt.Fprintf(table, "\n%s\tthis client\tone-shot shells\tratio\t\n", name)
	for _, row := range []struct {
		name         string
		ours, theirs int64
	}{
		{"HTTP requests", ours.HTTPRequests, theirs.HTTPRequests},
		{"shells", ours.ShellsOpened, theirs.ShellsOpened},
		{"starts of PowerShell", ours.PowerShellStarts, theirs.PowerShellStarts},
		{"connections", ours.Connections, theirs.Connections},
		{"bytes to the host", ours.BytesIn, theirs.BytesIn},
		{"bytes back", ours.BytesOut, theirs.BytesOut},
		{"milliseconds", ours.took.Milliseconds(), theirs.took.Milliseconds()},
	} {
		fmt.Fprintf(table, "%s\t%d\t%d\t%.1f\t\n", row.name, row.ours, row.theirs, float64(row.theirs)/float64(max(row.ours, 1)))
	}
	_ = table.Flush() // stdout may be closed
}
