// SPDX-License-Identifier: MPL-2.0

package job

import (
	"maps"

	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

func textList(elements ...string) tftypes.Value {
	return tftypes.NewValue(tftypes.List{ElementType: tftypes.String}, textValues(elements))
}

func textSet(elements ...string) tftypes.Value {
	return tftypes.NewValue(tftypes.Set{ElementType: tftypes.String}, textValues(elements))
}

func textValues(elements []string) []tftypes.Value {
	list := []tftypes.Value{}
	for _, e := range elements {
		list = append(list, text(e))
	}
	return list
}

// textMap makes a map from pairs of keys and values.
func textMap(pairs ...string) tftypes.Value {
	elements := map[string]tftypes.Value{}
	for i := 0; i < len(pairs); i += 2 {
		elements[pairs[i]] = text(pairs[i+1])
	}
	return tftypes.NewValue(tftypes.Map{ElementType: tftypes.String}, elements)
}

// nested makes an object; what is absent is null.
func nested(types map[string]tftypes.Type, v values) tftypes.Value {
	all := map[string]tftypes.Value{}
	for name, typ := range types {
		all[name] = tftypes.NewValue(typ, nil)
	}
	maps.Copy(all, v)
	return tftypes.NewValue(tftypes.Object{AttributeTypes: types}, all)
}

func proxyOf(v values) tftypes.Value {
	list := tftypes.List{ElementType: tftypes.String}
	return nested(map[string]tftypes.Type{
		"usage": tftypes.String, "list": list, "bypass_list": list, "scheme": tftypes.String, "username": tftypes.String, "password_wo": tftypes.String, "password_wo_version": tftypes.Number,
	}, v)
}

func credentialsOf(v values) tftypes.Value {
	return nested(map[string]tftypes.Type{
		"scheme": tftypes.String, "username": tftypes.String, "password_wo": tftypes.String, "password_wo_version": tftypes.Number,
	}, v)
}

func certificateOfMachine(thumbprint string) tftypes.Value { return certificateIn("MY", thumbprint) }

func certificateIn(store, thumbprint string) tftypes.Value {
	return nested(map[string]tftypes.Type{"store_location": tftypes.String, "store_name": tftypes.String, "thumbprint": tftypes.String}, values{
		"store_location": text("local_machine"), "store_name": text(store), "thumbprint": text(thumbprint),
	})
}
