# SPDX-License-Identifier: EUPL-1.2
"""A notification that comes from outside: read from the JSON of a form, or taken down by hand.

It says what somebody else says. Nothing of it decides who takes part in what: an organisation's
UUID in a file is not believed.
"""

from typing import Any

import msgspec

from brug.cases import expecting
from brug.cases.clocks import facts as moments
from brug.cases.clocks.facts import Moment
from brug.cases.kind_fields import read_fields
from brug.cases.kinds import KINDS
from brug.cases.reports import REPORTS, Report, telling
from brug.formats.json_text import decode, storable
from brug.model.errors import Invalid

LARGEST = 2**20
KIND = "incident"
LONGEST_NAME = 250


class Notification(msgspec.Struct, frozen=True, kw_only=True):
    """`facts` are of the entity, `reference` is its own number; `raw` is the file that came."""

    entity: str
    report: str = "nis2-early-warning"
    reference: str = ""
    fields: dict[str, Any] = {}
    facts: dict[str, Moment] = {}
    sent: Moment | None = None
    is_significant: bool = False
    channel: str = ""
    raw: bytes = b""


class _Whose(msgspec.Struct):
    name: str


class _Item(msgspec.Struct):
    name: str
    value: Any = None


class _Time(msgspec.Struct):
    at: str
    zone: str = "UTC"


class _File(msgspec.Struct):
    """What is read of a form's JSON (brug.cases.reports.telling); the rest is kept and not read."""

    format: str
    report: str
    participant: _Whose
    items: list[_Item]
    case: str = ""
    answers: dict[str, str] = {}
    sent: _Time | None = None


def reports() -> dict[str, Report]:
    """Those that can be received."""
    return {key: one for key, one in REPORTS.items() if one.kind == KIND}


def read(data: bytes, channel: str = "") -> Notification:
    """Raises Invalid, naming the field."""
    if len(data) > LARGEST:
        raise Invalid("file", f"at most {LARGEST} bytes")
    try:
        told = msgspec.convert(storable(decode(data)), _File)
    except msgspec.ValidationError as error:
        raise expecting.refused(_File, error, "file") from error
    except OverflowError as error:
        raise Invalid("file", "numbers of at most 64 bits") from error
    if told.format != telling.FORMAT:
        raise Invalid("format", telling.FORMAT, told.format)
    report_of(told.report)
    fields, facts = _items(told)
    return Notification(
        entity=name_of(told.participant.name), report=told.report,
        reference=told.case.strip()[:LONGEST_NAME], fields=fields, facts=facts,
        sent=_moment(told.sent, "sent") if told.sent else None,
        is_significant=told.answers.get("significant") == "yes", channel=channel, raw=data,
    )  # fmt: skip


def _items(told: _File) -> tuple[dict[str, Any], dict[str, Moment]]:
    """Of the fields and facts that the form has; others it may not fill."""
    fields, facts = {}, {}
    known = {one.name: one.whence for one in REPORTS[told.report].items}
    for number, one in enumerate(told.items):
        whence = known.get(one.name)
        if whence is None:
            raise Invalid(f"items[{number}].name", f"one of {', '.join(known)}", one.name)
        if one.value is None:
            continue
        if whence == "field":
            fields[one.name] = one.value
        elif whence == "fact":
            try:
                facts[one.name] = _moment(msgspec.convert(one.value, _Time), one.name)
            except msgspec.ValidationError as error:
                raise Invalid(one.name, "a time with its zone") from error
    return read_fields(KINDS[KIND], fields), facts


def _moment(said: _Time, field: str) -> Moment:
    return moments.read(said.at, said.zone, field)


def report_of(key: str) -> str:
    """Raises Invalid."""
    if key not in reports():
        raise Invalid("report", f"one of {', '.join(reports())}", key)
    return key


def name_of(text: str) -> str:
    """Raises Invalid."""
    name = " ".join(text.split())
    if not name or len(name) > LONGEST_NAME:
        raise Invalid("entity", f"the entity's name, at most {LONGEST_NAME} characters", text)
    return name
