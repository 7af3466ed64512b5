package hosts

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/connection"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/report"
)

// entryModel is an entry of hosts. What is null is as for every host.
type entryModel struct {
	Address  types.String `tfsdk:"address"`
	Port     types.Int64  `tfsdk:"port"`
	HTTPS    types.Bool   `tfsdk:"https"`
	Auth     types.String `tfsdk:"auth"`
	Username types.String `tfsdk:"username"`
	Password types.String `tfsdk:"password"`
	SPN      types.String `tfsdk:"spn"`
	RunAs    types.String `tfsdk:"run_as"`
}

// hostConfig is how a host is reached, or every host that is not a key of hosts.
type hostConfig struct {
	settings connection.Settings // without a host
	address  string              // "" means the host as the resource writes it
	unknown  []string            // attributes that are known only after an apply
}

// resolveHosts returns how the hosts with an entry are reached, by their keys in lower case.
func (m model) resolveHosts(ctx context.Context, r *resolver, common hostConfig) map[string]hostConfig {
	entries := map[string]hostConfig{}
	models := r.entryModels(ctx, m.Hosts)
	for _, key := range slices.Sorted(maps.Keys(models)) {
		at := path.Root("hosts").AtMapKey(key)
		name, port, err := connection.SplitHost(key)
		if err == nil && port != 0 {
			err = fmt.Errorf("%q holds a port: set port in its entry", key)
		}
		if err != nil {
			r.refuse(at, fmt.Sprintf("A key of hosts is a name or an address: %s", report.WithPeriod(err.Error())))
			continue
		}
		if _, twice := entries[name]; twice {
			r.refuse(at, fmt.Sprintf("hosts has the key %q twice: upper and lower case do not matter.", name))
			continue
		}
		entry := models[key]
		if entry == nil {
			entries[name] = hostConfig{settings: common.settings, unknown: append([]string{fmt.Sprintf("hosts[%q]", key)}, common.unknown...)}
			continue
		}
		of := &resolver{env: r.env, files: r.files}
		entries[name] = entry.resolve(of, key, name, common)
		r.diags.Append(of.diags...)
	}
	return entries
}

// resolve returns how one host is reached: as every other, with what its entry changes.
func (m entryModel) resolve(r *resolver, key, name string, common hostConfig) hostConfig {
	at := func(attribute string) setting { return hostSetting(key, attribute) }
	to := hostConfig{settings: common.settings}
	s := &to.settings
	s.HTTPS = resolve(r, at("https"), m.HTTPS, connection.ParseBool, s.HTTPS)
	if s.HTTPS != common.settings.HTTPS { // the common port is one of the other transport
		s.Port = connection.DefaultPort(s.HTTPS)
	}
	s.Port = resolve(r, at("port"), m.Port, connection.ParsePort, s.Port)
	s.Auth = resolve(r, at("auth"), m.Auth, connection.ParseAuth, s.Auth)
	s.Username = resolve(r, at("username"), m.Username, connection.ParseUsername, s.Username)
	if password := resolve(r, at("password"), m.Password, connection.ParseText, ""); password != "" {
		s.Password = bits.NewSecret(password)
	}
	s.Kerberos.SPN = resolve(r, at("spn"), m.SPN, connection.ParseSPN, s.Kerberos.SPN)
	s.RunAs = resolve(r, at("run_as"), m.RunAs, connection.ParseRunAs, s.RunAs)
	to.address = resolve(r, at("address"), m.Address, parseAddress, "")
	if s.TLSServerName == "" && connection.IsAddress(to.address) && strings.Contains(name, ".") && !connection.IsAddress(name) {
		s.TLSServerName = name // hardly a certificate is issued for an address
	}
	own := map[string]configured{
		"port": m.Port, "https": m.HTTPS, "auth": m.Auth, "username": m.Username, "password": m.Password, "run_as": m.RunAs, "kerberos.spn": m.SPN,
	}
	for _, common := range common.unknown {
		if value, ok := own[common]; !ok || value.IsNull() {
			r.unknown = append(r.unknown, common)
		}
	}
	to.unknown = r.unknown
	return to
}

// parseAddress takes a host without a port.
func parseAddress(s string) (string, error) {
	_, port, err := connection.SplitHost(s)
	if err == nil && port != 0 {
		err = fmt.Errorf("%q holds a port: set port beside it", s)
	}
	return s, err
}

// entryModels reads hosts, or its variable; an entry that is not known yet is nil.
func (r *resolver) entryModels(ctx context.Context, hosts types.Map) map[string]*entryModel {
	of := rootSetting("hosts")
	switch {
	case hosts.IsUnknown():
		return nil // noted with the common ones: every host may have an entry
	case hosts.IsNull():
		return resolve(r, of, types.StringNull(), parseHosts, nil)
	}
	models := map[string]*entryModel{}
	for key, element := range hosts.Elements() {
		object, ok := element.(types.Object)
		if !ok || object.IsUnknown() {
			models[key] = nil
			continue
		}
		var m entryModel
		r.diags.Append(object.As(ctx, &m, basetypes.ObjectAsOptions{UnhandledNullAsEmpty: true})...)
		models[key] = &m
	}
	return models
}

// parseHosts reads hosts from JSON, as its variable holds it. An error quotes nothing of it: it may have passwords.
func parseHosts(text string) (map[string]*entryModel, error) {
	var entries map[string]struct {
		Address  *string `json:"address"`
		Port     *int64  `json:"port"`
		HTTPS    *bool   `json:"https"`
		Auth     *string `json:"auth"`
		Username *string `json:"username"`
		Password *string `json:"password"`
		SPN      *string `json:"spn"`
		RunAs    *string `json:"run_as"`
	}
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&entries); err != nil || decoder.More() {
		return nil, fmt.Errorf(`a JSON object of objects with the attributes of hosts is expected, such as {"web01": {"address": "10.0.0.5", "port": 5985}}`)
	}
	models := map[string]*entryModel{}
	for key, e := range entries {
		models[key] = &entryModel{
			Address: types.StringPointerValue(e.Address), Port: types.Int64PointerValue(e.Port), HTTPS: types.BoolPointerValue(e.HTTPS),
			Auth: types.StringPointerValue(e.Auth), Username: types.StringPointerValue(e.Username), Password: types.StringPointerValue(e.Password),
			SPN: types.StringPointerValue(e.SPN), RunAs: types.StringPointerValue(e.RunAs),
		}
	}
	return models, nil
}
