# SPDX-License-Identifier: EUPL-1.2
"""What the parts of an advisory are made of: kinds of text, and records that lose nothing.

A record keeps in `extra` each property that it does not know, so that what was read is
written again. The limits stand in the types: `structure` checks documents by them.
"""

from typing import Annotated, Any, ClassVar

import msgspec
from msgspec import Meta

_VERSION = (
    r"^(0|[1-9][0-9]*)$|^((0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)"
    r"(?:-((?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*)"
    r"(?:\.(?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*))*))?"
    r"(?:\+([0-9a-zA-Z-]+(?:\.[0-9a-zA-Z-]+)*))?)$"
)
_LANGUAGE = (
    r"^(([A-Za-z]{2,3}(-[A-Za-z]{3}(-[A-Za-z]{3}){0,2})?|[A-Za-z]{4,8})(-[A-Za-z]{4})?"
    r"(-([A-Za-z]{2}|[0-9]{3}))?(-([A-Za-z0-9]{5,8}|[0-9][A-Za-z0-9]{3}))*"
    r"(-[A-WY-Za-wy-z0-9](-[A-Za-z0-9]{2,8})+)*(-[Xx](-[A-Za-z0-9]{1,8})+)?"
    r"|[Xx](-[A-Za-z0-9]{1,8})+"
    r"|[Ii]-[Dd][Ee][Ff][Aa][Uu][Ll][Tt]|[Ii]-[Mm][Ii][Nn][Gg][Oo])$"
)
# One part of a CPE 2.3 formatted string (NIST IR 7695, 6.2): quoted where it is no letter.
_PART = (
    r"(((\?*|\*?)([a-zA-Z0-9\-\._]|"
    r"""(\\[\\\*\?!"#\$%&'\(\)\+,/:;<=>@\[\]\^`\{\|\}~]))+(\?*|\*?))|[\*\-])"""
)
_CPE = (
    rf"^(cpe:2\.3:[aho\*\-](:{_PART}){{5}}"
    rf"(:(([a-zA-Z]{{2,3}}(-([a-zA-Z]{{2}}|[0-9]{{3}}))?)|[\*\-]))(:{_PART}){{4}})"
    r"|([c][pP][eE]:/[AHOaho]?(:[A-Za-z0-9\._\-~%]*){0,6})$"
)

Text = Annotated[str, Meta(min_length=1)]
Uri = Annotated[str, Meta(extra={"form": "uri"})]
Moment = Annotated[str, Meta(extra={"form": "date-time"})]
Language = Annotated[str, Meta(pattern=_LANGUAGE, extra={"words": "a language tag (BCP 47)"})]
Version = Annotated[
    str,
    Meta(pattern=_VERSION, extra={"words": "a version: an integer, or semantic as in 1.0.0"}),
]
Cpe = Annotated[
    str, Meta(pattern=_CPE, min_length=5, extra={"words": "a CPE name in version 2.3 or 2.2"})
]
Purl = Annotated[
    str,
    Meta(
        pattern=r"^pkg:[A-Za-z\.\-\+][A-Za-z0-9\.\-\+]*/.+",
        min_length=7,
        extra={"form": "uri", "words": "a package URL as in pkg:type/name@version"},
    ),
]
Category = Annotated[
    str,
    Meta(
        pattern=r"^[^\s\-_\.](.*[^\s\-_\.])?$",
        min_length=1,
        extra={"words": "a text that begins and ends with no space, dash, dot or underscore"},
    ),
]
Unspaced = Annotated[
    str,
    Meta(
        pattern=r"^[\S](.*[\S])?$",
        min_length=1,
        extra={"words": "a text that begins and ends with no space"},
    ),
]
Cve = Annotated[
    str, Meta(pattern=r"^CVE-[0-9]{4}-[0-9]{4,}$", extra={"words": "a CVE as in CVE-2026-0001"})
]
CweId = Annotated[str, Meta(pattern=r"^CWE-[1-9]\d{0,5}$", extra={"words": "a CWE as in CWE-79"})]
HashValue = Annotated[
    str,
    Meta(
        pattern=r"^[0-9a-fA-F]{32,}$",
        min_length=32,
        extra={"words": "a digest of at least 32 hexadecimal digits"},
    ),
]
Some = Meta(min_length=1)
Distinct = Meta(min_length=1, extra={"distinct": True})
Pair = Meta(min_length=2, extra={"distinct": True})
Products = Annotated[list[Text], Distinct]


class Part(msgspec.Struct, kw_only=True, omit_defaults=True):
    """A record of an advisory. `least` and `most` are how many properties it has."""

    least: ClassVar[int] = 0
    most: ClassVar[int | None] = None

    extra: dict[str, Any] = msgspec.field(default_factory=dict)
