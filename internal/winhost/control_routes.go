// SPDX-License-Identifier: MPL-2.0

package winhost

import (
	"fmt"
	"net/http"
	"strings"
)

// route is a request of the control API, below the path of a host.
type route struct {
	method, path string
	answers      func(*Host, *http.Request) (any, error)
	help         []help
}

// help is what a route is used for. A body that is "" is none.
type help struct{ path, body, does string }

// says describes a route that is used for one thing.
func says(path, body, does string) []help { return []help{{path, body, does}} }

// routes are the requests of the control API, in the order in which [ControlHelp] prints them.
func routes() []route {
	return []route{
		{"GET", "jobs", jobs, says("jobs", "", "list the jobs, as Get-BitsTransfer -AllUsers does")},
		{"POST", "jobs/{id}/{verb}", change, []help{
			{"jobs/ID/suspend", "", "suspend a job; also resume, complete, cancel"},
			{"jobs/ID/cancel", `{"by":"CORP\\ops"}`, "the same as another administrator"},
			{"jobs/ID/priority", `{"priority":"low"}`, "set the priority of a job"},
			{"jobs/ID/fail", `{"hresult":"0x80072EE7","transient":true}`, "put a job into error or transient error"},
		}},
		{"GET", "files", file(readFile), says(`files?path=C:\p.cab`, "", "read a file")},
		{"PUT", "files", file(writeFile), says(`files?path=C:\p.cab`, "the contents", "write a file")},
		{"DELETE", "files", file(deleteFile), says(`files?path=C:\p.cab`, "", "delete a file")},
		{"GET", "events", events, says("events", "", "read the event log of BITS")},
		{"POST", "clear-log", clearLog, says("clear-log", "", "clear the event log of BITS")},
		{"GET", "tasks", func(h *Host, _ *http.Request) (any, error) { return h.Tasks.Tasks(), nil },
			says("tasks", "", "list the scheduled tasks")},
		{"GET", "stats", func(h *Host, _ *http.Request) (any, error) { return h.Stats(), nil },
			says("stats", "", "count requests, logons, shells and PowerShell starts")},
		{"DELETE", "stats", act((*Host).ResetStats), says("stats", "", "reset the counts")},
		{"POST", "stop-bits", act(func(h *Host) { h.BITS.Stop() }), says("stop-bits", "", "stop the service BITS")},
		{"POST", "start-bits", act(func(h *Host) { h.BITS.Start() }), says("start-bits", "", "start it")},
		{"POST", "pause", act(func(h *Host) { h.BITS.Pause() }), says("pause", "", "stop all transfers")},
		{"POST", "run", act(func(h *Host) { h.BITS.Run() }), says("run", "", "let them continue")},
		{"POST", "reboot", act((*Host).Reboot), says("reboot", "", "restart Windows")},
		{"POST", "clock", advance, says("clock", `{"advance":"24h"}`, "move the clock forward")},
		{"POST", "log-on", act(func(h *Host) { h.BITS.LogOn(h.Account.SID) }), says("log-on", "", "log the provider's account on")},
		{"POST", "log-off", act(func(h *Host) { h.BITS.LogOff(h.Account.SID) }), says("log-off", "", "log it off")},
		{"POST", "network-down", act(func(h *Host) { h.BITS.NetworkDown() }),
			says("network-down", "", "disconnect BITS from the network; WinRM still answers")},
		{"POST", "network-up", act(func(h *Host) { h.BITS.NetworkUp() }), says("network-up", "", "connect it again")},
		{"POST", "network-cost", networkCost, says("network-cost", `{"cost":"capped"}`, "use a metered network; {} is one of unknown cost")},
		{"POST", "policies", policies, says("policies", `{"MaxInternetBandwidth":0}`, "set the policies of BITS; {} removes them")},
		{"POST", "shares", share, says("shares", `{"share":"\\\\files\\pub","accounts":["CORP\\WEB01$"]}`,
			`share a directory; LocalSystem is CORP\WEB01$ there`)},
		{"POST", "drive", drive, []help{
			{"drive", `{"free":1000}`, "set the free bytes of drive C:"},
			{"drive", `{"refusal":"0x80070013"}`, "refuse writes; an empty code ends it"},
		}},
		{"POST", "allow", allow, says("allow", `{"directory":"C:\\","sid":"S-1-5-32-545","rights":2032127}`, "add an access rule to a directory")},
		{"POST", "reparse", reparse, says("reparse", `{"path":"C:\\p.cab","tag":2147483667}`, "turn a file or directory into a reparse point")},
		{"POST", "odd", odd, says("odd", `{"unreadable":{"ID":"FileList"}}`, "make a member of a job unreadable; {} ends it")},
	}
}

// ControlHelp lists the requests of the control API below /hosts/N, with a body for each that takes one.
func ControlHelp() string {
	var text strings.Builder
	for _, r := range routes() {
		for _, h := range r.help {
			fmt.Fprintf(&text, "  %-6s %-20s %s\n", r.method, h.path, h.does)
			if h.body != "" {
				fmt.Fprintf(&text, "  %-6s %-20s     %s\n", "", "", h.body)
			}
		}
	}
	return text.String()
}
