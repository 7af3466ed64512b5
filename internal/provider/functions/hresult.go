// SPDX-License-Identifier: MPL-2.0

package functions

import (
	"context"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/attrs"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/report"
	"github.com/winrmbits/terraform-provider-bits/internal/trouble"
)

// hresult is the function hresult.
type hresult struct{}

func (hresult) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "hresult"
}

// resultTypes are the types of what hresult returns.
var resultTypes = map[string]attr.Type{
	"code": types.StringType, "name": types.StringType, "kind": types.StringType, "meaning": types.StringType,
	"cause": types.StringType, "remedy": types.StringType,
}

func (hresult) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "Explains a result code of BITS",
		MarkdownDescription: "Explains a result code (HRESULT) of BITS and of the parts of Windows that BITS uses, without a connection to a " +
			"host.\n\nThe result is an object of strings:\n\n" +
			"- `code`: the code in hexadecimal, such as `0x80200002`\n" +
			"- `name`: its name, such as `BG_E_INVALID_STATE`; null if it is unknown\n" +
			"- `kind`: `success`, `transient` (a later attempt may succeed), `fatal` (needs a repair), `policy` (a policy or limit of the " +
			"host) or `usage` (a wrong request); null if the code is unknown\n" +
			"- `meaning`: what the code means\n" +
			"- `cause`: the usual cause; null if `meaning` says it all\n" +
			"- `remedy`: what to do; null for a success. The error of a failed job is more precise, because it also considers the job.",
		Parameters: []function.Parameter{function.StringParameter{
			Name: "code",
			MarkdownDescription: "The code in hexadecimal (`\"0x80200002\"`), or in decimal, signed (`-2145386494`) or unsigned " +
				"(`2149580802`).",
		}},
		Return: function.ObjectReturn{AttributeTypes: resultTypes},
	}
}

// Run looks the code up. One that is not known is no error: it may come from any part of Windows.
func (hresult) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var text string
	if resp.Error = req.Arguments.Get(ctx, &text); resp.Error != nil {
		return
	}
	code, err := bits.ParseHResult(strings.TrimSpace(text))
	if err != nil {
		resp.Error = refuse(0, err)
		return
	}
	resp.Error = resp.Result.Set(ctx, explain(code))
}

// explain returns what is known of a code.
func explain(code bits.HResult) types.Object {
	entry, known := bits.Lookup(code)
	switch {
	case code == 0: // is not in the table: in an answer of a host it means that there is no code. Source: winerror.h
		entry = bits.Entry{Name: "S_OK", Kind: bits.KindSuccess, Meaning: "the call succeeded"}
	case !known:
		entry.Meaning = "the code is unknown"
	}
	var advice trouble.Advice
	if code.Failed() {
		advice = trouble.Explain(trouble.Situation{Code: code})
	}
	return types.ObjectValueMust(resultTypes, map[string]attr.Value{
		"code": types.StringValue(code.Hex()), "name": attrs.StringOrNull(entry.Name), "kind": attrs.StringOrNull(string(entry.Kind)),
		"meaning": types.StringValue(report.UpperFirst(entry.Meaning)),
		"cause":   attrs.StringOrNull(advice.Cause), "remedy": attrs.StringOrNull(advice.Remedy),
	})
}
