// SPDX-License-Identifier: MPL-2.0

package wsmansvc_test

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/winrmbits/terraform-provider-bits/internal/winhost/wsmansvc"
)

func TestQuotas(t *testing.T) {
	tests := []struct {
		name   string
		quotas wsmansvc.Quotas
		run    func(t *testing.T, rig *rig)
	}{
		{"a user has so many shells, and another has their own", wsmansvc.Quotas{Shells: 2}, func(t *testing.T, rig *rig) {
			first := rig.open("")
			rig.open("")
			a := rig.post(createMessage(""))
			a.wantFault(t, "2150859173")
			if !strings.Contains(a.body, "a maximum number of 2 concurrent shells") {
				t.Error(a.body)
			}
			rig.user = "anna"
			rig.open("")
			rig.user = "ops"
			rig.post(deleteMessage(first))
			rig.open("")
		}},
		{"so many users have shells", wsmansvc.Quotas{Users: 2}, func(t *testing.T, rig *rig) {
			shell := rig.open("")
			rig.user = "anna"
			rig.open("")
			rig.user = "berta"
			a := rig.post(createMessage(""))
			a.wantFault(t, "2150859179")
			if !strings.Contains(a.body, "w:QuotaLimit") {
				t.Error(a.body)
			}
			rig.user = "ops"
			rig.open("") // who has one is counted already
			rig.post(deleteMessage(shell))
			rig.user = "berta"
			rig.post(createMessage("")).wantFault(t, "2150859179")
		}},
		{"a command counts until its shell is deleted", wsmansvc.Quotas{Operations: 2}, func(t *testing.T, rig *rig) {
			shell := rig.open("")
			for range 2 {
				rig.post(signalMessage(shell, rig.start(shell, "wait"), "Terminate"))
			}
			rig.post(commandMessage(shell, "hi")).wantFault(t, "2150859174")
			rig.user = "anna"
			other := rig.open("")
			rig.start(other, "hi")
			rig.user = "ops"
			rig.post(deleteMessage(shell))
			rig.start(rig.open(""), "hi")
		}},
		{"a refused operation is answered in both forms", wsmansvc.Quotas{Operations: 1}, func(t *testing.T, rig *rig) {
			shell := rig.open("")
			rig.start(shell, "hi")
			first, second := rig.post(commandMessage(shell, "hi")), rig.post(commandMessage(shell, "hi"))
			first.wantFault(t, "2150859174")
			if strings.Contains(second.body, "WSManFault") || second.status != http.StatusInternalServerError ||
				between(second.body, `<p:error_Code xsi:type="cim:cimUnsignedInt">`, `</p:error_Code>`) != "2150859174" {
				t.Errorf("%d %s", second.status, second.body)
			}
		}},
		{"a request counts while it runs", wsmansvc.Quotas{Operations: 2}, func(t *testing.T, rig *rig) {
			shell, command := rig.begin("cat")
			waiting := rig.postLater(receiveMessage(shell, command))
			synctest.Wait()
			rig.post(sendMessage(shell, command, "x", "")).wantFault(t, "2150859174")
			(<-waiting).wantFault(t, "2150858793")
			if a := rig.post(sendMessage(shell, command, "x", "")); a.status != http.StatusOK {
				t.Errorf("%d %s", a.status, a.body)
			}
		}},
		{"a connection that is one too many is answered with its fault", wsmansvc.Quotas{Connections: 2}, func(t *testing.T, rig *rig) {
			rig.conn = rig.svc.ConnContext(t.Context(), nil)
			rig.open("")
			rig.conn = rig.svc.ConnContext(t.Context(), nil)
			a := rig.post(createMessage(""))
			a.wantFault(t, "2150858815")
			if !strings.Contains(a.body, "w:InternalError") {
				t.Error(a.body)
			}
			rig.svc.ConnState(nil, http.StateClosed)
			rig.svc.ConnState(nil, http.StateIdle) // still counts
			rig.svc.ConnState(nil, http.StateClosed)
			rig.conn = rig.svc.ConnContext(t.Context(), nil)
			rig.open("")
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { test.run(t, newRigWith(t, wsmansvc.Options{Quotas: test.quotas})) })
		})
	}
}

func TestQuotasAreReadFromAText(t *testing.T) {
	var q wsmansvc.Quotas
	if err := q.Set("users=3,shells=1"); err != nil || q != (wsmansvc.Quotas{Users: 3, Shells: 1}) {
		t.Errorf("%+v %v", q, err)
	}
	for _, text := range []string{"", "shells", "shells=", "shells=0", "shells=-1", "shells=x", "threads=3", "shells=1,", "Shells=1", " shells=1"} {
		if err := q.Set(text); err == nil {
			t.Errorf("%q is taken", text)
		}
	}
}
