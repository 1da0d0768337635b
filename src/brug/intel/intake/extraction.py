# SPDX-License-Identifier: EUPL-1.2
"""Values out of a text: a report, a mail, a log.

The library `ioc-finder` finds them, defanged ones too; a table here says which attribute
type each kind is, and each candidate is then checked as any attribute is. What a text does
not settle (whether a hash is of a file, an address a source) is the user's to correct.
"""

import re
import time
from collections.abc import Iterator

import msgspec

from brug.model.attribute_types import Checked, Refused, check, joined
from brug.model.errors import Invalid, TooLarge

LONGEST_TEXT = 1_000_000
# The library's time grows with the square of a text without spaces (98 kB: 100 s), so it
# gets a text in pieces, and no run longer than any value would be.
PIECE = 4000
LONGEST_RUN = 1000
MOST_SECONDS = 10.0

# The library's kinds, in the order in which a text is searched; the first that finds a
# value settles its type.
TYPES = {
    "urls": "url",
    "email_addresses": "email",
    "ipv4_cidrs": "ip-dst",
    "ipv6_cidrs": "ip-dst",
    "ipv4s": "ip-dst",
    "ipv6s": "ip-dst",
    "domains": "domain",
    "sha512s": "sha512",
    "sha256s": "sha256",
    "sha1s": "sha1",
    "md5s": "md5",
    "imphashes": "imphash",
    "authentihashes": "authentihash",
    "ssdeeps": "ssdeep",
    "cves": "vulnerability",
    "asns": "AS",
    "mac_addresses": "mac-address",
    "bitcoin_addresses": "btc",
    "monero_addresses": "xmr",
    "registry_key_paths": "regkey",
    "file_paths": "filename",
    "user_agents": "user-agent",
    "xmpp_addresses": "jabber-id",
}
# Kinds that people write about without meaning the thing: found, but not ticked.
_DOUBTFUL = frozenset({"file_paths", "user_agents", "asns", "mac_addresses", "cves"})
_LABELLED = {"imphashes", "authentihashes"}


class Found(msgspec.Struct, frozen=True):
    """One value of a text, with where it first stands (characters from 0; -1: rewritten)."""

    checked: Checked
    position: int
    certain: bool

    @property
    def value(self) -> str:
        return joined(self.checked)


def extract(text: str, longest: int = LONGEST_TEXT) -> list[Found]:
    """The values of a text of at most `longest` characters (setting limits.text_characters),
    in the order in which they stand. Raises TooLarge, and Invalid for one that takes too long.
    """
    # 14 MB that a worker which reads no text need not hold.
    from ioc_finder import find_iocs  # noqa: PLC0415

    if len(text) > longest:
        raise TooLarge("The text", longest, "limits.text_characters")
    raw: dict[str, list[str]] = {}
    names: dict[str, str] = {}
    end = time.monotonic() + MOST_SECONDS
    for piece in pieces(text):
        if time.monotonic() > end:
            raise Invalid("text", f"a text that is read within {MOST_SECONDS:.0f} s: split it")
        plain = _in_ascii(piece, names)
        some = find_iocs(
            plain,
            included_ioc_types=list(TYPES),
            parse_domain_from_url=False,
            parse_domain_from_email_address=False,
            parse_from_url_path=False,
            parse_address_from_cidr=False,
            parse_urls_without_scheme=False,
        )
        for kind, value in (*_candidates(some), *_special(plain)):
            raw.setdefault(kind, []).append(_as_written(value, names))
    found: dict[str, Found] = {}
    for kind, value in _candidates(raw):
        try:
            checked = check(TYPES[kind], value)
        except Refused:
            continue
        # A labelled hash is listed as a plain one too; the label says more.
        if kind in _LABELLED or checked.value1 not in found:
            certain = kind not in _DOUBTFUL
            found[checked.value1] = Found(checked, text.find(value), certain)
    return sorted(found.values(), key=lambda one: (one.position < 0, one.position))


def pieces(text: str) -> Iterator[str]:
    """A text by lines that belong together, at most PIECE long; longer runs are cut."""
    piece = ""
    for line in text.splitlines(keepends=True):
        for part in _cut(line):
            if len(piece) + len(part) > PIECE and piece:
                yield piece
                piece = ""
            piece += part
    if piece:
        yield piece


def _cut(line: str) -> Iterator[str]:
    if len(line) <= LONGEST_RUN:
        yield line
        return
    for part in re.findall(r"\S+\s*|\s+", line):
        for start in range(0, len(part), LONGEST_RUN):
            yield part[start : start + LONGEST_RUN]


# Names inside networks and in documentation, which the library's list of top-level domains
# does not hold: RFC 2606, RFC 6761, and ICANN's `internal`. Each begins where no name can
# be under way, so that a run is read once.
_HOST = r"(?:[a-z0-9_-]{1,63}\.)+(?:example|test|local|internal)(?![a-z0-9-]|\.[a-z0-9])"
_SPECIAL = {
    "urls": re.compile(rf"https?://(?:{_HOST})(?::\d{{1,5}})?(?:[/?#][^\s<>\"']*)?", re.IGNORECASE),
    "email_addresses": re.compile(rf"(?<![\w.+-])[\w.+-]{{1,64}}@{_HOST}", re.IGNORECASE),
    "domains": re.compile(rf"(?<![\w@./-]){_HOST}", re.IGNORECASE),
}
_DEFANGED = (
    (re.compile(r"\bhxxp", re.IGNORECASE), "http"),
    (re.compile(r"[\[({](?:\.|dot)[\])}]", re.IGNORECASE), "."),
    (re.compile(r"[\[({](?:@|at)[\])}]", re.IGNORECASE), "@"),
    (re.compile(r"\[:\]"), ":"),
    (re.compile(r"\[(://|/)\]"), r"\1"),
)


def fanged(text: str) -> str:
    """A text in which addresses are written as they are, not as reports write them."""
    for pattern, plain in _DEFANGED:
        text = pattern.sub(plain, text)
    return text


def _special(piece: str) -> Iterator[tuple[str, str]]:
    piece = fanged(piece)
    for kind, pattern in _SPECIAL.items():
        for hit in pattern.finditer(piece):
            yield kind, hit[0].rstrip(".,;:)")


# Names with letters of Latin, Greek or Cyrillic beyond ASCII, which the library would cut in two:
# of `bücher.example` it would find `cher.example`, which is somebody else's.
_NAMED = "a-z0-9_\u00c0-\u052f-"
_BEYOND = re.compile("[\u00c0-\u052f]")
_WHOLE_NAME = re.compile(rf"(?<![{_NAMED}])[{_NAMED}]++(?:\.[{_NAMED}]++)+", re.IGNORECASE)


def _in_ascii(piece: str, names: dict[str, str]) -> str:
    """A piece whose names are in ASCII; `names` gets how each was written."""
    piece = piece.replace("[/]", "/")
    if not _BEYOND.search(piece):
        return piece

    def named(hit: re.Match[str]) -> str:
        if hit[0].isascii():
            return hit[0]
        try:
            name = check("domain", hit[0]).value1
        except Refused:
            return " "
        names[name] = hit[0]
        return name

    return _WHOLE_NAME.sub(named, fanged(piece))


def _as_written(value: str, names: dict[str, str]) -> str:
    if names and "xn--" in value:
        for name in _WHOLE_NAME.findall(value):
            value = value.replace(name, names.get(name, name))
    return value


def _candidates(raw: object) -> Iterator[tuple[str, str]]:
    if not isinstance(raw, dict):
        return
    for kind in TYPES:
        values = raw.get(kind) or []
        for value in map(str, values):
            if kind != "file_paths" or _PATH.match(value):
                yield kind, value


_PATH = re.compile(r"[A-Za-z]:\\|[/~%\\](?!.*://)")


def type_of(value: str) -> Checked | None:
    """The type of a text that is one value and nothing else; None if it is no such thing."""
    stripped = value.strip()
    for one in extract(stripped):
        if one.position == 0 and len(one.value) >= len(stripped) - 1:
            return one.checked
        if one.position < 0:
            return one.checked
    return None
