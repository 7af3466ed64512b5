// SPDX-License-Identifier: MPL-2.0

package winhost

import (
	"net/http"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/bitsvc"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/machine"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/windows"
)

// policies replaces the policies of BITS in the host's registry: {} leaves none. They hold at once.
func policies(h *Host, r *http.Request) (any, error) {
	numbers := map[string]uint32{}
	if err := read(r, &numbers); err != nil {
		return nil, err
	}
	h.BITS.SetKey(bitsvc.PolicyKey, numbers)
	return done{}, nil
}

// networkCost tells the host what its network costs.
func networkCost(h *Host, r *http.Request) (any, error) {
	var body struct {
		Cost bits.CostState `json:"cost"` // "": the host does not know
	}
	if err := read(r, &body); err != nil {
		return nil, err
	}
	if err := h.BITS.SetNetworkCost(body.Cost); err != nil {
		return nil, badRequest(err.Error())
	}
	return done{}, nil
}

// share makes a share of a file server that the host reaches, or replaces the accounts that may use it. Its files are read and written
// as those of the host, with ?path=\\server\share\...
func share(h *Host, r *http.Request) (any, error) {
	var body struct {
		Share    string   `json:"share"`    // \\server\share
		Accounts []string `json:"accounts"` // DOMAIN\name; LocalSystem of the first host is CORP\WEB01$
	}
	if err := read(r, &body); err != nil {
		return nil, err
	}
	if err := h.Drive.Share(body.Share, body.Accounts...); err != nil {
		return nil, badRequest(err.Error())
	}
	return done{}, nil
}

// drive fills the host's drive C:, or makes it refuse what BITS writes. What is left out stays.
func drive(h *Host, r *http.Request) (any, error) {
	var body struct {
		Free    *uint64 `json:"free"`    // bytes
		Refusal *string `json:"refusal"` // a code such as 0x80070013; "": none any more
	}
	if err := read(r, &body); err != nil {
		return nil, err
	}
	if body.Refusal != nil {
		var code bits.HResult
		if *body.Refusal != "" {
			var err error
			if code, err = bits.ParseHResult(*body.Refusal); err != nil {
				return nil, badRequest(err.Error())
			}
		}
		h.Drive.RefuseWrites(code)
	}
	if body.Free != nil {
		h.Drive.SetFree(*body.Free)
	}
	return done{}, nil
}

// odd makes what the host's PowerShell shows odd in the ways of [windows.Odd]: {} ends that.
func odd(h *Host, r *http.Request) (any, error) {
	var now windows.Odd
	if err := read(r, &now); err != nil {
		return nil, err
	}
	h.Odd.Become(now)
	return done{}, nil
}

// allow adds a rule to the access control list of a directory.
func allow(h *Host, r *http.Request) (any, error) {
	var body struct {
		Directory string `json:"directory"`
		machine.AccessRule
	}
	if err := read(r, &body); err != nil {
		return nil, err
	}
	h.Drive.Allow(body.Directory, body.AccessRule)
	return done{}, nil
}

// reparse makes what is at a path a reparse point.
func reparse(h *Host, r *http.Request) (any, error) {
	var body struct {
		Path string `json:"path"`
		machine.Reparse
	}
	if err := read(r, &body); err != nil {
		return nil, err
	}
	if err := h.Drive.SetReparse(body.Path, body.Reparse); err != nil {
		return nil, badRequest(err.Error())
	}
	return done{}, nil
}
