// SPDX-License-Identifier: MPL-2.0

package bits

import (
	"fmt"
	"strconv"
	"strings"
)

// HResult is a result code of COM: the value that BITS returns for success, refusal and job errors alike.
type HResult uint32

// Kind says what can be done about a result.
type Kind string

// The kinds of results.
const (
	KindSuccess   Kind = "success"   // the call did what it says
	KindTransient Kind = "transient" // BITS, or a later attempt, can overcome it
	KindFatal     Kind = "fatal"     // nothing changes until an operator repairs something
	KindPolicy    Kind = "policy"    // an administrator's policy or limit stands in the way
	KindUsage     Kind = "usage"     // the caller asked for what can't be had
)

// Entry is what is known of a result code.
type Entry struct {
	Code    HResult
	Name    string // as the Windows headers spell it; "" for an HTTP status that has no name there
	Meaning string // in our own words, a sentence without a full stop
	Kind    Kind
}

// ParseHResult reads 0x80200002, or the same as a decimal: 2149580802, or -2145386494 as .NET prints it.
func ParseHResult(s string) (HResult, error) {
	digits, base := s, 10
	if rest, hex := strings.CutPrefix(strings.ToLower(s), "0x"); hex {
		digits, base = rest, 16
	}
	if n, err := strconv.ParseUint(digits, base, 32); err == nil {
		return HResult(n), nil
	}
	if n, err := strconv.ParseInt(s, 10, 32); err == nil {
		return HResult(uint32(n)), nil //nolint:gosec // the bit pattern is the value
	}
	return 0, fmt.Errorf("%q is not an HRESULT: write it as 0x80200002, or as the same number in decimal", s)
}

// Hex spells the code as the documentation does: 0x80200002.
func (h HResult) Hex() string { return fmt.Sprintf("0x%08X", uint32(h)) }

// Failed reports whether the code is a failure.
func (h HResult) Failed() bool { return h&0x80000000 != 0 }
