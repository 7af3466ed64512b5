// SPDX-License-Identifier: MPL-2.0

package pwsh

import (
	"context"
	"errors"
	"net"
	"syscall"
	"unsafe"

	"github.com/Microsoft/go-winio"
)

func pipePath(name string) string { return `\\.\pipe\` + name }

// pipeEnvironment is empty: a PowerShell's pipes are Windows' own.
func pipeEnvironment() []string { return nil }

var waitNamedPipe = syscall.NewLazyDLL("kernel32.dll").NewProc("WaitNamedPipeW")

// pipeExists reports whether a process of this machine serves a pipe. It waits for an instance to connect to, and connects to none.
// Source: WaitNamedPipeW, learn.microsoft.com: without any instance it fails at once.
func pipeExists(name string) bool {
	path, err := syscall.UTF16PtrFromString(pipePath(name))
	if err != nil {
		return false
	}
	const atMost = 1 // millisecond
	free, _, err := waitNamedPipe.Call(uintptr(unsafe.Pointer(path)), atMost)
	return free != 0 || !errors.Is(err, syscall.ERROR_FILE_NOT_FOUND)
}

// removePipe does nothing: a pipe ends with its process.
func removePipe(string) {}

// ListenPipe serves a named pipe of this machine, to which a PowerShell can connect.
func ListenPipe(_ context.Context, name string) (net.Listener, error) {
	return winio.ListenPipe(pipePath(name), nil)
}

// DialPipe connects to a named pipe of this machine, which a PowerShell may serve.
func DialPipe(ctx context.Context, name string) (net.Conn, error) {
	return winio.DialPipeContext(ctx, pipePath(name))
}
