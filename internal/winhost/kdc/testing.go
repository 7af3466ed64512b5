package kdc

import (
	"errors"
	"testing"
)

// Run starts a KDC for a test, which is skipped on a machine that has none.
func Run(t testing.TB) *KDC {
	t.Helper()
	return RunRealm(t, Realm, "")
}

// RunRealm is [Run] with the KDC of a realm of its own, whose KDC refers to another realm for the hosts of its domain.
func RunRealm(t testing.TB, realm, other string) *KDC {
	t.Helper()
	k, err := Start(t.Context(), t.TempDir(), realm, other)
	if errors.Is(err, ErrMissing) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = k.Close() })
	return k
}
