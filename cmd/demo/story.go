package main

import (
	"context"
	_ "embed"
	"fmt"
	"regexp"
	"strings"
	"text/template"
	"time"
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
}

func (s *story) tell(ctx context.Context) error {
	jobs := []declared{
		{"urgent", "foreground", 8 << 20},
		{"nightly", "high", 16 << 20},
		{"archive", "low", 256 << 20},
	}
	for _, step := range []func(context.Context, []declared) error{
		s.apply, s.watch, s.drift, s.endedBehindTheBack, s.destroy,
	} {
		if err := step(ctx, jobs); err != nil {
			return err
		}
	}
	return nil
}

func (s *story) configure(jobs []declared) error {
	var config strings.Builder
	if err := template.Must(template.New("main.tf").Parse(configText)).Execute(&config, jobs); err != nil {
		return fmt.Errorf("write the configuration: %w", err)
	}
	return s.workspace.write(config.String())
}

// apply makes three jobs of different priorities.
func (s *story) apply(ctx context.Context, jobs []declared) error {
	s.chapter("Three jobs of different priorities are declared and applied")
	if err := s.configure(jobs); err != nil {
		return err
	}
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
	s.seen("the host counted %d shell(s), %d PowerShell start(s) and %d HTTP requests for plan and apply together",
		counted.ShellsOpened, counted.PowerShellStarts, counted.HTTPRequests)
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
	for round := 0; ; round++ {
		now, err := s.host.jobs(ctx)
		if err != nil {
			return err
		}
		for _, d := range jobs {
			j, ok := now[d.Name]
			if !ok {
				return fmt.Errorf("the host does not list the job %q", d.Name)
			}
			if round%4 == 0 {
				s.bar(d.Name, j.Priority, j.State, j.transferred(), float64(d.Size))
			}
		}
		if round%4 == 0 {
			s.say("")
		}
		low := now["archive"].transferred()
		if low > 0 && now["nightly"].State != "transferred" {
			return fmt.Errorf("the low job has %.0f bytes though the high one is %s", low, now["nightly"].State)
		}
		if low > 0 && now["urgent"].State == "transferred" {
			break
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("wait for the first bytes of the low job: %w", ctx.Err())
		case <-time.After(250 * time.Millisecond):
		}
	}
	s.seen("the low job got its first bytes only after the high one was transferred")
	return nil
}

// drift changes one priority behind Terraform's back and one in the configuration.
func (s *story) drift(ctx context.Context, jobs []declared) error {
	s.chapter("A priority drifts, another is changed in the configuration")
	if err := s.host.post(ctx, "/pause", nil); err != nil {
		return err
	}
	// The two that are transferred would be completed by the next apply: done first, so that the plan is about priorities only.
	if _, err := s.workspace.must(ctx, 0, "apply", "-auto-approve", "-no-color"); err != nil {
		return err
	}
	jobs = append(jobs, declared{"catalog", "normal", 64 << 20})
	if err := s.configure(jobs); err != nil {
		return err
	}
	if _, err := s.workspace.must(ctx, 0, "apply", "-auto-approve", "-no-color"); err != nil {
		return err
	}
	now, err := s.host.jobs(ctx)
	if err != nil {
		return err
	}
	s.say(`An administrator sets the priority of "archive" from low to foreground on the host.`)
	if err := s.host.post(ctx, "/jobs/"+now["archive"].ID+"/priority", map[string]string{"priority": "foreground", "by": `CORP\ops`}); err != nil {
		return err
	}
	s.say(`The configuration changes "catalog" from normal to high.`)
	if err := s.configure(with(jobs, "catalog", "high")); err != nil {
		return err
	}
	plan, err := s.workspace.must(ctx, 2, "plan", "-detailed-exitcode", "-no-color")
	if err != nil {
		return err
	}
	s.quote(lines(plan, `# bits_job|~ priority|Plan:`))
	for _, want := range []string{`~ priority\s+= "foreground" -> "low"`, `~ priority\s+= "normal" -> "high"`} {
		if !regexp.MustCompile(want).MatchString(plan) {
			return fmt.Errorf("the plan does not show %s:\n%s", want, plan)
		}
	}
	if !strings.Contains(plan, "0 to add, 2 to change, 0 to destroy") {
		return fmt.Errorf("the plan changes something else, too:\n%s", plan)
	}
	s.seen("the plan shows both differences, and nothing else")
	if _, err := s.workspace.must(ctx, 0, "apply", "-auto-approve", "-no-color"); err != nil {
		return err
	}
	before := now
	now, err = s.host.jobs(ctx)
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
	if err := s.configure(jobs); err != nil {
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
	for _, want := range []string{"Invalid BITS Job State", "0x80200002", now["catalog"].ID, s.host.name} {
		if !strings.Contains(out, want) {
			return fmt.Errorf("the error does not say %s:\n%s", want, out)
		}
	}
	s.seen("the error names the job, the host, the state and the way out")
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
	if len(now) != 0 || counted.ShellsOpen != 0 {
		return fmt.Errorf("left on the host: %d job(s), %d shell(s)", len(now), counted.ShellsOpen)
	}
	s.seen("the host lists no job and has no shell open")
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

// lines keeps the lines that match.
func lines(text, pattern string) string {
	match := regexp.MustCompile(pattern)
	var kept strings.Builder
	for line := range strings.Lines(text) {
		if match.MatchString(line) {
			kept.WriteString(line)
		}
	}
	return kept.String()
}
