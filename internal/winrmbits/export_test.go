package winrmbits

import "time"

// NewQuickFleet returns a fleet that tries again after 10 ms, so that a test does not wait as long as a provider does.
func NewQuickFleet() *Fleet {
	f := NewFleet()
	f.backoff = backoff{first: 10 * time.Millisecond, longest: 10 * time.Millisecond}
	return f
}
