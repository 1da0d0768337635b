# SPDX-License-Identifier: EUPL-1.2
"""What two organisations agree on for a bridge: the terms, read strictly.

One document for both sides, so nothing in it depends on who reads it: who may send is said by
organisation, times are UTC. Its canonical JSON (RFC 8785) is what both sides sign; a document
that is not in that form, or says anything unknown, is refused.
"""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Literal

import msgspec
from msgspec import inspect

from brug.bridges import parties
from brug.bridges.parties import Party
from brug.bridges.transfers import TOOLS, WITHIN, Regime
from brug.formats.canonical import canonical
from brug.model.errors import Invalid
from brug.model.naming import is_uuid

FORM = "brug-agreement-1"
Tlp = Literal["clear", "green", "amber", "amber+strict", "red"]
Pap = Literal["clear", "green", "amber", "red"]
Kind = Literal["event", "report", "sighting", "proposal", "note", "cluster", "case"]
KINDS: tuple[Kind, ...] = ("event", "report", "sighting", "proposal", "note", "cluster", "case")
Purpose = Literal[
    "cyber-defence", "incident-response", "vulnerability-handling", "crisis-management",
    "criminal-investigation", "national-security", "diplomacy", "research",
]  # fmt: skip
Handling = Literal["drop", "pseudonymise", "share"]
Moment = Literal[
    "always", "received", "unmarked", "personal-data", "files", "green", "amber",
    "amber+strict", "red",
]  # fmt: skip


class Ceiling(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    tlp: Tlp = "amber"
    pap: Pap = "red"


class Transfer(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The tool that a person chose; its scope in words, and where it is written."""

    tool: str = "eea"
    scope: str = ""
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    document: str = ""


class PersonalData(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`crossing` refers to the decision by which data of another regime may cross."""

    regime: Regime = "gdpr"
    handling: Handling = "drop"
    transfer: Transfer | None = None
    crossing: str = ""


class Release(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """When a person has to release, who that is, and whether it takes two."""

    when: tuple[Moment, ...] = ()
    by: str = ""
    four_eyes: bool = False


class Recall(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    by: Literal["itself", "person"] = "person"
    most_an_hour: int = 10


class Tells(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    opened: bool = False
    used: bool = False


class Terms(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Everything that was agreed."""

    form: Literal["brug-agreement-1"] = "brug-agreement-1"
    bridge: str
    version: int
    parties: tuple[Party, Party]
    senders: tuple[str, ...]
    purposes: tuple[Purpose, ...]
    legal_basis: str
    kinds: tuple[Kind, ...] = tuple(sorted(KINDS))
    ceiling: Ceiling = Ceiling()
    unmarked: Literal["clear", "green", "amber", "amber+strict", "red", "hold", "refuse"] = "green"
    personal_data: PersonalData = PersonalData()
    quality: Literal["note", "drop"] = "note"
    release: Release = Release()
    recall: Recall = Recall()
    tells: Tells = Tells()
    # From this label on, mail goes out encrypted or not at all; other ways are safe by themselves.
    encrypt_mail_from: Literal["clear", "green", "amber", "amber+strict", "red", "never"] = "amber"
    retention_days: int | None = None
    after_retention: Literal["delete", "strip"] = "delete"
    valid_from: datetime
    valid_until: datetime | None = None
    document: str

    def holds(self, at: datetime) -> bool:
        """Whether these terms are valid at that time."""
        return self.valid_from <= at and (self.valid_until is None or at < self.valid_until)

    def named(self, now: Mapping[str, str]) -> "Terms":
        """With other UUIDs of the organisations, where they have others now."""
        both = tuple(one.named(now) for one in self.parties)
        senders = tuple(now.get(one, one) for one in self.senders)
        return msgspec.structs.replace(self, parties=both, senders=senders)

    def party(self, organisation: str) -> Party | None:
        return next((p for p in self.parties if p.organisation == organisation), None)


def read(given: Any) -> Terms:
    """Terms from what a person or program gave. Raises Invalid, naming the field."""
    return _checked(_converted(given))


def of_document(document: bytes) -> Terms:
    """Terms from the bytes that were signed. Raises Invalid unless they are canonical."""
    try:
        found = read(json.loads(document))
    except (UnicodeDecodeError, RecursionError, ValueError) as error:
        raise Invalid("document", "JSON in UTF-8") from error
    if document_of(found) != document:
        raise Invalid("document", "canonical JSON (RFC 8785) with every field")
    return found


def document_of(terms: Terms) -> bytes:
    """What both sides sign."""
    return canonical(terms)


_PROBLEM = re.compile(r"(?:Expected )?(?P<expected>.*?)(?: - at `\$\.?(?P<place>.*)`)?", re.DOTALL)
_FIELD = re.compile(r"Object (?P<what>missing required|contains unknown) field `(?P<name>[^`]*)`")


def _converted(given: Any) -> Terms:
    try:
        return msgspec.convert(given, Terms, strict=True)
    except msgspec.ValidationError as error:
        found = _PROBLEM.fullmatch(str(error))
        said = found.groupdict() if found else {}
        place, expected = said.get("place") or "", said.get("expected") or str(error)
        field = _FIELD.fullmatch(expected)
        if field is not None:
            place = f"{place}.{field['name']}".lstrip(".")
            expected = "a value" if field["what"].startswith("missing") else "no such field"
        elif expected.startswith("Invalid enum value"):
            expected = "one of " + ", ".join(_choices(place))
        raise Invalid(place or "terms", expected.replace("`", "")) from error


def _choices(place: str) -> list[str]:
    """What may stand at a place such as `purposes[0]` or `ceiling.tlp`."""
    found: Any = inspect.type_info(Terms)
    for step in re.sub(r"\[[^]]*\]", "", place).split("."):
        if isinstance(found, inspect.UnionType):
            found = next(t for t in found.types if isinstance(t, inspect.StructType))
        found = next(field.type for field in found.fields if field.name == step)
        if isinstance(found, inspect.VarTupleType):
            found = found.item_type
    return [str(value) for value in found.values]


def _checked(t: Terms) -> Terms:
    _uuid("bridge", t.bridge)
    if not 1 <= t.version <= 2**31 - 1:
        raise Invalid("version", "a number from 1", str(t.version))
    parties.check(t.parties)
    _several("senders", t.senders, [party.organisation for party in t.parties])
    _several("purposes", t.purposes)
    _several("kinds", t.kinds)
    _several("release.when", t.release.when, empty=True)
    _said("legal_basis", t.legal_basis)
    _said("document", t.document)
    _span("valid_until", t.valid_from, t.valid_until)
    if t.retention_days is not None and not 1 <= t.retention_days <= 36_500:
        raise Invalid("retention_days", "days from 1 to 36500, or null", str(t.retention_days))
    if not 0 <= t.recall.most_an_hour <= 100_000:
        raise Invalid("recall.most_an_hour", "a number from 0 to 100000")
    _check_personal_data(t.personal_data)
    return msgspec.structs.replace(
        t,
        valid_from=_utc("valid_from", t.valid_from),
        valid_until=t.valid_until and _utc("valid_until", t.valid_until),
        personal_data=_settled(t.personal_data),
    )


def _check_personal_data(data: PersonalData) -> None:
    field, transfer = "personal_data.transfer", data.transfer
    if data.regime == "none":
        if transfer is not None:
            raise Invalid(field, "null, as no regime asks for a tool")
        return
    if transfer is None:
        if data.handling != "drop":
            raise Invalid(field, "a tool of transfer, as personal data is not dropped")
        return
    if transfer.tool not in TOOLS or TOOLS[transfer.tool][0] != data.regime:
        fitting = ", ".join(name for name, (of, _) in TOOLS.items() if of == data.regime)
        raise Invalid(f"{field}.tool", f"one of {fitting}", transfer.tool)
    if transfer.tool not in WITHIN:
        _said(f"{field}.scope", transfer.scope)
    _span(f"{field}.valid_until", transfer.valid_from, transfer.valid_until)


def _settled(data: PersonalData) -> PersonalData:
    """With its times in UTC."""
    transfer = data.transfer
    if transfer is None:
        return data
    times = {
        name: at and _utc(f"personal_data.transfer.{name}", at)
        for name in ("valid_from", "valid_until")
        if (at := getattr(transfer, name)) is not None
    }
    return msgspec.structs.replace(data, transfer=msgspec.structs.replace(transfer, **times))


def _uuid(field: str, text: str) -> None:
    if not is_uuid(text) or text != text.lower():
        raise Invalid(field, "a UUID in lower case", text)


def _said(field: str, text: str) -> None:
    if not text.strip() or len(text) > 2000 or "\0" in text:
        raise Invalid(field, "a text of 1 to 2000 characters", text)


def _several(
    field: str, given: tuple[str, ...], among: list[str] | None = None, *, empty: bool = False
) -> None:
    """Each once and in order, so that one meaning is one document."""
    if not given and not empty:
        raise Invalid(field, "at least one")
    if among is not None and set(given) - set(among):
        raise Invalid(field, "organisations of the parties", min(set(given) - set(among)))
    if list(given) != sorted(set(given)):
        raise Invalid(field, "each once, in alphabetical order", ", ".join(given))


def _utc(field: str, at: datetime) -> datetime:
    if at.tzinfo is None:
        raise Invalid(field, "a time with its zone, such as 2026-01-31T12:00:00Z")
    try:
        return at.astimezone(UTC).replace(microsecond=0)
    except OverflowError as error:
        raise Invalid(field, "a time between the years 1 and 9999") from error


def _span(field: str, start: datetime | None, end: datetime | None) -> None:
    start = start and _utc(field.replace("until", "from"), start)
    end = end and _utc(field, end)
    if start is not None and end is not None and end <= start:
        raise Invalid(field, "a time after valid_from")
