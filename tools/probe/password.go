// SPDX-License-Identifier: MPL-2.0

package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"

	"golang.org/x/term"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/connection"
)

// askPassword asks the person at the terminal, or reads a line of a pipe.
func askPassword(prompt io.Writer, s connection.Settings) (bits.Secret, error) {
	input := int(os.Stdin.Fd())
	fmt.Fprintf(prompt, "Password of %s on %s: ", s.Username, s.Host)
	defer fmt.Fprintln(prompt)
	if term.IsTerminal(input) {
		text, err := term.ReadPassword(input)
		if err != nil {
			return bits.Secret{}, fmt.Errorf("read the password: %w", err)
		}
		return bits.NewSecret(string(text)), nil
	}
	line := bufio.NewScanner(os.Stdin)
	if !line.Scan() || line.Text() == "" {
		return bits.Secret{}, errors.New("no password: set BITS_PASSWORD")
	}
	return bits.NewSecret(line.Text()), nil
}
