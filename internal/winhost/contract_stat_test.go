// SPDX-License-Identifier: MPL-2.0

package winhost_test

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/winhost/machine"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/agent"
)

// place gives where a Windows path is in the host's file system.
func (w *world) place(t *testing.T, local string) string {
	t.Helper()
	place, err := w.drive.Place(local)
	if err != nil {
		t.Fatal(err)
	}
	return place
}

// holding arranges a file with a content: {local}.
func holding(content string) func(t *testing.T, w *world, v vars) {
	return func(t *testing.T, w *world, v vars) {
		t.Helper()
		if err := os.WriteFile(w.place(t, v["local"]), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// linked arranges a link at a path to the file {local} or the directory C:\t.
func linked(at string, to string) func(t *testing.T, w *world, v vars) {
	return func(t *testing.T, w *world, v vars) {
		t.Helper()
		holding("secret")(t, w, v)
		place := w.place(t, at)
		switch err := os.Symlink(w.place(t, v.expandPlain(to)), place); {
		case err != nil && runtime.GOOS == "windows":
			t.Skipf("Windows lets administrators and developers alone make links: %v", err)
		case err != nil:
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = os.Remove(place) })
	}
}

// reparsed arranges a reparse point at a path for one case.
func reparsed(at string, r machine.Reparse) func(t *testing.T, w *world, v vars) {
	return func(t *testing.T, w *world, v vars) {
		t.Helper()
		if err := w.drive.SetReparse(v.expandPlain(at), r); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(w.drive.ClearReparse)
	}
}

// tagged is the case of a file {local} that is a reparse point.
func tagged(what string, r machine.Reparse, want string) contractCase {
	return contractCase{
		name: what + " is looked at", arrange: then(holding("hello"), reparsed("{local}", r)),
		ask: `[{"op":"stat","files":[{"local_name":"{local}"}]}]`, want: want,
	}
}

// expandPlain puts the values into a text that is no JSON.
func (v vars) expandPlain(template string) string {
	for name, value := range v {
		template = strings.ReplaceAll(template, "{"+name+"}", value)
	}
	return template
}

// statCases are what stat says of paths. Sources: "Naming Files, Paths, and Namespaces" and "Reparse Points",
// learn.microsoft.com.
func statCases() []contractCase {
	const (
		absent  = `{"exists":false,"size":null,"modified":null,"sha256":null,"pending":false,"error":null}`
		aFile   = `{"exists":true,"size":"5","error":null}`
		refused = `{"exists":false,"size":null,"modified":null,"sha256":null,"pending":false,"error":{"code":"refused","hresult":null,"text":"*"}}`
	)
	one := func(path string) string {
		quoted, _ := json.Marshal(path) // a string always can be written
		return fmt.Sprintf(`[{"op":"stat","files":[{"local_name":%s,"sha256":true}]}]`, quoted)
	}
	answer := func(status string) string { return `[{"v":{"files":[` + status + `]}}]` }
	cases := []contractCase{
		{
			name: "a file tells its size and time at once", arrange: holding("hello"), ask: `[{"op":"stat","files":[{"local_name":"{local}"}]}]`,
			want: answer(`{"exists":true,"size":"5","modified":"*","sha256":null,"pending":false,"error":null}`),
		},
		{
			name: "the hash of a file comes later", arrange: holding("hello"), ask: `[{"op":"stat","files":[{"local_name":"{local}","sha256":true}]}]`,
			want: answer(`{"exists":true,"size":"5","modified":"*","sha256":null,"pending":true,"error":null}`),
		},
		{
			name: "an empty file is there", arrange: holding(""), ask: `[{"op":"stat","files":[{"local_name":"{local}","sha256":false}]}]`,
			want: answer(`{"exists":true,"size":"0"}`),
		},
		{
			name: "a path in other letters and with other slashes is the same file", arrange: then(holding("hello"), func(_ *testing.T, _ *world, v vars) {
				v["shouted"] = strings.ReplaceAll(strings.ToUpper(v["local"]), `\`, "/")
			}),
			ask: `[{"op":"stat","files":[{"local_name":"{shouted}"}]}]`, want: answer(`{"exists":true,"size":"5"}`),
		},
		{name: "a missing file is not there", ask: one(`C:\t\nothing.bin`), want: answer(absent)},
		{name: "a file in a missing directory is not there", ask: one(`C:\nowhere\deep\a.bin`), want: answer(absent)},
		{name: "a file on a missing drive is not there", ask: one(`Q:\a.bin`), want: answer(absent)},
		{name: "a file below a file is not there", arrange: holding("x"), ask: `[{"op":"stat","files":[{"local_name":"{local}\\a"}]}]`, want: answer(absent)},
		{name: "a directory is no file", ask: one(`C:\Windows`), want: answer(refused)},
		{
			name: "a link to a file is refused", arrange: linked(`C:\t\link.bin`, "{local}"), ask: one(`C:\t\link.bin`), want: answer(refused),
		},
		{
			name: "a file behind a linked directory is refused", arrange: linked(`C:\Temp\link`, `C:\t`), ask: one(`C:\Temp\link\a.bin`), want: answer(refused),
		},
		{
			name: "a link to nothing is refused, too", arrange: linked(`C:\t\dangling`, `C:\t\gone`), ask: one(`C:\t\dangling`), want: answer(refused),
		},
		{
			name: "a volume that is mounted in a directory is a directory", arrange: then(holding("hello"), reparsed(`C:\t`, machine.Reparse{
				Tag: machine.TagMountPoint, Target: `\??\Volume{e4a4d8a1-0000-0000-0000-100000000000}\`,
			})), ask: `[{"op":"stat","files":[{"local_name":"{local}"}]}]`, want: answer(aFile),
		},
		{
			name: "a file behind a junction is refused", arrange: then(holding("hello"), reparsed(`C:\t`, machine.Reparse{
				Tag: machine.TagMountPoint, Target: `\??\C:\Windows`,
			})), ask: `[{"op":"stat","files":[{"local_name":"{local}"}]}]`, want: answer(refused),
		},
		{
			name: "a junction to a directory of a volume is one, too", arrange: then(holding("hello"), reparsed(`C:\t`, machine.Reparse{
				Tag: machine.TagMountPoint, Target: `\??\Volume{e4a4d8a1-0000-0000-0000-100000000000}\Users`,
			})), ask: `[{"op":"stat","files":[{"local_name":"{local}"}]}]`, want: answer(refused),
		},
		{
			name: "a reparse point that can't be read shows nothing", arrange: then(holding("hello"), reparsed(`C:\t`, machine.Reparse{
				Tag: machine.TagMountPoint, Target: `\??\C:\Windows`, Answer: 0x80070005,
			})), ask: `[{"op":"stat","files":[{"local_name":"{local}"}]}]`,
			want: answer(`{"exists":false,"size":null,"error":{"code":"refused","hresult":"0x80070005"}}`),
		},
		tagged("a symbolic link", machine.Reparse{Tag: machine.TagSymlink, Target: `\??\C:\Windows\a`}, answer(refused)),
		tagged("a deduplicated file", machine.Reparse{Tag: machine.TagDedup}, answer(aFile)),
		tagged("a file that a cloud keeps", machine.Reparse{Tag: machine.TagCloud}, answer(aFile)),
		tagged("a file that was moved to other storage", machine.Reparse{Tag: machine.TagHSM}, answer(aFile)),
		{
			name: "one bad path spoils no other", arrange: holding("hello"),
			ask:  `[{"op":"stat","files":[{"local_name":"a.bin"},{"local_name":"{local}"},{"local_name":"C:\\nowhere\\a"}]}]`,
			want: answer(refused + `,{"exists":true,"size":"5"},` + absent),
		},
		{
			name: "a stopped service does not hide files", arrange: then(holding("hello"), func(t *testing.T, w *world, _ vars) {
				t.Helper()
				w.service.Stop()
				t.Cleanup(w.service.Start)
			}),
			ask: `[{"op":"stat","files":[{"local_name":"{local}"}]}]`, want: answer(`{"exists":true,"size":"5"}`),
			after: func(_ *testing.T, w *world, _ vars) error { w.service.Start(); return nil },
		},
	}
	bad := []string{
		"a.bin", `t\a.bin`, `\t\a.bin`, `C:a.bin`, `C:`, `C:\`, `C:\\a.bin`, `\\server\share\a.bin`, `//server/share/a.bin`, `\\?\C:\t\a.bin`,
		`\\.\C:\t\a.bin`, `\\.\pipe\x`, `C:\t\..\t\a.bin`, `C:\t\.\a.bin`, `C:\t\a.bin:stream`, `C:\t\*.bin`, `C:\t\a?.bin`, `C:\t\`, `C:\t\a.bin `, `C:\t\a.`,
		`C:\t\CON`, `C:\t\nul.txt`, `C:\t\COM1`, `C:\t\lpt9.log`, `C:\NUL\a.bin`, `C:\t\CONIN$`, "C:\\t\\a\x01b", `é:\a.bin`, `%TEMP%\a.bin`, `~\a.bin`, `file:///C:/t/a.bin`,
		"C:\\t\\COM\u00b9",
	}
	queries, answers := make([]string, len(bad)), make([]string, len(bad))
	for i, path := range bad {
		quoted, _ := json.Marshal(path) // a string always can be written
		queries[i], answers[i] = fmt.Sprintf(`{"local_name":%s,"sha256":true}`, quoted), refused
	}
	return append(cases, contractCase{
		name: "paths that name no file on a drive are refused",
		ask:  `[{"op":"stat","files":[` + strings.Join(queries, ",") + `]}]`, want: answer(strings.Join(answers, ",")),
	})
}

// statOf asks for one file with its hash.
func statOf(t *testing.T, c *client, local string) agent.FileStatus {
	t.Helper()
	return statsOf(t, c, []string{local})[0]
}

// statsOf asks for files with their hashes.
func statsOf(t *testing.T, c *client, locals []string) []agent.FileStatus {
	t.Helper()
	var all []agent.FileStatus
	for some := range slices.Chunk(locals, agent.MaxFiles) {
		queries := make([]agent.FileQuery, len(some))
		for i, local := range some {
			queries[i] = agent.FileQuery{LocalName: local, SHA256: true}
		}
		quoted, _ := json.Marshal(queries) // can always be written
		a := c.call(t, fmt.Sprintf(`[{"op":"stat","files":%s}]`, quoted))
		var r struct{ V agent.Stat }
		if err := json.Unmarshal(a.results[0], &r); err != nil || len(r.V.Files) != len(some) {
			t.Fatalf("%v: %s", err, a.results[0])
		}
		all = append(all, r.V.Files...)
	}
	return all
}

// hashScript asks for a hash until it is there.
func hashScript(t *testing.T, w *world) {
	c := w.client(t, admin)
	local := w.local()
	for _, content := range []string{"", "hello", strings.Repeat("0123456789abcdef", 1<<16)} {
		holding(content)(t, w, vars{"local": local})
		want := fmt.Sprintf("%x", sha256.Sum256([]byte(content)))
		if got := awaitHash(t, c, local); got.SHA256 == nil || *got.SHA256 != want || got.Error != nil {
			t.Errorf("the hash of %d bytes is %+v, want %s", len(content), got, want)
		}
		if again := statOf(t, c, local); again.Pending {
			t.Error("a hash that is known is computed again")
		}
	}
}

func awaitHash(t *testing.T, c *client, local string) agent.FileStatus {
	t.Helper()
	poll := time.NewTicker(5 * time.Millisecond)
	defer poll.Stop()
	for deadline := time.Now().Add(patience); ; <-poll.C {
		got := statOf(t, c, local)
		if !got.Pending {
			return got
		}
		if time.Now().After(deadline) {
			t.Fatalf("the hash of %s is pending still", local)
		}
	}
}

// busyHashScript asks for the hash of a large file and goes on with other work meanwhile.
func busyHashScript(t *testing.T, w *world) {
	c := start(t, w, admin.caller())
	local := w.local()
	place := w.place(t, local)
	if err := os.WriteFile(place, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(place, 128<<20); err != nil { // takes no room on the disk
		t.Fatal(err)
	}
	if got := statOf(t, c, local); !got.Pending || *got.Size != "134217728" {
		t.Fatalf("the first answer is %+v", got)
	}
	meanwhile := 0
	for statOf(t, c, local).Pending {
		c.call(t, `[{"op":"list"}]`)
		meanwhile++
	}
	if meanwhile == 0 {
		t.Error("nothing was done while the hash was computed")
	}
}

// unreadableScript asks for the hash of what can be seen and not be read, here a socket, and once more when it can be.
func unreadableScript(t *testing.T, w *world) {
	local := w.local()
	place := w.place(t, local)
	const longest = 103 // bytes in the path of a socket, on macOS
	if runtime.GOOS == "windows" || len(place) > longest {
		t.Skip("no socket can be made there")
	}
	var lc net.ListenConfig
	socket, err := lc.Listen(t.Context(), "unix", place)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = socket.Close() }()
	c := w.client(t, admin)
	got := awaitHash(t, c, local)
	if !got.Exists || got.SHA256 != nil || got.Error == nil || got.Error.Code != "refused" || got.Error.Text == "" {
		t.Errorf("a file that can't be read is %+v", got)
	}

	info, err := os.Lstat(place)
	if err != nil {
		t.Fatal(err)
	}
	if err := socket.Close(); err != nil { // removes it
		t.Fatal(err)
	}
	holding("")(t, w, vars{"local": local})
	if err := os.Chtimes(place, info.ModTime(), info.ModTime()); err != nil {
		t.Fatal(err)
	}
	if got := awaitHash(t, c, local); got.Error != nil || got.SHA256 == nil {
		t.Errorf("a file of the same size and time that can be read is %+v", got)
	}
}

// manyHashesScript asks for the hashes of more files than an agent remembers.
func manyHashesScript(t *testing.T, w *world) {
	c := start(t, w, admin.caller())
	locals := make([]string, 1001)
	for i := range locals {
		locals[i] = w.local()
		holding("hello")(t, w, vars{"local": locals[i]})
	}
	statsOf(t, c, locals)
	awaitHash(t, c, locals[len(locals)-1])
	for i, got := range statsOf(t, c, locals[:20]) {
		if got.Pending {
			t.Fatalf("the hash of file %d, which was computed, is not there", i)
		}
	}
}
