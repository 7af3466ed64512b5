// Package gssapi has the tokens of GSS-API for Kerberos and what protects messages with them: SPNEGO around them, the
// exchange of AP-REQ and AP-REP that proves both sides, and sealed messages. It does no I/O and keeps no clock.
//
// Sources: RFC 4120 (Kerberos), RFC 4121 (its GSS-API mechanism), RFC 4178 (SPNEGO).
package gssapi

// MaxToken bounds a token that is parsed, in bytes. A ticket holds the user's groups; Windows' own limit is 48,000
// (MaxTokenSize, learn.microsoft.com).
const MaxToken = 64 << 10
