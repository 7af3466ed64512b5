package winrmbits

import (
	"context"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/agent"
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

// Hello sends an operation that changes nothing.
func (h *Host) Hello(ctx context.Context) (agent.Hello, error) {
	ctx, cancel := h.limit(ctx)
	defer cancel()
	hello, err := carryOut[agent.Hello](ctx, h, agent.Op{Name: agent.OpHello})
	return hello, h.wrap("send hello", "", err)
}

// List returns the jobs of a listing.
func (h *Host) List(ctx context.Context, mine bool) ([]bits.Job, error) {
	listing, err := h.Listing(ctx, mine)
	return listing.Jobs, err
}
