// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"errors"
	"net"
	"strings"
	"sync"

	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/wsman"
)

// variant is how the requests of a conversation differ from those of the provider's sessions.
type variant struct {
	consoleStdin bool   // stdin is a console instead of a pipe: WINRS_CONSOLEMODE_STDIN
	idleTimeout  string // an xs:duration; "" means that of sessions
	environment  string // the value of a variable; "" means that there is none

	endStdin bool // of the requests that follow
}

// edit changes a request to the service.
func (v *variant) edit(verb, text string) (string, error) {
	var pairs []string
	switch {
	case verb == "Create" && v.idleTimeout != "":
		pairs = []string{">PT180S</", ">" + v.idleTimeout + "</"}
	case verb == "Create" && v.environment != "":
		variable := `<rsp:Environment><rsp:Variable Name="PROBE">` + v.environment + `</rsp:Variable></rsp:Environment>`
		pairs = []string{"<rsp:IdleTimeOut>", variable + "<rsp:IdleTimeOut>"}
	case verb == "Command" && v.consoleStdin:
		pairs = []string{`"WINRS_CONSOLEMODE_STDIN">FALSE<`, `"WINRS_CONSOLEMODE_STDIN">TRUE<`}
	case verb == "Send" && v.endStdin:
		pairs = []string{`Name="stdin"`, `Name="stdin" End="true"`}
	default:
		return text, nil
	}
	if !strings.Contains(text, pairs[0]) {
		return "", errors.New("the request has no " + pairs[0])
	}
	return strings.Replace(text, pairs[0], pairs[1], 1), nil
}

// connections are those of a conversation, so that they can be cut off.
type connections struct {
	mu   sync.Mutex
	open []net.Conn
}

// dial opens a connection and remembers it.
func (c *connections) dial(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := new(net.Dialer).DialContext(ctx, network, address)
	if err == nil {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.open = append(c.open, conn)
	}
	return conn, err
}

// cut closes all connections. The service is not notified, and the next request opens another one.
func (c *connections) cut() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, conn := range c.open {
		_ = conn.Close()
	}
	c.open = nil
}

// client returns a client whose requests are edited.
func (c *conversation) client() *wsman.Client {
	client := wsman.NewClient(nil)
	client.Edit, client.Dial = c.variant.edit, c.connections.dial
	return client
}
