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

// commands are the commands of the console. Each returns its exit code.
var commands = map[string]func(c *console, arguments string, out io.Writer) int{
	"cd":       (*console).directory,
	"echo":     (*console).echo,
	"exit":     (*console).exit,
	"hostname": (*console).hostname,
	"more":     (*console).more,
	"set":      (*console).set,
	"whoami":   (*console).whoami,
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
	f := commands[strings.ToLower(name)]
	if f == nil {
		c.write(c.process.Stderr, notRecognized(name))
		return exitFailed, false
	}
	return f(c, arguments, out), strings.EqualFold(name, "exit")
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

func (c *console) echo(arguments string, out io.Writer) int {
	c.write(out, arguments+"\r\n")
	return 0
}

func (c *console) exit(arguments string, _ io.Writer) int {
	code, err := strconv.Atoi(strings.TrimSpace(strings.TrimPrefix(strings.ToLower(arguments), "/b")))
	if err != nil {
		return 0
	}
	return code
}

func (c *console) hostname(_ string, out io.Writer) int {
	c.write(out, c.host.Computer+"\r\n")
	return 0
}

func (c *console) whoami(_ string, out io.Writer) int {
	c.write(out, strings.ToLower(c.account)+"\r\n")
	return 0
}

func (c *console) directory(_ string, out io.Writer) int {
	directory := c.process.Directory
	if directory == "" {
		_, name, _ := strings.Cut(c.account, `\`)
		directory = `C:\Users\` + name
	}
	c.write(out, directory+"\r\n")
	return 0
}

func (c *console) set(_ string, out io.Writer) int {
	c.write(out, "COMPUTERNAME="+c.host.Computer+"\r\n")
	for _, v := range c.process.Environment {
		c.write(out, v.Name+"="+v.Value+"\r\n")
	}
	return 0
}

// more copies its input, byte for byte, until it ends or the process does.
func (c *console) more(_ string, out io.Writer) int {
	if _, err := io.Copy(out, c.process.Stdin); err != nil {
		return exitKilled
	}
	return 0
}
