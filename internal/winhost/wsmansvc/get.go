// SPDX-License-Identifier: MPL-2.0

package wsmansvc

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// The resources besides the text shell that can be looked at.
const (
	shellsURI = nsShell
	configURI = "http://schemas.microsoft.com/wbem/wsman/1/config"
)

// get answers Get: of a shell, or of the service's configuration.
func (s *Service) get(_ context.Context, r *request, user string) (answer, *Fault) {
	if r.Header.ResourceURI == configURI {
		return s.config(), nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	sh := s.shells[shellKey(r.shellID)]
	if sh == nil || sh.user != user {
		return answer{}, ShellNotFound(r.shellID)
	}
	return answer{action: nsTransfer + "/GetResponse", prefixes: "saxwrp", body: s.state(sh)}, nil
}

// enumerate lists the user's shells, the oldest first, all in one answer. Reading a shell does not count as its use.
func (s *Service) enumerate(_ context.Context, r *request, user string) (answer, *Fault) {
	body := r.Body.Enumerate
	switch {
	case body == nil:
		return answer{}, schemaViolated
	case body.Optimize == nil: // the list would have to be pulled
		return answer{}, unsupportedFeature
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var b strings.Builder
	b.WriteString(`<n:EnumerateResponse><n:EnumerationContext></n:EnumerationContext><w:Items>`)
	for _, sh := range slices.SortedFunc(maps.Values(s.shells), func(a, b *shell) int { return cmp.Compare(a.pid, b.pid) }) {
		if sh.user == user {
			b.WriteString(s.state(sh))
		}
	}
	b.WriteString(`</w:Items><w:EndOfSequence/></n:EnumerateResponse>`)
	return answer{action: nsEnum + "/EnumerateResponse", prefixes: "sanwrp", body: b.String()}, nil
}

// state describes a shell that is open. The lock is held.
func (s *Service) state(sh *shell) string {
	now := s.Clock.Now()
	return sh.describe(fmt.Sprintf(`<rsp:ProcessId>%d</rsp:ProcessId>`, sh.pid), now.Sub(sh.opened), now.Sub(sh.lastUsed))
}

// age writes how long something has been so.
func age(d time.Duration) string {
	seconds := int(d / time.Second)
	return fmt.Sprintf("P%dDT%dH%dM%dS", seconds/86400, seconds/3600%24, seconds/60%60, seconds%60)
}

// config is the part of the configuration that bounds a client, as winrm get winrm/config shows it.
func (s *Service) config() answer {
	return answer{action: nsTransfer + "/GetResponse", prefixes: "saxwp", body: fmt.Sprintf(`<cfg:Config xmlns:cfg="%s">`+
		`<cfg:MaxEnvelopeSizekb>%d</cfg:MaxEnvelopeSizekb><cfg:MaxTimeoutms>%d</cfg:MaxTimeoutms><cfg:Service>`+
		`<cfg:MaxConcurrentOperationsPerUser>%d</cfg:MaxConcurrentOperationsPerUser><cfg:MaxConnections>%d</cfg:MaxConnections>`+
		`</cfg:Service><cfg:Winrs><cfg:AllowRemoteShellAccess>true</cfg:AllowRemoteShellAccess><cfg:IdleTimeout>%d</cfg:IdleTimeout>`+
		`<cfg:MaxConcurrentUsers>%d</cfg:MaxConcurrentUsers><cfg:MaxShellsPerUser>%d</cfg:MaxShellsPerUser></cfg:Winrs></cfg:Config>`,
		configURI, maxEnvelope>>10, maxTimeout.Milliseconds(), s.Quotas.Operations, s.Quotas.Connections, defaultIdle.Milliseconds(),
		s.Quotas.Users, s.Quotas.Shells)}
}
