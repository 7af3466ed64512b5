// SPDX-License-Identifier: MPL-2.0

package wsmansvc

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
)

// Quotas are what a service allows. Nought is the default of Windows. Source: MS-WSMV 2.2.4.36 and 2.2.4.42.
type Quotas struct {
	Shells      int // MaxShellsPerUser, 30
	Operations  int // MaxConcurrentOperationsPerUser, 1500
	Connections int // MaxConnections, 300
	Users       int // MaxConcurrentUsers, 10: those who have shells
}

// Set is for [flag.Func]: it reads a text such as shells=2,users=1.
func (q *Quotas) Set(text string) error {
	values := map[string]*int{"shells": &q.Shells, "operations": &q.Operations, "connections": &q.Connections, "users": &q.Users}
	for part := range strings.SplitSeq(text, ",") {
		name, number, _ := strings.Cut(part, "=")
		n, err := strconv.Atoi(number)
		if values[name] == nil || err != nil || n <= 0 {
			return fmt.Errorf("%q is not a quota: use shells=N, operations=N, connections=N or users=N, "+
				"with commas between them and numbers above 0", part)
		}
		*values[name] = n
	}
	return nil
}

// orDefault fills in what is not set.
func (q Quotas) orDefault() Quotas {
	return Quotas{
		Shells: cmp.Or(q.Shells, 30), Operations: cmp.Or(q.Operations, 1500), Connections: cmp.Or(q.Connections, 300), Users: cmp.Or(q.Users, 10),
	}
}

// mayOpen returns why a user may not open another shell. The lock is held.
func (s *Service) mayOpen(user string) *Fault {
	open, others := 0, map[string]bool{}
	for _, sh := range s.shells {
		if sh.user == user {
			open++
		} else {
			others[sh.user] = true
		}
	}
	switch {
	case open >= s.Quotas.Shells:
		return tooManyShells(s.Quotas.Shells)
	case open == 0 && len(others) >= s.Quotas.Users:
		return tooManyUsers
	}
	return nil
}

// begin counts an operation of a user, which ends with the request; a Command counts for as long as its shell is there:
// no signal gives it back. Source: MS-WSMV, product behaviour to 3.1.4.12. The refusals take turns in their form, because
// hosts answer in both.
func (s *Service) begin(user string) (end func(), fault *Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	running := s.running[user]
	for _, sh := range s.shells {
		if sh.user == user {
			running += sh.started
		}
	}
	if running >= s.Quotas.Operations {
		s.refusals++
		return nil, tooManyOperations(s.refusals%2 == 0)
	}
	s.running[user]++
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.running[user]--
	}, nil
}
