# SPDX-License-Identifier: EUPL-1.2
"""YARA rules: one an attribute, from values; and those that somebody wrote.

A written rule is taken where the compiler of YARA-X takes it by itself, as one bad rule would
make the whole file useless, and where it neither includes files nor is global; it is named
after its attribute, so that two rules of one name do not break the file.
"""

import re
from functools import lru_cache
from types import ModuleType
from typing import NamedTuple

import msgspec

from brug.formats.sensors import values
from brug.formats.sensors.indicator import Indicator, Section, SensorFormat, Settings
from brug.formats.sensors.kinds import PIECES

HASHES = {"md5": 32, "sha1": 40, "sha256": 64}
# Shorter texts are everywhere.
SHORTEST, LONGEST = 4, 500
STRINGS = frozenset(
    {"ip-src", "ip-dst", "domain", "hostname", "url", "link", "uri", "user-agent", "email",
     "email-src", "email-dst", "email-subject", "email-attachment", "filename", "mutex", "regkey",
     "named-pipe", "pdb", "pattern", "service"}
)  # fmt: skip
GENERATED = "Automatically generated from non-Yara attribute(s)"
AS_IS = "Loaded as-is from a Yara attribute. Some comments may have been removed by parser."
_TOKEN = re.compile(
    r"""//[^\n]*|/\*.*?\*/|"(?:[^"\\\n]|\\.)*"|[A-Za-z_][A-Za-z0-9_]*|\s+|.""", re.DOTALL
)
_REFUSED = frozenset({"include", "global", "console"})


def quoted(text: str) -> str:
    """A text between quotes; what is not plain ASCII as the bytes of its UTF-8."""
    made = []
    for byte in text.encode("utf-8", "replace"):
        if byte in b'"\\':
            made.append("\\" + chr(byte))
        else:
            made.append(chr(byte) if 32 <= byte < 127 else f"\\x{byte:02x}")
    return '"' + "".join(made) + '"'


class Rule(NamedTuple):
    """A rule, whether somebody wrote it, and the modules that it needs."""

    text: str
    as_is: bool


def rule(i: Indicator) -> Rule | None:
    """The rule of an attribute; None where nothing can be looked for."""
    if i.type == "yara":
        text = _adopted(i)
        return Rule(text, as_is=True) if text else None
    strings, conditions = [], []
    for piece in PIECES.get(i.type, ()):
        value = i.part(piece.part)
        if piece.kind in HASHES:
            plain = value.strip().lower()
            if re.fullmatch(rf"[0-9a-f]{{{HASHES[piece.kind]}}}", plain):
                conditions.append(f'hash.{piece.kind}(0, filesize) == "{plain}"')
        elif piece.kind in STRINGS and SHORTEST <= len(value) <= LONGEST:
            strings.append(value)
    # A file's name beside its hash says less than the hash.
    if conditions:
        strings = []
    if not strings and not conditions:
        return None
    return Rule(_generated(i, list(dict.fromkeys(strings)), conditions), as_is=False)


def _generated(i: Indicator, strings: list[str], conditions: list[str]) -> str:
    text = f"rule {_name(i)} : generated\n{{\n{_meta(i, GENERATED)}"
    if strings:
        text += "\tstrings:\n" + "".join(f"\t\t$ = {quoted(s)} ascii wide\n" for s in strings)
        conditions = ["any of them"]
    return text + "\tcondition:\n\t\t" + " or ".join(conditions) + "\n}\n"


def _name(i: Indicator) -> str:
    return "MISP_ATTRIBUTE_" + i.uuid.replace("-", "_")


def _meta(i: Indicator, origin: str) -> str:
    return (
        f"\tmeta:\n\t\tMISP_EVENT_INFO = {quoted(values.line(i.event.info))}\n"
        f'\t\tMISP_EVENT_UUID = "{i.event.uuid}"\n'
        f'\t\tMISP_ORIGIN = "{origin}"\n'
        f'\t\tMISP_UUID = "{i.uuid} ({i.type})"\n'
    )


# Written rules ---------------------------------------------------------------------------


@lru_cache(1)
def _compiler() -> ModuleType:
    import yara_x  # noqa: PLC0415 — large, and few nodes hold written rules

    found: ModuleType = yara_x
    return found


def _adopted(i: Indicator) -> str:
    source = i.value1 + ("|" + i.value2 if i.value2 else "")
    compiler = _compiler()
    words = [t[0] for t in _TOKEN.finditer(source) if t[0].strip() and t[0][:2] not in ("//", "/*")]
    if words.count("rule") != 1 or _REFUSED & set(words):
        return ""
    at = words.index("rule")
    if len(words) < at + 3 or not words[at + 1].isidentifier():
        return ""
    renamed = re.sub(rf"\brule\s+{re.escape(words[at + 1])}\b", f"rule {_name(i)}", source, count=1)
    try:
        compiled = compiler.compile(renamed)
    except (compiler.CompileError, ValueError):
        return ""
    if [one.identifier for one in compiled] != [_name(i)]:
        return ""
    # Between comments of its own, so that an open comment of the source ends before the next.
    return f"// {AS_IS} {i.uuid}\n{renamed.strip()}\n"


# Files -----------------------------------------------------------------------------------

_HEADING = "// ===================================== {} ====================================\n"


def _itself(settings: Settings) -> Settings:
    return settings


def lines(i: Indicator, _: Settings, kinds: frozenset[str]) -> str:
    made = rule(i)
    return "\n" + made.text if made and made.as_is is ("yara" in kinds) else ""


FORMAT = SensorFormat(
    "text/plain; charset=UTF-8", "yar", "alert",
    (
        Section(STRINGS | set(HASHES), lambda _: _HEADING.format("GENERATED")),
        Section(frozenset({"yara"}), lambda _: _HEADING.format("  AS-IS  ")),
    ),
    _itself,
    lambda _: 'import "hash"\n',
    lines,
    meaning="YARA rules",
)  # fmt: skip


# As JSON ---------------------------------------------------------------------------------


class _Listing:
    """Whether a list has begun."""

    def __init__(self) -> None:
        self.begun = False

    def begin(self, text: str) -> str:
        self.begun = False
        return text


def _json_lines(i: Indicator, listing: _Listing, kinds: frozenset[str]) -> str:
    made = rule(i)
    if made is None or made.as_is is not ("yara" in kinds):
        return ""
    origin = "Loaded from source. " if made.as_is else "Generated. "
    needs = 'import "hash"\n' if "hash." in made.text and not made.as_is else "\n"
    value = {"value": needs + made.text, "comment": origin, "valid": True}
    comma, listing.begun = "," if listing.begun else "", True
    return comma + msgspec.json.encode(value).decode()


JSON = SensorFormat(
    "application/json; charset=UTF-8", "json", "alert",
    (
        Section(STRINGS | set(HASHES), lambda listing: listing.begin('{"generated":[')),
        Section(frozenset({"yara"}), lambda listing: listing.begin('],"as-is":[')),
    ),
    lambda _: _Listing(),
    lambda _: "",
    _json_lines,
    lambda _: "]}",
    meaning="YARA rules in a JSON list",
)  # fmt: skip
