"""MIT Kerberos as a host: accepts a context and protects messages, one request in JSON a line."""
import base64
import json
import sys

import gssapi
import gssapi.raw

keytab = sys.argv[1]
credential = gssapi.Credentials(usage="accept", store={"keytab": keytab})
context = None


def encoded(octets):
    return base64.b64encode(octets).decode()


for line in sys.stdin:
    request = json.loads(line)
    do, octets = request["do"], base64.b64decode(request.get("octets") or "")
    answer = {}
    try:
        if do == "accept":
            bindings = None
            if request.get("bindings"):
                bindings = gssapi.raw.ChannelBindings(application_data=base64.b64decode(request["bindings"]))
            context = gssapi.SecurityContext(usage="accept", creds=credential, channel_bindings=bindings)
            answer["octets"] = encoded(context.step(octets) or b"")
            answer["name"] = str(context.initiator_name) if context.complete else ""
            answer["flags"] = int(context.actual_flags)
        elif do == "unwrap":
            result = context.unwrap(octets)
            answer["octets"], answer["sealed"] = encoded(result.message), result.encrypted
        elif do == "wrap":
            answer["octets"] = encoded(context.wrap(octets, True).message)
        elif do == "sign only":
            answer["octets"] = encoded(context.wrap(octets, False).message)
        elif do == "wrap as Windows":
            iov = gssapi.raw.IOV((gssapi.raw.IOVBufferType.header, True), octets, auto_alloc=True, std_layout=False)
            gssapi.raw.wrap_iov(context, iov, confidential=True)
            answer["octets"] = encoded(b"".join(b.value for b in iov if b.value))
            answer["header"] = len(iov[0].value)
        elif do == "sign":
            answer["octets"] = encoded(context.get_signature(octets))
    except gssapi.exceptions.GSSError as e:
        answer["error"] = str(e)
        token = getattr(e, "token", None)
        answer["octets"] = encoded(token or b"")
    print(json.dumps(answer), flush=True)
