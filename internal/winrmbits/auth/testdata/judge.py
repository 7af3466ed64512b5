"""The host's side of NTLM logons, by pyspnego: a line of JSON comes with what the client says, one goes back."""
import base64
import hashlib
import json
import os
import sys
import tempfile

import spnego
import spnego.channel_bindings
from spnego._ntlm_raw.messages import Authenticate, AvId, NTClientChallengeV2
from spnego.iov import BufferType


def say(answer):
    print(json.dumps(answer), flush=True)


def hear():
    line = sys.stdin.readline()
    if not line:
        sys.exit()
    return json.loads(line)


def text(value):
    return base64.b64encode(value).decode()


def log_on(told):
    """Takes one logon and then sealed messages, and gives the first line that begins another logon."""
    with open(os.environ["NTLM_USER_FILE"], "w") as accounts:
        accounts.write(f"{told['domain']}:{told['user']}:{told['password']}\n")
    binding, expected = None, b"\0" * 16
    if told["certificate_hash"]:
        binding = spnego.channel_bindings.GssChannelBindings(
            application_data=b"tls-server-end-point:" + base64.b64decode(told["certificate_hash"]))
        expected = hashlib.md5(binding.pack()).digest()
    host = spnego.server(protocol="ntlm", options=spnego.NegotiateOptions.use_ntlm)
    say({"token": text(host.step(base64.b64decode(hear()["token"])))})

    message = base64.b64decode(hear()["token"])
    answer = Authenticate.unpack(message)
    names = NTClientChallengeV2.unpack(answer.nt_challenge_response[16:]).av_pairs
    try:
        host.step(message, channel_bindings=binding)
    except spnego.exceptions.SpnegoError as refusal:
        say({"refused": str(refusal)})
        return hear()
    say({
        "user": answer.user_name, "domain": answer.domain_name or "", "flags": int(answer.flags),
        "target": names[AvId.target_name], "bound": names[AvId.channel_bindings] == expected,
        "mic": bool(int(names[AvId.flags]) & 2), "complete": host.complete,
    })
    while True:
        heard = hear()
        if "token" not in heard:
            return heard
        opened = host.unwrap(base64.b64decode(heard["token"])).data
        header, sealed = host.wrap_iov([BufferType.header, opened[::-1]]).buffers
        say({"opened": text(opened), "token": text(header.data + sealed.data)})


with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
    os.environ["NTLM_USER_FILE"] = file.name
    logon = hear()
    while True:
        logon = log_on(logon)
