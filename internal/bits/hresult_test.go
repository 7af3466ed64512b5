// SPDX-License-Identifier: MPL-2.0

package bits

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func TestEveryCodeStandsOnceAndComplete(t *testing.T) {
	name := regexp.MustCompile(`^[A-Z][A-Z0-9]*(_[A-Z0-9]+)+$|^WSA[A-Z]+$`)
	kinds := []Kind{KindSuccess, KindTransient, KindFatal, KindPolicy, KindUsage}
	codes, names := map[HResult]bool{}, map[string]bool{}
	for _, list := range results {
		var last HResult
		for _, entry := range list {
			t.Run(entry.Name, func(t *testing.T) {
				if codes[entry.Code] || names[entry.Name] {
					t.Errorf("%s (%s) is listed twice", entry.Name, entry.Code.Hex())
				}
				if entry.Code <= last {
					t.Errorf("%s is listed after %s", entry.Code.Hex(), last.Hex())
				}
				checkEntry(t, entry, name, kinds)
			})
			codes[entry.Code], names[entry.Name], last = true, true, entry.Code
		}
	}
	for code := range classes {
		if !codes[code] {
			t.Errorf("%s has a class, but is not in the table", code.Hex())
		}
	}
}

func TestEveryHTTPStatusHasAnEntry(t *testing.T) {
	name := regexp.MustCompile(`^(BG_E_HTTP_ERROR_[1-5]\d\d)?$`)
	for status := 100; status <= 599; status++ {
		entry, ok := Lookup(httpFacility + HResult(status))
		if !ok {
			t.Fatalf("HTTP status %d has no entry", status)
		}
		checkEntry(t, entry, name, []Kind{KindTransient, KindFatal})
		if !strings.HasPrefix(entry.Meaning, fmt.Sprintf("HTTP status %d: ", status)) {
			t.Errorf("the meaning of status %d is %q", status, entry.Meaning)
		}
	}
}

func checkEntry(t *testing.T, entry Entry, name *regexp.Regexp, kinds []Kind) {
	t.Helper()
	if !name.MatchString(entry.Name) {
		t.Errorf("the name %q is not one of a Windows header", entry.Name)
	}
	if entry.Meaning == "" || strings.HasSuffix(entry.Meaning, ".") {
		t.Errorf("the meaning %q is not a sentence without a full stop", entry.Meaning)
	}
	if !slices.Contains(kinds, entry.Kind) {
		t.Errorf("%s has the kind %q", entry.Name, entry.Kind)
	}
	if success := entry.Kind == KindSuccess; success == entry.Code.Failed() {
		t.Errorf("%s is of kind %s, and Failed says %v", entry.Name, entry.Kind, entry.Code.Failed())
	}
}

func TestLookup(t *testing.T) {
	tests := []struct {
		name string
		code HResult
		want string
		kind Kind
	}{
		{"a finished job", 0x80200002, "BG_E_INVALID_STATE", KindUsage},
		{"an absent job", 0x80200001, "BG_E_NOT_FOUND", KindUsage},
		{"an owner who is not logged on", 0x800704DD, "ERROR_NOT_LOGGED_ON", KindFatal},
		{"a limit set by policy", 0x80200049, "BG_E_TOO_MANY_JOBS_PER_USER", KindPolicy},
		{"a lost network", 0x80200010, "BG_E_NETWORK_DISCONNECTED", KindTransient},
		{"a file the server lacks", 0x80190194, "BG_E_HTTP_ERROR_404", KindFatal},
		{"a server that failed", 0x801901F4, "BG_E_HTTP_ERROR_500", KindTransient},
		{"a status of the list's last row", 0x801901F9, "BG_E_HTTP_ERROR_505", KindFatal},
		{"a name that was not found", 0x80072EE7, "ERROR_WINHTTP_NAME_NOT_RESOLVED", KindTransient},
		{"files that were left", 0x00200017, "BG_S_PARTIAL_COMPLETE", KindSuccess},
		{"the last code of BITS", 0x80200076, "BG_E_ERROR_CONTEXT_SERVER_CERTIFICATE_CALLBACK", KindFatal},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, ok := Lookup(tt.code)
			if !ok || got.Code != tt.code || got.Name != tt.want || got.Kind != tt.kind {
				t.Errorf("Lookup(%s) = %+v, %v", tt.code.Hex(), got, ok)
			}
			if want := fmt.Sprintf("%s (%s)", tt.want, tt.code.Hex()); tt.code.String() != want {
				t.Errorf("String() = %q, want %q", tt.code, want)
			}
		})
	}
}

// Source: the current bitsmsg.h, which defines BG_E_HTTP_ERROR_nnn for these statuses and no others.
func TestOnlyStatusesOfTheHeaderHaveANameOfIt(t *testing.T) {
	named := []int{
		100, 101, 200, 201, 202, 203, 204, 205, 206, 300, 301, 302, 303, 304, 305, 307, 400, 401, 402, 403, 404, 405, 406, 407, 408, 409, 410,
		411, 412, 413, 414, 415, 416, 417, 449, 500, 501, 502, 503, 504, 505,
	}
	for status := 100; status <= 599; status++ {
		code := httpFacility + HResult(status)
		want := ""
		if slices.Contains(named, status) {
			want = fmt.Sprintf("BG_E_HTTP_ERROR_%d", status)
		}
		if entry, _ := Lookup(code); entry.Name != want {
			t.Errorf("the name of status %d is %q, want %q", status, entry.Name, want)
		}
		if want == "" && code.String() != code.Hex() {
			t.Errorf("status %d is spelled %s", status, code)
		}
	}
}

// Sources: RFC 9110, RFC 6585.
func TestStatusesThatALaterAttemptMayOvercome(t *testing.T) {
	for status := 100; status <= 599; status++ {
		entry, _ := Lookup(httpFacility + HResult(status))
		if want := slices.Contains([]int{408, 429, 500, 502, 503, 504}, status); (entry.Kind == KindTransient) != want {
			t.Errorf("status %d is of kind %s", status, entry.Kind)
		}
	}
}

func TestCodesOutsideTheTable(t *testing.T) {
	for _, code := range []HResult{0, 0x8013FFFF, 0x80190063, 0x80190258, 0x80200006, 0xFFFFFFFF} {
		if entry, ok := Lookup(code); ok {
			t.Errorf("Lookup(%s) = %+v", code.Hex(), entry)
		}
		if code.String() != code.Hex() {
			t.Errorf("String() = %q, want %q", code, code.Hex())
		}
	}
}

func TestParseHResult(t *testing.T) {
	tests := []struct {
		name, in string
		want     HResult
		fails    bool
	}{
		{"hexadecimal", "0x80200002", 0x80200002, false},
		{"the signed decimal that .NET prints", "-2145386494", 0x80200002, false},
		{"the signed decimal of a forum's favourite", "-2147023651", 0x800704DD, false},
		{"a success code", "0x00200017", 0x00200017, false},
		{"an unsigned decimal", "2149580802", 0x80200002, false},
		{"hexadecimal in other case", "0X8020000a", 0x8020000A, false},
		{"a decimal with a zero in front", "017", 17, false},
		{"hexadecimal digits with a sign", "0x-1", 0, true},
		{"digits with underscores", "0x8020_0002", 0, true},
		{"a name", "BG_E_INVALID_STATE", 0, true},
		{"nothing", "", 0, true},
		{"more than 32 bits", "0x180200002", 0, true},
		{"less than -2^31", "-2147483649", 0, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := ParseHResult(tt.in)
			if got != tt.want || (err != nil) != tt.fails {
				t.Errorf("ParseHResult(%q) = %s, %v", tt.in, got.Hex(), err)
			}
		})
	}
}

func TestErrorClasses(t *testing.T) {
	all := []error{
		ErrNotFound, ErrInvalidState, ErrNotImplemented, ErrAccessDenied, ErrNotLoggedOn, ErrRemoteNotSupported,
		ErrServiceStopped, ErrServiceDisabled, ErrServiceMissing, ErrInvalidArgument, ErrPathNotFound, ErrTooManyJobs,
		ErrTooManyFiles, ErrStringTooLong, ErrEmpty, ErrReadOnlyProperty, ErrBinding, ErrNotSupported, ErrNotVisible,
		ErrUnknownOutcome,
	}
	tests := []struct {
		name string
		err  Error
		want error
	}{
		{"not found without a code", Error{Code: CodeNotFound}, ErrNotFound},
		{"not found with its code", Error{Code: CodeNotFound, HResult: 0x80200001}, ErrNotFound},
		{"the host's own BG_E_NOT_FOUND", Error{Code: CodeRefused, HResult: 0x80200001}, ErrNotFound},
		{"a finished job", Error{Code: CodeRefused, HResult: 0x80200002}, ErrInvalidState},
		{"an undefined priority", Error{Code: CodeRefused, HResult: 0x80004001}, ErrNotImplemented},
		{"access denied", Error{Code: CodeRefused, HResult: 0x80070005}, ErrAccessDenied},
		{"an owner who is not logged on", Error{Code: CodeRefused, HResult: 0x800704DD}, ErrNotLoggedOn},
		{"a logon session that ended", Error{Code: CodeRefused, HResult: 0x80070520}, ErrNotLoggedOn},
		{"a helper token that is gone", Error{Code: CodeRefused, HResult: 0x80200056}, ErrNotLoggedOn},
		{"remote use", Error{Code: CodeRefused, HResult: 0x80200014}, ErrRemoteNotSupported},
		{"a stopped service", Error{Code: CodeRefused, HResult: 0x80070426}, ErrServiceStopped},
		{"a service that went away", Error{Code: CodeRefused, HResult: 0x800706BA}, ErrServiceStopped},
		{"a disabled service", Error{Code: CodeRefused, HResult: 0x80070422}, ErrServiceDisabled},
		{"a missing service", Error{Code: CodeRefused, HResult: 0x80070424}, ErrServiceMissing},
		{"an invalid argument", Error{Code: CodeRefused, HResult: 0x80070057}, ErrInvalidArgument},
		{"a missing folder", Error{Code: CodeRefused, HResult: 0x80070003}, ErrPathNotFound},
		{"a folder that the cmdlet misses", Error{Code: CodeRefused, FQEID: "PathNotFound,Start-BitsTransfer"}, ErrPathNotFound},
		{"too many jobs", Error{Code: CodeRefused, HResult: 0x80200050}, ErrTooManyJobs},
		{"too many files", Error{Code: CodeRefused, HResult: 0x80200051}, ErrTooManyFiles},
		{"a long name", Error{Code: CodeRefused, HResult: 0x80200021}, ErrStringTooLong},
		{"no files", Error{Code: CodeRefused, HResult: 0x80200003}, ErrEmpty},
		{"too late for a property", Error{Code: CodeRefused, HResult: 0x80200062}, ErrReadOnlyProperty},
		{"a parameter the cmdlet refused", Error{Code: CodeBinding}, ErrBinding},
		{"a parameter the module lacks", Error{Code: CodeNotSupported}, ErrNotSupported},
		{"a code without a class", Error{Code: CodeRefused, HResult: 0x80190194}, nil},
		{"no code at all", Error{Code: CodeRefused}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			wrapped := fmt.Errorf("read job: %w", &tt.err)
			for _, class := range all {
				if got := errors.Is(wrapped, class); got != (class == tt.want) { //nolint:errorlint // the classes themselves are compared
					t.Errorf("errors.Is(%v, %v) = %v", wrapped, class, got)
				}
			}
			var host *Error
			if !errors.As(wrapped, &host) || host != &tt.err {
				t.Errorf("errors.As does not find the host's answer in %v", wrapped)
			}
		})
	}
}

func TestErrorTexts(t *testing.T) {
	tests := []struct {
		name, want string
		err        Error
	}{
		{"a step and a known code", "set:priority: BG_E_INVALID_STATE (0x80200002)", Error{Code: CodeRefused, Step: "set:priority", HResult: 0x80200002}},
		{"an unknown code", "resume: 0x81234567", Error{Code: CodeRefused, Step: "resume", HResult: 0x81234567}},
		{"not found", "BITS does not list the job", Error{Code: CodeNotFound}},
		{"a parameter the cmdlet refused", "create: binding", Error{
			Code: CodeBinding, Step: "create", Type: "System.Management.Automation.ParameterBindingException",
		}},
		{"the host's own words stay in the log", "create: refused", Error{Code: CodeRefused, Step: "create", Text: "Zugriff verweigert"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.err.Error(); got != tt.want {
				t.Errorf("Error() = %q, want %q", got, tt.want)
			}
		})
	}
}
