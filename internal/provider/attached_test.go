// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"context"
	"encoding/json"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"

	"github.com/winrmbits/terraform-provider-bits/internal/connection"
	"github.com/winrmbits/terraform-provider-bits/internal/provider"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/hosts"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits"
)

// attachedProvider is the provider in the test's own process. A CLI attaches to it, which saves the three or four processes of
// the provider that each command would start.
type attachedProvider struct {
	everything
	t           *testing.T
	interrupted chan struct{} // the provider was stopped

	mu    sync.Mutex
	fleet *winrmbits.Fleet
}

// everything is what a provider serves to the newest CLIs.
type everything interface {
	tfprotov6.ProviderServer
	tfprotov6.ActionServer
	tfprotov6.ListResourceServer
}

func newAttachedProvider(t *testing.T) *attachedProvider {
	t.Helper()
	p := &attachedProvider{t: t, interrupted: make(chan struct{}, 1), fleet: winrmbits.NewFleet(nil)}
	open := func(s connection.Settings) hosts.Client {
		p.mu.Lock()
		defer p.mu.Unlock()
		return p.fleet.Host(s)
	}
	server, err := provider.NewServer("test", open)
	if err != nil {
		t.Fatal(err)
	}
	p.everything = server.(everything)
	t.Cleanup(p.closeSessions)
	return p
}

// ConfigureProvider begins with new sessions: a CLI starts one process for the plan and another for the apply.
func (p *attachedProvider) ConfigureProvider(
	ctx context.Context, req *tfprotov6.ConfigureProviderRequest,
) (*tfprotov6.ConfigureProviderResponse, error) {
	p.closeSessions()
	return p.everything.ConfigureProvider(ctx, req)
}

// StopProvider notes that the provider knows of an interruption: the contexts of what it does are cancelled then.
func (p *attachedProvider) StopProvider(ctx context.Context, req *tfprotov6.StopProviderRequest) (*tfprotov6.StopProviderResponse, error) {
	resp, err := p.everything.StopProvider(ctx, req)
	select {
	case p.interrupted <- struct{}{}:
	default:
	}
	return resp, err
}

// closeSessions closes the sessions with hosts, as the provider's process does when it ends.
func (p *attachedProvider) closeSessions() {
	p.mu.Lock()
	old := p.fleet
	p.fleet = winrmbits.NewFleet(nil)
	p.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := old.Close(ctx); err != nil {
		p.t.Error(err)
	}
}

// serve serves the provider to CLIs until the test ends, and returns the environment variable that makes them attach to it.
func (p *attachedProvider) serve() (variable string) {
	p.t.Helper()
	const name = "registry.terraform.io/winrmbits/bits"
	ctx, cancel := context.WithCancel(context.Background())
	started, closed, failed := make(chan *plugin.ReattachConfig), make(chan struct{}), make(chan error, 1)
	go func() {
		failed <- tf6server.Serve(name, func() tfprotov6.ProviderServer { return p }, tf6server.WithDebug(ctx, started, closed),
			tf6server.WithLoggingSink(p.t), tf6server.WithoutLogStderrOverride(), tf6server.WithGoPluginLogger(hclog.NewNullLogger()))
	}()
	var served *plugin.ReattachConfig
	select {
	case served = <-started:
	case err := <-failed:
		cancel()
		p.t.Fatalf("serve the provider: %v", err)
	}
	p.t.Cleanup(func() {
		cancel()
		<-closed
	})
	attach := map[string]any{
		"Protocol": served.Protocol, "ProtocolVersion": served.ProtocolVersion, "Pid": served.Pid, "Test": true,
		"Addr": map[string]string{"Network": served.Addr.Network(), "String": served.Addr.String()},
	}
	providers, err := json.Marshal(map[string]any{name: attach, "registry.opentofu.org/winrmbits/bits": attach})
	if err != nil {
		p.t.Fatal(err)
	}
	return "TF_REATTACH_PROVIDERS=" + string(providers)
}

// patience is how long a test waits for what has to happen, on a machine that is busy with other things.
const patience = 3 * time.Minute
