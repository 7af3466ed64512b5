// SPDX-License-Identifier: MPL-2.0

package wsman

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestRequestsThatFollowEachOtherShareAConnection(t *testing.T) {
	bubble(t, func(t *testing.T, s *service) {
		shell := s.shell()
		for range 3 {
			if err := shell.Send(t.Context(), []byte("a line\n")); err != nil {
				t.Fatal(err)
			}
			if _, err := shell.Receive(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if err := shell.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if dialed, closed := s.pipes.counts(); dialed != 1 || closed != 1 {
			t.Errorf("%d connections, %d closed", dialed, closed)
		}
		if got := s.verbs(); got != "Create Command Send Receive Send Receive Send Receive Delete" {
			t.Error(got)
		}
	})
}

// TestARequestDoesNotWaitForAnother has the service hold a Receive until a Send comes.
func TestARequestDoesNotWaitForAnother(t *testing.T) {
	bubble(t, func(t *testing.T, s *service) {
		sent := make(chan struct{})
		s.say = func(_ int, r request) *answer {
			switch r.Verb {
			case "Receive":
				<-sent
			case "Send":
				close(sent)
			}
			return nil
		}
		shell := s.shell()
		received := make(chan error)
		go func() {
			_, err := shell.Receive(t.Context())
			received <- err
		}()
		synctest.Wait()
		if err := shell.Send(t.Context(), []byte("a line\n")); err != nil {
			t.Error(err)
		}
		if err := <-received; err != nil {
			t.Error(err)
		}
		for _, r := range s.seen() {
			if want := map[bool]string{true: "connection 2", false: "connection 1"}[r.Verb == "Send"]; r.Conn != want {
				t.Errorf("%s came over %s", r.Verb, r.Conn)
			}
		}
		_ = shell.Close(t.Context())
	})
}

func TestInputIsSplitBelowTheEnvelopesSize(t *testing.T) {
	bubble(t, func(t *testing.T, s *service) {
		input := strings.Repeat("0123456789abcdef", 16<<10) // 256 KiB
		if err := s.shell().Send(t.Context(), []byte(input)); err != nil {
			t.Fatal(err)
		}
		var got strings.Builder
		for _, r := range s.seen()[2:] {
			got.WriteString(r.Input)
			if len(r.Input) > 96<<10 || len(r.Message) > envelopeSize {
				t.Errorf("a Send of %d bytes makes a message of %d", len(r.Input), len(r.Message))
			}
		}
		if got.String() != input || s.verbs() != "Create Command Send Send Send" {
			t.Errorf("%s, %d bytes arrived", s.verbs(), got.Len())
		}
	})
}

func TestEmptyInputIsStillSent(t *testing.T) {
	bubble(t, func(t *testing.T, s *service) {
		if err := s.shell().Send(t.Context(), nil); err != nil || s.verbs() != "Create Command Send" {
			t.Error(err, s.verbs())
		}
	})
}

// TestASendIsNeverRepeatedBlindly has the answer to a Send lost: what the command has got of it is not known.
func TestASendIsNeverRepeatedBlindly(t *testing.T) {
	lost := map[string]answer{
		"the connection breaks":             {cut: true},
		"something else than WinRM answers": {raw: true, body: "<html>"},
		"a proxy lost the answer":           {raw: true, status: 502},
		"an answer ends in the middle":      {raw: true, body: "<s:Envelope xmlns:s="},
		"the answer is empty":               {raw: true},
	}
	for name, a := range lost {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, s *service) {
				s.say = only("Send", 1, a)
				shell := s.shell()
				if err := shell.Send(t.Context(), []byte("one")); err != nil {
					t.Fatal(err)
				}
				err := shell.Send(t.Context(), []byte("two"))
				if !errors.Is(err, ErrConnectionLost) {
					t.Errorf("the failure is %v", err)
				}
				if err := shell.Send(t.Context(), []byte("three")); err != nil {
					t.Errorf("the shell outlives an exchange: %v", err)
				}
				if s.verbs() != "Create Command Send Send Send" {
					t.Error(s.verbs())
				}
			})
		})
	}
}

func TestAServiceThatStaysBusyIsLeftAfterAWhile(t *testing.T) {
	bubble(t, func(t *testing.T, s *service) {
		s.say = always("Send", faulty("170"))
		began := time.Now()
		err := s.shell().Send(t.Context(), []byte("input"))
		if took := time.Since(began); !errors.Is(err, ErrBusy) || took < 20*time.Second || took > 40*time.Second {
			t.Errorf("%v after %s", err, took)
		}
	})
}

func TestAWaitForABusyServiceEndsWithItsContext(t *testing.T) {
	bubble(t, func(t *testing.T, s *service) {
		s.say = always("Send", faulty("170"))
		shell := s.shell()
		ctx, cancel := context.WithTimeout(t.Context(), 1500*time.Millisecond)
		defer cancel()
		began := time.Now()
		if err := shell.Send(ctx, []byte("input")); !errors.Is(err, ErrBusy) || time.Since(began) != 1500*time.Millisecond {
			t.Errorf("%v after %s", err, time.Since(began))
		}
	})
}

// TestAPieceThatTheServiceStillHoldsIsNotLost has PowerShell start slowly: the service answers the first piece with
// a timeout, and the next ones with busy until the command has read.
func TestAPieceThatTheServiceStillHoldsIsNotLost(t *testing.T) {
	bubble(t, func(t *testing.T, s *service) {
		sends := 0
		s.say = func(_ int, r request) *answer {
			if r.Verb != "Send" {
				return nil
			}
			sends++
			switch sends {
			case 1:
				a := nothingYet()
				return &a
			case 2, 3:
				a := faulty("170")
				return &a
			}
			return nil
		}
		input := strings.Repeat("x", sendSize) + strings.Repeat("y", 10)
		if err := s.shell().Send(t.Context(), []byte(input)); err != nil {
			t.Fatal(err)
		}
		seen := s.seen()
		if s.verbs() != "Create Command Send Send Send Send" || seen[2].Input[0] != 'x' || seen[5].Input != "yyyyyyyyyy" {
			t.Error(s.verbs())
		}
	})
}

func TestCloseIsIdempotent(t *testing.T) {
	bubble(t, func(t *testing.T, s *service) {
		shell := s.shell()
		for range 3 {
			if err := shell.Close(t.Context()); err != nil {
				t.Error(err)
			}
		}
		if s.verbs() != "Create Command Delete" {
			t.Error(s.verbs())
		}
	})
}

func TestCloseFailsOnlyWhenAShellMayBeLeft(t *testing.T) {
	tests := []struct {
		name  string
		say   func(int, request) *answer
		verbs string
		left  bool
	}{
		{name: "the shell is gone", say: always("Delete", faulty("2150858843")), verbs: "Delete"},
		{name: "the service is shutting down", say: only("Delete", 0, faulty("2150859118")), verbs: "Delete Delete"},
		{name: "the service stays so", say: always("Delete", faulty("995")), verbs: "Delete Delete"},
		{name: "the answer to Delete is lost", say: only("Delete", 0, answer{cut: true}), verbs: "Delete Delete"},
		{name: "the connection breaks again and again", say: always("Delete", answer{cut: true}), verbs: "Delete Delete", left: true},
		{name: "the shell can't be deleted", say: always("Delete", faulty("87")), verbs: "Delete", left: true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			bubble(t, func(t *testing.T, s *service) {
				s.say = tt.say
				shell := s.shell()
				ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
				defer cancel()
				if err := shell.Close(ctx); (err != nil) != tt.left {
					t.Errorf("Close() = %v", err)
				}
				if want := "Create Command " + tt.verbs; s.verbs() != want {
					t.Errorf("%s, want %s", s.verbs(), want)
				}
			})
		})
	}
}

func TestCloseEndsAReceiveThatIsUnderWay(t *testing.T) {
	bubble(t, func(t *testing.T, s *service) {
		gone := make(chan struct{})
		s.say = func(_ int, r request) *answer {
			switch r.Verb {
			case "Receive":
				<-gone
				a := faulty("995")
				return &a
			case "Delete":
				close(gone)
			}
			return nil
		}
		shell := s.shell()
		received := make(chan error)
		go func() {
			_, err := shell.Receive(t.Context())
			received <- err
		}()
		synctest.Wait()
		if err := shell.Close(t.Context()); err != nil {
			t.Error(err)
		}
		if err := <-received; !errors.Is(err, ErrShellGone) {
			t.Errorf("Receive() = %v", err)
		}
	})
}

// TestCloseDoesNotWaitForASend has the service hold a Send, on whose connection the Delete would have to wait.
func TestCloseDoesNotWaitForASend(t *testing.T) {
	tests := []struct {
		name   string
		cancel bool // the Send is given up, which ends its connection
		conn   string
	}{
		{"that is under way", false, "connection 2"},
		{"that was given up", true, "connection 2"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			bubble(t, func(t *testing.T, s *service) {
				s.say = always("Send", answer{hold: true})
				shell := s.shell()
				if _, err := shell.Receive(t.Context()); err != nil {
					t.Fatal(err)
				}
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				sent := make(chan error, 1)
				go func() { sent <- shell.Send(ctx, []byte("x")) }()
				synctest.Wait()
				if tt.cancel {
					cancel()
					if err := <-sent; err == nil {
						t.Error("the Send succeeded")
					}
				}
				began := time.Now()
				if err := shell.Close(t.Context()); err != nil || time.Since(began) != 0 {
					t.Errorf("Close() = %v after %s", err, time.Since(began))
				}
				seen := s.seen()
				if last := seen[len(seen)-1]; last.Verb != "Delete" || last.Conn != tt.conn {
					t.Errorf("%s came over %s", last.Verb, last.Conn)
				}
				cancel()
			})
		})
	}
}

func TestAContextEndsAnExchange(t *testing.T) {
	bubble(t, func(t *testing.T, s *service) {
		s.say = always("Receive", answer{hold: true})
		shell := s.shell()
		stopped := errors.New("the user pressed Ctrl-C")
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(time.Second, func() { cancel(stopped) })
		began := time.Now()
		_, err := shell.Receive(ctx)
		if took := time.Since(began); !errors.Is(err, stopped) || took != time.Second {
			t.Errorf("%v after %s", err, took)
		}
	})
}

func TestAnExchangeWithoutAnAnswerEndsAfterTheServicesOwnTime(t *testing.T) {
	bubble(t, func(t *testing.T, s *service) {
		s.say = always("Receive", answer{hold: true})
		shell := s.shell()
		began := time.Now()
		_, err := shell.Receive(t.Context())
		if took := time.Since(began); !errors.Is(err, ErrConnectionLost) || took <= 20*time.Second || took > time.Minute {
			t.Errorf("%v after %s", err, took)
		}
	})
}

// TestAServiceThatAnswersAtOnceIsNotAskedAllTheTime has a service not hold a Receive, as it must.
func TestAServiceThatAnswersAtOnceIsNotAskedAllTheTime(t *testing.T) {
	nothing := map[string]answer{
		"it answers that the time is over": nothingYet(),
		"it answers without output":        {body: receivedBody("", false, "")},
	}
	for name, a := range nothing {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, s *service) {
				s.say = always("Receive", a)
				shell := s.shell()
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				for ctx.Err() == nil {
					if out, err := shell.Receive(ctx); err != nil || out.Done {
						t.Fatal(out, err)
					}
				}
				if asked := strings.Count(s.verbs(), "Receive"); asked < 3 || asked >= 10 {
					t.Errorf("asked %d times in a minute", asked)
				}
			})
		})
	}
}

func TestAServiceThatHoldsAReceiveIsAskedAgainAtOnce(t *testing.T) {
	bubble(t, func(t *testing.T, s *service) {
		s.say = func(_ int, r request) *answer {
			if r.Verb != "Receive" {
				return nil
			}
			<-time.After(atOnce)
			a := nothingYet()
			return &a
		}
		shell := s.shell()
		for range 5 {
			began := time.Now()
			if _, err := shell.Receive(t.Context()); err != nil || time.Since(began) != atOnce {
				t.Fatal(err, time.Since(began))
			}
		}
	})
}

// TestClientsThatWereRefusedTogetherDoNotComeAgainTogether compares when two shells ask a busy service again.
func TestClientsThatWereRefusedTogetherDoNotComeAgainTogether(t *testing.T) {
	bubble(t, func(t *testing.T, s *service) {
		var pauses []time.Duration
		for range 2 {
			s.say = only("Send", 0, faulty("2150859174"))
			shell := s.shell()
			began := time.Now()
			if err := shell.Send(t.Context(), []byte("x")); err != nil {
				t.Fatal(err)
			}
			pauses = append(pauses, time.Since(began))
		}
		if pause := NewClient(nil).BusyPause; pauses[0] == pauses[1] || slices.Min(pauses) < pause/2 || slices.Max(pauses) > 2*pause {
			t.Errorf("they waited %s", pauses)
		}
	})
}
