# SPDX-License-Identifier: EUPL-1.2
"""What tags say to the gate: TLP 2.0 and PAP, purposes, embargoes, export control, pseudonyms.

The strictest of several holds. Capitals and spaces do not matter; TLP:WHITE and PAP:WHITE are
CLEAR (their versions 1). A label of those two that nobody knows, TLP:UNCLEAR and
TLP:EX:CHR included, is `unreadable`: the gate takes it for stricter than any that it knows.
Brug's own tags begin with `brug:` and have the form `brug:purpose="research"`.
"""

import re
from collections.abc import Iterable

import msgspec

from brug.model import tlp

PAP_LABELS = ("clear", "green", "amber", "red")
REDACTED = "brug:redacted"
PSEUDONYM = "brug:pseudonym"
_OWN = re.compile(r'brug:([a-z-]+)(?:="([^"]*)")?', re.IGNORECASE)


class Marking(msgspec.Struct, frozen=True):
    """What some tags say together."""

    tlp: str | None = None
    pap: str | None = None
    unreadable: str = ""
    purposes: tuple[str, ...] = ()
    embargoes: tuple[str, ...] = ()  # until when; "" without an end
    controlled: bool = False
    licence: str = ""
    threat_actor: bool = False
    pseudonym: bool = False
    redacted: bool = False
    kept: bool = False  # recalled, or over its time, and kept for a legal reason alone


NOTHING = Marking()


def read(names: Iterable[str]) -> Marking:
    """What these tags say."""
    said: dict[str, list[str]] = {}
    tlps: list[str] = []
    paps: list[str] = []
    unreadable = ""
    for name in names:
        label = name.lower().replace(" ", "")
        kind = label[:4]
        if kind == "tlp:":
            rest = "clear" if label == "tlp:white" else label[4:]
            if rest in tlp.LABELS:
                tlps.append(rest)
            else:
                unreadable = max(unreadable, label)
        elif kind == "pap:":
            rest = "clear" if label == "pap:white" else label[4:]
            if rest in PAP_LABELS:
                paps.append(rest)
            else:
                unreadable = max(unreadable, label)
        elif kind == "brug" and (own := _OWN.fullmatch(name.strip())):
            said.setdefault(own[1].lower(), []).append((own[2] or "").strip())
    if not (said or tlps or paps or unreadable):
        return NOTHING
    licences = said.get("export-licence", []) + said.get("export-exemption", [])
    return Marking(
        tlp=max(tlps, key=tlp.LABELS.index, default=None),
        pap=max(paps, key=PAP_LABELS.index, default=None),
        unreadable=unreadable,
        purposes=tuple(sorted({p.lower() for p in said.get("purpose", []) if p})),
        embargoes=tuple(sorted(set(said.get("embargo", [])))),
        controlled="export-control" in said,
        licence=max(licences, default=""),
        threat_actor="threat-actor" in {s.lower() for s in said.get("subject", [])},
        pseudonym="pseudonym" in said,
        redacted="redacted" in said,
        kept="recalled" in said or "kept" in said,
    )


def joined(parent: Marking, own: Marking) -> Marking:
    """What holds for an item below a parent: the strictest of both; its own purposes if any.

    An embargo and export control of the parent hold for what is in it. A licence and who an
    item is about are said of the item that says it.
    """
    if own is NOTHING:
        return msgspec.structs.replace(parent, threat_actor=False, pseudonym=False)
    controlled = own.controlled or parent.controlled
    return Marking(
        tlp=max((x for x in (parent.tlp, own.tlp) if x), key=tlp.LABELS.index, default=None),
        pap=max((x for x in (parent.pap, own.pap) if x), key=PAP_LABELS.index, default=None),
        unreadable=own.unreadable or parent.unreadable,
        purposes=own.purposes or parent.purposes,
        embargoes=tuple(sorted({*own.embargoes, *parent.embargoes})),
        controlled=controlled,
        # What is flagged itself needs its own licence; what is not lives under its parent's.
        licence=own.licence if own.controlled else (parent.licence or own.licence),
        threat_actor=own.threat_actor,
        pseudonym=own.pseudonym,
        redacted=parent.redacted or own.redacted,
        kept=parent.kept or own.kept,
    )
