// SPDX-License-Identifier: MPL-2.0

package bitsvc

import (
	"unicode/utf16"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/machine"
)

// The results this service returns, named as in the Windows headers.
const (
	bgNotFound          bits.HResult = 0x80200001
	bgInvalidState      bits.HResult = 0x80200002
	bgEmpty             bits.HResult = 0x80200003
	bgNoNetwork         bits.HResult = 0x80200010
	bgBlockedByPolicy   bits.HResult = 0x8020003E
	bgBlockedByCost     bits.HResult = 0x80200059
	bgMissingFileSize   bits.HResult = 0x80200011
	bgRangeSupport      bits.HResult = 0x80200013
	bgPartialComplete   bits.HResult = 0x00200017
	bgUnableToDelete    bits.HResult = 0x0020001A
	bgServerResponse    bits.HResult = 0x8020001B
	bgTooManyFiles      bits.HResult = 0x8020001C
	bgProxyListTooLong  bits.HResult = 0x80200018
	bgBypassListTooLong bits.HResult = 0x80200019
	bgStringTooLong     bits.HResult = 0x80200021
	bgUsernameTooLong   bits.HResult = 0x80200025
	bgPasswordTooLong   bits.HResult = 0x80200026
	bgInvalidAuthScheme bits.HResult = 0x80200028
	bgInvalidProxyInfo  bits.HResult = 0x8020003F
	bgMaxDownloadTime   bits.HResult = 0x80200054
	bgDownloadsOnly     bits.HResult = 0x80200060
	bgAfterResume       bits.HResult = 0x80200062
	bgCustomMethod      bits.HResult = 0x80200071
	bgWhenActive        bits.HResult = 0x80200075
	bgTooManyUserJobs   bits.HResult = 0x80200049
	bgTooManyJobs       bits.HResult = 0x80200050
	bgTooManyFilesInJob bits.HResult = 0x80200051
	bgRemoteFileChanged bits.HResult = 0x80200073
	bgHTTPStatus        bits.HResult = 0x80190000 // plus the status
	eNotImpl            bits.HResult = 0x80004001
	eFail               bits.HResult = 0x80004005
	eAccessDenied       bits.HResult = 0x80070005
	eInvalidArg         bits.HResult = 0x80070057
	fileNotFound        bits.HResult = 0x80070002
	pathNotFound        bits.HResult = 0x80070003
	serviceDisabled     bits.HResult = 0x80070422
	serviceMissing      bits.HResult = 0x80070424
	serviceNotActive    bits.HResult = 0x80070426
	notLoggedOn         bits.HResult = 0x800704DD
	rpcNullPointer      bits.HResult = 0x800706F4
	rpcBadData          bits.HResult = 0x800706F7
	winhttpTimeout      bits.HResult = 0x80072EE2
	winhttpNameUnknown  bits.HResult = 0x80072EE7
	winhttpNoConnection bits.HResult = 0x80072EFD
	winhttpBroken       bits.HResult = 0x80072EFE
	winhttpNeedsCert    bits.HResult = 0x80072F0C
	winhttpGarbage      bits.HResult = 0x80072F78
	winhttpNoChannel    bits.HResult = 0x80072F7D
	winhttpRedirect     bits.HResult = 0x80072F7C
	winhttpSecureFailed bits.HResult = 0x80072F8F
)

// refuse returns the error of a refused call, with the host's text.
func refuse(h bits.HResult) error { return machine.Refuse(h, "") }

func utf16Length(s string) int { return len(utf16.Encode([]rune(s))) }
