package report

import (
	"regexp"
	"strings"
)

var (
	urls     = regexp.MustCompile(`(?i)[a-z][a-z0-9+.-]*://[^\s"'<>` + "`" + `]+`)
	userinfo = regexp.MustCompile(`://[^/?#]*@`)
)

const hidden = "(hidden)"

// Redact hides what may be secret in the URLs of a text: user and password, the query string (which has the signatures
// of presigned URLs) and the fragment.
func Redact(text string) string {
	return urls.ReplaceAllStringFunc(text, func(u string) string {
		u = userinfo.ReplaceAllLiteralString(u, "://"+hidden+"@")
		if i := strings.IndexAny(u, "?#"); i >= 0 {
			u = u[:i+1] + hidden
		}
		return u
	})
}
