// SPDX-License-Identifier: MPL-2.0

// Package agent holds what runs on a Windows host, loader.ps1 and the agent that it loads, and the Go types of the
// protocol they speak. The agent is made of the other scripts here, see [Upload]. The Go stand-in of the simulated host
// and the real agent are held to these types by one contract suite.
//
// A line, in both directions, is
//
//	[noise] TOKEN SP object LF
//
// where TOKEN is 32 hexadecimal digits, new for each agent process, and object is ASCII JSON. A line without the
// token is noise. The client numbers its batches 1, 2, 3 ...; the next goes out only after the last line of the
// answer ("end"). Repeating a batch means sending the same lines with the same number, preceded by an LF.
//
// A secret that a request needs is a line of its own before it, TOKEN SP "secret" SP index SP base64 LF; the request has the
// index. See docs-dev/adr/0015.
package agent
