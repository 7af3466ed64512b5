// SPDX-License-Identifier: MPL-2.0

//go:build !windows

package pwsh

import (
	"context"
	"net"
	"os"
	"path/filepath"
)

// pipeFolder is where .NET keeps the sockets that named pipes are on this machine: in TMPDIR. The path of a socket has at most 103
// characters on macOS, whose own folder for temporary files has a long name.
const pipeFolder = "/tmp"

// pipeEnvironment has .NET keep its sockets there.
func pipeEnvironment() []string { return []string{"TMPDIR=" + pipeFolder} }

// socket is the file of a pipe's socket.
func socket(pipe string) string { return filepath.Join(pipeFolder, "CoreFxPipe_"+pipe) }

// pipeExists reports whether a process of this machine serves a pipe.
func pipeExists(name string) bool {
	_, err := os.Lstat(socket(name))
	return err == nil
}

// removePipe removes the file of a pipe, which outlives a process that is killed.
func removePipe(name string) { _ = os.Remove(socket(name)) }

// ListenPipe serves a named pipe of this machine, to which a PowerShell can connect.
func ListenPipe(ctx context.Context, name string) (net.Listener, error) {
	return new(net.ListenConfig).Listen(ctx, "unix", socket(name))
}

// DialPipe connects to a named pipe of this machine, which a PowerShell may serve.
func DialPipe(ctx context.Context, name string) (net.Conn, error) {
	return new(net.Dialer).DialContext(ctx, "unix", socket(name))
}
