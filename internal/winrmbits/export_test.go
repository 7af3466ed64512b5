package winrmbits

import (
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/wsman"
)

// NewQuickFleet returns a fleet that tries again after 10 ms, so that a test does not wait as long as a provider does.
func NewQuickFleet() *Fleet {
	client := wsman.NewClient(nil)
	client.BusyPause = 10 * time.Millisecond
	f := fleetOver(client, nil)
	f.backoff = backoff{first: 10 * time.Millisecond, longest: 10 * time.Millisecond}
	return f
}
