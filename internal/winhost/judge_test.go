// SPDX-License-Identifier: MPL-2.0

package winhost

import (
	"crypto/sha256"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/winrmbits/terraform-provider-bits/internal/judges"
)

// otherClients finds an interpreter that has pywinrm, and pypsrp if possible, or skips the test.
func otherClients(t *testing.T) string {
	t.Helper()
	return judges.Python(t, "winrm", "no Python with pywinrm: pip install pywinrm pypsrp, or set BITS_TEST_PYTHON to one that has them")
}

// TestOtherClientsUnderstandTheHost has pywinrm and pypsrp, which know real hosts, judge the simulated one.
func TestOtherClientsUnderstandTheHost(t *testing.T) {
	t.Parallel()
	interpreter := otherClients(t)
	network := startNetwork(t, Config{Security: basicOnly})
	h := network.Host(0)
	got := judge(t, interpreter, "testdata/judge.py", map[string]any{
		"host": h.Name, "port": h.Port, "username": h.Username, "password": h.Password, "ca_file": network.CAFile,
	})
	const text = "a\"b'c$(x) ü€😀"
	var long strings.Builder
	for i := range 20000 {
		fmt.Fprintf(&long, "%d %s\n", i, text)
	}
	length, digest := float64(long.Len()), fmt.Sprintf("%x", sha256.Sum256([]byte(long.String())))
	list := func(v ...any) []any { return v }
	want := map[string]map[string]any{
		"pywinrm": {
			"a command":            list(text+"\r\n", "", 0.0),
			"stderr and exit code": list("out \r\n", "err \r\n", 3.0),
			"an unknown program":   list("", notRecognized("frobnicate"), 1.0),
			"stdin":                list("one\n"+text+"\n", "", 0.0),
			"long output":          list(length, digest, "", 0.0),
			"nothing yet":          "operation timeout",
			"a shell that is gone": 2150858843.0,
			"a wrong password":     "refused",
		},
		"pypsrp": {
			"the shell":                   list("Administrator", "127.0.0.1", "PT90.000S", `C:\t`),
			"a command":                   list(text+"\r\n", "", 0.0),
			"environment":                 list("COMPUTERNAME=WEB01\r\ncolour=röd & <blue>\r\n", "", 0.0),
			"output of a running command": list("one\n", "Running"),
			"stdin":                       list("one\ntwo\n", "", 0.0),
			"long output":                 list(length, digest, "", 0.0),
			"stderr and exit code":        list("out \r\n", "err \r\n", 3.0),
			"a command that Ctrl-C ended": list("one\n", "", -1073741510.0), // STATUS_CONTROL_C_EXIT
			"two commands at once":        list("one", "", 0.0, "two\r\n", "", 0.0),
			"a shell that is gone":        2150858843.0,
			"more shells than the quota":  list(30.0, 2150859173.0),
			"a wrong password":            "refused",
			"nothing yet":                 "Pending", // where pypsrp begins: it took the fault for what it is
			"a command that is gone": list(2150858843.0, "The Windows Remote Shell received a request to perform an "+
				"operation on a command identifier that does not exist. Either the command has completed execution or the "+
				"client specified an invalid command identifier."),
		},
	}
	leaveOut(t, want, got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the clients understood (-want +got):\n%s", diff)
	}
	if open, running := h.Stats().ShellsOpen, h.Processes(); open != 0 || len(running) != 0 {
		t.Errorf("%d shells and %v are left", open, running)
	}
}
