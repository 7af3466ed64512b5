// SPDX-License-Identifier: MPL-2.0

// Package sspi is Kerberos as Windows itself has it: with the ticket of the account that runs this process, and without its
// password. On other systems there is none.
package sspi

import "fmt"

// Session is a security context between the account that runs this process and a service. One goroutine uses it at a time.
type Session interface {
	// Finish takes the host's answer to the token. It returns an error when that does not prove that the host is the service.
	Finish(answer []byte) error
	// Seal encrypts a message: the header is the part of its token before the ciphertext, which is as long as the message.
	Seal(message []byte) (header, sealed []byte, err error)
	// Open decrypts a message that follows its header.
	Open(header, sealed []byte) ([]byte, error)
	// VerifySignature verifies the host's signature of a message.
	VerifySignature(message, mic []byte) error
}

// Error is what Windows answers instead of a token.
type Error struct {
	Code uint32
}

// Error returns the code's name and meaning.
func (e *Error) Error() string {
	known, ok := codes[e.Code]
	if !ok {
		return fmt.Sprintf("Kerberos of Windows failed with 0x%08X", e.Code)
	}
	return fmt.Sprintf("%s (%s, 0x%08X)", known.meaning, known.name, e.Code)
}

// Remedy returns what to do; "" where nothing is known.
func (e *Error) Remedy() string { return codes[e.Code].remedy }

const asDomainAccount = "Run Terraform as an account of the domain of the hosts, or set username and password."

// codes are the results of InitializeSecurityContext that a client meets. Source: winerror.h; "InitializeSecurityContext (Kerberos)",
// learn.microsoft.com.
var codes = map[uint32]struct{ name, meaning, remedy string }{
	0x80090303: {
		"SEC_E_TARGET_UNKNOWN", "the domain knows no account for this service",
		"Use the full DNS name of the host, or set kerberos.spn to a name that setspn -Q finds.",
	},
	0x8009030C: {"SEC_E_LOGON_DENIED", "the domain refused the account that runs Terraform", asDomainAccount},
	0x8009030E: {"SEC_E_NO_CREDENTIALS", "the account that runs Terraform has no ticket", asDomainAccount},
	0x80090311: {
		"SEC_E_NO_AUTHENTICATING_AUTHORITY", "no domain controller could be reached",
		"Check that this machine is in the domain of the hosts or a trusted one, and that nltest /dsgetdc: finds a domain controller. " +
			asDomainAccount,
	},
	0x80090322: {
		"SEC_E_WRONG_PRINCIPAL", "the service name belongs to another account than that of the host",
		"Run setspn -Q to find the account that has the service name. Or the password of the host in the domain is out of date (Test-ComputerSecureChannel).",
	},
	0x80090324: {"SEC_E_TIME_SKEW", "the clocks of this machine and of the domain controller or host differ by more than five minutes", "Synchronise the clocks: w32tm /resync."},
}
