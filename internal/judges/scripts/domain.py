"""An Active Directory domain of Samba in a folder: domain.py FOLDER provisions CORP.EXAMPLE, then makes what the lines of standard
input describe, one object in JSON a line. Each line is answered by one, with "error" where it failed. Needs root and Debian's
samba-ad-dc and samba-ad-provision. Sources: samba-tool's own modules netcmd/domain.py and netcmd/user.py, MS-ADA1 to MS-ADA3."""

import json
import os
import subprocess
import sys

import ldb
import samba.dckeytab  # noqa: F401  it gives Net its export_keytab
from samba.auth import system_session
from samba.dsdb import DSDB_CONTROL_BYPASS_PASSWORD_HASH_OID
from samba.net import Net
from samba.param import LoadParm
from samba.samdb import SamDB

folder = sys.argv[1]
config = os.path.join(folder, "etc", "smb.conf")
provisioned = subprocess.run(
    ["samba-tool", "domain", "provision", "--targetdir=" + folder, "--realm=CORP.EXAMPLE", "--domain=CORP", "--server-role=dc",
     "--dns-backend=NONE", "--host-name=dc01", "--host-ip=127.0.0.1", "--option=interfaces=lo", "--option=bind interfaces only=yes"],
    stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
if provisioned.returncode:
    sys.exit(provisioned.stdout)
settings = LoadParm()
settings.load(config)
database = SamDB(session_info=system_session(), lp=settings)
domain = database.domain_dn()


def add(kind, name, password, attributes):
    """An account, as New-ADUser and New-ADComputer make it. Samba takes a password in UTF-16, like unicodePwd without quotes."""
    common = attributes.pop("cn", name.rstrip("$"))
    entry = {"dn": ldb.Dn(database, "CN=%s,CN=%s,%s" % (common, "Computers" if kind == "computer" else "Users", domain)),
             "objectClass": kind, "sAMAccountName": name, "userAccountControl": "4096" if kind == "computer" else "512",
             "clearTextPassword": password.encode("utf-16-le")}
    database.add({**entry, **attributes})


def find(name):
    return database.search(domain, expression="(sAMAccountName=%s)" % ldb.binary_encode(name))[0]


def modify(name, attributes):
    message = ldb.Message(database.get_default_basedn() if name == "" else find(name).dn)
    for key, value in attributes.items():
        if key == "clearTextPassword":
            value = value.encode("utf-16-le")
        message[key] = ldb.MessageElement(value, ldb.FLAG_MOD_REPLACE, key)
    # With this control a value that Samba keeps itself, as pwdLastSet, is taken as it is.
    database.modify(message, ["local_oid:1.3.6.1.4.1.7165.4.3.20:1"] if "pwdLastSet" in attributes else [])


def forget_aes(name):
    """Leaves an account the key of RC4 alone, as one has whose password is older than the domain's AES."""
    message = ldb.Message(find(name).dn)
    message["keys"] = ldb.MessageElement([], ldb.FLAG_MOD_DELETE, "supplementalCredentials")
    database.modify(message, ["local_oid:%s:0" % DSDB_CONTROL_BYPASS_PASSWORD_HASH_OID])


def groups(name, count):
    """Groups of which an account is a member."""
    member = str(find(name).dn)
    database.transaction_start()
    for i in range(count):
        title = "department %04d of the company" % i
        database.add({"dn": "CN=%s,CN=Users,%s" % (title, domain), "objectClass": "group", "sAMAccountName": title, "member": member})
    database.transaction_commit()


def answer(request):
    do, name, attributes = request["do"], request.get("name", ""), request.get("attributes") or {}
    if do in ("user", "computer"):
        add(do, name, request["password"], attributes)
    elif do == "modify":
        modify(name, attributes)
    elif do == "rename":
        database.rename(find(name).dn, ldb.Dn(database, "CN=%s,CN=Users,%s" % (request["to"], domain)))
        modify(name, {"sAMAccountName": request["to"]})
    elif do == "forget aes":
        forget_aes(name)
    elif do == "groups":
        groups(name, request["count"])
    elif do == "keytab":
        Net(None, settings).export_keytab(keytab=request["path"], principal=name)
    elif do == "read":
        return {"value": str(find(name).get(request["attribute"], idx=0, default=b""))}
    else:
        raise ValueError("unknown: " + do)
    return {}


print(json.dumps({}), flush=True)
for line in sys.stdin:
    try:
        result = answer(json.loads(line))
    except Exception as e:  # whatever it is, the test shows it
        result = {"error": "%s: %s" % (type(e).__name__, e)}
    print(json.dumps(result), flush=True)
