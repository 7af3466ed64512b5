package provider

import (
	"context"
	"errors"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"

	"github.com/winrmbits/terraform-provider-bits/internal/connection"
)

// kerberosModel is the attribute kerberos.
type kerberosModel struct {
	Config types.String `tfsdk:"config"`
	Realm  types.String `tfsdk:"realm"`
	KDC    types.String `tfsdk:"kdc"`
	Keytab types.String `tfsdk:"keytab"`
	CCache types.String `tfsdk:"ccache"`
	SPN    types.String `tfsdk:"spn"`
}

// resolveKerberos says where tickets come from. No file is opened: a keytab may be made by the same apply.
func (m providerModel) resolveKerberos(ctx context.Context, r *resolver) connection.Kerberos {
	var k kerberosModel
	if m.Kerberos.IsUnknown() {
		r.unknown = append(r.unknown, "kerberos")
		return connection.Kerberos{}
	}
	if !m.Kerberos.IsNull() {
		r.diags.Append(m.Kerberos.As(ctx, &k, basetypes.ObjectAsOptions{})...)
	}
	of := &resolver{env: r.env, files: r.files}
	text := func(name string, value types.String, parse func(string) (string, error)) string {
		return resolved(of, kerberosSetting(name), value, parse, "")
	}
	resolved := connection.Kerberos{
		Config: text("config", k.Config, anyText), Realm: text("realm", k.Realm, anyText), KDC: text("kdc", k.KDC, checked(checkHost)),
		Keytab: text("keytab", k.Keytab, anyText), CCache: text("ccache", k.CCache, anyText), SPN: text("spn", k.SPN, checked(checkSPN)),
	}
	r.diags.Append(of.diags...)
	r.unknown = append(r.unknown, of.unknown...)
	if of.diags.HasError() || len(of.unknown) > 0 {
		return resolved
	}
	at := path.Root("kerberos")
	switch {
	case !m.Kerberos.IsNull() && resolved == connection.Kerberos{}:
		r.refuse(at, "kerberos says nothing: set one of its attributes, or remove it. With auth = \"kerberos\" the krb5.conf of this machine is used without it.")
	case resolved.Config != "" && resolved.KDC != "":
		r.refuse(at.AtName("kdc"), "kerberos.config and kerberos.kdc are both set: a krb5.conf names the KDCs itself. Remove one of them.")
	case resolved.KDC != "" && resolved.Realm == "":
		r.refuse(at.AtName("kdc"), "kerberos.kdc is the KDC of a realm: set kerberos.realm, too.")
	case resolved.Keytab != "" && resolved.CCache != "":
		r.refuse(at.AtName("ccache"), "kerberos.keytab and kerberos.ccache are both set: each stands for the password. Remove one of them.")
	}
	return resolved
}

func checkSPN(s string) error {
	service, host, found := strings.Cut(s, "/")
	if !found || service == "" || host == "" || strings.ContainsAny(s, " \t") {
		return errors.New("the name of a service is expected, such as HTTP/web01.corp.example or WSMAN/web01.corp.example")
	}
	return nil
}

// usesKerberos reports whether a connection logs on with a ticket and with nothing else.
func usesKerberos(s connection.Settings) bool {
	return s.Auth == connection.AuthKerberos || s.Auth == connection.AuthNegotiate && s.Kerberos != connection.Kerberos{}
}
