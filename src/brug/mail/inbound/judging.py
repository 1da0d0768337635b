# SPDX-License-Identifier: EUPL-1.2
"""What is doubtful about a mail by itself: made by a machine, not authentic, packed to burst.

Each doubt is a word; whoever decides on what is held reads it. The words are in DOUBTS.
"""

import re
import zlib
from collections.abc import Iterator
from io import BytesIO
from typing import Final
from zipfile import BadZipFile, ZipFile

from brug.formats import media_types, openpgp_signing
from brug.mail.inbound import addressing
from brug.mail.inbound.message import Incoming, Part
from brug.model.errors import BrugError

# In the order in which they are looked for; what people read stands in web/cases/quarantine.py.
DOUBTS: Final = (
    "unreadable", "too_large", "loop", "unknown", "several", "removed", "sender", "not_authentic",
    "unchecked", "same_id", "many", "mixed", "encrypted", "tampered", "nested", "signature",
    "replayed", "bomb", "html_only", "empty", "role",
)  # fmt: skip

_MACHINES = frozenset({"bulk", "junk", "list", "auto_reply", "auto-reply"})
_POSTMASTERS = ("mailer-daemon@", "postmaster@")
_RESULT = re.compile(r"\b(dmarc|spf|dkim)\s*=\s*([a-z]+)", re.IGNORECASE)
_COMMENT = re.compile(r"\([^()]*\)")
LARGEST_UNPACKED = 200 * 2**20
RATIO = 100
SMALL = 10 * 2**20  # what unpacks to less is no bomb, whatever the ratio
_ENDINGS = frozenset({
    "exe", "dll", "scr", "com", "pif", "msi", "bat", "cmd", "ps1", "vbs", "vbe", "js", "jse",
    "wsf", "hta", "jar", "lnk", "iso", "img", "cpl", "elf", "apk", "dmg", "sh",
})  # fmt: skip
_PROGRAMS = frozenset({
    media_types.EXECUTABLE, "application/x-elf", "application/x-mach-binary",
})  # fmt: skip


def is_by_machine(mail: Incoming) -> bool:
    """An answer to it could go round (RFC 3834; RFC 2076 for Precedence)."""
    auto = [text.partition(";")[0].strip().lower() for text in mail.all("auto-submitted")]
    precedence = {text.strip().lower() for text in mail.all("precedence")}
    empty_path = any(text.strip() in {"", "<>"} for text in mail.all("return-path"))
    return (
        any(one not in {"", "no"} for one in auto)
        or bool(precedence & _MACHINES)
        or empty_path
        or bool(mail.all("x-loop") or mail.all("list-id") or mail.all("x-autoreply"))
        or mail.kind == "multipart/report"
        or addressing.is_own(mail.message_id)
        or any(one.lower().startswith(_POSTMASTERS) for one in mail.senders)
    )


def authenticity(mail: Incoming, checked_by: str) -> str:
    """A doubt, or nothing: what the mail server found of the sender's domain (RFC 8601).

    With `checked_by` only what that server wrote counts, and it must have written. Without, no
    server is known whose word counts, so that a failure that anybody claims is a doubt.
    """
    every = [_COMMENT.sub("", text) for text in mail.all("authentication-results")]
    if not checked_by:
        failed = any(("dmarc", "fail") in _results(text) for text in every)
        return "not_authentic" if failed else ""
    ours = [text for text in every if _server(text) == checked_by.strip().lower()]
    if not ours:
        return "unchecked"
    found = _results(ours[0])  # the topmost: what is below may have come along
    dmarc = {result for method, result in found if method == "dmarc"}
    if dmarc and dmarc != {"none"}:
        return "" if dmarc == {"pass"} else "not_authentic"
    passed = {method for method, result in found if result == "pass"}
    return "" if passed & {"dkim", "spf"} else "not_authentic"


def _server(text: str) -> str:
    return text.partition(";")[0].split(" ")[0].strip().lower()


def _results(text: str) -> set[tuple[str, str]]:
    return {(method.lower(), result.lower()) for method, result in _RESULT.findall(text)}


def signature(mail: Incoming, key: str) -> str:
    """A doubt, or nothing: who gave a key signs with it (PGP/MIME)."""
    if not key:
        return ""
    if mail.signed is None:
        return "signature"
    fits = openpgp_signing.verifies(key, *mail.signed)
    return "" if fits else "signature"


def is_bomb(part: Part) -> bool:
    """Whether an archive would unpack to far more than it is; looked at without unpacking it."""
    if part.content.startswith(b"\x1f\x8b"):
        return _bursts(part.content)
    try:
        with ZipFile(BytesIO(part.content)) as archive:
            size = sum(one.file_size for one in archive.infolist())
    except (BadZipFile, ValueError, NotImplementedError, OSError, EOFError):
        return False
    return size > LARGEST_UNPACKED or size > max(SMALL, RATIO * len(part.content))


def _bursts(data: bytes) -> bool:
    """Counted as it unpacks, a piece at a time, and given up at the limit."""
    limit, size = max(SMALL, min(LARGEST_UNPACKED, RATIO * len(data))), 0
    try:
        for piece in _unzipped(data):
            size += piece
            if size > limit:
                return True
    except zlib.error:
        return False
    return False


def _unzipped(data: bytes) -> Iterator[int]:
    unpacking = zlib.decompressobj(31)
    rest = data
    while rest and not unpacking.eof:
        yield len(unpacking.decompress(rest, 2**20))
        rest = unpacking.unconsumed_tail


def is_program(part: Part) -> bool:
    """What somebody could start by opening it: it is boxed."""
    ending = part.name.rpartition(".")[2].lower()
    return ending in _ENDINGS or media_types.of(part.content[: media_types.HEAD]) in _PROGRAMS


class NotFetched(BrugError):
    """The mailbox could not be read."""

    code = "mail_not_fetched"
