package kdc

import (
	"errors"
	"testing"
)

// Run starts a KDC for a test, which is skipped on a machine that has none.
func Run(t testing.TB) *KDC {
	t.Helper()
	k, err := Start(t.Context(), t.TempDir())
	if errors.Is(err, ErrMissing) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = k.Close() })
	return k
}
