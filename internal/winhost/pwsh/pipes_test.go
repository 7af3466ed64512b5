// SPDX-License-Identifier: MPL-2.0

package pwsh

import (
	"io"
	"testing"
	"time"

	"github.com/google/uuid"
)

// The pipes of this machine stand for those of the simulated host.
func TestAPipeOfThisMachine(t *testing.T) {
	t.Parallel()
	name := "terraform-provider-bits-" + uuid.NewString()
	if pipeExists(name) {
		t.Error("it exists before it is made")
	}
	if _, err := DialPipe(t.Context(), name); err == nil {
		t.Error("it is connected to before it is made")
	}
	pipe, err := ListenPipe(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan string, 1)
	go func() {
		conn, err := pipe.Accept()
		if err != nil {
			served <- err.Error()
			return
		}
		text, _ := io.ReadAll(conn) // until the client is gone
		served <- string(text)
	}()
	if !pipeExists(name) {
		t.Error("it does not exist")
	}
	client, err := DialPipe(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	_ = client.SetDeadline(time.Now().Add(patience)) // pipes and sockets have deadlines
	if _, err := io.WriteString(client, "hello"); err != nil {
		t.Error(err)
	}
	if !pipeExists(name) {
		t.Error("it does not exist while a client is connected")
	}
	_ = client.Close()
	select {
	case got := <-served:
		if got != "hello" { // by the one client: asking whether it exists is none
			t.Errorf("it received %q", got)
		}
	case <-time.After(patience):
		t.Error("it received nothing")
	}
	_ = pipe.Close()
	if pipeExists(name) {
		t.Error("it exists after it was closed")
	}
}
