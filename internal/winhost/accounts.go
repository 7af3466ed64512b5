// SPDX-License-Identifier: MPL-2.0

package winhost

import (
	"crypto/rand"
	"fmt"
	"strings"

	"github.com/winrmbits/terraform-provider-bits/internal/winhost/bitsvc"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/logon"
)

// The accounts that every host has.
const (
	administrator = "Administrator"
	standardUser  = "anna"
)

// domain is the domain that the hosts have joined: to other computers their LocalSystem is CORP\WEB01$.
const domain = "CORP"

// Account is a local account of a host that may open shells through WinRM. Two have passwords of their own on every
// host: Administrator, and anna, who is in Remote Management Users and not an administrator.
type Account struct {
	Name          string
	SID           string
	Password      string
	Administrator bool // its shells hold a full administrator's token
	Disabled      bool // it can't log on
}

// accounts makes the accounts of the i-th host; the network has one password for the administrators of all.
// Source of the last numbers of the SIDs: "Well-known SIDs", learn.microsoft.com; accounts that are made start at 1000.
func accounts(i int, password string) []Account {
	machine := fmt.Sprintf("S-1-5-21-1004336348-1177238915-%d", 682003330+i)
	return []Account{
		{Name: administrator, SID: machine + "-500", Password: password, Administrator: true},
		{Name: standardUser, SID: machine + "-1001", Password: rand.Text()},
	}
}

// FindAccount finds a local account by its name, which may be written with the host's name or a dot before it, or with
// the host's name behind it.
func (h *Host) FindAccount(username string) (Account, bool) {
	name := username
	if domain, rest, ok := strings.Cut(username, `\`); ok && (domain == "." || strings.EqualFold(domain, h.Computer)) {
		name = rest
	} else if rest, domain, ok := strings.Cut(username, "@"); ok && strings.EqualFold(domain, h.Computer) {
		name = rest
	}
	for _, a := range h.Accounts {
		if strings.EqualFold(a.Name, name) {
			return a, true
		}
	}
	return Account{}, false
}

// logOnAs is an account as those who log on need it.
func (h *Host) logOnAs(username string) (logon.Account, bool) {
	a, ok := h.FindAccount(username)
	return logon.Account{Name: a.Name, Password: a.Password, Disabled: a.Disabled}, ok
}

// Caller is what an account's processes are to BITS. An account that the host does not have has no rights.
func (h *Host) Caller(username string) bitsvc.Caller {
	a, ok := h.FindAccount(username)
	if !ok {
		return bitsvc.Caller{}
	}
	return bitsvc.Caller{Account: h.Computer + `\` + a.Name, SID: a.SID, Elevated: a.Administrator}
}
