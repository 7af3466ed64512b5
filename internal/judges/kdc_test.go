package judges

import "testing"

func TestAnAccountLogsOn(t *testing.T) {
	k := StartKDC(t)
	if err := k.Account(t.Context(), "ops", "Pa55 word!"); err != nil {
		t.Fatal(err)
	}
	if _, err := k.Service(t.Context(), "HTTP/web01.corp.example"); err != nil {
		t.Fatal(err)
	}
	if _, err := k.Cache(t.Context(), "ops", "wrong"); err == nil {
		t.Error("a wrong password logs on")
	}
	if n, err := k.Failures(t.Context(), "ops"); n != 1 || err != nil {
		t.Errorf("%d failed logons, %v", n, err)
	}
	if _, err := k.Cache(t.Context(), "ops", "Pa55 word!"); err != nil {
		t.Error(err)
	}
	if n, err := k.Failures(t.Context(), "ops"); n != 0 || err != nil {
		t.Errorf("%d failed logons, %v", n, err)
	}
	if err := k.Account(t.Context(), "ops", "again"); err == nil {
		t.Error("an account is made twice")
	}
}
