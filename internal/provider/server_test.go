// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"reflect"
	"runtime"
	"slices"
	"testing"
	"weak"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// notFreed are the calls whose answers are made after the method returns, and those of ephemeral resources, which this provider
// does not have.
var notFreed = []string{
	"ListResource", "InvokeAction", "OpenEphemeralResource", "RenewEphemeralResource", "CloseEphemeralResource", "ValidateEphemeralResourceConfig",
}

// TestTheContextOfACallIsFreedWithIt makes every call of the protocol. The framework keeps the contexts that it gets until the
// provider is stopped, which no CLI does that ends without an interruption.
func TestTheContextOfACallIsFreedWithIt(t *testing.T) {
	r := ready(t)
	server, config := reflect.ValueOf(r.server), r.dynamic(r.provider, object(r.provider, nil))
	for i := range server.NumMethod() {
		name := server.Type().Method(i).Name
		if slices.Contains(notFreed, name) {
			continue
		}
		t.Run(name, func(t *testing.T) {
			req := reflect.New(server.Method(i).Type().In(1).Elem())
			if c, ok := req.Interface().(*tfprotov6.ConfigureProviderRequest); ok {
				c.Config = config
			}
			held := callWith(t, server.Method(i), req)
			if name == "ConfigureProvider" { // whose log is that of the sessions until the next one
				callWith(t, server.Method(i), req)
			}
			runtime.GC()
			if held.Value() != nil {
				t.Error("the values of its context are kept")
			}
		})
	}
}

// callWith makes a call, and returns a value of its context.
func callWith(t *testing.T, method, req reflect.Value) weak.Pointer[[1 << 10]byte] {
	t.Helper()
	value := new([1 << 10]byte)
	ctx, cancel := context.WithCancel(context.WithValue(t.Context(), payloadKey{}, value))
	defer cancel() // as gRPC does when a call ends
	answers := method.Call([]reflect.Value{reflect.ValueOf(ctx), req})
	if err := answers[1]; !err.IsNil() {
		t.Fatal(err)
	}
	return weak.Make(value)
}
