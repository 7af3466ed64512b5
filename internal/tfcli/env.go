// SPDX-License-Identifier: MPL-2.0

package tfcli

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Env returns an environment in which nothing but its arguments and its configuration decides what a CLI does: no
// settings of the user's CLI configuration (a development override would replace the provider), no TF_ or BITS_
// variables, no logging, no question to the update server. Call cleanup when the last command has ended.
func Env() (env []string, cleanup func(), err error) {
	dir, err := os.MkdirTemp("", "tfcli-")
	if err != nil {
		return nil, nil, fmt.Errorf("make a folder for the CLI's configuration: %w", err)
	}
	cleanup = func() { _ = os.RemoveAll(dir) }
	config := filepath.Join(dir, "empty.tfrc")
	if err := os.WriteFile(config, nil, 0o600); err != nil {
		cleanup()
		return nil, nil, fmt.Errorf("write an empty CLI configuration: %w", err)
	}
	env = slices.DeleteFunc(os.Environ(), foreign)
	return append(env, "TF_CLI_CONFIG_FILE="+config, "TF_IN_AUTOMATION=1", "TF_INPUT=0", "CHECKPOINT_DISABLE=1"), cleanup, nil
}

// foreign reports whether a variable would change what a CLI or this provider does.
func foreign(variable string) bool {
	return slices.ContainsFunc([]string{"TF_", "TOFU_", "TERRAFORM_CONFIG=", "CHECKPOINT_", "BITS_"}, func(prefix string) bool {
		return strings.HasPrefix(variable, prefix)
	})
}
