package bitsvc

import (
	"errors"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
)

// Speak has the host say its texts as a Windows of another language does; nil ends that.
func (s *Service) Speak(words func(bits.HResult) string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.words = words
}

// say puts a refusal into the host's language. The service's mutex is held.
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
