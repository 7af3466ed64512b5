// SPDX-License-Identifier: MPL-2.0

package winrmbits

import (
	"testing"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/connection"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/bitsvc"
)

func TestAListingReportsWhoseJobsItHolds(t *testing.T) {
	for _, test := range []struct {
		name  string
		runAs connection.RunAs
		mine  bool
		want  []string
	}{
		{"everybody's", connection.RunAsUser, false, []string{"the account's", "SYSTEM's"}},
		{"everybody's where SYSTEM makes the jobs", connection.RunAsSystem, false, []string{"the account's", "SYSTEM's"}},
		{"those of the account that logs on", connection.RunAsUser, true, []string{"the account's"}},
		{"those of SYSTEM, whom an administrator need not become for that", connection.RunAsSystem, true, []string{"SYSTEM's"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			bubble(t, func(t *testing.T, r *rig) {
				r.world.job("the account's")
				if _, err := r.world.service.CreateJob(bitsvc.LocalSystem(), "SYSTEM's", bits.Download); err != nil {
					t.Fatal(err)
				}
				s := settings(0)
				s.RunAs = test.runAs
				listing, err := r.fleet.Host(s).Listing(t.Context(), test.mine)
				if err != nil {
					t.Fatal(err)
				}
				if listing.At.Before(listing.Jobs[0].CreatedAt) {
					t.Errorf("it is of %s", listing.At)
				}
				if listing.AllUsers == test.mine {
					t.Errorf("all users: %t", listing.AllUsers)
				}
				var names []string
				for _, job := range listing.Jobs {
					names = append(names, job.DisplayName)
				}
				if len(names) != len(test.want) || names[0] != test.want[0] {
					t.Errorf("it holds %q, want %q", names, test.want)
				}
			})
		})
	}
}
