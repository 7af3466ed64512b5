// SPDX-License-Identifier: MPL-2.0

package bits

import (
	"cmp"
	"fmt"
	"slices"
)

// The codes that decide what this project does. The others are in the table only, for messages.
const (
	ENotFound           HResult = 0x80200001 // BG_E_NOT_FOUND
	EInvalidState       HResult = 0x80200002 // BG_E_INVALID_STATE
	EEmpty              HResult = 0x80200003 // BG_E_EMPTY
	ERemoteNotSupported HResult = 0x80200014 // BG_E_REMOTE_NOT_SUPPORTED
	ENotImplemented     HResult = 0x80004001 // E_NOTIMPL
	EAccessDenied       HResult = 0x80070005 // E_ACCESSDENIED
	EInvalidArgument    HResult = 0x80070057 // E_INVALIDARG
	ENotLoggedOn        HResult = 0x800704DD // ERROR_NOT_LOGGED_ON
)

// classes are the classes of refusals that codes belong to.
var classes = map[HResult]error{
	ENotFound:           ErrNotFound,
	EInvalidState:       ErrInvalidState,
	ENotImplemented:     ErrNotImplemented,
	EAccessDenied:       ErrAccessDenied,
	ENotLoggedOn:        ErrNotLoggedOn,
	0x80070520:          ErrNotLoggedOn, // the logon session ended
	0x80200056:          ErrNotLoggedOn, // the helper token went with its owner's logon session
	ERemoteNotSupported: ErrRemoteNotSupported,
	0x80070426:          ErrServiceStopped,
	0x800706BA:          ErrServiceStopped, // the service went away under an object that was held
	0x800706BE:          ErrServiceStopped,
	0x80010108:          ErrServiceStopped,
	0x80070422:          ErrServiceDisabled,
	0x80070424:          ErrServiceMissing,
	EInvalidArgument:    ErrInvalidArgument,
	0x80070002:          ErrPathNotFound,
	0x80070003:          ErrPathNotFound,
	0x80200049:          ErrTooManyJobs,
	0x80200050:          ErrTooManyJobs,
	0x8020001C:          ErrTooManyFiles,
	0x80200051:          ErrTooManyFiles,
	0x80200021:          ErrStringTooLong,
	EEmpty:              ErrEmpty,
	0x80200058:          ErrReadOnlyProperty,
	0x80200061:          ErrReadOnlyProperty,
	0x80200062:          ErrReadOnlyProperty,
	0x80200075:          ErrReadOnlyProperty,
}

// results are all codes that are listed one by one.
var results = [][]Entry{bitsResults, windowsResults, networkResults, winhttpResults, tlsResults, comResults}

var table = index(results)

func index(lists [][]Entry) map[HResult]Entry {
	byCode := map[HResult]Entry{}
	for _, list := range lists {
		for _, entry := range list {
			byCode[entry.Code] = entry
		}
	}
	return byCode
}

// Lookup returns what is known of a code, HTTP statuses included; false when this table does not have it. BITS may return any code
// of COM, RPC or Windows. Source: "BITS return values", learn.microsoft.com.
func Lookup(code HResult) (Entry, bool) {
	if entry, ok := httpEntry(code); ok {
		return entry, true
	}
	entry, ok := table[code]
	return entry, ok
}

// Entries returns all codes that are listed one by one, and those of HTTP statuses that have a meaning of their own.
func Entries() []Entry {
	var all []Entry
	for status := range httpMeanings {
		entry, _ := httpEntry(httpFacility + HResult(status)) //nolint:gosec // three digits
		all = append(all, entry)
	}
	for _, list := range results {
		all = append(all, list...)
	}
	slices.SortFunc(all, func(a, b Entry) int { return cmp.Compare(a.Code, b.Code) })
	return all
}

// String returns name and code, BG_E_INVALID_STATE (0x80200002), or the code alone when it has no name.
func (h HResult) String() string {
	if entry, ok := Lookup(h); ok && entry.Name != "" {
		return fmt.Sprintf("%s (%s)", entry.Name, h.Hex())
	}
	return h.Hex()
}

// class returns the class of refusal for errors.Is, or nil.
func (h HResult) class() error { return classes[h] }
