# SPDX-License-Identifier: EUPL-1.2
"""Runs in a process of its own (`opening`): opens one OpenPGP message of a stranger.

Imports nothing of ours, and has limits on time, memory and on what it may write, so that a message
that is made to burst ends here. On standard input a line of JSON (secret keys, the certificate that
may have signed, the limit in bytes), then the message; on standard output a line that says how it
went, then the content. The content is given out only when all of it was checked.
"""

import json
import os
import resource
import sys
from base64 import b64decode
from hashlib import sha256
from typing import Any

from pysequoia import Cert, PyDecryptor, Tsk, decrypt_file
from pysequoia.packet import PacketPile, Tag

SECONDS = 20
BYTES = 2**30
_SEALED = [Tag.PKESK, Tag.SKESK, Tag.SEIP, Tag.Marker, Tag.Padding]  # not hashable
_NO_KEY = "No key to decrypt"


def main() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (BYTES, BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    asked = json.loads(sys.stdin.buffer.readline())
    message = sys.stdin.buffer.read()
    # Before it is written to, and after nothing else is: also the copy of the message is a file.
    limit = int(asked["limit"])
    resource.setrlimit(resource.RLIMIT_FSIZE, (max(limit, len(message)) + 1,) * 2)
    told, content = _opened(asked, message, limit)
    sys.stdout.buffer.write(json.dumps(told).encode() + b"\n" + content)


def _opened(asked: dict[str, Any], message: bytes, limit: int) -> tuple[dict[str, Any], bytes]:
    try:
        packets = list(PacketPile.from_bytes(message))
    except (RuntimeError, ValueError):
        return {"doubt": "tampered"}, b""
    tags = [one.tag for one in packets]
    # What only looks encrypted, or stands beside what is, is not taken for it. A packet without
    # protection of its integrity is not either (RFC 9580, 5.7).
    if tags.count(Tag.SEIP) != 1 or any(one not in _SEALED for one in tags):
        return {"doubt": "tampered"}, b""
    certs = [Cert.from_bytes(b64decode(asked["cert"]))] if asked["cert"] else []
    source = _file(message)
    for secret in asked["secrets"]:
        told, content = _with(b64decode(secret), source, certs, limit)
        if told["doubt"] != "encrypted":
            digest = sha256(packets[tags.index(Tag.SEIP)].body).hexdigest()
            return told | {"digest": digest}, content
    return {"doubt": "encrypted"}, b""


def _with(
    secret: bytes, source: str, certs: list[Cert], limit: int
) -> tuple[dict[str, Any], bytes]:
    """With one key; who signed it is asked once all of it has come out."""
    decryptor = Tsk.from_bytes(secret).decryptor()
    target = os.memfd_create("content")
    try:
        decrypt_file(source, f"/proc/self/fd/{target}", decryptor)
    except (RuntimeError, OSError) as error:
        if os.fstat(target).st_size > limit:
            return {"doubt": "bomb"}, b""
        is_other = str(error).startswith(_NO_KEY)
        return {"doubt": "encrypted" if is_other else "tampered"}, b""
    with os.fdopen(target, "rb") as file:
        content = file.read(limit + 1)
    if len(content) > limit:
        return {"doubt": "bomb"}, b""
    signed, by = _signers(source, decryptor, certs)
    return {"doubt": "", "signed": signed, "by": by}, content


def _signers(source: str, decryptor: PyDecryptor, certs: list[Cert]) -> tuple[bool, list[str]]:
    """Whether it is signed, and by which of the certificates; it has opened once."""
    issuers: list[str] = []

    def store(named: list[str]) -> list[Cert]:
        issuers.extend(named)
        return certs

    try:
        done = decrypt_file(source, "/dev/null", decryptor, store)
    except (RuntimeError, OSError):
        return bool(issuers), []
    return True, [one.certificate for one in done.valid_sigs]


def _file(content: bytes) -> str:
    """A file that is on no disk."""
    number = os.memfd_create("message")
    with os.fdopen(os.dup(number), "wb") as file:
        file.write(content)
    return f"/proc/self/fd/{number}"


if __name__ == "__main__":
    main()
