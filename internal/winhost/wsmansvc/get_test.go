// SPDX-License-Identifier: MPL-2.0

package wsmansvc_test

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/winhost/wsmansvc"
)

const (
	enumerationNS = "http://schemas.xmlsoap.org/ws/2004/09/enumeration"
	configNS      = "http://schemas.microsoft.com/wbem/wsman/1/config"
	optimized     = `<en:Enumerate xmlns:en="` + enumerationNS + `"><m:OptimizeEnumeration/><m:MaxElements>32000</m:MaxElements></en:Enumerate>`
)

// of names a resource.
func of(uri string) string { return messageHead + `<m:ResourceURI>` + uri + `</m:ResourceURI>` }

func getMessage(uri, more string) string { return message(transferNS+"/Get", of(uri)+more, "") }

func enumerateMessage(uri, body string) string {
	return message(enumerationNS+"/Enumerate", of(uri), body)
}

func TestShellsCanBeRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rig := newRig(t)
		first := rig.open(`<sh:WorkingDirectory>C:\t</sh:WorkingDirectory><sh:IdleTimeOut>PT180S</sh:IdleTimeOut>`)
		pass(61 * time.Second)
		second := rig.open("")
		rig.start(first, "hi")
		pass(3 * time.Second)
		described := func(id, pid, more, idle, run, quiet string) string {
			return `<rsp:Shell` + r + `><rsp:ShellId>` + id + `</rsp:ShellId><rsp:ResourceUri>` + shellNS + `/cmd</rsp:ResourceUri>` +
				`<rsp:Owner>ops</rsp:Owner><rsp:ClientIP>192.0.2.7</rsp:ClientIP><rsp:ProcessId>` + pid + `</rsp:ProcessId>` + more +
				`<rsp:IdleTimeOut>` + idle + `</rsp:IdleTimeOut><rsp:InputStreams>stdin</rsp:InputStreams>` +
				`<rsp:OutputStreams>stdout stderr</rsp:OutputStreams><rsp:ShellRunTime>` + run + `</rsp:ShellRunTime>` +
				`<rsp:ShellInactivity>` + quiet + `</rsp:ShellInactivity></rsp:Shell>`
		}
		one := described(first, "4", `<rsp:WorkingDirectory>C:\t</rsp:WorkingDirectory>`, "PT180.000S", "P0DT0H1M4S", "P0DT0H0M3S")
		two := described(second, "8", "", "PT7200.000S", "P0DT0H0M3S", "P0DT0H0M3S")
		for _, uri := range []string{shellNS, shellNS + "/cmd"} {
			got := rig.post(getMessage(uri, selector(strings.ToLower(first))))
			if want := windows(s+a+x+w+r+p, transferNS+"/GetResponse", guid.ReplaceAllString(one, "GUID")); guid.ReplaceAllString(got.body, "GUID") != want {
				t.Errorf("got\n%s\nwant\n%s", got.body, want)
			}
		}
		list := rig.post(enumerateMessage(shellNS, optimized))
		if body := between(list.body, "<s:Body>", "</s:Body>"); body != `<n:EnumerateResponse><n:EnumerationContext></n:EnumerationContext><w:Items>`+
			one+two+`</w:Items><w:EndOfSequence/></n:EnumerateResponse>` {
			t.Errorf("%s", list.body)
		}
		rig.user = "anna"
		rig.post(getMessage(shellNS, selector(first))).wantFault(t, "2150858843")
		if a := rig.post(enumerateMessage(shellNS, optimized)); a.status != http.StatusOK || strings.Contains(a.body, "ShellId") {
			t.Errorf("another user sees %s", a.body)
		}
	})
}

// TestReadingAShellDoesNotUseIt reads a shell until its idle time is over.
func TestReadingAShellDoesNotUseIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rig := newRig(t)
		shell := rig.open(`<sh:IdleTimeOut>PT60S</sh:IdleTimeOut>`)
		pass(59 * time.Second)
		rig.post(getMessage(shellNS, selector(shell)))
		rig.post(enumerateMessage(shellNS, optimized))
		pass(time.Second)
		synctest.Wait()
		rig.post(getMessage(shellNS, selector(shell))).wantFault(t, "2150858843")
	})
}

func TestWhatCanNotBeRead(t *testing.T) {
	tests := []struct{ name, message, code string }{
		{"the shells of the text shell alone", enumerateMessage(shellNS+"/cmd", optimized), "2150858771"},
		{"another resource", getMessage("urn:x", ""), "2150858811"},
		{"a list of the configuration", enumerateMessage(configNS, optimized), "2150858811"},
		{"no shell", getMessage(shellNS, ""), "2150858843"},
		{"a list without a question", enumerateMessage(shellNS, ""), "2150858817"},
		{"a list that is to be pulled", enumerateMessage(shellNS, `<en:Enumerate xmlns:en="`+enumerationNS+`"/>`), "2150858818"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { newRig(t).post(test.message).wantFault(t, test.code) })
		})
	}
}

func TestTheConfigurationHoldsTheQuotas(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rig := newRigWith(t, wsmansvc.Options{Quotas: wsmansvc.Quotas{Shells: 2, Operations: 7}})
		a := rig.post(getMessage(configNS, ""))
		for _, want := range []string{
			"<cfg:MaxEnvelopeSizekb>500<", "<cfg:MaxTimeoutms>60000<", "<cfg:MaxConcurrentOperationsPerUser>7<", "<cfg:MaxConnections>300<",
			"<cfg:MaxConcurrentUsers>10<", "<cfg:MaxShellsPerUser>2<", "<cfg:IdleTimeout>7200000<",
		} {
			if !strings.Contains(a.body, want) {
				t.Errorf("%s is missing: %s", want, a.body)
			}
		}
	})
}
