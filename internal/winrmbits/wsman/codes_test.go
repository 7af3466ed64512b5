package wsman

import (
	"errors"
	"strings"
	"testing"
)

// TestEveryFaultOfWinRMIsKnown holds the table of codes to the faults that hosts are known to answer with: what a
// caller may do about each, and what an operator is told.
func TestEveryFaultOfWinRMIsKnown(t *testing.T) {
	final, gone, quota, busy := error(nil), ErrShellGone, ErrQuota, ErrBusy
	tests := map[uint32]struct {
		class error
		says  string
	}{
		5:          {final, "Administrators"},
		50:         {final, "chunks"},
		87:         {final, "proxy"},
		170:        {busy, "PowerShell"},
		995:        {gone, "idle timeout"},
		2147942402: {final, "Windows PowerShell"},
		2147942405: {final, "Administrators"},
		2147942606: {final, "length"},
		2147943418: {gone, "profile"},
		2150858767: {final, "proxy"},
		2150858770: {final, "can't reach the host"},
		2150858771: {final, "management board"},
		2150858793: {final, "overloaded"},
		2150858805: {final, "MaxEnvelopeSizekb"},
		2150858811: {final, "management board"},
		2150858813: {gone, "idle timeout"},
		2150858815: {quota, "MaxConcurrentOperationsPerUser"},
		2150858817: {final, "proxy"},
		2150858823: {final, "MaxEnvelopeSizekb"},
		2150858824: {final, "MaxEnvelopeSizekb"},
		2150858825: {final, "MaxEnvelopeSizekb"},
		2150858843: {gone, "idle timeout"},
		2150859046: {final, "can't reach the host"},
		2150859082: {gone, "idle timeout"},
		2150859087: {gone, "idle timeout"},
		2150859118: {gone, "shutting down"},
		2150859173: {quota, "MaxShellsPerUser in winrm/config/winrs"},
		2150859174: {quota, "MaxConcurrentOperationsPerUser in winrm/config/service"},
		2150859175: {quota, "one account"},
		2150859176: {quota, "all accounts"},
		2150859179: {quota, "MaxConcurrentUsers in winrm/config/winrs"},
		2150859180: {final, "AllowRemoteShellAccess"},
		2150859236: {quota, "MaxShellsPerUser in the quotas of a plug-in"},
		2150859237: {quota, "MaxConcurrentUsers in the quotas of a plug-in"},
		2150859238: {quota, "MaxShells in the quotas of a plug-in"},
		2150859239: {quota, "MaxConcurrentOperations in the quotas of a plug-in"},
		2150859240: {quota, "MaxConcurrentOperationsPerUser in the quotas of a plug-in"},
		2150859241: {quota, "MaxConcurrentCommandsPerShell in the quotas of a plug-in"},
	}
	names := map[string]uint32{}
	for number, want := range tests {
		f := &Fault{Code: number}
		c := codes[number]
		if !strings.HasPrefix(c.name, "E") || names[c.name] != 0 {
			t.Errorf("%d is called %q, as is %d", number, c.name, names[c.name])
		}
		names[c.name] = number
		for _, class := range []error{ErrShellGone, ErrQuota, ErrBusy, ErrConnectionLost} {
			if errors.Is(f, class) != errors.Is(want.class, class) {
				t.Errorf("%s: errors.Is(%v) = %v", c.name, class, errors.Is(f, class))
			}
		}
		if !strings.Contains(f.Advice(), want.says) || !strings.HasSuffix(f.Advice(), ".") {
			t.Errorf("%s: %q is not advised: %q", c.name, want.says, f.Advice())
		}
		if errors.Is(f, ErrQuota) && (!strings.Contains(f.Advice(), "winrm/config") || !strings.Contains(f.Advice(), "with: winrm ")) {
			t.Errorf("%s: neither the setting nor the command that shows it is advised: %q", c.name, f.Advice())
		}
	}
	if len(codes) != len(tests) {
		t.Errorf("%d codes are known, %d are expected", len(codes), len(tests))
	}
}
