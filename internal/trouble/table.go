// SPDX-License-Identifier: MPL-2.0

package trouble

import (
	"slices"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
)

// reasons is the table. The first row that fits is used, so a row with more conditions comes before one with fewer.
var reasons = slices.Concat(ofCalls, ofHTTP, ofNetworks, ofQueues, ofCertificates, ofFiles, ofShares, ofBITS)

// statuses are the codes of HTTP statuses.
func statuses(numbers ...bits.HResult) []bits.HResult {
	codes := make([]bits.HResult, 0, len(numbers))
	for _, n := range numbers {
		codes = append(codes, 0x80190000+n)
	}
	return codes
}

// Places of errors that several rows are about.
var (
	atRemote = []bits.ErrorContext{
		bits.ContextRemoteFile, bits.ContextTransport, bits.ContextRemoteApplication, bits.ContextUnknown, bits.ContextQueueManager,
	}
	atLocal = []bits.ErrorContext{bits.ContextLocalFile, bits.ContextUnknown, bits.ContextQueueManager, bits.ContextNone}
)
