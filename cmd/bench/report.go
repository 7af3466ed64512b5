package main

import (
	"fmt"
	"io"
)

// report writes a table of Markdown.
func report(w io.Writer, m measurement) {
	fmt.Fprintf(w, "\n### %s\n\n", m.title())
	fmt.Fprintln(w, "| Step | s | over the floor | ratio | of terraform_data | Requests | Sent kB | Received kB | Logons | PowerShells | Provider CPU s | floor's | CLI CPU s | floor's | Peak MB | floor's |")
	fmt.Fprintln(w, "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|")
	for _, r := range m.Results {
		our, same, data := r.Costs[ours], r.Costs[sameFloor], r.Costs[dataFloor]
		fmt.Fprintf(w, "| %s | %.1f | %+.1f | %.2f | %.2f | %d | %d | %d | %d | %d | %.1f | %.1f | %.1f | %.1f | %d | %d |\n", r.Step, our.Seconds,
			our.Seconds-same.Seconds, our.Seconds/same.Seconds, our.Seconds/data.Seconds,
			our.HTTPRequests, our.BytesIn/1000, our.BytesOut/1000, our.Logons, our.PowerShellStarts, our.Provider.CPU.Seconds(), same.Provider.CPU.Seconds(),
			our.CLISeconds, same.CLISeconds, our.Provider.Memory/1e6, same.Provider.Memory/1e6)
	}
}
