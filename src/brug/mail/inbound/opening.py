# SPDX-License-Identifier: EUPL-1.2
"""Opening what strangers encrypted to the node, and whether a known key signed it.

It is done by a process of its own that may take so much time and memory and no more (`opener`):
whatever is wrong with a message ends as a doubt. Content comes out only of a message that is
encrypted as a whole and protected against changes (RFC 9580, 5.13.1 and 5.13.2).
"""

import subprocess
import sys
from base64 import b64encode
from collections.abc import Sequence
from json import dumps, loads
from pathlib import Path

import msgspec

from brug.formats import openpgp_mail
from brug.model.errors import Invalid

_PROGRAM = Path(__file__).with_name("opener.py")
_SECONDS = 60


class Opened(msgspec.Struct, frozen=True):
    """`doubt`: why it did not open, else nothing; `is_by_key`: the key that was given signed it.

    `digest` is of what was encrypted, whatever stands around it and to whomever else it went.
    """

    doubt: str
    content: bytes = b""
    digest: str = ""
    is_signed: bool = False
    is_by_key: bool = False


def opened(message: bytes, secrets: Sequence[bytes], key: str, limit: int) -> Opened:
    """With any of the secret keys; `key` is the public one that may have signed, if one is known.

    Doubts: "encrypted" (to none of the keys), "tampered", "bomb" (more than `limit` bytes).
    """
    asked = {
        "secrets": [b64encode(one).decode() for one in secrets],
        "cert": b64encode(_certificate(key)).decode(),
        "limit": limit,
    }
    try:
        done = subprocess.run(  # noqa: S603 — our own program; what it reads is data
            [sys.executable, "-I", str(_PROGRAM)], input=dumps(asked).encode() + b"\n" + message,
            capture_output=True, timeout=_SECONDS, check=False, env={},
        )  # fmt: skip
    except (subprocess.SubprocessError, OSError):
        return Opened("bomb")
    head, _, content = done.stdout.partition(b"\n")
    # Killed, or out of memory: what it wrote, if anything, is not looked at.
    if done.returncode or not head:
        return Opened("bomb")
    told = loads(head)
    if told["doubt"]:
        return Opened(str(told["doubt"]))
    return Opened("", content, told["digest"], told["signed"], bool(told["by"]))


def _certificate(key: str) -> bytes:
    """Nothing where there is none that can be used: what it signed is then nobody's."""
    try:
        return openpgp_mail.binary(key) if key else b""
    except Invalid:
        return b""
