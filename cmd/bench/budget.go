// SPDX-License-Identifier: MPL-2.0

package main

import (
	"errors"
	"fmt"
)

// budget is what a step may count at most.
type budget struct{ requests, starts, logons, sent, back int64 } // sent and back in kB

// budgets are those of the quick measurements of this provider, by their titles and steps: what was counted, and a quarter more
// where it depends on which operations travel together. Starts and logons have no such reserve.
var budgets = map[string]map[string]budget{
	"1 host, 20 jobs, with Terraform": {
		"create":            {requests: 50, starts: 2, logons: 1, sent: 180, back: 120},
		"plan":              {requests: 7, starts: 1, logons: 1, sent: 75, back: 45},
		"re-prioritise all": {requests: 40, starts: 3, logons: 2, sent: 220, back: 115},
		"plan again":        {requests: 7, starts: 1, logons: 1, sent: 75, back: 45},
		"destroy":           {requests: 40, starts: 3, logons: 2, sent: 215, back: 90},
		"complete all":      {requests: 40, starts: 3, logons: 2, sent: 220, back: 115},
	},
	"4 hosts, 5 jobs each, with Terraform": {
		"create":            {requests: 125, starts: 8, logons: 4, sent: 600, back: 240},
		"plan":              {requests: 28, starts: 4, logons: 4, sent: 300, back: 90},
		"re-prioritise all": {requests: 104, starts: 12, logons: 8, sent: 830, back: 220},
		"plan again":        {requests: 28, starts: 4, logons: 4, sent: 300, back: 90},
		"destroy":           {requests: 104, starts: 12, logons: 8, sent: 830, back: 200},
		"complete all":      {requests: 104, starts: 12, logons: 8, sent: 830, back: 230},
	},
	"1 host, 20 jobs, the client alone": {
		"create":        {requests: 40, starts: 2, logons: 1, sent: 160, back: 105},
		"read":          {requests: 7, starts: 1, logons: 1, sent: 75, back: 45},
		"re-prioritise": {requests: 24, starts: 2, logons: 1, sent: 135, back: 65},
		"remove":        {requests: 24, starts: 2, logons: 1, sent: 135, back: 45},
		"complete":      {requests: 24, starts: 2, logons: 1, sent: 135, back: 65},
	},
}

// overBudget returns what is above its budget.
func overBudget(list []measurement) error {
	var errs []error
	for _, m := range list {
		allowed := budgets[m.title()]
		for _, r := range m.Results {
			got := r.Costs[map[bool]string{true: ours, false: ourClient}[m.CLI]]
			most, known := allowed[r.Step]
			if !known {
				errs = append(errs, fmt.Errorf("%s: %s has no budget", m.title(), r.Step))
			}
			for _, c := range []struct {
				what      string
				got, most int64
			}{
				{"requests", got.HTTPRequests, most.requests}, {"starts of PowerShell", got.PowerShellStarts, most.starts}, {"logons", got.Logons, most.logons},
				{"kB to the hosts", got.BytesIn / 1000, most.sent}, {"kB from the hosts", got.BytesOut / 1000, most.back},
			} {
				if c.got > c.most {
					errs = append(errs, fmt.Errorf("%s: %s costs %d %s, and its budget is %d", m.title(), r.Step, c.got, c.what, c.most))
				}
			}
		}
	}
	return errors.Join(errs...)
}
