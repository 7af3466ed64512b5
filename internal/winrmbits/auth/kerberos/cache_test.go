// SPDX-License-Identifier: MPL-2.0

package kerberos

import (
	"bytes"
	"encoding/binary"
	"io"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/winrmbits/terraform-provider-bits/internal/connection"
)

// manager is a cache manager, of which no code is shared with the client: it cuts MIT's file into what it holds.
// Source of the protocol: include/kcm.h and lib/krb5/ccache/cc_kcm.c of MIT krb5.
type manager struct {
	principal   []byte
	credentials map[string][]byte // by UUID
	order       []string
	wild        []byte // an answer to everything; nil: none
	calls       []uint16
}

const cacheOfManager = "0:12345"

// newManager fills a manager from a credential cache of version 4.
func newManager(t *testing.T, path string) *manager {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	r := bytes.NewReader(text[4+binary.BigEndian.Uint16(text[2:]):])
	read := func(skip func()) []byte {
		from := r.Len()
		skip()
		return text[len(text)-from : len(text)-r.Len()]
	}
	number := func() int64 {
		var n uint32
		if err := binary.Read(r, binary.BigEndian, &n); err != nil {
			t.Fatal(err)
		}
		return int64(n)
	}
	over := func(n int64) { _, _ = r.Seek(n, io.SeekCurrent) }
	principal := func() {
		over(4)
		for range number() + 1 {
			over(number())
		}
	}
	m := &manager{credentials: map[string][]byte{}}
	m.principal = read(principal)
	for r.Len() > 0 {
		credential := read(func() {
			principal()
			principal()
			over(2)
			over(number())
			over(4*4 + 1 + 4)
			for range 2 { // addresses and authorization data
				for range number() {
					over(2)
					over(number())
				}
			}
			over(number())
			over(number())
		})
		uuid := strings.Repeat(string(rune('a'+len(m.order))), 16)
		m.credentials[uuid], m.order = credential, append(m.order, uuid)
	}
	return m
}

// listen returns the path of the manager's socket.
func (m *manager) listen(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "kcm") //nolint:usetesting // t.TempDir may be too long for a socket
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	path := filepath.Join(dir, "socket")
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "unix", path)
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan struct{})
	t.Cleanup(func() { _ = l.Close(); <-served })
	go func() {
		defer close(served)
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			m.serve(conn)
			_ = conn.Close()
		}
	}()
	return path
}

func (m *manager) serve(conn net.Conn) {
	for {
		request, err := readMessage(conn)
		if err != nil || len(request) < 4 || request[0] != 2 || request[1] != 0 {
			return
		}
		operation := binary.BigEndian.Uint16(request[2:])
		m.calls = append(m.calls, operation)
		code, answer := m.call(operation, request[4:])
		text := binary.BigEndian.AppendUint32(nil, uint32(4+len(answer)))
		text = append(binary.BigEndian.AppendUint32(append(text, 0, 0, 0, 0), uint32(code)), answer...)
		if m.wild != nil {
			text = m.wild
		}
		if _, err := conn.Write(text); err != nil {
			return
		}
	}
}

func (m *manager) call(operation uint16, arguments []byte) (int32, []byte) {
	name, rest, _ := bytes.Cut(arguments, []byte{0})
	switch {
	case operation == 20: // the default cache
		return 0, []byte(cacheOfManager + "\x00")
	case string(name) != cacheOfManager:
		return -1765328189, nil // KRB5_FCC_NOFILE
	case operation == 8:
		return 0, m.principal
	case operation == 9:
		return 0, []byte(strings.Join(m.order, ""))
	case operation == 10:
		return 0, m.credentials[string(rest)]
	default:
		return -1765328137, nil // KRB5_CC_NOSUPP
	}
}

// TestTheDefaultCacheIsUsed has what kinit fills, wherever it is, and neither password nor keytab.
func TestTheDefaultCacheIsUsed(t *testing.T) {
	r := newRealm(t)
	file := r.Cache(t, "ops", password)
	socket := newManager(t, file).listen(t)
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	folder := filepath.Dir(inFiles(t, "primary", "tktB\n", "tktA", "x", "tktB", string(text), "no/tkt", string(text), "bad/primary", "../tktB\n"))
	realm, err := os.ReadFile(r.Config)
	if err != nil {
		t.Fatal(err)
	}
	conf := func(defaults string) string {
		return inFiles(t, "krb5.conf", "[libdefaults]\n kcm_socket = "+socket+"\n"+defaults+"\n"+string(realm))
	}
	for _, tt := range []struct {
		name, variable, config string
		username               string
		says                   string // "" means a ticket
	}{
		{name: "a file of the variable", variable: file},
		{name: "of the account that is set", variable: "FILE:" + file, username: "OPS@corp.example"},
		{name: "of another account", variable: file, username: "anna", says: "no credential cache: the credential cache " + file + " belongs to ops@CORP.EXAMPLE, not to anna"},
		{name: "the first of a folder", variable: "DIR:" + folder},
		{name: "one of a folder", variable: "DIR::" + folder + "/tktB"},
		{name: "a folder without a file primary", variable: "DIR:" + folder + "/no"},
		{name: "a folder that names a file outside it", variable: "DIR:" + folder + "/bad", says: `names "../tktB", which is not one of its caches`},
		{name: "a cache manager", variable: "KCM:", config: conf("")},
		{name: "one of its caches", variable: "KCM:" + cacheOfManager, config: conf("")},
		{name: "one that it does not have", variable: "KCM:0", config: conf(""), says: "it has no such cache"},
		{name: "a cache manager that is not there", variable: "KCM:", config: inFiles(t, "krb5.conf", "[libdefaults]\n kcm_socket = DIR/none\n"), says: "query the credential cache manager: dial unix "},
		{name: "as a krb5.conf says", config: conf("default_ccache_name = KCM:")},
		{name: "a file as a krb5.conf says", config: conf("default_ccache_name = FILE:" + strings.ReplaceAll(file, "ops", "%{uid}")), says: "no credential cache: "},
		{name: "a keyring", variable: "KEYRING:persistent:0", says: "its tickets are in a keyring of the Linux kernel, and only FILE:, DIR: and KCM: are supported"},
		{name: "of macOS", variable: "API:0", says: "in a service of macOS"},
		{name: "of Windows", variable: "MSLSA:", says: "in the Windows logon session"},
		{name: "of no known kind", variable: "NEW:x", says: "in an unknown kind of cache"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tickets := NewTickets()
			tickets.env = func(string) string { return tt.variable }
			s := r.settings(func(s *connection.Settings) {
				s.Username, s.Password = tt.username, connection.Settings{}.Password
				if tt.config != "" {
					s.Kerberos = connection.Kerberos{Config: tt.config}
				}
			})
			if tt.says != "" {
				failed := failureOf(t, tickets, s)
				if !strings.Contains(failed.Problem, tt.says) || !strings.Contains(failed.Remedy, "kinit -c FILE:") || failed.Kind != connection.NoLogon {
					t.Errorf("%v", failed)
				}
			} else if ticket, err := tickets.For(t.Context(), s); err != nil {
				t.Error(err)
			} else if got := ticket.Client.PrincipalNameString(); got != "ops" {
				t.Errorf("the ticket is of %s", got)
			}
		})
	}
}

// TestACacheWithoutAGrantingTicket has a ticket for one host alone, as services are given them.
func TestACacheWithoutAGrantingTicket(t *testing.T) {
	r := newRealm(t)
	path := r.Cache(t, "ops", password)
	r.Visit(t, path, "HTTP/"+web01, "aes256-cts-hmac-sha1-96")
	m := newManager(t, path)
	m.order = m.order[len(m.order)-1:] // the ticket-granting ticket precedes it
	s := r.settings(func(s *connection.Settings) {
		s.Password = connection.Settings{}.Password
		s.Kerberos = connection.Kerberos{CCache: "KCM:", Config: inFiles(t, "krb5.conf", "[libdefaults]\n kcm_socket = "+m.listen(t)+"\n")}
	})
	if _, err := r.For(t.Context(), s); err != nil {
		t.Error(err)
	}
	s.Host = "web02.corp.example"
	if failed := r.failure(t, s); !strings.Contains(failed.Problem, "it has neither a ticket-granting ticket nor one for the host") {
		t.Errorf("%v", failed)
	}
}

// TestAFileNeedsNoKrb5Conf has one on the machine that can't be read, and a realm that is set.
func TestAFileNeedsNoKrb5Conf(t *testing.T) {
	r := newRealm(t)
	file := r.Cache(t, "ops", password)
	t.Setenv("KRB5_CONFIG", inFiles(t, "krb5.conf", "include DIR/none\n"))
	if _, err := r.For(t.Context(), r.settings(func(s *connection.Settings) { s.Kerberos.CCache = file })); err != nil {
		t.Error(err)
	}
}

func TestTheNameOfTheDefaultCache(t *testing.T) {
	uid := strconv.Itoa(os.Getuid())
	for name, want := range map[string]string{
		defaultCache("linux"):        "FILE:/tmp/krb5cc_" + uid,
		defaultCache("darwin"):       "API:",
		defaultCache("windows"):      "MSLSA:",
		"KEYRING:persistent:%{euid}": "KEYRING:persistent:" + uid,
		"DIR:/run/user/%{USERID}":    "DIR:/run/user/" + uid,
	} {
		if got := expanded(name); got != want {
			t.Errorf("%s is %s", name, got)
		}
	}
}

// TestACacheManagerThatAnswersAnything has answers that are cut, huge or empty.
func TestACacheManagerThatAnswersAnything(t *testing.T) {
	ok := []byte{0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0}
	for name, answer := range map[string][]byte{
		"an empty one":             ok,
		"one that is too short":    {0, 0, 0, 0, 0, 0, 0, 0},
		"one that is huge":         {0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0},
		"an error":                 {0, 0, 0, 0, 0, 0, 0, 1},
		"UUIDs that are cut":       {0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3},
		"names that are cut short": {0, 0, 0, 20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 9, 0, 0, 0, 9, 0, 0, 0, 9},
	} {
		t.Run(name, func(t *testing.T) {
			here, there := net.Pipe()
			served := make(chan struct{})
			go func() {
				defer close(served)
				(&manager{wild: answer}).serve(there)
			}()
			defer func() { _ = here.Close(); <-served }()
			file, err := readKCM(here, "0")
			if err == nil {
				_, err = parseCache(file)
			}
			if err == nil {
				t.Error("it is taken for a cache")
			}
		})
	}
}

// TestACacheManagerWithoutEnd has credentials that are huge together.
func TestACacheManagerWithoutEnd(t *testing.T) {
	m := &manager{credentials: map[string][]byte{strings.Repeat("a", uuidLength): make([]byte, 1<<20)}}
	for range maxKCMCreds {
		m.order = append(m.order, strings.Repeat("a", uuidLength))
	}
	here, there := net.Pipe()
	served := make(chan struct{})
	go func() {
		defer close(served)
		m.serve(there)
	}()
	_, err := readKCM(here, cacheOfManager)
	_ = here.Close()
	<-served
	if err == nil || len(m.calls) > 2+maxCache>>20 {
		t.Errorf("%d calls, %v", len(m.calls), err)
	}
}
