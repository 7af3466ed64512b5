package bitsvc

import (
	"errors"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
)

// moods is what a host does otherwise than documented, where a test wants that.
type moods struct {
	words   func(bits.HResult) string // nil: English
	answers func(bits.State, bits.Properties) bits.HResult
	deaf    bool
}

// Speak has the host say its texts as a Windows of another language does; nil ends that.
func (s *Service) Speak(words func(bits.HResult) string) {
	s.set(func() { s.words = words })
}

// Answer has calls answered otherwise: those that set properties, and without any property Resume and Cancel. A failure
// changes nothing; a success such as BG_S_OVERRIDDEN_BY_POLICY is told though the property is set. nil ends that.
func (s *Service) Answer(answers func(state bits.State, p bits.Properties) bits.HResult) {
	s.set(func() { s.answers = answers })
}

// IgnoreComplete has Complete do nothing and report success.
// Source: reports that Complete-BitsTransfer does not remove a job in error, potatoqualitee/kbupdate issue 248.
func (s *Service) IgnoreComplete(ignore bool) { s.set(func() { s.deaf = ignore }) }

func (h *Handle) ignored() bool {
	h.service.mu.Lock()
	defer h.service.mu.Unlock()
	return h.service.deaf && h.allowed() == nil
}

// answer is what Answer wants; the service's mutex is held, as for the rest here.
func (s *Service) answer(j *job, p bits.Properties) bits.HResult {
	if s.answers == nil {
		return 0
	}
	return s.answers(j.state, p)
}

// say puts a refusal into the host's language.
func (s *Service) say(err error) error {
	var refusal *bits.Error
	if s.words == nil || !errors.As(err, &refusal) {
		return err
	}
	said := *refusal
	said.Text = s.words(said.HResult)
	return &said
}

// meaning is what the host says of a result.
func (s *Service) meaning(h bits.HResult) string {
	if s.words != nil {
		return s.words(h)
	}
	e, _ := bits.Lookup(h)
	return e.Meaning
}
