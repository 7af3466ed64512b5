// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"cmp"
	"context"
	"errors"
	"os"
	"runtime/debug"
	"strings"
	"sync/atomic"

	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"

	"github.com/winrmbits/terraform-provider-bits/internal/provider/hosts"
)

const address = "registry.terraform.io/winrmbits/bits"

// gcPercent is GOGC unless that is set. Nearly all that a call allocates is garbage when it is over: collecting it less often saves a tenth
// of the processor time. With sessions on 200 hosts 100 MB would not be enough for GOGC=200.
const gcPercent = 150

// Serve serves the provider to a CLI, which ends it; or if it is attachable to any CLI that attaches to it, until it is interrupted.
func Serve(version string, open hosts.Open, attachable bool) error {
	server, err := NewServer(version, open)
	if err != nil {
		return err
	}
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	var opts []tf6server.ServeOpt
	if attachable {
		opts = append(opts, tf6server.WithManagedDebug())
	}
	return tf6server.Serve(address, func() tfprotov6.ProviderServer { return server }, opts...)
}

// everything is what the framework serves.
type everything interface {
	tfprotov6.ProviderServer
	tfprotov6.ActionServer
	tfprotov6.ListResourceServer
}

// server is the framework's server, which gets a context for each call that refers to nothing else once the call is over.
//
// The framework keeps a function that cancels it for every call of a process, to be called when the provider is stopped, and with the
// function the context: loggers, message and stream, about 20 kB. That was most of the memory of a run with a thousand jobs. Calls that
// stream their results are left out: a run has few.
type server struct {
	everything
	logs    bool                            // something may be logged
	loggers atomic.Pointer[context.Context] // has those of what goes on after a call, such as the sessions with hosts
}

// NewServer returns the provider as a server of the protocol. It reaches hosts through open.
func NewServer(version string, open hosts.Open) (tfprotov6.ProviderServer, error) {
	return newServer(New(version, open)())
}

func newServer(p provider.Provider) (*server, error) {
	framework, ok := providerserver.NewProtocol6(p)().(everything)
	if !ok {
		return nil, errors.New("the framework serves no actions or no lists")
	}
	return &server{everything: framework, logs: logsAnything()}, nil
}

// logsAnything reports whether a level lets anything be logged, after LimitLog.
func logsAnything() bool {
	for name, fallback := range map[string]string{
		"TF_LOG_SDK": "", "TF_LOG_SDK_PROTO": "OFF", "TF_LOG_SDK_FRAMEWORK": "OFF", "TF_LOG_PROVIDER_BITS": "", "TF_LOG_PROVIDER_BITS_WINRM": "OFF",
	} {
		if level := cmp.Or(os.Getenv(name), fallback); !strings.EqualFold(level, "OFF") {
			return true
		}
	}
	return false
}

// callContext is the context of a call that may log.
type callContext struct {
	context.Context
	server *server
	values atomic.Pointer[context.Context] // of the call; nil: it is over
}

func (c *callContext) Value(key any) any {
	if v := c.Context.Value(key); v != nil {
		return v
	}
	if values := cmp.Or(c.values.Load(), c.server.loggers.Load()); values != nil {
		return (*values).Value(key)
	}
	return nil
}

// during makes a call. A call that logs nothing gets a context without values: the framework sets a field of its logger for each attribute
// that it visits, which copies all fields.
//
//nolint:contextcheck // the framework keeps the context, so it must not refer to the call's own
func during[Q, A any](in context.Context, s *server, call func(context.Context, Q) (A, error), request Q) (A, error) {
	ctx, end := context.WithCancel(context.Background())
	defer end()
	defer context.AfterFunc(in, end)()
	if !s.logs {
		return call(ctx, request)
	}
	c := &callContext{Context: ctx, server: s}
	c.values.Store(&in)
	defer c.values.Store(nil)
	return call(c, request)
}
