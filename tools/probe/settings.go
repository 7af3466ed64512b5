// SPDX-License-Identifier: MPL-2.0

package main

import (
	"fmt"
	"io"

	"github.com/winrmbits/terraform-provider-bits/internal/connection"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/hosts"
)

const passwordVariable = "BITS_PASSWORD"

// settings reads where the host is and who logs on from the provider's environment variables, and asks for the password
// when nothing else is missing. BITS is called as the account that logs on: questions elevate by themselves.
func settings(env func(string) string, prompt io.Writer) (connection.Settings, error) {
	s, err := hosts.FromEnvironment(env)
	if err != nil && env(passwordVariable) == "" {
		withPassword, other := hosts.FromEnvironment(func(name string) string {
			if name == passwordVariable {
				return "asked for below"
			}
			return env(name)
		})
		if other == nil {
			s = withPassword
			s.Password, err = askPassword(prompt, s)
		}
	}
	if err != nil {
		return s, err
	}
	s.RunAs = connection.RunAsUser
	for _, weakness := range s.Weaknesses() {
		fmt.Fprintf(prompt, "Warning: %s\n", weakness.Text)
	}
	return s, nil
}
