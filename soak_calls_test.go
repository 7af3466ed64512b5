// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"encoding/json"
	"maps"
	"strings"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/dynamicpb"
)

// walk makes calls over one connection, with the streams that go-plugin opens beside them.
func (p *soakedProvider) walk(calls func()) {
	p.t.Helper()
	client := plugin.NewClient(&plugin.ClientConfig{
		Plugins: plugin.PluginSet{"provider": connectionPlugin{}}, Reattach: &p.attach, AllowedProtocols: []plugin.Protocol{plugin.ProtocolGRPC},
		Logger: hclog.NewNullLogger(),
	})
	protocol, err := client.Client()
	if err != nil {
		p.t.Fatal(err)
	}
	connection, err := protocol.Dispense("provider")
	if err != nil {
		p.t.Fatal(err)
	}
	p.command = connection.(*grpc.ClientConn)
	p.call("GetProviderSchema", nil)
	p.call("ValidateProviderConfig", message{"config": value(p.config)})
	calls()
	if err := p.command.Close(); err != nil {
		p.t.Error(err)
	}
}

// connectionPlugin is a plugin that is its connection.
type connectionPlugin struct{ plugin.NetRPCUnsupportedPlugin }

func (connectionPlugin) GRPCServer(*plugin.GRPCBroker, *grpc.Server) error { panic("no server") }

func (connectionPlugin) GRPCClient(_ context.Context, _ *plugin.GRPCBroker, c *grpc.ClientConn) (any, error) {
	return c, nil
}

// message is a message of the protocol in the JSON of Protocol Buffers.
type message map[string]any

func with(m, more message) message {
	all := maps.Clone(m)
	maps.Copy(all, more)
	return all
}

func value(msgpack []byte) message { return message{"msgpack": msgpack} }

// answer is what the answers to the calls have in common: a state, private data and diagnostics.
type answer struct {
	State, Private []byte
}

// call calls the provider. The Go package of these messages is internal to terraform-plugin-go, but their descriptors are not.
func (p *soakedProvider) call(method string, content message) answer {
	p.t.Helper()
	found, err := protoregistry.GlobalFiles.FindDescriptorByName("tfplugin6.Provider")
	if err != nil {
		p.t.Fatal(err)
	}
	descriptor := found.(protoreflect.ServiceDescriptor).Methods().ByName(protoreflect.Name(method))
	req, resp := dynamicpb.NewMessage(descriptor.Input()), dynamicpb.NewMessage(descriptor.Output())
	if strings.Contains(method, "Resource") {
		content = with(content, message{"typeName": "bits_job"})
	}
	body, err := json.Marshal(content)
	if err == nil && content != nil {
		err = protojson.Unmarshal(body, req)
	}
	if err == nil {
		err = p.command.Invoke(p.t.Context(), "/tfplugin6.Provider/"+method, req, resp)
	}
	if err != nil {
		p.t.Fatalf("%s: %v", method, err)
	}
	if body, err = protojson.Marshal(resp); err != nil {
		p.t.Fatal(err)
	}
	var parsed struct {
		NewState, PlannedState  struct{ Msgpack []byte }
		Private, PlannedPrivate []byte
		Diagnostics             []struct{ Severity, Summary, Detail string }
	}
	if err := json.Unmarshal(body, &parsed); err != nil {
		p.t.Fatal(err)
	}
	for _, d := range parsed.Diagnostics {
		p.t.Fatalf("%s: %+v", method, d)
	}
	return answer{
		State:   append(parsed.NewState.Msgpack, parsed.PlannedState.Msgpack...),
		Private: append(parsed.Private, parsed.PlannedPrivate...),
	}
}
