# SPDX-License-Identifier: EUPL-1.2
"""Values of a pasted text, each with the types that it could be, as MISP's import offers them.

What is found is `extraction`'s; here stands what that import knows beside: a name with its
hash, an address with its port, autonomous systems, bare file names, that a name with
more than two parts is a host, and how a value was written before it was made whole again.
The types that a kind could be, and which of them is taken unless somebody says otherwise,
are those of MISP 2.5's import (app/Lib/Tools/ComplexTypeTool.php).
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Literal

import msgspec

from brug.intel import attributes
from brug.intel.attributes import likeness
from brug.intel.extending import add_attributes
from brug.intel.finding import Claim
from brug.intel.intake.extraction import extract, fanged
from brug.intel.vocabulary.matching import match
from brug.model.attribute_types import Checked, Refused, check, joined
from brug.model.new_event import NewAttribute
from brug.store import settings
from brug.store.session import Session

# "drop" leaves out what a warning list knows, "soft" takes it as nothing to detect by.
Warned = Literal["keep", "soft", "drop"]

_ADDRESS = ("ip-dst", "ip-src", "ip-src/ip-dst")
_PORT = ("ip-dst|port", "ip-src|port", "ip-src|port/ip-dst|port")
_HOST = ("hostname", "domain", "url", "filename")
_MAIL = ("email", "email-src", "email-dst", "target-email", "whois-registrant-email")
CHOICES: dict[str, tuple[str, ...]] = {
    "ip-dst": _ADDRESS,
    "ip-dst|port": _PORT,
    "hostname": _HOST,
    "domain": ("domain", "hostname", "url", "filename"),
    "email-src": _MAIL,
    "md5": ("md5", "imphash", "x509-fingerprint-md5", "ja3-fingerprint-md5"),
    "sha1": ("sha1", "pehash", "x509-fingerprint-sha1", "cdhash"),
    "sha256": ("sha256", "authentihash", "sha512/256", "x509-fingerprint-sha256"),
    "sha224": ("sha224", "sha512/224"),
}
_NAMED_HASH = re.compile(
    r"(?<!\S)([^\s|]{1,255})\|([0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64}|[0-9a-f]{128})(?!\S)",
    re.IGNORECASE,
)
_BY_LENGTH = {32: "md5", 40: "sha1", 64: "sha256", 128: "sha512"}
_WITH_PORT = re.compile(r"(?<![\w.:])((?:\d{1,3}\.){3}\d{1,3}):(\d{1,5})(?![\w.:])")
_SYSTEM = re.compile(r"\bAS(\d{1,10})\b", re.IGNORECASE)
_FILE = re.compile(
    r"(?<![\w/\\.@-])[\w-]{1,100}(?:\.[\w-]{1,50}){0,3}"
    r"\.(?:exe|dll|bat|cmd|ps1|vbs|js|jse|hta|lnk|scr|sys|msi|docm?|docx|xlsm?|xlsx|pptx?|pdf"
    r"|rtf|zip|rar|7z|iso|img|jar|apk|elf|bin)(?![\w.-])",
    re.IGNORECASE,
)


class Recognised(msgspec.Struct, frozen=True):
    """A value, as it was written, with its types; the first is MISP's choice unless told."""

    checked: Checked
    original: str

    @property
    def value(self) -> str:
        return joined(self.checked)

    @property
    def types(self) -> tuple[str, ...]:
        return CHOICES.get(self.checked.type, (self.checked.type,))


def recognise(text: str, longest: int) -> list[Recognised]:
    """The values of a text in the order in which they stand. Raises TooLarge, Invalid."""
    written = {fanged(token): token for token in re.split(r"[\s,;\"'<>]+", text)}
    found: dict[str, tuple[int, Recognised]] = {}
    taken: set[str] = set()
    for kind, value, original, parts in _beside(text):
        with suppress(Refused):
            one = Recognised(check(kind, value), original)
            found.setdefault(one.value, (text.find(original), one))
            taken.update(part.lower() for part in parts)
    for item in extract(text, longest):
        original = written.get(item.value, item.value)
        if original.lower() in taken:
            continue
        with suppress(Refused):
            one = Recognised(check(_kind(item.checked), item.value), original)
            found.setdefault(one.value, (text.find(original), one))
    return [one for _, one in sorted(found.values(), key=lambda pair: pair[0])]


def _beside(text: str) -> Iterator[tuple[str, str, str, tuple[str, ...]]]:
    """What the library does not know: type, value, as written, what is then no value itself."""
    files = set()
    for hit in _NAMED_HASH.finditer(text):
        files.add(hit[1])
        alone = text.count(hit[2]) > 1
        yield (
            f"filename|{_BY_LENGTH[len(hit[2])]}",
            hit[0],
            hit[0],
            (hit[1],) if alone else (hit[1], hit[2]),
        )
    for hit in _WITH_PORT.finditer(text):
        yield "ip-dst|port", f"{hit[1]}|{hit[2]}", hit[0], (hit[1], hit[0])
    for hit in _SYSTEM.finditer(text):
        yield "AS", hit[0], hit[0], (hit[0],)
    for hit in _FILE.finditer(text):
        if hit[0] not in files:
            yield "filename", hit[0], hit[0], ()


def _kind(found: Checked) -> str:
    if found.type == "email":
        return "email-src"
    if found.type == "domain" and found.value1.count(".") > 1:
        return "hostname"
    return found.type


def on_warninglists(session: Session, found: Sequence[Recognised]) -> list[bool]:
    """Which of the values a list of known values holds."""
    typed = [(one.checked.type, one.checked.value1, one.checked.value2) for one in found]
    return [bool(hits) for hits in match(session, typed)]


class Wanted(msgspec.Struct, frozen=True):
    """How the values of a text are to be stored."""

    warned: Warned = "keep"
    distribution: int | None = None
    comment: str = ""


def chosen(session: Session, text: str, warned: Warned) -> list[tuple[Recognised, bool]]:
    """The values that are to be taken, each with whether one detects by it."""
    found = recognise(text, int(settings.get(session, "limits.text_characters")))
    if warned == "keep" or not found:
        return [(one, one.checked.to_ids) for one in found]
    known = on_warninglists(session, found)
    return [
        (one, one.checked.to_ids and not listed)
        for one, listed in zip(found, known, strict=True)
        if not (listed and warned == "drop")
    ]


def add_text(
    session: Session, held: Claim, text: str, wanted: Wanted
) -> list[tuple[int, Recognised]]:
    """Stores the values of a text in a claimed event; the new ones with their ids."""
    taken = chosen(session, text, wanted.warned)
    new = []
    for index, (one, to_ids) in enumerate(taken):
        c = one.checked
        made = NewAttribute(None, c.type, c.category, to_ids, c.value1, c.value2)
        made.distribution, made.comment = wanted.distribution, wanted.comment
        new.append((index, made))
    known = attributes.alike(session, held.event_id, [made for _, made in new])
    fresh = [(index, made) for index, made in new if likeness(made) not in known]
    outcome = add_attributes(session, held, fresh, [])
    return [(attribute_id, taken[i][0]) for i, attribute_id in sorted(outcome.stored.items())]
