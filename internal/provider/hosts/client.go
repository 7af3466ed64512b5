// SPDX-License-Identifier: MPL-2.0

// Package hosts connects to the hosts of the configuration, and declares what the provider needs of BITS on one host.
package hosts

import (
	"context"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/connection"
)

// Open returns BITS on the host of some settings. It does not dial: the first call does.
type Open func(connection.Settings) Client

// Client is BITS on one host, as far as the provider needs it. Errors match the classes of package bits by
// errors.Is; a transport error is never bits.ErrNotFound.
type Client interface {
	// Create makes a suspended job that is named after the pending token (32 hexadecimal digits), with all properties and files set. When it
	// is not known whether the job was made the error is bits.ErrUnknownOutcome, and Adopt finds it.
	Create(ctx context.Context, token string, spec bits.Spec) (bits.Job, error)
	// Adopt finds the job that Create made for a token: bits.ErrNotFound if there is none.
	Adopt(ctx context.Context, token string) (bits.Job, error)
	// Commit names a pending job, and resumes it unless it is to stay suspended. It may be repeated.
	Commit(ctx context.Context, id bits.JobID, displayName string, suspended bool) (bits.Job, error)
	// Get reads a job. bits.ErrNotFound comes only from a reader that would have seen the job, which ownerSID
	// ("" when not known) decides where not every user's jobs are visible; otherwise the error is bits.ErrNotVisible.
	Get(ctx context.Context, id bits.JobID, ownerSID string) (bits.Job, error)
	// Listing returns every job that the account may see, or only those of the account that owns what is made here.
	Listing(ctx context.Context, mine bool) (bits.Listing, error)
	// Describe reads what the host is like.
	Describe(ctx context.Context, query bits.HostQuery) (bits.Host, error)
	// Change changes a live job in place.
	Change(ctx context.Context, id bits.JobID, change bits.Change) (bits.Job, error)
	// History reads from the host's event log how a job ended that BITS no longer lists; since is a time before its end.
	History(ctx context.Context, id bits.JobID, since time.Time) (bits.History, error)
	// Stat reads what is at paths on the host, in their order.
	Stat(ctx context.Context, files []bits.FileQuery) ([]bits.FileStatus, error)
	// Complete ends a transferred job, so that its files get their names.
	Complete(ctx context.Context, id bits.JobID) (bits.Completion, error)
	// Remove cancels a job. An absent job is not an error.
	Remove(ctx context.Context, id bits.JobID) (bits.Removal, error)
}
