// SPDX-License-Identifier: MPL-2.0

// Package functions has the functions of the provider, which Terraform 1.8, OpenTofu 1.7 and later know.
package functions

import "github.com/hashicorp/terraform-plugin-framework/function"

// All returns the functions.
func All() []func() function.Function {
	return []func() function.Function{
		func() function.Function { return hresult{} },
		func() function.Function { return windowsPath{} },
		func() function.Function { return urlPath{} },
	}
}
