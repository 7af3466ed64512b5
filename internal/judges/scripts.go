// SPDX-License-Identifier: MPL-2.0

package judges

import (
	"bufio"
	"embed"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

//go:embed scripts
var scripts embed.FS

// systemPython is Debian's Python: Samba's modules and gss-ntlmssp belong to it.
const systemPython = "/usr/bin/python3"

// script is a program in Python that reads and writes lines of JSON, and ends with its standard input.
type script struct {
	in  io.Writer
	out *bufio.Reader
}

// startScript starts one of this package's scripts. The environment is added to the test's own.
func startScript(t testing.TB, name string, environment []string, args ...string) *script {
	t.Helper()
	text, err := scripts.ReadFile("scripts/" + name)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	c := exec.Command(systemPython, append([]string{path}, args...)...) //nolint:gosec,noctx // this package's script, ended by Cleanup
	c.Env = append(os.Environ(), environment...)
	c.Stderr = t.Output()
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	return &script{in: startUntilCleanup(t, c), out: bufio.NewReader(out)}
}

// startUntilCleanup starts a program that ends with its standard input, which it returns.
func startUntilCleanup(t testing.TB, c *exec.Cmd) io.Writer {
	t.Helper()
	in, err := c.StdinPipe()
	if err == nil {
		err = c.Start()
	}
	if err != nil {
		t.Fatalf("start %s: %v", c.Path, err)
	}
	t.Cleanup(func() {
		_ = in.Close()
		kill := time.AfterFunc(10*time.Second, func() { _ = c.Process.Kill() })
		_ = c.Wait() // a server that ends by a signal has done nothing wrong
		kill.Stop()
	})
	return in
}

// ask sends a line and reads its answer.
func (s *script) ask(t testing.TB, question, answer any) {
	t.Helper()
	line, err := json.Marshal(question)
	if err == nil {
		_, err = s.in.Write(append(line, '\n'))
	}
	if err != nil {
		t.Fatalf("ask the script: %v", err)
	}
	s.read(t, answer)
}

func (s *script) read(t testing.TB, answer any) {
	t.Helper()
	line, err := s.out.ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(line, answer)
	}
	if err != nil {
		t.Fatalf("read the answer of the script: %v: %s", err, line)
	}
}

// shifted is the environment of a program whose clock is ahead. Without libfaketime it skips the test.
func shifted(t testing.TB, ahead time.Duration) []string {
	t.Helper()
	if ahead == 0 {
		return nil
	}
	found, _ := filepath.Glob("/usr/lib/*/faketime/libfaketime.so.1")
	if len(found) == 0 {
		t.Skip("no other clock: install libfaketime")
	}
	return []string{"LD_PRELOAD=" + found[0], fmt.Sprintf("FAKETIME=%+d", int(ahead.Seconds())), "FAKETIME_DONT_FAKE_MONOTONIC=1"}
}
