// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/logon"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits"
)

// The contestants of a run without a CLI.
const (
	ourClient = "client"
	shells    = "one-shot shells"
)

// parallelism is Terraform's default number of concurrent operations.
const parallelism = 10

// target is a job of a run without a CLI.
type target struct {
	on   *winhost.Host
	spec bits.Spec
	id   bits.JobID
}

// operation is done to every job, by the client and by one-shot shells.
type operation struct {
	name  string
	ours  func(ctx context.Context, h *winrmbits.Host, t *target) error
	shell func(ctx context.Context, o *oneShots, t *target) error
}

func operations() []operation {
	script := func(text string) func(context.Context, *oneShots, *target) error {
		return func(ctx context.Context, o *oneShots, t *target) error {
			_, err := o.run(ctx, t.on, text, t.id)
			return err
		}
	}
	return []operation{
		{"create", create, func(ctx context.Context, o *oneShots, t *target) error {
			id, err := o.run(ctx, t.on, createScript, t.spec.Files[0].RemoteName, t.spec.Files[0].LocalName, t.spec.DisplayName)
			t.id = bits.JobID(id)
			return err
		}},
		{"read", func(ctx context.Context, h *winrmbits.Host, t *target) error {
			_, err := h.Get(ctx, t.id, "")
			return err
		}, script(readScript)},
		{"re-prioritise", func(ctx context.Context, h *winrmbits.Host, t *target) error {
			high := bits.PriorityHigh
			_, err := h.Change(ctx, t.id, bits.Change{Priority: &high})
			return err
		}, script(changeScript)},
		{"remove", func(ctx context.Context, h *winrmbits.Host, t *target) error {
			_, err := h.Remove(ctx, t.id)
			return err
		}, script(removeScript)},
		{"", create, func(ctx context.Context, o *oneShots, t *target) error { // those to be completed
			id, err := o.run(ctx, t.on, createScript, t.spec.Files[0].RemoteName, t.spec.Files[0].LocalName, t.spec.DisplayName)
			t.id = bits.JobID(id)
			return err
		}},
		{complete, func(ctx context.Context, h *winrmbits.Host, t *target) error {
			_, err := h.Complete(ctx, t.id)
			return err
		}, script(doneScript)},
	}
}

const complete = "complete"

func create(ctx context.Context, h *winrmbits.Host, t *target) error {
	var token [16]byte
	_, _ = rand.Read(token[:]) // never fails
	job, err := h.Create(ctx, hex.EncodeToString(token[:]), t.spec)
	if err == nil {
		t.id = job.ID
		_, err = h.Commit(ctx, job.ID, t.spec.DisplayName, false)
	}
	return err
}

// runClient does each operation to all jobs by both contestants in turn, each on hosts of its own. Both log on by Basic, which
// costs one-shot shells the least.
func runClient(ctx context.Context, s shape, to setting) (results []result, err error) {
	config := to.network(s.Hosts)
	config.Script, config.Security = means, winhost.Security{Auth: []logon.Scheme{logon.Basic}}
	networks := map[string]*winhost.Network{}
	targets := map[string][]*target{}
	for _, name := range []string{ourClient, shells} {
		network, err := winhost.Start(config)
		if err != nil {
			return nil, err
		}
		defer func() { err = errors.Join(err, network.Close()) }()
		networks[name], targets[name] = network, newTargets(network, s)
	}
	scripts, err := newOneShots(networks[shells])
	if err != nil {
		return nil, err
	}
	for _, o := range operations() {
		r := result{Step: o.name, Costs: map[string]cost{}}
		for _, name := range []string{ourClient, shells} {
			if o.name == complete {
				if err := transfer(ctx, networks[name]); err != nil {
					return results, err
				}
			}
			do := func(t *target) error { return o.shell(ctx, scripts, t) }
			var fleet *winrmbits.Fleet
			if name == ourClient {
				fleet = winrmbits.NewFleet(nil)
				do = func(t *target) error { return o.ours(ctx, fleet.Host(t.on.Settings()), t) }
			}
			resetStats(networks[name])
			began := time.Now()
			err := forEach(targets[name], do)
			if fleet != nil {
				err = errors.Join(err, fleet.Close(ctx))
			}
			if err != nil {
				return results, fmt.Errorf("%s by %s: %w", o.name, name, err)
			}
			r.Costs[name] = cost{Seconds: time.Since(began).Seconds(), Stats: networks[name].Stats()}
		}
		if o.name != "" {
			results = append(results, r)
		}
	}
	return results, nil
}

// newTargets describes the jobs. The account of one-shot shells is logged on, because BITS would refuse its jobs otherwise.
func newTargets(network *winhost.Network, s shape) []*target {
	var list []*target
	for i, h := range network.Hosts() {
		h.BITS.LogOn(h.Account.SID)
		h.BITS.Pause()
		for j := range s.Jobs {
			name := fmt.Sprintf("job-%d-%d", i, j)
			list = append(list, &target{on: h, spec: bits.Spec{
				DisplayName: name, TransferType: bits.Download, Priority: bits.PriorityNormal, Directories: true,
				Files: []bits.FileSpec{{RemoteName: network.FilesURL + "/" + name + "?size=100", LocalName: `C:\Temp\` + name}},
			}})
		}
	}
	return list
}

// transfer lets BITS transfer all jobs of the hosts, which are held until then.
func transfer(ctx context.Context, network *winhost.Network) error {
	for _, h := range network.Hosts() {
		jobs, err := h.BITS.Jobs(h.Account, true)
		if err != nil {
			return err
		}
		h.BITS.Run()
		for _, job := range jobs {
			if err := h.BITS.WaitState(ctx, job.ID, bits.StateTransferred); err != nil {
				return err
			}
		}
	}
	return nil
}

func resetStats(network *winhost.Network) {
	for _, h := range network.Hosts() {
		h.ResetStats()
	}
}

// forEach does something to every job, as many at a time as Terraform does, and returns the first failure.
func forEach(targets []*target, do func(*target) error) error {
	next := make(chan *target, len(targets))
	for _, t := range targets {
		next <- t
	}
	close(next)
	var (
		workers sync.WaitGroup
		once    sync.Once
		first   error
	)
	for range parallelism {
		workers.Go(func() {
			for t := range next {
				if err := do(t); err != nil {
					once.Do(func() { first = fmt.Errorf("job %s: %w", t.spec.DisplayName, err) })
				}
			}
		})
	}
	workers.Wait()
	return first
}
