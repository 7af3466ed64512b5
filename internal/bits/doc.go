// SPDX-License-Identifier: MPL-2.0

// Package bits holds the words of BITS, the Background Intelligent Transfer Service of Windows: jobs, their
// states, priorities and results. It does no I/O and imports nothing but the standard library, so that the
// provider, the client and the simulated host speak the same language.
//
// Sources: the IBackgroundCopyJob family of interfaces and "BITS return values", learn.microsoft.com.
package bits
