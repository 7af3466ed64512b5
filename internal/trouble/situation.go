// SPDX-License-Identifier: MPL-2.0

package trouble

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
)

// Of returns what is known of a job that has an error, with what a situation knows besides.
func (s Situation) Of(job bits.Job) Situation {
	configured := s.Job.Properties
	s.Job = job
	s.Job.Properties = job.Properties.Or(configured)
	if job.Error != nil {
		s.Code, s.Context = job.Error.HResult, job.Error.Context
	}
	s.File = fileOf(job)
	return s
}

// fileOf is the file that a job's error is about: the one that the host names, or else the first that is not whole, because BITS
// transfers one after the other.
func fileOf(job bits.Job) bits.FileSpec {
	for _, f := range job.Files {
		named := job.Error != nil && job.Error.File != ""
		if named && bits.FileKey(f.LocalName) != bits.FileKey(job.Error.File) {
			continue
		}
		if named || f.BytesTotal == nil || f.BytesTransferred < *f.BytesTotal {
			return bits.FileSpec{RemoteName: f.RemoteName, LocalName: f.LocalName}
		}
	}
	return bits.FileSpec{}
}

func (s Situation) uploads() bool {
	return s.Job.TransferType == bits.Upload || s.Job.TransferType == bits.UploadReply
}

func (s Situation) proxy() bits.ProxyUsage {
	if s.Job.ProxyUsage == nil {
		return ""
	}
	return *s.Job.ProxyUsage
}

// remoteIsFile reports whether the remote name is on a share or a drive.
func (s Situation) remoteIsFile() bool {
	return s.File.RemoteName != "" && !hasScheme(s.File.RemoteName, "http") && !hasScheme(s.File.RemoteName, "https")
}

func hasScheme(name, scheme string) bool {
	return len(name) > len(scheme) && strings.EqualFold(name[:len(scheme)+1], scheme+":")
}

func (s Situation) anyNetwork() bool {
	mask, err := bits.PolicyMask(s.Job.TransferPolicy)
	all, _ := bits.PolicyMask([]bits.CostState{"always"})
	return err == nil && mask&all == all
}

// bandwidthPolicies are the policies of the host that hold jobs below foreground.
func (s Situation) bandwidthPolicies() []string {
	var found []string
	policies := bandwidthPolicies(s.Host.Limits)
	for _, name := range slices.Sorted(maps.Keys(policies)) {
		found = append(found, fmt.Sprintf("the policy %s, which %s", name, policies[name]))
	}
	return found
}

// values are what the texts of the table name, with general words for what is not known.
func (s Situation) values() map[string]string {
	v := map[string]string{
		"host": s.Address, "job": string(s.Job.ID), "server": s.server(), "port": s.port(), "file": s.File.LocalName, "drive": s.Drive(),
		"account": s.networkAccount(), "file_server": s.fileServer(), "proxies": strings.Join(s.Job.ProxyList, ", "),
	}
	if total := s.Job.BytesTotal; total != nil {
		v["size"] = strconv.FormatUint(*total, 10)
	}
	if s.Host != nil {
		v["policies"] = strings.Join(s.bandwidthPolicies(), ", ")
		if s.Host.FreeBytes != nil {
			v["free"] = strconv.FormatUint(*s.Host.FreeBytes, 10)
		}
	}
	v["ahead"], v["system_proxy"], v["session"] = s.ahead(), s.systemProxy(), s.session()
	v["dynamic"] = `dynamic = true`
	if background.holds(s) {
		v["dynamic"] += ` and priority = "foreground"`
	}
	if system.holds(s) {
		v["owner"] = "SYSTEM"
	}
	for name, words := range general {
		if v[name] == "" {
			v[name] = words
		}
	}
	return v
}

// general are the words for values that are not known, and those of the guide.
var general = map[string]string{
	"host": "the host", "job": "GUID", "server": "SERVER", "port": "443", "file": "the file", "drive": "the drive",
	"account": `DOMAIN\HOST$`, "proxies": "the proxies in proxy.list", "size": "M", "free": "N", "policies": "policies",
	"file_server": "FILESERVER", "ahead": "other jobs", "system_proxy": "the proxy of LocalSystem",
	"session": "a WinRM session does not count", "owner": "the job's owner",
}

// fill puts values into a text.
func fill(text string, values map[string]string) string {
	var pairs []string
	for name, value := range values {
		pairs = append(pairs, "{"+name+"}", value)
	}
	return strings.NewReplacer(pairs...).Replace(text)
}

// server is the name of the server, or of the file server.
func (s Situation) server() string {
	if name, ok := strings.CutPrefix(s.File.RemoteName, `\\`); ok {
		return strings.SplitN(name, `\`, 2)[0]
	}
	u, err := url.Parse(s.File.RemoteName)
	if err != nil {
		return ""
	}
	return u.Hostname()
}

// port is the port of the URL, or that of its scheme.
func (s Situation) port() string {
	u, err := url.Parse(s.File.RemoteName)
	switch {
	case err == nil && u.Port() != "":
		return u.Port()
	case https.holds(s):
		return "443"
	case hasScheme(s.File.RemoteName, "http"):
		return "80"
	}
	return ""
}

// isLocal reports whether an error that may be at either file is at the local one: where the host does not say so, a file on a share is
// the likelier one.
func (s Situation) isLocal() bool {
	return s.Step != "" || s.Context == bits.ContextLocalFile || !s.remoteIsFile()
}

// arrived is how much of the file has arrived.
func (s Situation) arrived() uint64 {
	for _, f := range s.Job.Files {
		if bits.FileKey(f.LocalName) == bits.FileKey(s.File.LocalName) {
			return f.BytesTransferred
		}
	}
	return 0
}

// fileServer is the server of the share that the remote or the local name is on.
func (s Situation) fileServer() string {
	for _, name := range []string{s.File.RemoteName, s.File.LocalName} {
		if share, ok := strings.CutPrefix(name, `\\`); ok {
			return strings.SplitN(share, `\`, 2)[0]
		}
	}
	return ""
}

// Drive returns the drive of the file, such as C:, or "".
func (s Situation) Drive() string {
	name := s.File.LocalName
	if len(name) > 1 && name[1] == ':' {
		return strings.ToUpper(name[:2])
	}
	return ""
}

// networkAccount is the account that LocalSystem shows to other computers. Source: "Service Accounts and BITS", learn.microsoft.com.
func (s Situation) networkAccount() string {
	computer := ""
	if s.Host != nil {
		computer = s.Host.Computer
	}
	if computer == "" {
		return ""
	}
	return `DOMAIN\` + strings.ToUpper(computer) + "$"
}
