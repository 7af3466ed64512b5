package bitsvc

import (
	"errors"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
)

// overrides are the deviations from documented behaviour that a test asks for.
type overrides struct {
	messages       func(bits.HResult) string // nil: English
	result         func(bits.State, bits.Properties) bits.HResult
	ignoreComplete bool
}

// SetMessages replaces the texts of the host's errors, as a Windows in another language does; nil ends that.
func (s *Service) SetMessages(messages func(bits.HResult) string) {
	s.set(func() { s.messages = messages })
}

// OverrideResult replaces the results of calls that set properties and, without any property, of Resume and Cancel. A call that is
// to fail changes nothing; one that is to succeed with a result such as BG_S_OVERRIDDEN_BY_POLICY sets the property and returns the
// result. nil ends that.
func (s *Service) OverrideResult(result func(state bits.State, p bits.Properties) bits.HResult) {
	s.set(func() { s.result = result })
}

// IgnoreComplete makes Complete do nothing and report success.
// Source: reports that Complete-BitsTransfer does not remove a job in error, potatoqualitee/kbupdate issue 248.
func (s *Service) IgnoreComplete(ignore bool) { s.set(func() { s.ignoreComplete = ignore }) }

// overridden returns what OverrideResult makes of a call. The service's mutex is held, as for the rest here.
func (s *Service) overridden(j *job, p bits.Properties) bits.HResult {
	if s.result == nil {
		return 0
	}
	return s.result(j.state, p)
}

// localize puts an error into the host's language.
func (s *Service) localize(err error) error {
	var refusal *bits.Error
	if s.messages == nil || !errors.As(err, &refusal) {
		return err
	}
	localized := *refusal
	localized.Text = s.messages(localized.HResult)
	return &localized
}

// message is the host's text for a result.
func (s *Service) message(h bits.HResult) string {
	if s.messages != nil {
		return s.messages(h)
	}
	e, _ := bits.Lookup(h)
	return e.Meaning
}
