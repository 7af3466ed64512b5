// SPDX-License-Identifier: MPL-2.0

package hosts

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/connection"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/attrs"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/report"
)

// hostConfig is how a host is reached, or every host that is not a key of hosts.
type hostConfig struct {
	settings connection.Settings // without a host
	key      string              // of hosts, as written
	address  string              // "" means the host as the resource writes it
	unknown  []string            // attributes that are known only after an apply
}

// resolveHosts returns how the hosts with an entry are reached, by their keys in lower case.
func (r *resolver) resolveHosts(values map[string]map[string]attr.Value, common hostConfig) map[string]hostConfig {
	entries := map[string]hostConfig{}
	for _, key := range slices.Sorted(maps.Keys(values)) {
		at := path.Root("hosts").AtMapKey(key)
		name, port, err := connection.SplitHost(key)
		if err == nil && port != 0 {
			err = fmt.Errorf("%q contains a port: set port in its entry", key)
		}
		if err != nil {
			r.refuse(at, fmt.Sprintf("A key of hosts must be a name or an address: %s", report.WithPeriod(err.Error())))
			continue
		}
		if _, twice := entries[name]; twice {
			r.refuse(at, fmt.Sprintf("hosts has the key %q twice: keys are case-insensitive.", key))
			continue
		}
		if values[key] == nil {
			entries[name] = hostConfig{settings: common.settings, key: key, unknown: append([]string{at.String()}, common.unknown...)}
			continue
		}
		of := &resolver{in: at, values: values[key], env: func(string) string { return "" }}
		to := of.entry(name, common)
		to.key = key
		entries[name] = to
		r.diags.Append(of.diags...)
	}
	return entries
}

// entry returns how one host is reached: as every other, with what its entry changes.
func (r *resolver) entry(name string, common hostConfig) hostConfig {
	to := hostConfig{settings: common.settings}
	s := &to.settings
	s.HTTPS = resolve(r, "https", connection.ParseBool, s.HTTPS)
	if s.HTTPS != common.settings.HTTPS { // the common port is one of the other transport
		s.Port = connection.DefaultPort(s.HTTPS)
	}
	s.Port = resolve(r, "port", connection.ParsePort, s.Port)
	s.Auth = resolve(r, "auth", connection.ParseAuth, s.Auth)
	s.Username = resolve(r, "username", connection.ParseUsername, s.Username)
	if password := resolve(r, "password", connection.ParseText, ""); password != "" {
		s.Password = bits.NewSecret(password)
	}
	s.Kerberos.SPN = resolve(r, "spn", connection.ParseSPN, s.Kerberos.SPN)
	s.RunAs = resolve(r, "run_as", connection.ParseRunAs, s.RunAs)
	to.address = resolve(r, "address", parseAddress, "")
	if s.TLSServerName == "" && connection.IsAddress(to.address) && strings.Contains(name, ".") && !connection.IsAddress(name) {
		s.TLSServerName = name // hardly a certificate is issued for an address
	}
	for _, attribute := range common.unknown {
		if r.isNull(strings.TrimPrefix(attribute, "kerberos.")) {
			r.unknown = append(r.unknown, attribute)
		}
	}
	to.unknown = r.unknown
	return to
}

// parseAddress takes a host without a port.
func parseAddress(s string) (string, error) {
	_, port, err := connection.SplitHost(s)
	if err == nil && port != 0 {
		err = fmt.Errorf("%q contains a port: set port instead", s)
	}
	return s, err
}

// entries returns the attributes of each entry of hosts, or of its variable; nil for those of one that is not known yet.
func (r *resolver) entries() map[string]map[string]attr.Value {
	hosts, _ := r.values["hosts"].(types.Map)
	if !attrs.IsSet(hosts) {
		return resolve(r, "hosts", parseHosts, nil)
	}
	entries := map[string]map[string]attr.Value{}
	for key, element := range hosts.Elements() {
		if entry, ok := element.(types.Object); ok && !entry.IsUnknown() {
			entries[key] = entry.Attributes()
		} else {
			entries[key] = nil
		}
	}
	return entries
}

// parseHosts reads hosts from JSON, as its variable holds it. An error quotes nothing of it: it may have passwords.
func parseHosts(text string) (map[string]map[string]attr.Value, error) {
	var objects map[string]map[string]any
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	if err := decoder.Decode(&objects); err != nil || decoder.More() {
		return nil, errHostsJSON
	}
	entries := map[string]map[string]attr.Value{}
	for key, object := range objects {
		entries[key] = map[string]attr.Value{}
		for name, v := range object {
			name = strings.ToLower(name)
			attribute, known := entryAttributes[name]
			value := valueOf(v)
			if !known || v != nil && (value == nil || !attribute.GetType().Equal(value.Type(context.Background()))) {
				return nil, errHostsJSON
			}
			entries[key][name] = value
		}
	}
	return entries, nil
}

var errHostsJSON = errors.New(`expected a JSON object of objects with the attributes of hosts, such as ` +
	`{"web01": {"address": "10.0.0.5", "port": 5985}}`)

// valueOf converts a value of JSON; nil for null, and for what no attribute takes.
func valueOf(v any) attr.Value {
	switch v := v.(type) {
	case string:
		return types.StringValue(v)
	case bool:
		return types.BoolValue(v)
	case json.Number:
		if n, err := v.Int64(); err == nil {
			return types.Int64Value(n)
		}
	}
	return nil
}
