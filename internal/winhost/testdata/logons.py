"""Logs on to hosts through pywinrm and pypsrp in every way they know and prints, as JSON, what became of it: null is what they do not know.

The hosts come as JSON on stdin, by name: url, host, port, username, password, ca_file, client_certificate, client_key.
"""

import inspect
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

WRONG = {"password": "wrong"}


def pywinrm(host, transport, **changes):
    """Runs a command and gives its output, or how the host refused."""
    if not changes.keys() <= inspect.signature(winrm.protocol.Protocol).parameters.keys():
        return None
    protocol = winrm.protocol.Protocol(**{
        "endpoint": host["url"], "transport": transport, "username": host["username"], "password": host["password"],
        "ca_trust_path": host["ca_file"], "cert_pem": host["client_certificate"] or None,
        "cert_key_pem": host["client_key"] or None, "operation_timeout_sec": 2, "read_timeout_sec": 30, **changes,
    })
    try:
        shell = protocol.open_shell(codepage=65001)
        command = protocol.run_command(shell, "echo", ["hello"])
        out, _, _ = protocol.get_command_output(shell, command)
        protocol.cleanup_command(shell, command)
        protocol.close_shell(shell)
        return out.decode()
    except winrm.exceptions.InvalidCredentialsError:
        return "refused"
    except getattr(winrm.exceptions, "WSManFaultError", ()) as fault:
        return fault.wsman_fault_code
    except winrm.exceptions.WinRMTransportError as error:
        return error.code


def pypsrp_(host, auth, **changes):
    if pypsrp is None:
        return None
    wsman = pypsrp.wsman.WSMan(host["host"], **{
        "port": host["port"], "ssl": host["url"].startswith("https:"), "auth": auth, "username": host["username"],
        "password": host["password"], "cert_validation": host["ca_file"], "operation_timeout": 2, "read_timeout": 30,
        "certificate_pem": host["client_certificate"] or None, "certificate_key_pem": host["client_key"] or None, **changes,
    })
    try:
        with pypsrp.shell.WinRS(wsman, codepage=65001) as shell:
            process = pypsrp.shell.Process(shell, "echo", ["hello"])
            process.invoke()
            process.signal(pypsrp.shell.SignalCode.CTRL_C)
            return process.stdout.decode()
    except pypsrp.exceptions.AuthenticationError:
        return "refused"
    except pypsrp.exceptions.WSManFaultError as fault:
        return fault.code
    except pypsrp.exceptions.WinRMTransportError as error:
        return error.code


def http(host):
    """Schemes that protect messages, and what is not protected."""
    local = {"username": "WEB01\\administrator"}
    return {
        "pywinrm: NTLM": pywinrm(host, "ntlm", message_encryption="always"),
        "pywinrm: NTLM, a local account by its full name": pywinrm(host, "ntlm", **local),
        "pywinrm: NTLM, a wrong password": pywinrm(host, "ntlm", **WRONG),
        "pywinrm: NTLM in clear text": pywinrm(host, "ntlm", message_encryption="never"),
        "pywinrm: Basic": pywinrm(host, "basic"),
        "pypsrp: NTLM": pypsrp_(host, "ntlm", encryption="always"),
        "pypsrp: NTLM in SPNEGO": pypsrp_(host, "negotiate"),
        "pypsrp: NTLM in SPNEGO, a wrong password": pypsrp_(host, "negotiate", **WRONG),
        "pypsrp: NTLM, an unknown user": pypsrp_(host, "ntlm", username="nobody"),
        "pypsrp: NTLM in clear text": pypsrp_(host, "ntlm", encryption="never"),
    }


def https(host):
    """Inside TLS: bound to the channel or not, sealed once more or not."""
    return {
        "pywinrm: NTLM": pywinrm(host, "ntlm"),
        "pywinrm: NTLM, sealed": pywinrm(host, "ntlm", message_encryption="always"),
        "pywinrm: NTLM without a channel binding": pywinrm(host, "ntlm", send_cbt=False),
        "pywinrm: Basic": pywinrm(host, "basic"),
        "pywinrm: certificate": pywinrm(host, "certificate"),
        "pypsrp: NTLM in SPNEGO": pypsrp_(host, "negotiate"),
        "pypsrp: NTLM in SPNEGO, sealed": pypsrp_(host, "negotiate", encryption="always"),
        "pypsrp: NTLM without a channel binding": pypsrp_(host, "ntlm", negotiate_send_cbt=False),
        "pypsrp: certificate": pypsrp_(host, "certificate"),
    }


def unencrypted(host):
    return {
        "pywinrm: NTLM in clear text": pywinrm(host, "ntlm", message_encryption="never"),
        "pywinrm: Basic": pywinrm(host, "basic"),
        "pywinrm: Basic, a wrong password": pywinrm(host, "basic", **WRONG),
        "pypsrp: Basic": pypsrp_(host, "basic", encryption="never"),
        "pypsrp: NTLM in clear text": pypsrp_(host, "ntlm", encryption="never"),
    }


def sealed(host):
    return {
        "pywinrm: NTLM": pywinrm(host, "ntlm"),
        "pypsrp: NTLM in SPNEGO": pypsrp_(host, "negotiate"),
    }


if __name__ == "__main__":
    hosts = json.load(sys.stdin)
    json.dump({name: globals()[name](host) for name, host in hosts.items()}, sys.stdout)
