package hosts

import (
	"context"

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

// resolveKerberos resolves where tickets come from. It opens no file: a keytab may be made by the same apply.
func (m model) resolveKerberos(ctx context.Context, r *resolver) connection.Kerberos {
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
		return resolve(of, kerberosSetting(name), value, parse, "")
	}
	resolved := connection.Kerberos{
		Config: text("config", k.Config, connection.ParseText), Realm: text("realm", k.Realm, connection.ParseText), KDC: text("kdc", k.KDC, connection.ParseHost),
		Keytab: text("keytab", k.Keytab, connection.ParseText), CCache: text("ccache", k.CCache, connection.ParseText), SPN: text("spn", k.SPN, connection.ParseSPN),
	}
	r.diags.Append(of.diags...)
	r.unknown = append(r.unknown, of.unknown...)
	if of.diags.HasError() || len(of.unknown) > 0 {
		return resolved
	}
	at := path.Root("kerberos")
	if !m.Kerberos.IsNull() && resolved == (connection.Kerberos{}) {
		r.refuse(at, "kerberos says nothing: set one of its attributes, or remove it. With auth = \"kerberos\" the krb5.conf of this machine is used without it.")
	}
	if attribute, problem := resolved.Conflict(); problem != "" {
		r.refuse(at.AtName(attribute), problem)
	}
	return resolved
}
