package hosts

import "github.com/winrmbits/terraform-provider-bits/internal/connection"

// SameSpelling reports whether two values of host name the same in the same way, case aside.
func SameSpelling(a, b string) bool {
	nameA, _, errA := connection.SplitHost(a)
	nameB, _, errB := connection.SplitHost(b)
	return errA == nil && errB == nil && nameA == nameB && writesPort(a) == writesPort(b)
}

// writesPort reports whether a value of host has a port of its own.
func writesPort(host string) bool {
	_, port, err := connection.SplitHost(host)
	return err == nil && port != 0
}
