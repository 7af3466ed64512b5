// SPDX-License-Identifier: MPL-2.0

package functions

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"unicode"

	"github.com/hashicorp/terraform-plugin-framework/function"

	"github.com/winrmbits/terraform-provider-bits/internal/provider/attrs"
)

// windowsPath is the function windows_path.
type windowsPath struct{}

func (windowsPath) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "windows_path"
}

func (windowsPath) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "Joins the parts of a Windows path",
		MarkdownDescription: "Joins the parts of an absolute path on a Windows host with backslashes. A path that BITS could not use, such " +
			"as one with a device name, is an error.",
		VariadicParameter: function.StringParameter{
			Name: "parts",
			MarkdownDescription: "Parts of the path, one or more. Slashes become backslashes. Only the first part begins with a drive " +
				"(`C:/ProgramData`) or a share (`//server/share`).",
		},
		Return: function.StringReturn{},
	}
}

func (windowsPath) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	runOnParts(ctx, req, resp, joinPath)
}

// joinPath joins the parts of a path of a host.
func joinPath(parts []string) (string, *function.FuncError) {
	joined := make([]string, len(parts))
	for i, part := range parts {
		rest := strings.ReplaceAll(part, "/", `\`)
		if i > 0 && (strings.HasPrefix(rest, `\\`) || len(rest) > 1 && rest[1] == ':') {
			return "", refuse(i, fmt.Errorf("only the first part can begin with a drive or a share: %q is not the first", part))
		}
		rest = strings.TrimRight(rest, `\`)
		if i > 0 {
			rest = strings.TrimLeft(rest, `\`)
		}
		if rest == "" {
			return "", refuse(i, errEmptyPart)
		}
		joined[i] = rest
	}
	name := strings.Join(joined, `\`)
	if err := attrs.CheckPath(name); err != nil {
		return "", function.NewFuncError(err.Error())
	}
	return name, nil
}

// urlPath is the function url_path.
type urlPath struct{}

func (urlPath) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "url_path"
}

func (urlPath) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "Percent-encodes the path of a URL",
		MarkdownDescription: "Percent-encodes the segments of a URL's path, as UTF-8, and joins them with slashes, because BITS does not " +
			"encode URLs. Append the result to a base, as in `\"https://dl.example/${provider::bits::url_path(name)}\"`.",
		VariadicParameter: function.StringParameter{
			Name: "segments",
			MarkdownDescription: "Segments of the path as plain text, one or more. A slash separates segments. All characters except ASCII " +
				"letters, digits and `-._~` are encoded, including `%`.",
		},
		Return: function.StringReturn{},
	}
}

func (urlPath) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	runOnParts(ctx, req, resp, joinURL)
}

// joinURL encodes and joins the segments of a URL's path. BITS does no escaping, and takes what is not ASCII as encoded UTF-8. Source:
// BG_FILE_INFO, learn.microsoft.com. What needs no encoding anywhere is RFC 3986, section 2.3; servers may read a "+" as a space.
func joinURL(parts []string) (string, *function.FuncError) {
	var encoded []string
	for i, part := range parts {
		for segment := range strings.SplitSeq(strings.Trim(part, "/"), "/") {
			if err := checkSegment(segment); err != nil {
				return "", refuse(i, err)
			}
			encoded = append(encoded, strings.ReplaceAll(url.QueryEscape(segment), "+", "%20"))
		}
	}
	return strings.Join(encoded, "/"), nil
}

func checkSegment(segment string) error {
	switch {
	case segment == "":
		return errEmptyPart
	case segment == "." || segment == "..": // RFC 3986, section 5.2.4: clients take them out, encoded or not
		return fmt.Errorf("a segment can't be %q, because clients remove it: write the path without it", segment)
	case strings.ContainsFunc(segment, unicode.IsControl):
		return fmt.Errorf("%q contains a line break or another control character: remove it, for example with trimspace()", segment)
	}
	return nil
}

var errEmptyPart = errors.New("a part of the path is empty: check the value that it comes from")

// refuse refuses an argument. Terraform puts words before the text of an error, and a period after it.
func refuse(argument int, err error) *function.FuncError {
	return function.NewArgumentFuncError(int64(argument), err.Error())
}

// runOnParts runs a function of one or more texts.
func runOnParts(ctx context.Context, req function.RunRequest, resp *function.RunResponse, join func([]string) (string, *function.FuncError)) {
	var parts []string
	if resp.Error = req.Arguments.Get(ctx, &parts); resp.Error != nil {
		return
	}
	if len(parts) == 0 {
		resp.Error = function.NewFuncError("at least one argument is expected")
		return
	}
	result, err := join(parts)
	if resp.Error = err; err == nil {
		resp.Error = resp.Result.Set(ctx, result)
	}
}
