"""A text shell of WS-Management that shares no code with this project: MIT's GSS-API accepts the logons, by Kerberos from the keytab of
$KRB5_KTNAME and by NTLM, with gss-ntlmssp, from the accounts of $NTLM_USER_FILE. Standard input is one line of JSON, a list of listeners
{"certificate", "key", "hash", "proxied"}; the answer is the list of their ports. A listener with a certificate (PEM) speaks TLS and demands
that a logon is bound to it, by a hash of its name; "wrong" is a hash that no client has. One that is proxied trusts X-Remote-User.

Any command prints one object in JSON when its input is read: who sent the input, who receives the output, and the input itself."""

import base64
import hashlib
import json
import re
import socket
import ssl
import struct
import sys
import tempfile
import threading
import uuid

import gssapi
from gssapi.raw import ChannelBindings

NTLM = gssapi.OID.from_int_seq("1.3.6.1.4.1.311.2.2.10")
CHANNEL_BOUND = 2048  # GSS_C_CHANNEL_BOUND_FLAG of MIT 1.19
SEALED = b'multipart/encrypted;protocol="application/HTTP-SPNEGO-session-encrypted";boundary="Encrypted Boundary"'
SHELL = "http://schemas.microsoft.com/wbem/wsman/1/windows/shell"
shells = {}


class Refused(Exception):
    """An answer other than 200: its status and headers."""


class Connection:
    """A security context, and the messages that it protects."""

    def __init__(self, listener, stream):
        self.listener, self.stream, self.context, self.user, self.sealed = listener, stream, None, None, False

    def bindings(self):
        if not self.listener.get("certificate"):
            return None
        name, der = self.listener["hash"], ssl.PEM_cert_to_DER_cert(self.listener["certificate"])
        digest = hashlib.sha256(b"another").digest() if name == "wrong" else hashlib.new(name, der).digest()
        return ChannelBindings(application_data=b"tls-server-end-point:" + digest)

    def log_on(self, header):
        """Takes a leg of a logon, and returns the header of the answer. The client has to wait for the end before it is known."""
        token, answer = base64.b64decode(header.split(b" ", 1)[1]), b""
        try:
            if self.context is None or self.context.complete:
                by = {"creds": gssapi.Credentials(usage="accept", mechs=[NTLM])} if token.startswith(b"NTLMSSP\0") else {}
                self.context = gssapi.SecurityContext(usage="accept", channel_bindings=self.bindings(), **by)
            answer = self.context.step(token) or b""
            complete = self.context.complete  # it raises the error of a step that has a token for the client
        except gssapi.exceptions.GSSError as e:
            self.context, complete = None, False
            print("refused:", e, file=sys.stderr, flush=True)
        header = (b"Negotiate " + base64.b64encode(answer)).strip()
        if not complete:
            raise Refused(401, header)
        self.user = str(self.context.initiator_name).strip("\0")
        return header if answer else None

    def facts(self):
        if self.context is None:
            return {"user": self.user}
        return {"user": self.user, "mechanism": "ntlm" if self.context.mech == NTLM else "kerberos", "sealed": self.sealed,
                "bound": bool(int(self.context.actual_flags) & CHANNEL_BOUND)}

    def open(self, kind, body):
        """The message of a request. Over http it has to be sealed, in the parts that MS-WSMV 2.2.9.1 has."""
        self.sealed = kind.startswith(b"multipart/encrypted")
        if self.sealed != (not self.listener.get("certificate") and not self.listener.get("proxied")):
            raise Refused(415, None)
        if not self.sealed:
            return body
        parts = re.fullmatch(rb"--Encrypted Boundary\r\n.*?;Length=(\d+)\r\n--Encrypted Boundary\r\n\s*Content-Type: application/octet-stream\r\n(.*)"
                             rb"--Encrypted Boundary--\r\n", body, re.S)
        opened = self.context.unwrap(parts.group(2)[4:])
        if not opened.encrypted or len(opened.message) != int(parts.group(1)):
            raise Refused(400, None)
        return opened.message

    def seal(self, message):
        token = self.context.wrap(message, True).message
        header = 16 if self.context.mech == NTLM else 60
        return (b"--Encrypted Boundary\r\n\tContent-Type: application/HTTP-SPNEGO-session-encrypted\r\n"
                b"\tOriginalContent: type=application/soap+xml;charset=UTF-8;Length=%d\r\n"
                b"--Encrypted Boundary\r\n\tContent-Type: application/octet-stream\r\n" % len(message)
                + struct.pack("<I", header) + token + b"--Encrypted Boundary--\r\n")


def answer(connection, message):
    """What a service of text shells says to a request."""
    text = message.decode()
    action, request = (re.search(r"<[^<>]*:%s(?: [^<>]*)?>([^<]*)<" % name, text).group(1) for name in ("Action", "MessageID"))
    verb = action.rsplit("/", 1)[1]
    found = re.search(r'Name="ShellId"[^>]*>([^<]*)<', text)
    shell = shells.setdefault(found.group(1) if found else str(uuid.uuid4()).upper(), {"stdin": b""})
    bodies = {"Create": "<rsp:Shell><rsp:ShellId>%s</rsp:ShellId></rsp:Shell>" % next(k for k, v in shells.items() if v is shell),
              "Command": "<rsp:CommandResponse><rsp:CommandId>C</rsp:CommandId></rsp:CommandResponse>",
              "Send": "<rsp:SendResponse/>", "Signal": "<rsp:SignalResponse/>", "Delete": ""}
    body = bodies.get(verb)
    if verb == "Send":
        shell["stdin"] += base64.b64decode(re.search(r"<[^<>]*Stream[^>]*>([^<]*)<", text).group(1))
        shell["sending"] = connection.facts()
    if verb == "Receive":
        out = json.dumps({"sending": shell["sending"], "receiving": connection.facts(), "stdin": base64.b64encode(shell["stdin"]).decode()})
        body = ('<rsp:ReceiveResponse><rsp:Stream Name="stdout" CommandId="C">%s</rsp:Stream><rsp:CommandState CommandId="C" '
                'State="%s/CommandState/Done"><rsp:ExitCode>0</rsp:ExitCode></rsp:CommandState></rsp:ReceiveResponse>'
                % (base64.b64encode(out.encode()).decode(), SHELL))
    return ('<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing" '
            'xmlns:rsp="%s"><s:Header><a:RelatesTo>%s</a:RelatesTo></s:Header><s:Body>%s</s:Body></s:Envelope>' % (SHELL, request, body)).encode()


def serve(listener, stream):
    connection = Connection(listener, stream)
    while line := stream.readline():
        headers = {}
        while field := stream.readline().strip():
            name, value = field.split(b":", 1)
            headers[name.lower()] = value.strip()
        body = stream.read(int(headers.get(b"content-length", 0)))
        status, challenge, kind, out = 200, None, b"application/soap+xml;charset=UTF-8", b""
        try:
            if listener.get("proxied"):
                connection.user = headers[b"x-remote-user"].decode()
            elif b"authorization" in headers:
                challenge = connection.log_on(headers[b"authorization"])
            elif connection.user is None:
                raise Refused(401, b"Negotiate")
            if body:
                out = answer(connection, connection.open(headers[b"content-type"], body))
                if connection.sealed:
                    out, kind = connection.seal(out), SEALED
        except Refused as e:
            status, challenge = e.args
        fields = [b"HTTP/1.1 %d Judged" % status, b"Content-Type: " + kind, b"Content-Length: %d" % len(out)]
        if challenge:
            fields.append(b"WWW-Authenticate: " + challenge)
        stream.write(b"\r\n".join(fields) + b"\r\n\r\n" + out)
        stream.flush()


def accept(listener, server):
    tls = None
    if listener.get("certificate"):
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.set_ciphers("DEFAULT:@SECLEVEL=0")  # for a certificate of SHA-1
        with tempfile.NamedTemporaryFile("w", suffix=".pem") as file:
            file.write(listener["certificate"] + listener["key"])
            file.flush()
            tls.load_cert_chain(file.name)
    while True:
        client, _ = server.accept()

        def run(client=client):
            with client, (tls.wrap_socket(client, server_side=True) if tls else client) as secured, secured.makefile("rwb") as stream:
                serve(listener, stream)
        threading.Thread(target=run, daemon=True).start()


listeners = json.loads(sys.stdin.readline())
ports = []
for one in listeners:
    opened = socket.create_server(("127.0.0.1", 0))
    ports.append(opened.getsockname()[1])
    threading.Thread(target=accept, args=(one, opened), daemon=True).start()
print(json.dumps(ports), flush=True)
sys.stdin.read()  # the test ends it
