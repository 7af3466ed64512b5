"""Speaks to a host through pywinrm and pypsrp and prints, as JSON, what they understood: null is what they do not know.

The host comes as JSON on stdin: host, port, username, password, ca_file.
"""

import hashlib
import json
import sys

import winrm.exceptions
import winrm.protocol

try:
    import pypsrp.exceptions
    import pypsrp.shell
    import pypsrp.wsman
except ImportError:
    pypsrp = None

TEXT = "a\"b'c$(x) \u00fc\u20ac\U0001f600"

# What is sent in pieces and comes back: more than one envelope holds, with characters torn between the pieces.
LONG = "".join("%d %s\n" % (i, TEXT) for i in range(20000)).encode()
PIECES = [LONG[i:i + 65537] for i in range(0, len(LONG), 65537)]


def digest(data):
    return [len(data), hashlib.sha256(data).hexdigest()]


def pywinrm(host):
    def client(password):
        return winrm.protocol.Protocol(
            endpoint="https://%s:%d/wsman" % (host["host"], host["port"]),
            transport="basic", username=host["username"], password=password,
            ca_trust_path=host["ca_file"], operation_timeout_sec=2, read_timeout_sec=30,
        )

    def output(shell, command):
        out, err, code = protocol.get_command_output(shell, command)
        protocol.cleanup_command(shell, command)
        return [out.decode(), err.decode(), code]

    seen = {}
    protocol = client(host["password"])
    shell = protocol.open_shell(codepage=65001)
    seen["a command"] = output(shell, protocol.run_command(shell, "echo", [TEXT]))
    seen["stderr and exit code"] = output(
        shell, protocol.run_command(shell, "cmd.exe", ["/c echo out && echo err>&2 && exit 3"]))
    seen["an unknown program"] = output(shell, protocol.run_command(shell, "frobnicate", ["/x"]))
    seen.update({"stdin": None, "long output": None, "nothing yet": None, "a shell that is gone": None})
    if hasattr(protocol, "send_command_input"):
        command = protocol.run_command(shell, "more")
        protocol.send_command_input(shell, command, b"one\n")
        protocol.send_command_input(shell, command, TEXT.encode() + b"\n", end=True)
        seen["stdin"] = output(shell, command)
        command = protocol.run_command(shell, "more")
        for i, piece in enumerate(PIECES):
            protocol.send_command_input(shell, command, piece, end=i == len(PIECES) - 1)
        out, err, code = protocol.get_command_output(shell, command)
        protocol.cleanup_command(shell, command)
        seen["long output"] = digest(out) + [err.decode(), code]
    if hasattr(protocol, "get_command_output_raw"):
        command = protocol.run_command(shell, "more")
        try:
            protocol.get_command_output_raw(shell, command)
            seen["nothing yet"] = "output"
        except winrm.exceptions.WinRMOperationTimeoutError:
            seen["nothing yet"] = "operation timeout"
        protocol.cleanup_command(shell, command)
    protocol.close_shell(shell)
    if hasattr(winrm.exceptions, "WSManFaultError"):
        try:
            protocol.run_command(shell, "hostname")
            seen["a shell that is gone"] = "there"
        except winrm.exceptions.WSManFaultError as fault:
            seen["a shell that is gone"] = fault.wsman_fault_code
    try:
        client("wrong").open_shell()
    except winrm.exceptions.InvalidCredentialsError:
        seen["a wrong password"] = "refused"
    return seen


def pypsrp_(host):
    def connection(password):
        return pypsrp.wsman.WSMan(
            host["host"], port=host["port"], ssl=True, auth="basic", username=host["username"],
            password=password, cert_validation=host["ca_file"], operation_timeout=2, read_timeout=30,
        )

    wsman = connection(host["password"])
    process = pypsrp.shell.Process
    codes = pypsrp.shell.SignalCode

    def output(p):
        return [p.stdout.decode(), p.stderr.decode(), p.rc]

    seen = {}
    with pypsrp.shell.WinRS(wsman, environment={"colour": "r\u00f6d & <blue>"}, working_directory="C:\\t",
                            idle_time_out=90, codepage=65001) as shell:
        seen["the shell"] = [shell.owner, shell.client_ip, shell.idle_time_out, shell.working_directory]
        p = process(shell, "echo", [TEXT])
        p.invoke()
        p.signal(codes.CTRL_C)
        seen["a command"] = output(p)
        p = process(shell, "cmd.exe", ["/c", "set"])
        p.invoke()
        p.signal(codes.CTRL_C)
        seen["environment"] = output(p)
        p = process(shell, "more")
        p.begin_invoke()
        p.send(b"one\n", end=False)
        p.poll_invoke()
        seen["output of a running command"] = [p.stdout.decode(), p.state.rsplit("/")[-1]]
        p.send(b"two\n", end=True)
        p.end_invoke()
        p.signal(codes.CTRL_C)
        seen["stdin"] = output(p)
        p = process(shell, "cmd.exe", ["/c", "echo out && echo err>&2 && exit 3"])
        p.invoke()
        p.signal(codes.CTRL_C)
        seen["stderr and exit code"] = output(p)
        p = process(shell, "more")
        p.begin_invoke()
        for i, piece in enumerate(PIECES):
            p.send(piece, end=i == len(PIECES) - 1)
        p.end_invoke()
        p.signal(codes.CTRL_C)
        seen["long output"] = digest(p.stdout) + [p.stderr.decode(), p.rc]
        p = process(shell, "more")
        p.begin_invoke()
        p.send(b"one\n", end=False)
        p.signal(codes.CTRL_C)
        p.end_invoke()
        seen["a command that Ctrl-C ended"] = output(p)
        first, second = process(shell, "more"), process(shell, "echo", ["two"])
        first.begin_invoke()
        second.invoke()
        first.send(b"one", end=True)
        first.end_invoke()
        seen["two commands at once"] = output(first) + output(second)
        p = process(shell, "more")
        p.begin_invoke()
        p.poll_invoke()
        seen["nothing yet"] = p.state.rsplit("/")[-1]
        p.signal(codes.TERMINATE)
        try:
            p.poll_invoke()
        except pypsrp.exceptions.WSManFaultError as fault:
            seen["a command that is gone"] = [fault.code, fault.reason]
    try:
        process(shell, "hostname").invoke()
    except pypsrp.exceptions.WSManFaultError as fault:
        seen["a shell that is gone"] = fault.code
    seen["more shells than the quota"] = shells(wsman)
    try:
        pypsrp.shell.WinRS(connection("wrong")).open()
    except pypsrp.exceptions.AuthenticationError:
        seen["a wrong password"] = "refused"
    return seen


def shells(wsman):
    """Opens shells until the host refuses, closes them, and tells how many there were and why no more."""
    opened = []
    try:
        while len(opened) < 100:
            shell = pypsrp.shell.WinRS(wsman)
            shell.open()
            opened.append(shell)
    except pypsrp.exceptions.WSManFaultError as fault:
        return [len(opened), fault.code]
    finally:
        for shell in opened:
            shell.close()


if __name__ == "__main__":
    described = json.load(sys.stdin)
    json.dump({"pywinrm": pywinrm(described), "pypsrp": pypsrp and pypsrp_(described)}, sys.stdout)
