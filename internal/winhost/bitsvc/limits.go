package bitsvc

import (
	"net/url"
	"strings"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
)

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

// validRemote reports whether a far side's name is one that BITS takes: http, https or SMB, with no wildcard and no
// part that is too long. Source: BG_FILE_INFO, learn.microsoft.com.
func validRemote(remote string) bool {
	if utf16Length(remote) > bits.MaxRemoteName || strings.ContainsAny(remote, " \t\r\n*") {
		return false
	}
	if strings.HasPrefix(remote, `\\`) {
		return len(remote) > len(`\\`)
	}
	address, err := url.Parse(remote)
	if err != nil {
		return false
	}
	switch strings.ToLower(address.Scheme) {
	case "http", "https":
		return address.Hostname() != "" && shortSegments(address.EscapedPath())
	case "file":
		return true
	default:
		return false
	}
}

func shortSegments(path string) bool {
	for segment := range strings.SplitSeq(path, "/") {
		if utf16Length(segment) > bits.MaxPath {
			return false
		}
	}
	return true
}
