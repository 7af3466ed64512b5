"""Logs on to hosts over Kerberos through pywinrm and pypsrp and prints, as JSON, what became of it.

The hosts come as JSON on stdin, by name: url, host, port, username, password, ca_file, name (of the service's host).
"""

import json
import sys

import logons


def pywinrm(host, **changes):
    return logons.pywinrm(host, "kerberos", kerberos_hostname_override=host["name"], service="HTTP", **changes)


def pypsrp_(host, **changes):
    return logons.pypsrp_(host, "kerberos", negotiate_hostname_override=host["name"], negotiate_service="HTTP", **changes)


def http(host):
    return {
        "pywinrm: sealed": pywinrm(host, message_encryption="always"),
        "pypsrp: sealed": pypsrp_(host, encryption="always"),
        "pypsrp: in clear text": pypsrp_(host, encryption="never"),
    }


def https(host):
    return {
        "pypsrp: bound to the channel": pypsrp_(host),
        "pypsrp: bound to the channel, sealed": pypsrp_(host, encryption="always"),
        "pypsrp: without a channel binding": pypsrp_(host, negotiate_send_cbt=False),
    }


if __name__ == "__main__":
    hosts = json.load(sys.stdin)
    json.dump({name: globals()[name](host) for name, host in hosts.items()}, sys.stdout)
