// SPDX-License-Identifier: MPL-2.0

package main

import (
	"fmt"
	"io"
	"os"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
)

// machine describes this machine.
func machine() string {
	name := runtime.GOOS + "/" + runtime.GOARCH
	text, _ := os.ReadFile("/proc/cpuinfo") // only Linux has it
	if found := regexp.MustCompile(`(?m)^model name\s*: *(.+)$`).FindSubmatch(text); found != nil {
		name += " on " + string(found[1])
	}
	return fmt.Sprintf("%s, %s, %s", name, count(runtime.NumCPU(), "core"), runtime.Version())
}

// report writes a table in Markdown.
func report(w io.Writer, m measurement) {
	fmt.Fprintf(w, "\n### %s\n\nOver %s.\n\n", m.title(), m.Setting)
	if m.CLI {
		reportCLI(w, m)
		return
	}
	writeRow(w, "Operation", "client s", "shells s", "ratio", "Requests", "of shells", "ratio", "PowerShells", "of shells", "Logons", "of shells", "kB sent", "of shells")
	writeRow(w, rule(13)...)
	for _, r := range m.Results {
		us, them := r.Costs[ourClient], r.Costs[shells]
		writeRow(w, r.Step, seconds(us.Seconds), seconds(them.Seconds), ratio(them.Seconds, us.Seconds),
			fmt.Sprint(us.HTTPRequests), fmt.Sprint(them.HTTPRequests), ratio(float64(them.HTTPRequests), float64(us.HTTPRequests)),
			fmt.Sprint(us.PowerShellStarts), fmt.Sprint(them.PowerShellStarts), fmt.Sprint(us.Logons), fmt.Sprint(them.Logons),
			fmt.Sprint(us.BytesIn/1000), fmt.Sprint(them.BytesIn/1000))
	}
}

func reportCLI(w io.Writer, m measurement) {
	writeRow(w, "Step", "s", "same schema", "ratio", "terraform_data", "ratio", "Requests", "PowerShells", "Logons", "kB sent", "kB back",
		"Provider: CPU s", "same schema", "MB", "same schema", "CLI: CPU s", "same schema", "terraform_data", "Hosts: CPU s")
	writeRow(w, rule(19)...)
	for _, r := range m.Results {
		us, same, data := r.Costs[ours], r.Costs[sameFloor], r.Costs[dataFloor]
		writeRow(w, r.Step, seconds(us.Seconds), seconds(same.Seconds), ratio(us.Seconds, same.Seconds), seconds(data.Seconds), ratio(us.Seconds, data.Seconds),
			fmt.Sprint(us.HTTPRequests), fmt.Sprint(us.PowerShellStarts), fmt.Sprint(us.Logons), fmt.Sprint(us.BytesIn/1000), fmt.Sprint(us.BytesOut/1000),
			seconds(us.Provider.CPU.Seconds()), seconds(same.Provider.CPU.Seconds()), megabytes(us.Provider.Memory), megabytes(same.Provider.Memory),
			seconds(us.CLISeconds), seconds(same.CLISeconds), seconds(data.CLISeconds), seconds(us.HostsSeconds))
	}
}

func writeRow(w io.Writer, cells ...string) {
	fmt.Fprintln(w, "| "+strings.Join(cells, " | ")+" |") // stdout may be closed
}

func rule(columns int) []string {
	return append([]string{"---"}, slices.Repeat([]string{"--:"}, columns-1)...)
}

// What was not measured is left out.
func seconds(s float64) string {
	if s == 0 {
		return "-"
	}
	return fmt.Sprintf("%.1f", s)
}

func megabytes(b int64) string {
	if b == 0 {
		return "-"
	}
	return strconv.FormatInt(b/1e6, 10)
}

func ratio(a, b float64) string {
	if a == 0 || b == 0 {
		return "-"
	}
	return fmt.Sprintf("%.2f", a/b)
}
