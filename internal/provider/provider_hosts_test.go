package provider

import (
	"cmp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/connection"
)

// fleet configures a provider for a fleet: user names and passwords, and entries of hosts.
func fleet(entries tftypes.Value, changes values) values {
	return with(values{"auth": text("ntlm"), "username": text("svc-bits"), "password": text(testPassword), "hosts": entries}, changes)
}

func TestAnEntryOfHosts(t *testing.T) {
	common := connection.Settings{
		Host: "web01", Port: 5986, HTTPS: true, Auth: connection.AuthNTLM, Username: "svc-bits", Password: bits.NewSecret(testPassword),
		RunAs: connection.RunAsSystem, ConnectTimeout: connection.DefaultConnectTimeout, OperationTimeout: defaultOperationTimeout,
	}
	for _, test := range []struct {
		name    string
		key     string // "" means web01
		entry   values
		changes values // of the provider
		host    string // of the resource; "" means the key
		want    func(*connection.Settings)
	}{
		{name: "says nothing", want: func(*connection.Settings) {}},
		{name: "a name that has none", host: "web02", entry: values{"address": text("10.0.0.5")}, want: func(s *connection.Settings) { s.Host = "web02" }},
		{name: "another address by name", entry: values{"address": text("WEB01.corp.example")}, want: func(s *connection.Settings) { s.Host = "web01.corp.example" }},
		{
			name: "another address by number", entry: values{"address": text("10.0.0.5")},
			want: func(s *connection.Settings) { s.Host = "10.0.0.5" },
		},
		{
			name: "another address by number, whose certificate is for the key", key: "web01.corp.example", entry: values{"address": text("10.0.0.5")},
			want: func(s *connection.Settings) { s.Host, s.TLSServerName = "10.0.0.5", "web01.corp.example" },
		},
		{name: "a key that is an address", key: "10.0.0.5", entry: values{"address": text("10.0.0.6")}, want: func(s *connection.Settings) { s.Host = "10.0.0.6" }},
		{
			name: "another address by number with a name of its own", entry: values{"address": text("[2001:db8::1]")}, changes: values{"tls_server_name": text("any")},
			want: func(s *connection.Settings) { s.Host, s.TLSServerName = "2001:db8::1", "any" },
		},
		{name: "another port", entry: values{"port": number(1)}, want: func(s *connection.Settings) { s.Port = 1 }},
		{name: "a port behind the key", host: "web01:2", entry: values{"port": number(1), "address": text("a")}, want: func(s *connection.Settings) { s.Host, s.Port = "a", 2 }},
		{name: "another case of the key", host: "WEB01", entry: values{"port": number(1)}, want: func(s *connection.Settings) { s.Port = 1 }},
		{name: "http, with the port of http", entry: values{"https": no()}, changes: values{"port": number(15986)}, want: func(s *connection.Settings) { s.HTTPS, s.Port = false, 5985 }},
		{name: "http, without what TLS has", entry: values{"https": no()}, changes: values{"tls_server_name": text("any")}, want: func(s *connection.Settings) { s.HTTPS, s.Port = false, 5985 }},
		{name: "https among http", entry: values{"https": yes()}, changes: values{"https": no(), "tls_server_name": text("any")}, want: func(s *connection.Settings) { s.TLSServerName = "any" }},
		{
			name: "a credential of its own", entry: values{"username": text("Administrator"), "password": text("other"), "auth": text("negotiate"), "run_as": text("user")},
			want: func(s *connection.Settings) {
				s.Username, s.Password, s.Auth, s.RunAs = "Administrator", bits.NewSecret("other"), connection.AuthNegotiate, connection.RunAsUser
			},
		},
		{
			name: "a service's name makes negotiate Kerberos", entry: values{"auth": text("negotiate"), "spn": text("WSMAN/web01")},
			want: func(s *connection.Settings) { s.Auth, s.Kerberos.SPN = connection.AuthNegotiate, "WSMAN/web01" },
		},
		{
			name: "a service's name for an address", entry: values{"auth": text("kerberos"), "spn": text("WSMAN/web01"), "address": text("10.0.0.5"), "https": no()},
			want: func(s *connection.Settings) {
				s.Auth, s.Kerberos.SPN, s.Host, s.HTTPS, s.Port = connection.AuthKerberos, "WSMAN/web01", "10.0.0.5", false, 5985
			},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			want := common
			test.want(&want)
			key := cmp.Or(test.key, "web01")
			host := cmp.Or(test.host, key)
			r := newRig(t)
			r.mustConfigure(fleet(hosts(key, test.entry), test.changes))
			made := r.created(jobConfig(values{"host": text(host)}))
			if got := r.dialled[0]; got != want {
				t.Errorf("dialled %+v, want %+v", got, want)
			}
			if got := textOf(made.value, "host"); got != host {
				t.Errorf("the state has the host %s", got)
			}
		})
	}
}

func TestAKeyIsTheHostsIdentity(t *testing.T) {
	at := func(address string, port int64) tftypes.Value {
		return hosts("web01", values{"address": text(address), "port": number(port)})
	}
	for _, test := range []struct {
		name         string
		before       tftypes.Value
		host         string // before
		after        tftypes.Value
		wanted, want string
	}{
		{"the key moves to another address", at("10.0.0.5", 1), "web01", at("10.0.0.6", 2), "web01", "none"},
		{"a name gets an entry", hosts(), "web01", at("10.0.0.5", 5986), "web01", "none"},
		{"the entry is taken away", at("10.0.0.5", 1), "web01", hosts(), "web01", "none"},
		{"the key is written in another case", at("10.0.0.5", 1), "web01", at("10.0.0.5", 1), "WEB01", "none"},
		{"its port is written", at("10.0.0.5", 1), "web01", at("10.0.0.5", 1), "web01:1", "update host"},
		{"an address is written by its key", hosts(), "10.0.0.5", at("10.0.0.5", 5986), "web01", "update host"},
		{"a key is written as its address", at("10.0.0.5", 5986), "web01", at("10.0.0.5", 5986), "10.0.0.5", "update host"},
		{"another port of the same address is another host", hosts(), "10.0.0.5", at("10.0.0.5", 1), "web01", "replace for host"},
		{"another key is another host", at("10.0.0.5", 1), "web01", at("10.0.0.5", 1), "web02", "replace for host"},
		{"the address is not known yet", at("10.0.0.5", 1), "web01", hosts("web01", values{"address": unknownText()}), "web01", "none"},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := newRig(t)
			r.mustConfigure(fleet(test.before, nil))
			made := r.created(jobConfig(values{"host": text(test.host)}))
			r = newRig(t)
			r.mustConfigure(fleet(test.after, nil))
			if got := describe(r.plan(made, jobConfig(values{"host": text(test.wanted)}))); got != test.want {
				t.Errorf("planned %q, want %q", got, test.want)
			}
		})
	}
}

func TestWhatIsNotKnownConcernsItsHostOnly(t *testing.T) {
	for _, test := range []struct {
		name    string
		entries tftypes.Value
		changes values
		blocked string // what the error of web01 names; "" means it is dialled
	}{
		{"an attribute of its own", hosts("web01", values{"address": unknownText()}, "web02", nil), nil, `hosts["web01"].address`},
		{"an attribute of another host", hosts("web01", nil, "web02", values{"password": unknownText()}), nil, ""},
		{"the common one", hosts("web01", nil), values{"username": unknownText()}, "username"},
		{"the common one where it has its own", hosts("web01", values{"username": text("u")}), values{"username": unknownText()}, ""},
		{"its whole entry", tftypes.NewValue(tftypes.Map{ElementType: hostObject}, map[string]tftypes.Value{"web01": tftypes.NewValue(hostObject, tftypes.UnknownValue)}), nil, `hosts["web01"]`},
		{"another's whole entry", tftypes.NewValue(tftypes.Map{ElementType: hostObject}, map[string]tftypes.Value{"web02": tftypes.NewValue(hostObject, tftypes.UnknownValue)}), nil, ""},
		{"all of hosts", tftypes.NewValue(tftypes.Map{ElementType: hostObject}, tftypes.UnknownValue), nil, "hosts"},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := newRig(t)
			r.mustConfigure(fleet(test.entries, test.changes))
			p := r.plan(r.none(), jobConfig(values{"host": text("web01")}))
			if len(p.diags) > 0 {
				t.Fatalf("a plan says: %s", tell(p.diags))
			}
			_, diags := r.apply(t.Context(), p)
			if test.blocked == "" {
				if failed(diags) || len(r.dialled) == 0 {
					t.Errorf("the host is not dialled: %s", tell(diags))
				}
				return
			}
			if !strings.Contains(tell(diags), "Unknown Connection Settings") || !strings.Contains(tell(diags), test.blocked+" of the provider") || len(r.dialled) > 0 {
				t.Errorf("an apply says: %s", tell(diags))
			}
		})
	}
}

// TestKerberosNeedsANameAtPlanTime is about a host that only a resource names.
func TestKerberosNeedsANameAtPlanTime(t *testing.T) {
	for _, test := range []struct {
		host    string
		entries tftypes.Value
		refused bool
	}{
		{"10.0.0.5", hosts(), true},
		{"web01", hosts("web01", values{"address": text("10.0.0.5")}), true},
		{"web01", hosts("web01", values{"address": text("10.0.0.5"), "spn": text("HTTP/web01")}), false},
		{"web01", hosts(), false},
		{"10.0.0.5", hosts("10.0.0.5", values{"auth": text("ntlm")}), false},
	} {
		r := newRig(t)
		r.mustConfigure(fleet(test.entries, values{"auth": text("kerberos")}))
		p := r.plan(r.none(), jobConfig(values{"host": text(test.host)}))
		if refused := failed(p.diags) && strings.Contains(tell(p.diags), `"host"`) && strings.Contains(tell(p.diags), "Kerberos Needs a Name"); refused != test.refused {
			t.Errorf("%s: %s", test.host, tell(p.diags))
		}
	}
}

func TestAJobIsImportedByAKeyOfHosts(t *testing.T) {
	made := ready(t)
	job := textOf(made.created(jobConfig(nil)).value, "id")
	r := newRig(t)
	r.host = made.host
	r.mustConfigure(fleet(hosts("web-a", values{"address": text("10.0.0.5")}), nil))
	imported, diags := r.importJob("web-a/" + job)
	if len(diags) > 0 || textOf(imported.value, "host") != "web-a" || textOf(imported.value, "id") != job {
		t.Errorf("imported %s: %s", imported.value, tell(diags))
	}
	if read, diags := r.refresh(imported); failed(diags) || read.value.IsNull() || r.dialled[0].Host != "10.0.0.5" {
		t.Errorf("dialled %s: %s", r.dialled[0].Host, tell(diags))
	}
}
