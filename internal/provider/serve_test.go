// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"bytes"
	"context"
	"errors"
	"runtime"
	"strings"
	"testing"
	"weak"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-log/tflog"
	"github.com/hashicorp/terraform-plugin-log/tflogtest"
)

type payloadKey struct{}

// TestACallThatIsOverIsForgotten makes calls whose contexts have something that is not referred to otherwise. The framework keeps their
// contexts until it is stopped.
func TestACallThatIsOverIsForgotten(t *testing.T) {
	r := ready(t)
	call := func() weak.Pointer[[4096]byte] {
		payload := new([4096]byte)
		ctx, end := context.WithCancel(context.WithValue(t.Context(), payloadKey{}, payload))
		defer end()
		if _, err := r.server.GetProviderSchema(ctx, &tfprotov6.GetProviderSchemaRequest{}); err != nil {
			t.Fatal(err)
		}
		return weak.Make(payload)
	}
	var kept []weak.Pointer[[4096]byte]
	for range 10 {
		kept = append(kept, call())
	}
	runtime.GC()
	for i, p := range kept {
		if p.Value() != nil {
			t.Errorf("call %d is still referred to", i)
		}
	}
	runtime.KeepAlive(r)
}

func TestTheContextOfACallEndsWithTheCallsOwn(t *testing.T) {
	for _, logs := range []bool{false, true} {
		s := ready(t).server.(*server)
		s.logs = logs
		in, interrupt := context.WithCancel(context.WithValue(t.Context(), payloadKey{}, "x"))
		var seen context.Context
		_, err := during(in, s, func(ctx context.Context, _ string) (string, error) {
			seen = ctx
			child, end := context.WithCancel(ctx)
			defer end()
			if got := ctx.Value(payloadKey{}) != nil; got != logs {
				t.Errorf("it logs: %v; it has the values of the call: %v", logs, got)
			}
			if ctx.Err() != nil {
				t.Errorf("it has ended: %v", ctx.Err())
			}
			interrupt()
			<-child.Done()
			return "", child.Err()
		}, "")
		if !errors.Is(err, context.Canceled) || seen.Err() == nil || seen.Value(payloadKey{}) != nil {
			t.Errorf("it logs: %v; after the call: %v, %v, %v", logs, err, seen.Err(), seen.Value(payloadKey{}))
		}
		_, _ = during(t.Context(), s, func(ctx context.Context, _ string) (string, error) { seen = ctx; return "", nil }, "")
		if seen.Err() == nil {
			t.Errorf("it logs: %v; the context of a call that is over has not ended", logs)
		}
	}
}

func TestTheSessionsLogAfterTheCallThatOpenedThem(t *testing.T) {
	var log bytes.Buffer
	r := newRig(t)
	s := r.server.(*server)
	s.logs = true
	config := r.dynamic(r.provider, object(r.provider, values{"host": text("web01")}))
	if _, err := s.ConfigureProvider(tflogtest.RootLogger(t.Context(), &log), &tfprotov6.ConfigureProviderRequest{Config: config}); err != nil {
		t.Fatal(err)
	}
	var seen context.Context
	_, _ = during(t.Context(), s, func(ctx context.Context, _ string) (string, error) { seen = context.WithoutCancel(ctx); return "", nil }, "")
	tflog.Info(seen, "closed")
	if !strings.Contains(log.String(), "closed") {
		t.Errorf("logged: %s", log.String())
	}
}

func TestWhatMayBeLogged(t *testing.T) {
	for _, c := range []struct {
		env  map[string]string
		logs bool
	}{
		{map[string]string{"TF_LOG_SDK": "OFF", "TF_LOG_PROVIDER_BITS": "OFF"}, false},
		{map[string]string{"TF_LOG_SDK": "off", "TF_LOG_PROVIDER_BITS": "off", "TF_LOG_SDK_PROTO": "off"}, false},
		{map[string]string{}, true},
		{map[string]string{"TF_LOG_SDK": "OFF", "TF_LOG_PROVIDER_BITS": "WARN"}, true},
		{map[string]string{"TF_LOG_SDK": "OFF", "TF_LOG_PROVIDER_BITS": "OFF", "TF_LOG_PROVIDER_BITS_WINRM": "DEBUG"}, true},
		{map[string]string{"TF_LOG_SDK": "OFF", "TF_LOG_PROVIDER_BITS": "OFF", "TF_LOG_SDK_FRAMEWORK": "TRACE"}, true},
	} {
		for _, name := range []string{"TF_LOG_SDK", "TF_LOG_SDK_PROTO", "TF_LOG_SDK_FRAMEWORK", "TF_LOG_PROVIDER_BITS", "TF_LOG_PROVIDER_BITS_WINRM"} {
			t.Setenv(name, c.env[name])
		}
		if got := logsAnything(); got != c.logs {
			t.Errorf("%v: %v", c.env, got)
		}
	}
}
