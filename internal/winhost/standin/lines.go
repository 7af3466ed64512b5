// SPDX-License-Identifier: MPL-2.0

package standin

import (
	"bufio"
	"context"
	"errors"
	"io"

	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/agent"
)

// line is one line of stdin without its end. The last one may lack the LF, as StreamReader.ReadLine has it too.
type line struct {
	text    []byte
	tooLong bool  // longer than agent.MaxLine; text is its beginning
	err     error // io.EOF, or why stdin can't be read: there are no more lines
}

// readLines reads stdin line by line until it ends or ctx does.
func readLines(ctx context.Context, stdin io.Reader) <-chan line {
	lines := make(chan line)
	go func() {
		r := bufio.NewReaderSize(stdin, 64<<10)
		for {
			l := readLine(r)
			select {
			case lines <- l:
			case <-ctx.Done():
				return
			}
			if l.err != nil {
				return
			}
		}
	}()
	return lines
}

// readLine reads one line and keeps no more of it than a line may have.
func readLine(r *bufio.Reader) line {
	var l line
	for {
		part, err := r.ReadSlice('\n')
		if room := agent.MaxLine + 1 - len(l.text); len(part) > room {
			part = part[:room]
		}
		l.text = append(l.text, part...)
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case err != nil && len(l.text) == 0:
			return line{err: err}
		}
		l.tooLong = len(l.text) > agent.MaxLine
		l.text = trimEnd(l.text)
		return l
	}
}

// trimEnd cuts the CR and LF off a line.
func trimEnd(text []byte) []byte {
	for len(text) > 0 && (text[len(text)-1] == '\n' || text[len(text)-1] == '\r') {
		text = text[:len(text)-1]
	}
	return text
}
