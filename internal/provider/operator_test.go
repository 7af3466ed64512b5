package provider_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/tfcli"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost"
)

func TestMain(m *testing.M) {
	code := m.Run()
	removeProgram()
	os.Exit(code)
}

// program builds the provider's own program, once for all scenarios, and gives the folder it is in.
var program = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "bits-scenarios-")
	if err != nil {
		return "", err
	}
	removeProgram = func() { _ = os.RemoveAll(dir) }
	name := "terraform-provider-bits"
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	build := exec.Command("go", "build", "-o", filepath.Join(dir, name), "github.com/winrmbits/terraform-provider-bits")
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build the provider: %w\n%s", err, out)
	}
	return dir, nil
})

var removeProgram = func() {}

// operator types commands in a folder with a configuration: a real CLI that starts the provider as a program of its
// own for each of them, as in production. Where the host is and who logs on stands in the environment.
type operator struct {
	*windows
	cli tfcli.CLI
	dir string
	env []string
}

// operate starts a host and gives somebody who operates it, or skips without a CLI.
func operate(t *testing.T) *operator {
	t.Helper()
	return operateOn(t, winhost.Config{})
}

// operateOn is operate with hosts of another kind.
func operateOn(t *testing.T, hosts winhost.Config) *operator {
	t.Helper()
	needCommand(t)
	w := openWindows(t, hosts)
	return newOperator(w,
		"BITS_HOST="+w.settings.Host, "BITS_PORT="+strconv.Itoa(w.settings.Port), "BITS_USERNAME="+w.settings.Username,
		"BITS_AUTH="+string(w.settings.Auth), "BITS_PASSWORD="+w.settings.Password.Reveal(), "BITS_CA_FILE="+w.farm.CAFile,
	)
}

// needCommand finds a CLI, or skips without one.
func needCommand(t *testing.T) tfcli.CLI {
	t.Helper()
	cli, err := tfcli.Find(t.Context())
	if errors.Is(err, tfcli.ErrNone) {
		t.Skip(tfcli.ErrNone)
	}
	if err != nil {
		t.Fatal(err)
	}
	return cli
}

// newOperator gives somebody whose environment says where the host is.
func newOperator(w *windows, variables ...string) *operator {
	w.t.Helper()
	t := w.t
	cli := needCommand(t)
	provider, err := program()
	if err != nil {
		t.Fatal(err)
	}
	env, cleanup, err := tfcli.Env()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cleanup)
	o := &operator{windows: w, cli: cli, dir: t.TempDir()}
	rc := filepath.Join(t.TempDir(), "dev.tfrc")
	override := fmt.Sprintf("provider_installation {\n  dev_overrides { \"winrmbits/bits\" = %q }\n}\n", provider)
	if err := os.WriteFile(rc, []byte(override), 0o600); err != nil {
		t.Fatal(err)
	}
	o.env = slices.Concat(env, []string{"TF_CLI_CONFIG_FILE=" + rc, "TF_CLI_ARGS=-no-color"}, variables)
	return o
}

// write puts a configuration down in place of the one before.
func (o *operator) write(config string) {
	o.t.Helper()
	const head = "terraform {\n  required_providers {\n    bits = { source = \"winrmbits/bits\" }\n  }\n}\n\n"
	if err := os.WriteFile(filepath.Join(o.dir, "main.tf"), []byte(head+config), 0o600); err != nil {
		o.t.Fatal(err)
	}
}

// declareJob puts down a configuration of the one job.
func (o *operator) declareJob(attributes ...string) {
	o.t.Helper()
	o.write("resource \"bits_job\" \"payload\" {\n" + lines(attributes...) + "\n}\n")
}

// command is a command of the CLI, not started yet.
func (o *operator) command(args ...string) *exec.Cmd {
	cmd := exec.CommandContext(o.t.Context(), o.cli.Path, args...)
	cmd.Dir, cmd.Env = o.dir, o.env
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	return cmd
}

// run runs a command, expects an exit code, and gives what was printed, on one line.
func (o *operator) run(code int, args ...string) printed {
	o.t.Helper()
	var out bytes.Buffer
	cmd := o.command(args...)
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	return o.ended(cmd, err, code, out.String())
}

func (o *operator) ended(cmd *exec.Cmd, err error, code int, out string) printed {
	o.t.Helper()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		o.t.Fatal(err)
	}
	if got := cmd.ProcessState.ExitCode(); got != code {
		o.t.Fatalf("%v ended with %d instead of %d:\n%s", cmd.Args[1:], got, code, out)
	}
	return printed{t: o.t, text: out, line: strings.Join(strings.Fields(out), " ")}
}

func (o *operator) apply() printed {
	o.t.Helper()
	return o.run(0, "apply", "-auto-approve")
}

// planIsEmpty expects that nothing is left to do.
func (o *operator) planIsEmpty() {
	o.t.Helper()
	o.run(0, "plan", "-detailed-exitcode")
}

// destroy destroys everything and expects nothing to be left, neither here nor there.
func (o *operator) destroy() {
	o.t.Helper()
	o.run(0, "destroy", "-auto-approve")
	o.nothingIsLeft()
}

// nothingIsLeft expects no resource in the state, and no job or anything else of the provider on the host.
func (o *operator) nothingIsLeft() {
	o.t.Helper()
	if list := o.run(0, "state", "list"); list.line != "" {
		o.t.Errorf("the state has %s", list.line)
	}
	if err := o.empty(); err != nil {
		o.t.Error(err)
	}
	o.clean()
}

// costs runs something and expects at most so many shells, exactly so many scheduled tasks, one start of PowerShell for
// each, and none of them to be left.
func (o *operator) costs(shells, tasks int, do func()) {
	o.t.Helper()
	o.call(http.MethodDelete, "/hosts/0/stats", nil, nil)
	do()
	s := o.stats()
	if s.ShellsOpened > shells || s.TasksRegistered != tasks || s.PowerShellStarts > shells+tasks || s.ShellsOpened == 0 {
		o.t.Errorf("counted %+v, want at most %d shells, %d tasks and %d PowerShells", s, shells, tasks, shells+tasks)
	}
	o.clean()
}

// clean expects that nothing is left of the provider on the host, once the processes there have noticed.
func (o *operator) clean() {
	o.t.Helper()
	o.until("no shell, task, process and pipe is left on the host", func() bool {
		s := o.stats()
		return s.ShellsOpen == 0 && s.ScheduledTasks == 0 && s.Processes == 0 && len(o.farm.Host(0).Pipes.Names()) == 0
	})
}

// printed is what a command printed.
type printed struct {
	t    *testing.T
	text string
	line string // without line breaks: the CLI wraps what it prints
}

func (p printed) has(wants ...string) printed {
	p.t.Helper()
	for _, want := range wants {
		if !strings.Contains(p.line, want) {
			p.t.Errorf("%q is missing in:\n%s", want, p.text)
		}
	}
	return p
}

func (p printed) lacks(texts ...string) printed {
	p.t.Helper()
	for _, text := range texts {
		if strings.Contains(p.line, text) {
			p.t.Errorf("%q stands in:\n%s", text, p.text)
		}
	}
	return p
}

// changes gives the lines of a plan that Terraform marks, without the mark of the resource itself.
func (p printed) changes() []string {
	var marked []string
	for line := range strings.Lines(p.text) {
		line = strings.Join(strings.Fields(line), " ")
		if mark, rest, _ := strings.Cut(line, " "); (mark == "~" || mark == "+" || mark == "-") && strings.Contains(rest, " = ") {
			marked = append(marked, line)
		}
	}
	return marked
}

// until looks again and again whether something has come about that no command waits for.
func (o *operator) until(what string, come func() bool) {
	o.t.Helper()
	again, late := time.NewTicker(50*time.Millisecond), time.After(30*time.Second)
	defer again.Stop()
	for !come() {
		select {
		case <-again.C:
		case <-late:
			o.t.Fatalf("it never came about that %s", what)
		}
	}
}

// source is a server of one file, which tells when its bytes are asked for and sends none.
func (o *operator) source() (url string, asked <-chan struct{}) {
	o.t.Helper()
	file := heldFile{Reader: bytes.NewReader(make([]byte, 1000)), asked: make(chan struct{}, 1), over: make(chan struct{})}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/octet-stream") // or it would be guessed from the bytes
		http.ServeContent(w, r, "a.bin", time.Unix(0, 0), file)
	}))
	o.t.Cleanup(func() {
		close(file.over)
		server.Close()
	})
	return server.URL, file.asked
}

// heldFile is a file whose bytes do not come.
type heldFile struct {
	*bytes.Reader
	asked chan struct{}
	over  chan struct{}
}

func (f heldFile) Read([]byte) (int, error) {
	select {
	case f.asked <- struct{}{}:
	default:
	}
	<-f.over
	return 0, io.ErrUnexpectedEOF
}
