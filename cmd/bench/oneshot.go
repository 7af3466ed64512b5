// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"regexp"
	"strings"

	"github.com/masterzen/winrm"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/bitsvc"
)

// The scripts of one-shot shells, with what a provider that runs scripts would send.
const (
	createScript = `Import-Module BitsTransfer; (Start-BitsTransfer -Asynchronous -Source '%s' -Destination '%s' -DisplayName '%s' -Priority Normal).JobId`
	findScript   = `Import-Module BitsTransfer; $job = Get-BitsTransfer -AllUsers | Where-Object JobId -eq '%s'; `
	readScript   = findScript + `$job | Select-Object JobId, DisplayName, Priority, JobState, OwnerAccount, FileList | ConvertTo-Json -Depth 4`
	changeScript = findScript + `Set-BitsTransfer -BitsJob $job -Priority High`
	doneScript   = findScript + `Complete-BitsTransfer -BitsJob $job`
	removeScript = findScript + `Remove-BitsTransfer -BitsJob $job`
)

var (
	createPattern = regexp.MustCompile(`Start-BitsTransfer -Asynchronous -Source '([^']*)' -Destination '([^']*)' -DisplayName '([^']*)'`)
	findPattern   = regexp.MustCompile(`Where-Object JobId -eq '([^']*)'; (.*)$`)
)

// means does what one of the scripts would do.
func means(h *winhost.Host, caller bitsvc.Caller, text string, stdout io.Writer) (known bool) {
	if found := createPattern.FindStringSubmatch(text); found != nil {
		id, err := h.BITS.CreateJob(caller, found[3], bits.Download)
		if err == nil {
			err = h.BITS.AddFile(caller, id, bits.FileSpec{RemoteName: found[1], LocalName: found[2]})
		}
		if err == nil {
			err = h.BITS.Resume(caller, id)
		}
		return say(stdout, string(id), err)
	}
	found := findPattern.FindStringSubmatch(text)
	if found == nil {
		return false
	}
	id := bits.JobID(found[1])
	var err error
	switch verb, _, _ := strings.Cut(found[2], " "); verb {
	case "Set-BitsTransfer":
		err = h.BITS.SetPriority(caller, id, bits.PriorityHigh)
	case "Complete-BitsTransfer":
		_, err = h.BITS.Complete(caller, id)
	case "Remove-BitsTransfer":
		_, err = h.BITS.Cancel(caller, id)
	default:
		var job bits.Job
		var shown []byte
		if job, err = h.BITS.Job(caller, id); err == nil {
			shown, err = json.Marshal(job)
		}
		return say(stdout, string(shown), err)
	}
	return say(stdout, "", err)
}

// say prints the output of a script, or its failure, which its client finds there.
func say(stdout io.Writer, text string, err error) bool {
	if err != nil {
		text = failed + err.Error()
	}
	_, _ = io.WriteString(stdout, text+"\r\n") // the shell may be gone
	return true
}

const failed = "FAILED: "

// oneShots runs scripts, each in a shell of its own, over the connections of one client for a host.
type oneShots struct {
	clients map[*winhost.Host]*winrm.Client
}

func newOneShots(network *winhost.Network) (*oneShots, error) {
	o := &oneShots{map[*winhost.Host]*winrm.Client{}}
	for _, h := range network.Hosts() {
		s := h.Settings()
		endpoint := winrm.NewEndpoint(s.Host, s.Port, s.HTTPS, false, []byte(s.CACert), nil, nil, s.OperationTimeout)
		client, err := winrm.NewClient(endpoint, s.Username, s.Password.Reveal())
		if err != nil {
			return nil, err
		}
		o.clients[h] = client
	}
	return o, nil
}

// run runs a script on a host, and returns what it printed.
func (o *oneShots) run(ctx context.Context, on *winhost.Host, script string, args ...any) (string, error) {
	out, stderr, code, err := o.clients[on].RunPSWithContext(ctx, fmt.Sprintf(script, args...))
	if err != nil {
		return "", err
	}
	if code != 0 || strings.HasPrefix(out, failed) {
		return "", fmt.Errorf("the script ended with %d: %s%s", code, out, stderr)
	}
	return strings.TrimSpace(out), nil
}
