"""Uses up a host's quotas through pywinrm and pypsrp, looks at its shells, and prints, as JSON, what they understood: null is what they do not know.

The host comes as JSON on stdin: host, port, username, password, ca_file. Its quotas are 2 shells and 4 operations.
"""

import json
import sys
import xml.etree.ElementTree as ET

import winrm.exceptions
import winrm.protocol

try:
    import pypsrp.exceptions
    import pypsrp.shell
    import pypsrp.wsman
except ImportError:
    pypsrp = None

SHELLS = "http://schemas.microsoft.com/wbem/wsman/1/windows/shell"


def pywinrm(host):
    protocol = winrm.protocol.Protocol(
        endpoint="https://%s:%d/wsman" % (host["host"], host["port"]), transport="basic", username=host["username"],
        password=host["password"], ca_trust_path=host["ca_file"], operation_timeout_sec=2, read_timeout_sec=30,
    )
    shell = protocol.open_shell()
    seen = {"commands": 0}
    refused = []
    while len(refused) < 2 and seen["commands"] < 100:
        try:
            command = protocol.run_command(shell, "hostname")
        except winrm.exceptions.WinRMError as fault:  # a WSManFaultError where pywinrm tells codes
            refused.append([getattr(fault, "wsman_fault_code", None), getattr(fault, "wmierror_code", None)])
            continue
        seen["commands"] += 1
        protocol.cleanup_command(shell, command)  # which gives nothing back
    seen["one command too many"] = refused if hasattr(winrm.exceptions, "WSManFaultError") else None
    protocol.close_shell(shell)
    shell = protocol.open_shell()
    seen["in the next shell"] = protocol.get_command_output(shell, protocol.run_command(shell, "hostname"))[2]
    protocol.close_shell(shell)
    return seen


def pypsrp_(host):
    wsman = pypsrp.wsman.WSMan(
        host["host"], port=host["port"], ssl=True, auth="basic", username=host["username"], password=host["password"],
        cert_validation=host["ca_file"], operation_timeout=2, read_timeout=30,
    )
    names = pypsrp.wsman.NAMESPACES
    enumerate_ = ET.Element("{%s}Enumerate" % names["wsen"])
    ET.SubElement(enumerate_, "{%s}OptimizeEnumeration" % names["wsman"])
    ET.SubElement(enumerate_, "{%s}MaxElements" % names["wsman"]).text = "32000"

    def described(shell):
        return [shell.find("rsp:%s" % name, names).text for name in ("Owner", "ClientIP", "IdleTimeOut")]

    wsman.update_max_payload_size()
    seen = {"what an envelope may hold": wsman.max_envelope_size}
    first, second = pypsrp.shell.WinRS(wsman, idle_time_out=90), pypsrp.shell.WinRS(wsman)
    first.open()
    second.open()
    try:
        pypsrp.shell.WinRS(wsman).open()
    except pypsrp.exceptions.WSManFaultError as fault:
        seen["one shell too many"] = fault.code
    listed = wsman.enumerate(SHELLS, enumerate_).findall("wsen:EnumerateResponse/wsman:Items/rsp:Shell", names)
    seen["the shells"] = [described(shell) for shell in listed]
    seen["their ids"] = [shell.find("rsp:ShellId", names).text for shell in listed] == [first.id, second.id]
    seen["one shell"] = described(wsman.get(SHELLS, selector_set=first._selector_set).find("rsp:Shell", names))
    first.close()
    second.close()
    seen["none"] = len(wsman.enumerate(SHELLS, enumerate_).findall("wsen:EnumerateResponse/wsman:Items/rsp:Shell", names))
    return seen


if __name__ == "__main__":
    described = json.load(sys.stdin)
    json.dump({"pywinrm": pywinrm(described), "pypsrp": pypsrp and pypsrp_(described)}, sys.stdout)
