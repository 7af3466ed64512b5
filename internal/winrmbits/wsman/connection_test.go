// SPDX-License-Identifier: MPL-2.0

package wsman

import (
	"errors"
	"net"
	"testing"
)

// slowConn is a connection whose writes return long after the peer has got the bytes.
type slowConn struct {
	net.Conn
	arrived chan struct{}
	results chan error
}

func (c slowConn) Write(b []byte) (int, error) {
	c.arrived <- struct{}{}
	if err := <-c.results; err != nil {
		return 0, err
	}
	return len(b), nil
}

// A busy client may see the answer to a request before its own write has returned. Were the bytes counted late, those of one
// request would be taken for those of the next, which the host might not have got at all.
func TestWrittenBytesAreCountedBeforeThePeerCanAnswerThem(t *testing.T) {
	slow := slowConn{arrived: make(chan struct{}), results: make(chan error)}
	c := &countingConn{Conn: slow}
	for _, tt := range []struct {
		name            string
		result          error
		arrived, counts int64
	}{
		{"a write", nil, 3, 3},
		{"a write that fails", errors.New("broken"), 6, 3},
	} {
		done := make(chan struct{})
		go func() {
			defer close(done)
			_, _ = c.Write([]byte("abc"))
		}()
		<-slow.arrived
		if n := c.written.Load(); n != tt.arrived {
			t.Errorf("%s: %d bytes are counted when it arrives, want %d", tt.name, n, tt.arrived)
		}
		slow.results <- tt.result
		<-done
		if n := c.written.Load(); n != tt.counts {
			t.Errorf("%s: %d bytes are counted, want %d", tt.name, n, tt.counts)
		}
	}
}
