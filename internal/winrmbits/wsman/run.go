// SPDX-License-Identifier: MPL-2.0

package wsman

import (
	"os"
	"path/filepath"
	"regexp"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
)

// run is a process of this program, as others on this machine see it: a file that it keeps locked. The system unlocks the
// file however the process ends, so that whoever can lock it knows that the process is gone.
type run struct {
	once sync.Once
	name string      // "" where there is no file
	file *os.File    // locked
	left atomic.Bool // a shell may have outlived its session
}

var runID = regexp.MustCompile(`\A[0-9a-f-]{36}\z`)

// staleRun is the age from which on the file of an ended run is of no use: no shell of it is left.
const staleRun = time.Hour

// RunsFolder returns the folder for [Client.Runs] of this machine's user; "" where there is none.
func RunsFolder() string {
	cache, err := os.UserCacheDir()
	if err != nil {
		return ""
	}
	return filepath.Join(cache, "terraform-provider-bits", "runs")
}

// runID returns the id of this run, "" where it can't be made known on this machine.
func (c *Client) runID() string {
	c.run.once.Do(func() {
		if c.Runs == "" || os.MkdirAll(c.Runs, 0o700) != nil {
			return
		}
		removeStaleRuns(c.Runs)
		name := uuid.NewString()
		file, err := os.OpenFile(filepath.Join(c.Runs, name), os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600) //nolint:gosec // our own name
		if err != nil {
			return
		}
		if _, err := file.WriteString(machine()); err != nil || !lock(file) || ended(file.Name()) { // the last: locks do nothing there
			removeFile(file)
			return
		}
		c.run.name, c.run.file = name, file
	})
	return c.run.name
}

// End says that no shell will be opened any more. The run is forgotten on this machine, unless a shell of it may be left.
func (c *Client) End() {
	c.run.once.Do(func() {}) // from now on it has no file
	if c.run.file != nil && !c.run.left.Load() {
		removeFile(c.run.file)
	}
}

// removeFile removes an open file: before it is closed where the system allows that, so that no other process finds it unlocked.
func removeFile(file *os.File) {
	if os.Remove(file.Name()) == nil {
		_ = file.Close()
		return
	}
	_ = file.Close()
	_ = os.Remove(file.Name())
}

// runEnded reports whether a run on this machine has ended. It is false for one that is not known here. The id comes from a host.
func (c *Client) runEnded(id string) bool {
	return c.Runs != "" && runID.MatchString(id) && ended(filepath.Join(c.Runs, id))
}

// ended reports whether a file is that of a run on this machine, and no process keeps it locked. Other machines may share the folder,
// as in a home directory of NFS, and a lock of theirs need not be seen here.
func ended(path string) bool {
	of, err := os.ReadFile(path) //nolint:gosec // below Runs
	return err == nil && string(of) == machine() && unlocked(path)
}

// unlocked reports whether a file is there that no process keeps locked.
func unlocked(path string) bool {
	file, err := os.OpenFile(path, os.O_RDWR, 0) //nolint:gosec // below Runs
	if err != nil {
		return false
	}
	defer func() { _ = file.Close() }()
	return lock(file)
}

// machine identifies this machine until it is started again; containers on it have the same name where the system tells it.
func machine() string {
	name, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err == nil {
		return string(name)
	}
	host, _ := os.Hostname()
	return host
}

// removeStaleRuns removes the files of runs that ended long ago and left a shell.
func removeStaleRuns(folder string) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return
	}
	for _, entry := range entries {
		path := filepath.Join(folder, entry.Name())
		info, err := entry.Info()
		if err == nil && time.Since(info.ModTime()) > staleRun && unlocked(path) {
			_ = os.Remove(path)
		}
	}
}
