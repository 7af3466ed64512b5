package wsman

import (
	"strings"
	"testing"
)

func TestAVariantDiffersInWhatItNamesOnly(t *testing.T) {
	for _, test := range []struct {
		name    string
		variant Variant
		console string
		idle    string
	}{
		{name: "none is a session's shell", console: "FALSE", idle: idleTimeout},
		{name: "a console on stdin", variant: Variant{ConsoleStdin: true}, console: "TRUE", idle: idleTimeout},
		{name: "an idle timeout of its own", variant: Variant{IdleTimeout: "PT60S"}, console: "FALSE", idle: "PT60S"},
	} {
		t.Run(test.name, func(t *testing.T) {
			e := envelopes{url: address01, variant: test.variant}
			if text := e.create().text; !strings.Contains(text, ">"+test.idle+"<") {
				t.Errorf("Create has no idle timeout %s: %s", test.idle, text)
			}
			if text := e.command("shell", "x").text; !strings.Contains(text, `Name="WINRS_CONSOLEMODE_STDIN">`+test.console+"<") {
				t.Errorf("Command has no console mode %s: %s", test.console, text)
			}
		})
	}
}
