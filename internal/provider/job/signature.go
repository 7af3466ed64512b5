// SPDX-License-Identifier: MPL-2.0

package job

import (
	"slices"
	"strings"
)

// The query parameters that sign a URL.
var (
	// sasParameters are those of a shared access signature, beside sig. Source: learn.microsoft.com, "Create a service SAS", "Create an
	// account SAS", "Create a user delegation SAS".
	sasParameters = []string{
		"sv", "ss", "srt", "sr", "sp", "st", "se", "sip", "spr", "si", "ses", "sdd", "skoid", "sktid", "skt", "ske", "sks", "skv", "saoid", "suoid", "scid",
	}
	// signatureParameters come with a Signature. Source: docs.aws.amazon.com, CloudFront "Use signed URLs", S3 "Signing and authenticating
	// REST requests"; cloud.google.com, "V2 signing process".
	signatureParameters = []string{"Expires", "Policy", "Key-Pair-Id", "Hash-Algorithm", "AWSAccessKeyId", "GoogleAccessId"}
)

// unsigned returns a URL without the parameters that sign it. What is left identifies the file.
func unsigned(url string) string {
	rest, query, found := strings.Cut(url, "?")
	if !found {
		return url
	}
	parameters := strings.Split(query, "&")
	names := make([]string, len(parameters))
	for i, p := range parameters {
		names[i], _, _ = strings.Cut(p, "=")
	}
	shared, signed := slices.Contains(names, "sig"), slices.Contains(names, "Signature")
	var kept []string
	for i, name := range names {
		switch {
		case strings.HasPrefix(name, "X-Amz-"), strings.HasPrefix(name, "X-Goog-"):
		case shared && (name == "sig" || slices.Contains(sasParameters, name)):
		case signed && (name == "Signature" || slices.Contains(signatureParameters, name)):
		default:
			kept = append(kept, parameters[i])
		}
	}
	if len(kept) == 0 {
		return rest
	}
	return rest + "?" + strings.Join(kept, "&")
}
