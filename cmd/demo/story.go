// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	_ "embed"
	"fmt"
	"net/http"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"text/template"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/winhost"
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

// story is the demonstration, step by step. It ends at its first error: after it no step does or prints anything.
type story struct {
	*narrator
	workspace *workspace
	host      admin
	drive     string // the folder that is the host's C:
	err       error
}

func (s *story) tell(ctx context.Context) error {
	jobs := []declared{
		{"urgent", "foreground", 8 << 20},
		{"nightly", "high", 16 << 20},
		{"archive", "low", 256 << 20},
	}
	for _, step := range []func(context.Context, []declared){
		s.apply, s.watch, s.complete, s.drift, s.endedBehindTheBack, s.queryAndWait, s.destroy,
	} {
		step(ctx, jobs)
	}
	return s.err
}

// check ends the story with an error, unless it is nil.
func (s *story) check(err error) {
	if s.err == nil && err != nil {
		s.err, s.mute = err, true
	}
}

// terraform runs the CLI, which must end with an exit code, and returns its output.
func (s *story) terraform(ctx context.Context, code int, args ...string) (out string) {
	return s.terraformSeen(ctx, func(string) {}, code, args...)
}

// terraformSeen is terraform, and calls seen with each line as it is printed.
func (s *story) terraformSeen(ctx context.Context, seen func(line string), code int, args ...string) (out string) {
	if s.err == nil {
		var err error
		out, err = s.workspace.run(ctx, seen, code, append([]string{args[0], "-no-color"}, args[1:]...)...)
		s.check(err)
	}
	return out
}

// ask calls the host's control API.
func (s *story) ask(ctx context.Context, method, path string, body, answer any) {
	if s.err == nil {
		s.check(s.host.call(ctx, method, path, body, answer))
	}
}

func (s *story) post(ctx context.Context, path string, body any) {
	s.ask(ctx, http.MethodPost, path, body, &struct{}{})
}

// jobs lists the host's jobs by display name.
func (s *story) jobs(ctx context.Context) map[string]winhost.Job {
	var list []winhost.Job
	s.ask(ctx, http.MethodGet, "/jobs", nil, &list)
	byName := make(map[string]winhost.Job, len(list))
	for _, j := range list {
		byName[j.DisplayName] = j
	}
	return byName
}

// file reads a file of the host by its full Windows path.
func (s *story) file(ctx context.Context, local string) (f winhost.FileInfo) {
	s.ask(ctx, http.MethodGet, "/files?path="+url.QueryEscape(local), nil, &f)
	return f
}

func (s *story) stats(ctx context.Context) (counted winhost.Stats) {
	s.ask(ctx, http.MethodGet, "/stats", nil, &counted)
	return counted
}

// configure writes the configuration and returns it.
func (s *story) configure(jobs []declared) string {
	if s.err != nil {
		return ""
	}
	var config strings.Builder
	err := template.Must(template.New("main.tf").Parse(configText)).Execute(&config, map[string]any{
		"Version": version, "Jobs": jobs,
	})
	s.check(err)
	s.write("main.tf", config.String())
	return config.String()
}

// apply creates three jobs of different priorities.
func (s *story) apply(ctx context.Context, jobs []declared) {
	s.chapter("Three jobs of different priorities are declared and applied")
	config := s.configure(jobs)
	_, resource, _ := strings.Cut(config, "\nresource ")
	s.quote(lines(config, `\{ priority = `) + "\nresource " + resource)
	s.terraform(ctx, 0, "init")
	s.post(ctx, "/pause", nil) // otherwise the job that happens to be created first would begin, whatever its priority
	s.say("BITS on the host is held until all three are there.")
	s.quote(lines(s.terraform(ctx, 0, "apply", "-auto-approve"), `Creation complete|Apply complete`))
	counted := s.stats(ctx)
	if counted.ShellsOpened > 2 || counted.PowerShellStarts > 2 || counted.ShellsOpen != 0 {
		s.check(fmt.Errorf("plan and apply cost the host more than they should: %+v", counted))
	}
	s.seen("the host counted %d shell(s), %d PowerShell start(s) and %d HTTP requests for plan and apply together",
		counted.ShellsOpened, counted.PowerShellStarts, counted.HTTPRequests)
	if counted.TasksRegistered != 1 || counted.ScheduledTasks != 0 {
		s.check(fmt.Errorf("one scheduled task was to come and to go: %+v", counted))
	}
	s.seen("the jobs are SYSTEM's: one scheduled task started an agent as SYSTEM, and is gone")
}

// watch polls the host until the scheduler has shown its order: the foreground job runs beside the background, and the low job
// gets nothing before the high one is done.
func (s *story) watch(ctx context.Context, jobs []declared) {
	s.chapter("BITS obeys the priorities")
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	s.post(ctx, "/run", nil)
	var seen order
	for round, done := 0, false; s.err == nil && !done; round++ {
		now := s.jobs(ctx)
		var err error
		if done, err = seen.look(now); round%4 == 0 || done {
			for _, d := range jobs {
				s.bar(d.Name, string(now[d.Name].Priority), string(now[d.Name].State), float64(transferred(now[d.Name])), float64(d.Size))
			}
			s.printf("\n")
		}
		s.check(err)
		select {
		case <-ctx.Done():
			s.check(fmt.Errorf("wait for the first bytes of the low job: %w", ctx.Err()))
		case <-time.After(250 * time.Millisecond):
		}
	}
	s.seen("the foreground job and the high one moved side by side")
	s.seen("the low job got its first bytes only after the high one was transferred")
}

// complete has the next apply complete the two jobs that are transferred, and checks their files.
func (s *story) complete(ctx context.Context, jobs []declared) {
	s.chapter("The next apply completes what is transferred")
	s.post(ctx, "/pause", nil)
	s.say("BITS on the host is held again: the low job stays where it is.")
	s.quote(lines(s.terraform(ctx, 0, "apply", "-auto-approve"), `~ state|Modifications complete|Apply complete`))
	for _, d := range jobs[:2] {
		f := s.file(ctx, `C:\ProgramData\`+d.Name+".cab")
		if want := bitsvc.FileSHA256("/"+d.Name+".cab", int64(d.Size)); f.SHA256 != want {
			s.check(fmt.Errorf("the file of %s has the SHA-256 %s instead of %s", d.Name, f.SHA256, want))
		}
		s.seen(`C:\ProgramData\%s.cab has its %d bytes, the same as on the server`, d.Name, f.Size)
	}
}

// drift changes one priority behind Terraform's back and one in the configuration.
func (s *story) drift(ctx context.Context, jobs []declared) {
	s.chapter("A priority drifts, another is changed in the configuration")
	jobs = append(jobs, declared{"catalog", "normal", 64 << 20})
	s.say(`A fourth job, "catalog" of normal priority, is declared and applied.`)
	s.configure(jobs)
	s.terraform(ctx, 0, "apply", "-auto-approve")
	before := s.jobs(ctx)
	s.say(`An administrator sets the priority of "archive" from low to foreground on the host.`)
	s.post(ctx, "/jobs/"+string(before["archive"].ID)+"/priority", map[string]string{"priority": "foreground", "by": `CORP\ops`})
	s.say(`The configuration changes "catalog" from normal to high.`)
	s.configure(with(jobs, "catalog", "high"))
	plan := s.terraform(ctx, 2, "plan", "-detailed-exitcode")
	s.quote(lines(plan, `# bits_job|~ priority|Plan:`))
	s.check(onlyPriorities(plan))
	s.seen("the plan shows both differences, and nothing else")
	s.quote(lines(s.terraform(ctx, 0, "apply", "-auto-approve"), `Modifications complete|Apply complete`))
	now := s.jobs(ctx)
	for name, want := range map[string]string{"archive": "low", "catalog": "high"} {
		if string(now[name].Priority) != want || now[name].ID != before[name].ID {
			s.check(fmt.Errorf("after the apply the host has %s as job %s with priority %s; before it was job %s",
				name, now[name].ID, now[name].Priority, before[name].ID))
		}
	}
	s.seen("on the host archive is %s and catalog is %s, the same live jobs as before", now["archive"].Priority, now["catalog"].Priority)
}

// endedBehindTheBack saves a plan, ends the job it is about, and applies the plan.
func (s *story) endedBehindTheBack(ctx context.Context, jobs []declared) {
	s.chapter("A job ends between plan and apply")
	jobs = append(jobs, declared{"catalog", "low", 64 << 20})
	s.configure(jobs)
	s.terraform(ctx, 2, "plan", "-detailed-exitcode", "-out=saved.tfplan")
	s.say(`The plan (catalog: high -> low) is saved; then somebody completes that job on the host.`)
	id := string(s.jobs(ctx)["catalog"].ID)
	s.post(ctx, "/jobs/"+id+"/complete", map[string]string{"by": `CORP\ops`})
	_, message, _ := strings.Cut(s.terraform(ctx, 1, "apply", "saved.tfplan"), "Error:")
	s.quote("Error:" + message)
	s.check(invalidState(message, id, s.host.name))
	s.seen("the error names the job, the host, who completed it and when, and the way out")

	s.say("The change is taken back.")
	s.configure(with(jobs, "catalog", "high"))
	plan := s.terraform(ctx, 2, "plan", "-detailed-exitcode")
	s.quote(lines(plan, `BITS Job Was Completed|~ state|Plan:`))
	s.check(shows(plan, `~ state\s+= "\w+" -> "acknowledged"`, `0 to add, 1 to change, 0 to destroy`))
	s.terraform(ctx, 0, "apply", "-auto-approve")
	s.quote(lines(s.terraform(ctx, 0, "plan", "-detailed-exitcode"), `No changes`))
	s.seen("the completion is recorded once, in place; the job that somebody completed is not transferred again")
}

// destroy removes everything and checks that nothing is left.
func (s *story) destroy(ctx context.Context, _ []declared) {
	s.chapter("Everything is destroyed")
	s.quote(lines(s.terraform(ctx, 0, "destroy", "-auto-approve"), `Destroy complete`))
	now, counted := s.jobs(ctx), s.stats(ctx)
	temporary, err := filepath.Glob(filepath.Join(s.drive, "*", "BIT*.tmp"))
	s.check(err)
	if len(now) != 0 || counted.ShellsOpen != 0 || counted.ScheduledTasks != 0 || counted.Processes != 0 || len(temporary) != 0 {
		s.check(fmt.Errorf("left on the host: %d job(s), %+v, temporary files %v", len(now), counted, temporary))
	}
	s.seen("the host lists no job, has no shell, task or process of the provider and keeps no half a file; the files that were completed stay")
}

// with returns the jobs with one priority changed.
func with(jobs []declared, name, priority string) []declared {
	changed := slices.Clone(jobs)
	for i := range changed {
		if changed[i].Name == name {
			changed[i].Priority = priority
		}
	}
	return changed
}
