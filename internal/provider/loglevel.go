// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"cmp"
	"os"
	"slices"
	"strings"
)

// LimitLog limits what this process logs to what the CLI keeps, for the loggers whose level is not set. By default they log at
// every level, and each call costs dozens of lines that the CLI parses and then drops.
// Source: "Debugging Terraform", developer.hashicorp.com: TF_LOG_PROVIDER applies before TF_LOG; without either nothing is logged.
func LimitLog() error {
	level := strings.ToUpper(cmp.Or(os.Getenv("TF_LOG_PROVIDER"), os.Getenv("TF_LOG"), "OFF"))
	if !slices.Contains([]string{"TRACE", "DEBUG", "INFO", "WARN", "ERROR", "OFF"}, level) {
		return nil // the CLI keeps everything, as it does with JSON
	}
	for _, name := range []string{"TF_LOG_SDK", "TF_LOG_PROVIDER_BITS"} {
		if os.Getenv(name) != "" {
			continue
		}
		if err := os.Setenv(name, level); err != nil {
			return err
		}
	}
	return nil
}
