// SPDX-License-Identifier: MPL-2.0

package standin

import (
	"bufio"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/agent"
)

func TestReadLine(t *testing.T) {
	long := strings.Repeat("x", 3*agent.MaxLine)
	r := bufio.NewReaderSize(strings.NewReader("one\r\n\n"+long+"\nlast"), 4096)
	for _, want := range []struct {
		text    string
		tooLong bool
	}{{"one", false}, {"", false}, {long[:agent.MaxLine+1], true}, {"last", false}} {
		got := readLine(r)
		if got.err != nil || string(got.text) != want.text || got.tooLong != want.tooLong {
			t.Errorf("a line of %d bytes, too long %t, %v; want %d bytes, too long %t",
				len(got.text), got.tooLong, got.err, len(want.text), want.tooLong)
		}
	}
	if got := readLine(r); !errors.Is(got.err, io.EOF) {
		t.Errorf("after the last line: %v, want the end", got.err)
	}
}
