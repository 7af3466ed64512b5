// SPDX-License-Identifier: MPL-2.0

package trouble

import (
	"slices"
	"strings"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
)

// condition is something that has to be known of a situation. The zero condition always holds.
type condition struct {
	words   string // in the guide, as a label
	test    func(s Situation) bool
	listing listing
}

// listing is how the guide shows what depends on a condition.
type listing int

const (
	labelled   listing = iota // with the words of the condition
	unlabelled                // without them: the text says it
	unlisted                  // not at all: it is about the facts of one job, or another text of the row says it in general
)

func (c condition) holds(s Situation) bool { return c.test == nil || c.test(s) }

func implied(c condition) condition { return condition{c.words, c.test, unlabelled} }

func leftOut(c condition) condition { return condition{c.words, c.test, unlisted} }

func not(c condition, words string) condition {
	return condition{words: words, test: func(s Situation) bool { return !c.holds(s) }}
}

func both(a, b condition, more ...condition) condition {
	all := append([]condition{a, b}, more...)
	result := condition{listing: unlabelled, test: func(s Situation) bool {
		return !slices.ContainsFunc(all, func(c condition) bool { return !c.holds(s) })
	}}
	label := slices.DeleteFunc(slices.Clone(all), func(c condition) bool { return c.listing != labelled })
	if len(label) > 0 {
		result.listing = labelled
	} else {
		label = all
	}
	words := make([]string, len(label))
	for i, c := range label {
		words[i] = c.words
	}
	result.words = strings.Join(words, ", ")
	return result
}

// when makes a condition.
func when(words string, test func(s Situation) bool) condition {
	return condition{words: words, test: test}
}

// The conditions of the table.
var (
	ofCall      = when("refused calls", func(s Situation) bool { return s.Step != "" })
	ofJob       = when("failed jobs", func(s Situation) bool { return s.Step == "" })
	upload      = when("uploads", func(s Situation) bool { return s.uploads() })
	download    = when("downloads", func(s Situation) bool { return !s.uploads() })
	system      = when("jobs of LocalSystem", func(s Situation) bool { return s.Job.Owner.SID == SystemSID })
	user        = not(system, "jobs of a user")
	foreground  = when("in `foreground`", func(s Situation) bool { return s.Job.Priority == bits.PriorityForeground })
	background  = not(foreground, "below `foreground`")
	dynamic     = when("with `dynamic`", func(s Situation) bool { return s.Job.Dynamic != nil && *s.Job.Dynamic })
	static      = not(dynamic, "without `dynamic`")
	https       = when("https", func(s Situation) bool { return hasScheme(s.File.RemoteName, "https") })
	here        = when("at the local file", func(s Situation) bool { return s.isLocal() })
	onShare     = when("shares", func(s Situation) bool { return s.remoteIsFile() })
	onWeb       = not(onShare, "http and https")
	withQuery   = when("URLs with a query string", func(s Situation) bool { return strings.Contains(s.File.RemoteName, "?") })
	plain       = not(withQuery, "other URLs")
	ownProxy    = when("`proxy` with a list", func(s Situation) bool { return s.proxy() == bits.ProxyOverride })
	noOwnProxy  = not(ownProxy, "`proxy` without a list")
	ownersProxy = when("`proxy` unset or `system_default`", func(s Situation) bool {
		return s.proxy() == "" || s.proxy() == bits.ProxySystemDefault
	})
	noProxyAtAll = when("`no_proxy`", func(s Situation) bool { return s.proxy() == bits.ProxyNone })
	detectsProxy = when("`auto_detect`", func(s Situation) bool { return s.proxy() == bits.ProxyAutoDetect })
	mayProxy     = not(noProxyAtAll, "not `no_proxy`")
	mayDetect    = when("`proxy` may detect a proxy", func(s Situation) bool { return ownersProxy.holds(s) || detectsProxy.holds(s) })
	detectsNone  = not(mayDetect, "`proxy` detects no proxy")
	anAccount    = when("with `credentials`", func(s Situation) bool { return s.ServerAccount })
	noAccount    = not(anAccount, "without `credentials`")

	aProxyAccount  = when("with an account for the proxy", func(s Situation) bool { return s.ProxyAccount })
	noProxyAccount = not(aProxyAccount, "without an account for the proxy")
	someAccount    = when("with an account", func(s Situation) bool { return s.ServerAccount || s.ProxyAccount })
	nothingSet     = when("without an account or a proxy", func(s Situation) bool {
		return !ownersProxy.holds(s) && !ownProxy.holds(s) && !someAccount.holds(s)
	})

	madeDirectories = when("with `create_directories`", func(s Situation) bool { return s.Directories })
	noDirectories   = not(madeDirectories, "without `create_directories`")
	making          = when("directories that are created", func(s Situation) bool { return s.Step == "create-directory" })
	anyNetwork      = when("with `transfer_policy = [\"always\"]`", func(s Situation) bool { return s.anyNetwork() })
	someNetworks    = not(anyNetwork, "another `transfer_policy`")
	knownSpace      = when("the free space is known", func(s Situation) bool { return s.Host != nil && s.Host.FreeBytes != nil })
	knownSize       = when("the size is known", func(s Situation) bool { return s.Job.BytesTotal != nil })
	unknownSize     = not(knownSize, "the size is not known")
	knownPolicies   = when("the policies are known", func(s Situation) bool { return s.Host != nil && len(s.bandwidthPolicies()) > 0 })
	unknownPolicies = not(knownPolicies, "the policies are not known")
	maybePolicies   = when("a policy may limit the bandwidth", func(s Situation) bool {
		return s.Host == nil || s.Host.Limits == nil || knownPolicies.holds(s)
	})
	begun      = when("part of the file has arrived", func(s Situation) bool { return s.arrived() > 0 })
	notBegun   = not(begun, "nothing has arrived")
	retrying   = when("in `transient_error`", func(s Situation) bool { return s.Job.State == bits.StateTransientError })
	gaveUp     = not(retrying, "in `error`")
	goesOn     = when("not in `error`", func(s Situation) bool { return s.Job.State != bits.StateError })
	noCode     = when("jobs without an error", func(s Situation) bool { return s.Code == 0 })
	ownLimit   = when("with `maximum_download_time`", func(s Situation) bool { return s.Job.MaximumDownloadTime != nil })
	noOwnLimit = not(ownLimit, "without `maximum_download_time`")
)

// hasFlag holds where a job has a security flag.
func hasFlag(name bits.SecurityFlag) condition {
	return when("with `"+string(name)+"`", func(s Situation) bool { return slices.Contains(s.Job.SecurityFlags, name) })
}

// lacksFlag holds where a job lacks a security flag.
func lacksFlag(name bits.SecurityFlag) condition {
	return not(hasFlag(name), "without `"+string(name)+"`")
}

// codeIs holds for some of the codes of a row.
func codeIs(codes ...bits.HResult) condition {
	var words []string
	for _, code := range codes {
		words = append(words, "`"+code.Hex()+"`")
	}
	return when(strings.Join(words, ", "), func(s Situation) bool { return slices.Contains(codes, s.Code) })
}

// codeIsNot holds for the other codes of a row.
func codeIsNot(codes ...bits.HResult) condition { return not(codeIs(codes...), "other codes") }
