package main

import (
	"context"
	_ "embed"
	"fmt"
	"path/filepath"
	"strings"
	"text/template"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/winhost/bitsvc"
)

// linkRate is slow enough to watch and fast enough to be short: bytes per second.
const linkRate = 4 << 20

// patience is how long the three jobs may take: many times what they need at that rate.
const patience = 2 * time.Minute

//go:embed main.tf.tmpl
var configText string

// declared is one job of the configuration.
type declared struct {
	Name, Priority string
	Size           int
}

// story is the demonstration, step by step; each step fails when what it tells of is not seen.
type story struct {
	*narrator
	workspace *workspace
	host      admin
	drive     string // the folder that stands for the host's C:
}

func (s *story) tell(ctx context.Context) error {
	jobs := []declared{
		{"urgent", "foreground", 8 << 20},
		{"nightly", "high", 16 << 20},
		{"archive", "low", 256 << 20},
	}
	for _, step := range []func(context.Context, []declared) error{
		s.apply, s.watch, s.complete, s.drift, s.endedBehindTheBack, s.destroy,
	} {
		if err := step(ctx, jobs); err != nil {
			return err
		}
	}
	return nil
}

// configure writes the configuration and gives it.
func (s *story) configure(jobs []declared) (string, error) {
	var config strings.Builder
	err := template.Must(template.New("main.tf").Parse(configText)).Execute(&config, map[string]any{
		"Version": version, "Jobs": jobs,
	})
	if err == nil {
		err = s.workspace.write(config.String())
	}
	if err != nil {
		return "", fmt.Errorf("write the configuration: %w", err)
	}
	return config.String(), nil
}

// apply makes three jobs of different priorities.
func (s *story) apply(ctx context.Context, jobs []declared) error {
	s.chapter("Three jobs of different priorities are declared and applied")
	config, err := s.configure(jobs)
	if err != nil {
		return err
	}
	_, resource, _ := strings.Cut(config, "\nresource ")
	s.quote(lines(config, `\{ priority = `) + "\nresource " + resource)
	if _, err := s.workspace.must(ctx, 0, "init", "-no-color"); err != nil {
		return err
	}
	// Otherwise the job that happens to be made first would begin, whatever its priority.
	if err := s.host.post(ctx, "/pause", nil); err != nil {
		return err
	}
	s.say("BITS on the host is held until all three are there.")
	out, err := s.workspace.must(ctx, 0, "apply", "-auto-approve", "-no-color")
	if err != nil {
		return err
	}
	s.quote(lines(out, `Creation complete|Apply complete`))
	counted, err := s.host.stats(ctx)
	if err != nil {
		return err
	}
	if counted.ShellsOpened > 2 || counted.PowerShellStarts > 2 || counted.ShellsOpen != 0 {
		return fmt.Errorf("plan and apply cost the host more than they should: %+v", counted)
	}
	s.seen("the host counted %d shell(s), %d PowerShell start(s) and %d HTTP requests for plan and apply together",
		counted.ShellsOpened, counted.PowerShellStarts, counted.HTTPRequests)
	if counted.TasksRegistered != 1 || counted.ScheduledTasks != 0 {
		return fmt.Errorf("one scheduled task was to come and to go: %+v", counted)
	}
	s.seen("the jobs are SYSTEM's: one scheduled task started an agent as SYSTEM, and is gone")
	return nil
}

// watch looks at the host until the scheduler has shown its order: foreground runs beside the background, and the
// low job gets nothing before the high one is done.
func (s *story) watch(ctx context.Context, jobs []declared) error {
	s.chapter("BITS obeys the priorities")
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if err := s.host.post(ctx, "/run", nil); err != nil {
		return err
	}
	var seen order
	for round := 0; ; round++ {
		now, err := s.host.jobs(ctx)
		if err != nil {
			return err
		}
		done, err := seen.look(now)
		if round%4 == 0 || done {
			for _, d := range jobs {
				s.bar(d.Name, now[d.Name].Priority, now[d.Name].State, now[d.Name].transferred(), float64(d.Size))
			}
			s.gap()
		}
		if err != nil {
			return err
		}
		if done {
			break
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("wait for the first bytes of the low job: %w", ctx.Err())
		case <-time.After(250 * time.Millisecond):
		}
	}
	s.seen("the foreground job and the high one moved side by side")
	s.seen("the low job got its first bytes only after the high one was transferred")
	return nil
}

// complete has the next apply complete the two jobs that are transferred, and looks at their files.
func (s *story) complete(ctx context.Context, jobs []declared) error {
	s.chapter("The next apply completes what is transferred")
	if err := s.host.post(ctx, "/pause", nil); err != nil {
		return err
	}
	s.say("BITS on the host is held again: the low job stays where it is.")
	out, err := s.workspace.must(ctx, 0, "apply", "-auto-approve", "-no-color")
	if err != nil {
		return err
	}
	s.quote(lines(out, `~ state|Modifications complete|Apply complete`))
	for _, d := range jobs[:2] {
		f, err := s.host.file(ctx, `C:\ProgramData\`+d.Name+".cab")
		if err != nil {
			return err
		}
		if want := bitsvc.FileSHA256("/"+d.Name+".cab", int64(d.Size)); f.SHA256 != want {
			return fmt.Errorf("the file of %s has the SHA-256 %s instead of %s", d.Name, f.SHA256, want)
		}
		s.seen(`C:\ProgramData\%s.cab has its %d bytes, the same as on the server`, d.Name, f.Size)
	}
	return nil
}

// drift changes one priority behind Terraform's back and one in the configuration.
func (s *story) drift(ctx context.Context, jobs []declared) error {
	s.chapter("A priority drifts, another is changed in the configuration")
	jobs = append(jobs, declared{"catalog", "normal", 64 << 20})
	s.say(`A fourth job, "catalog" of normal priority, is declared and applied.`)
	if _, err := s.configure(jobs); err != nil {
		return err
	}
	if _, err := s.workspace.must(ctx, 0, "apply", "-auto-approve", "-no-color"); err != nil {
		return err
	}
	before, err := s.host.jobs(ctx)
	if err != nil {
		return err
	}
	s.say(`An administrator sets the priority of "archive" from low to foreground on the host.`)
	if err := s.host.post(ctx, "/jobs/"+before["archive"].ID+"/priority", map[string]string{"priority": "foreground", "by": `CORP\ops`}); err != nil {
		return err
	}
	s.say(`The configuration changes "catalog" from normal to high.`)
	if _, err := s.configure(with(jobs, "catalog", "high")); err != nil {
		return err
	}
	plan, err := s.workspace.must(ctx, 2, "plan", "-detailed-exitcode", "-no-color")
	if err != nil {
		return err
	}
	s.quote(lines(plan, `# bits_job|~ priority|Plan:`))
	if err := onlyPriorities(plan); err != nil {
		return err
	}
	s.seen("the plan shows both differences, and nothing else")
	out, err := s.workspace.must(ctx, 0, "apply", "-auto-approve", "-no-color")
	if err != nil {
		return err
	}
	s.quote(lines(out, `Modifications complete|Apply complete`))
	now, err := s.host.jobs(ctx)
	if err != nil {
		return err
	}
	for name, want := range map[string]string{"archive": "low", "catalog": "high"} {
		if now[name].Priority != want || now[name].ID != before[name].ID {
			return fmt.Errorf("after the apply the host has %s as job %s with priority %s; before it was job %s", name, now[name].ID, now[name].Priority, before[name].ID)
		}
	}
	s.seen("on the host archive is %s and catalog is %s, the same live jobs as before", now["archive"].Priority, now["catalog"].Priority)
	return nil
}

// endedBehindTheBack saves a plan, ends the job it is about, and applies the plan.
func (s *story) endedBehindTheBack(ctx context.Context, jobs []declared) error {
	s.chapter("A job ends between plan and apply")
	jobs = append(jobs, declared{"catalog", "low", 64 << 20})
	if _, err := s.configure(jobs); err != nil {
		return err
	}
	if _, err := s.workspace.must(ctx, 2, "plan", "-detailed-exitcode", "-no-color", "-out=saved.tfplan"); err != nil {
		return err
	}
	s.say(`The plan (catalog: high -> low) is saved; then somebody completes that job on the host.`)
	now, err := s.host.jobs(ctx)
	if err != nil {
		return err
	}
	if err := s.host.post(ctx, "/jobs/"+now["catalog"].ID+"/complete", map[string]string{"by": `CORP\ops`}); err != nil {
		return err
	}
	out, err := s.workspace.must(ctx, 1, "apply", "-no-color", "saved.tfplan")
	if err != nil {
		return err
	}
	_, message, _ := strings.Cut(out, "Error:")
	s.quote("Error:" + message)
	if err := invalidState(message, now["catalog"].ID, s.host.name); err != nil {
		return err
	}
	s.seen("the error names the job, the host, who completed it and when, and the way out")

	s.say("The change is taken back.")
	if _, err := s.configure(with(jobs, "catalog", "high")); err != nil {
		return err
	}
	if out, err = s.workspace.must(ctx, 2, "plan", "-detailed-exitcode", "-no-color"); err != nil {
		return err
	}
	s.quote(lines(out, `BITS Job Was Completed|~ state|Plan:`))
	if err := onlyAcknowledged(out); err != nil {
		return err
	}
	if _, err = s.workspace.must(ctx, 0, "apply", "-auto-approve", "-no-color"); err != nil {
		return err
	}
	if out, err = s.workspace.must(ctx, 0, "plan", "-detailed-exitcode", "-no-color"); err != nil {
		return err
	}
	s.quote(lines(out, `No changes`))
	s.seen("the completion is recorded once, in place; the job that somebody completed is not transferred again")
	return nil
}

// destroy removes everything and looks whether anything is left.
func (s *story) destroy(ctx context.Context, _ []declared) error {
	s.chapter("Everything is destroyed")
	out, err := s.workspace.must(ctx, 0, "destroy", "-auto-approve", "-no-color")
	if err != nil {
		return err
	}
	s.quote(lines(out, `Destroy complete`))
	now, err := s.host.jobs(ctx)
	if err != nil {
		return err
	}
	counted, err := s.host.stats(ctx)
	if err != nil {
		return err
	}
	temporary, err := filepath.Glob(filepath.Join(s.drive, "*", "BIT*.tmp"))
	if err != nil {
		return fmt.Errorf("look for temporary files of BITS: %w", err)
	}
	if len(now) != 0 || counted.ShellsOpen != 0 || counted.ScheduledTasks != 0 || counted.Processes != 0 || len(temporary) != 0 {
		return fmt.Errorf("left on the host: %d job(s), %+v, temporary files %v", len(now), counted, temporary)
	}
	s.seen("the host lists no job, has no shell, task or process of the provider and keeps no half a file; the files that were completed stay")
	return nil
}

// with gives the jobs with one priority changed.
func with(jobs []declared, name, priority string) []declared {
	changed := append([]declared(nil), jobs...)
	for i := range changed {
		if changed[i].Name == name {
			changed[i].Priority = priority
		}
	}
	return changed
}
