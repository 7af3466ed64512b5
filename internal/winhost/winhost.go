// Package winhost is a simulated Windows host, or a farm of them: WinRM over https, a BITS service that really
// downloads, and either a Go stand-in for powershell.exe or a real PowerShell that runs the real agent.
package winhost

import "time"

// Config says what a farm is like.
type Config struct {
	Listen     string        // address of the WinRM listeners; "" means 127.0.0.1:0
	Hosts      int           // number of hosts, each on a port of its own; 0 means 1
	PowerShell string        // path of a PowerShell; "" means the Go stand-in
	RTT        time.Duration // added to every HTTP exchange
	StartDelay time.Duration // added to every start of PowerShell
	Rate       int64         // bytes per second of each host's link; 0: no limit
	Dir        string        // where the drives are kept; "" means a temporary folder, removed on Close
}
