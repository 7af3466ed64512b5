// SPDX-License-Identifier: MPL-2.0

package bitsvc

import (
	"errors"
	"maps"
	"math"
	"net/url"
	"slices"
	"strings"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
)

// The keys of the registry, below HKEY_LOCAL_MACHINE, that a host has of its BITS.
// Source: "Group Policies" of BITS, learn.microsoft.com.
const (
	ServiceKey = `SYSTEM\CurrentControlSet\Services\BITS`
	PolicyKey  = `SOFTWARE\Policies\Microsoft\Windows\BITS`
	CostKey    = PolicyKey + `\TransferPolicy` // source: "Policy CSP - BITS", learn.microsoft.com
)

// The proxy settings of LocalSystem, which bitsadmin /util /setieproxy sets, and of WinHTTP, which netsh winhttp sets.
const (
	SystemProxy  = `HKEY_USERS\S-1-5-18` + connections + `DefaultConnectionSettings`
	WinHTTPProxy = `HKEY_LOCAL_MACHINE` + connections + `WinHttpSettings`
	connections  = `\Software\Microsoft\Windows\CurrentVersion\Internet Settings\Connections\`
)

// The numbers that the registry has for how a service starts. Source: "CreateService function", learn.microsoft.com.
const (
	startAutomatic = 2
	startManual    = 3
	startDisabled  = 4
)

// registry is numbers by key and name.
type registry map[string]map[string]uint32

// Registry returns the numbers of a key: none where there is no such key, and E_ACCESSDENIED where it can't be read. BITS
// starts by itself, a while after the system, for as long as it has jobs. Source: "BITS Startup Type", learn.microsoft.com, one version of
// which has this for Windows before Vista only.
func (s *Service) Registry(key string) (map[string]uint32, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	numbers, written := s.keys[key]
	switch {
	case written && numbers == nil:
		return nil, refuse(eAccessDenied)
	case written:
		return maps.Clone(numbers), nil
	case key != ServiceKey || s.off == serviceMissing:
		return nil, nil
	case s.off == serviceDisabled:
		return map[string]uint32{"Start": startDisabled}, nil
	case len(s.jobs) > 0:
		return map[string]uint32{"Start": startAutomatic, "DelayedAutostart": 1}, nil
	}
	return map[string]uint32{"Start": startManual}, nil
}

// SetKey writes a key of the registry as an administrator does. Without numbers it can't be read from then on.
func (s *Service) SetKey(key string, numbers map[string]uint32) {
	s.setKeys(func() { s.keys[key] = numbers })
}

// Value returns a binary value of the registry: none where there is no such value, and E_ACCESSDENIED where it can't be read.
func (s *Service) Value(name string) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	value, written := s.values[name]
	if written && value == nil {
		return nil, refuse(eAccessDenied)
	}
	return value, nil
}

// SetValue writes a binary value of the registry. When it is nil, it can't be read from then on.
func (s *Service) SetValue(name string, value []byte) { s.set(func() { s.values[name] = value }) }

// ResetKeys takes back what SetKey and SetValue wrote.
func (s *Service) ResetKeys() { s.setKeys(func() { clear(s.keys); clear(s.values) }) }

// setKeys writes the registry; policies hold at once.
func (s *Service) setKeys(write func()) {
	s.set(func() {
		write()
		s.watchHours()
		for _, j := range s.jobs {
			s.watch(j)
		}
	})
}

// limit is what a policy allows: its default where it is not configured. The lock is held.
func (s *Service) limit(policy string, fallback int) int {
	if n, ok := s.keys[PolicyKey][policy]; ok {
		return int(min(n, math.MaxInt32))
	}
	return fallback
}

// Status is the state of the service as .NET spells it, or a refusal where there is none.
func (s *Service) Status() (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.off == serviceMissing {
		return "", refuse(serviceMissing)
	}
	if s.off == 0 {
		return "Running", nil
	}
	return "Stopped", nil
}

// Uninstall takes the service out of the system until Start.
func (s *Service) Uninstall() { s.set(func() { s.off = serviceMissing }) }

// What the policies of BITS allow by default; administrators and service accounts are exempt.
// Source: "Group Policies" of BITS, learn.microsoft.com.
const (
	maxJobsPerUser    = 60
	maxJobsPerMachine = 300
	maxFilesPerJob    = 200
)

// room reports whether the policies leave room for one more job of the caller's.
func (s *Service) room(c Caller) error {
	if c.administers() {
		return nil
	}
	own := 0
	for _, j := range s.jobs {
		if j.owner.SID == c.SID {
			own++
		}
	}
	switch {
	case own >= s.limit("MaxJobsPerUser", maxJobsPerUser):
		return refuse(bgTooManyUserJobs)
	case len(s.jobs) >= s.limit("MaxJobsPerMachine", maxJobsPerMachine):
		return refuse(bgTooManyJobs)
	}
	return nil
}

// retire takes a job that has ended off the list.
func (s *Service) retire(j *job) {
	j.stopWatch()
	delete(s.jobs, j.id)
	s.finals[j.id] = j
}

// validRemote reports whether a far side's name is one that BITS takes: http, https, SMB or a file of the host, with no wildcard and no
// part that is too long. Whether a file is there is not looked at. Source: BG_FILE_INFO, learn.microsoft.com.
func (s *Service) validRemote(remote string) bool {
	if utf16Length(remote) > bits.MaxRemoteName {
		return false
	}
	if path, ok := remotePath(remote); ok {
		_, err := s.drive.Place(path)
		return !errors.Is(err, bits.ErrInvalidArgument)
	}
	if strings.ContainsAny(remote, " \t\r\n*") {
		return false
	}
	address, err := url.Parse(remote)
	if err != nil {
		return false
	}
	switch strings.ToLower(address.Scheme) {
	case "http", "https":
		long := func(segment string) bool { return utf16Length(segment) > bits.MaxPath }
		return address.Hostname() != "" && !slices.ContainsFunc(strings.Split(address.EscapedPath(), "/"), long)
	default:
		return false
	}
}
