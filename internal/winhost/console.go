// SPDX-License-Identifier: MPL-2.0

package winhost

import (
	"context"
	"io"
	"regexp"
	"strconv"
	"strings"

	"github.com/winrmbits/terraform-provider-bits/internal/winhost/wsmansvc"
)

// utf8CodePage is the console code page that holds every character.
const utf8CodePage = "65001"

// console is a cmd.exe /c with the few commands that clients of WinRM try a host with.
type console struct {
	host    *Host
	account string
	process wsmansvc.Process
}

// commands are the commands of the console that print a text, besides exit and more.
var commands = map[string]func(c *console, arguments string) string{
	"cd":       (*console).directory,
	"echo":     func(_ *console, arguments string) string { return arguments },
	"hostname": func(c *console, _ string) string { return c.host.Computer },
	"set":      (*console).variables,
	"whoami":   func(c *console, _ string) string { return strings.ToLower(c.account) },
}

// pipeline takes a line apart at & and &&, but not at the & of >&2.
var pipeline = regexp.MustCompile(`^((?:>&|[^&])*)(&&?|$)`)

// toStderr finds a redirection of a command's output.
var toStderr = regexp.MustCompile(`\s?1?>&2\s*`)

// run runs commands that are joined by &&, which ends with the first that fails, or &.
func (c *console) run(ctx context.Context, commandLine string) (exitCode int) {
	line := inner(commandLine)
	for line != "" {
		if ctx.Err() != nil {
			return exitKilled
		}
		parts := pipeline.FindStringSubmatch(line)
		line = strings.TrimLeft(line[len(parts[0]):], " ")
		var ends bool
		exitCode, ends = c.one(parts[1])
		if ends || parts[2] == "&&" && exitCode != 0 {
			break
		}
	}
	return exitCode
}

// inner takes cmd.exe /c off a command line.
func inner(commandLine string) string {
	line := strings.TrimLeft(commandLine, " ")
	for {
		program, rest := firstWord(line)
		option, command := firstWord(rest)
		if strings.TrimSuffix(strings.ToLower(program), ".exe") != "cmd" || !strings.EqualFold(option, "/c") {
			return line
		}
		line = command
		if len(line) >= 2 && line[0] == '"' && line[len(line)-1] == '"' {
			line = line[1 : len(line)-1]
		}
	}
}

// one runs a single command and reports whether it ends the console.
func (c *console) one(command string) (exitCode int, ends bool) {
	out := c.process.Stdout
	if at := toStderr.FindStringIndex(command); at != nil {
		out = c.process.Stderr
		command = command[:at[0]] + " " + command[at[1]:]
	}
	name, arguments := firstWord(command)
	switch key := strings.ToLower(name); {
	case key == "exit":
		exitCode, _ = strconv.Atoi(strings.TrimSpace(strings.TrimPrefix(strings.ToLower(arguments), "/b"))) // 0 without a code
		return exitCode, true
	case key == "more": // copies its input, byte for byte, until it ends or the process does
		if _, err := io.Copy(out, c.process.Stdin); err != nil {
			return exitKilled, false
		}
	case commands[key] == nil:
		c.write(c.process.Stderr, notRecognized(name))
		return exitFailed, false
	default:
		c.write(out, commands[key](c, arguments)+"\r\n")
	}
	return 0, false
}

// write writes text in the console's code page: any but UTF-8 has question marks for what is not ASCII.
func (c *console) write(out io.Writer, text string) {
	if c.process.CodePage != utf8CodePage {
		text = strings.Map(func(r rune) rune {
			if r > '~' {
				return '?'
			}
			return r
		}, text)
	}
	_, _ = io.WriteString(out, text) // fails when the client is gone
}

func (c *console) directory(string) string {
	if c.process.Directory != "" {
		return c.process.Directory
	}
	_, name, _ := strings.Cut(c.account, `\`)
	return `C:\Users\` + name
}

func (c *console) variables(string) string {
	text := "COMPUTERNAME=" + c.host.Computer
	for _, v := range c.process.Environment {
		text += "\r\n" + v.Name + "=" + v.Value
	}
	return text
}
