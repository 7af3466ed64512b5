// SPDX-License-Identifier: MPL-2.0

package logon

import (
	"errors"
	"strings"
	"sync"
)

// Account is a local account as logons need it.
type Account struct {
	Name     string
	Password string
	Disabled bool
}

// Accounts tries credentials against a host's accounts and locks them out. It is safe for concurrent use.
type Accounts struct {
	find      func(username string) (Account, bool)
	threshold int

	mu       sync.Mutex
	failures map[string]int // in a row, by name
}

// NewAccounts makes the accounts that find knows by any form of their names. After as many wrong passwords in a row as
// the threshold says an account is locked out, the right password notwithstanding; 0 means never.
func NewAccounts(find func(username string) (Account, bool), threshold int) *Accounts {
	return &Accounts{find: find, threshold: threshold, failures: map[string]int{}}
}

// Why a credential is refused, which clients never learn.
var (
	errUnknown   = errors.New("there is no such account")
	errDisabled  = errors.New("the account is disabled")
	errLockedOut = errors.New("the account is locked out")
	errPassword  = errors.New("the password is wrong")
)

// Try has proven report whether a client knows an account's password, and returns the account's name when it does.
func (a *Accounts) Try(username string, proven func(password string) bool) (name string, err error) {
	account, ok := a.find(username)
	if !ok {
		return "", errUnknown
	}
	key := strings.ToLower(account.Name)
	a.mu.Lock()
	defer a.mu.Unlock()
	switch {
	case account.Disabled:
		return "", errDisabled
	case a.threshold > 0 && a.failures[key] >= a.threshold:
		return "", errLockedOut
	case !proven(account.Password):
		a.failures[key]++
		return "", errPassword
	default:
		delete(a.failures, key)
		return account.Name, nil
	}
}
