# SPDX-License-Identifier: EUPL-1.2
"""What one row of the table of deadlines says, and whether it can be so.

Each field and the two times that follow are explained in docs/spec/clocks.md. A row names facts,
roles and circumstances that the table knows, or is refused with the field that does not fit.
"""

import re
from collections.abc import Collection
from datetime import date
from typing import Any, Literal

import msgspec

from brug.cases.clocks import periods
from brug.cases.clocks.periods import Period
from brug.model.errors import Invalid

Status = Literal["verified", "memory", "proposal"]
Rule = Literal["eu-1182-71", "dora-noon", "plain"]
End = Literal["act_by", "act_at", "keep_until", "lapses"]

_SHARE = re.compile(r"(\d\d)%", re.ASCII)
A_PERIOD = "an ISO 8601 period of one unit, such as PT24H, P14D or P1M"


class Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A second period: a cap from another fact, or an extension once a fact is recorded."""

    period: str
    trigger: str = ""
    fact: str = ""


class ByEnd(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The row counts only where one of some facts has, or has not, happened by its end."""

    facts: tuple[str, ...]
    happened: bool


class Row(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One deadline. `corrected` are the fields that the node's own table gave."""

    id: str
    title: str
    instrument: str
    trigger: str
    obliged: tuple[str, ...]
    rule: Rule
    status: Status
    article: str = ""
    period: str = ""
    cap: Part | None = None
    extension: Part | None = None
    due: str = ""
    restarts: str = ""
    again: bool = False
    end: End = "act_by"
    early: str = ""
    met_by: str = ""
    when: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    by_end: ByEnd | None = None
    follows: str = ""
    replaces: str = ""
    no_relief: tuple[str, ...] = ()
    to: str = ""
    content: str = ""
    soft: str = ""
    where: str = ""
    applies_from: date | None = None
    valid_to: date | None = None
    warn: tuple[str, ...] | None = None
    notes: str = ""
    title_in: dict[str, str] = {}  # language -> what the deadline is called in it
    instrument_in: dict[str, str] = {}  # language -> what the law is called in it
    soft_in: dict[str, str] = {}  # language -> how the rule says when, in it
    corrected: tuple[str, ...] = ()
    is_own: bool = False

    @property
    def is_verified(self) -> bool:
        return self.status == "verified"

    def length(self) -> Period | None:
        """The period; None for a row without one."""
        return periods.read(self.period) if self.period else None

    def facts(self) -> dict[str, str]:
        """The facts that the row names, by the field that names them."""
        named = {
            "trigger": self.trigger, "due": self.due, "restarts": self.restarts,
            "early": self.early, "met_by": self.met_by,
            "cap.trigger": self.cap.trigger if self.cap else "",
            "extension.fact": self.extension.fact if self.extension else "",
        }  # fmt: skip
        named |= (
            {f"by_end.facts[{n}]": f for n, f in enumerate(self.by_end.facts)}
            if self.by_end
            else {}
        )
        return {field: fact for field, fact in named.items() if fact}

    def in_force(self, day: date) -> bool:
        """Whether the rule held on a day."""
        if self.applies_from is not None and day < self.applies_from:
            return False
        return self.valid_to is None or day <= self.valid_to


class Known(msgspec.Struct, frozen=True):
    """The names that rows may use, with their meaning."""

    facts: dict[str, str]
    roles: dict[str, str]
    circumstances: dict[str, str]


def share_or_period(text: str, field: str) -> tuple[int | None, Period | None]:
    """When to warn: a share of the period in percent, so long before its end, or at the end."""
    if text == "due":
        return 100, None
    if found := _SHARE.fullmatch(text):
        return int(found[1]), None
    period = _period(text, field)
    if period.unit == "months":
        raise Invalid(field, "hours or days before the end, a share such as 75%, or due", text)
    return None, period


def require(row: Row, known: Known, others: Collection[str], place: str) -> None:
    """Raise Invalid with the row's field that cannot be so. `others` are the ids of all rows."""
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", row.id) or len(row.id) > 80:
        raise Invalid(f"{place}.id", "lower-case words joined by hyphens", row.id)
    for field in ("title", "instrument", "trigger"):
        if not getattr(row, field).strip():
            raise Invalid(f"{place}.{field}", "a text")
    _require_titles(row, place)
    _require_names(row, known, place)
    _require_periods(row, place)
    for field in ("follows", "replaces"):
        named = getattr(row, field)
        if named and (named not in others or named == row.id):
            raise Invalid(f"{place}.{field}", "the id of another row", named)
    if row.applies_from and row.valid_to and row.valid_to < row.applies_from:
        raise Invalid(f"{place}.valid_to", "a day after applies_from", str(row.valid_to))
    if row.status == "verified" and not row.where.strip():
        raise Invalid(f"{place}.where", "where it was verified")


def _require_titles(row: Row, place: str) -> None:
    for field in ("title_in", "instrument_in", "soft_in"):
        for language, name in getattr(row, field).items():
            if not re.fullmatch(r"[a-z]{2,3}", language):
                raise Invalid(f"{place}.{field}", "a language by its code, such as nl", language)
            if not name.strip():
                raise Invalid(f"{place}.{field}.{language}", "a text")


def _require_names(row: Row, known: Known, place: str) -> None:
    for field, fact in row.facts().items():
        if fact not in known.facts:
            raise Invalid(f"{place}.{field}", "the name of a fact that [facts] has", fact)
    for field, names in (("obliged", row.obliged), ("no_relief", row.no_relief)):
        for name in names:
            if name not in known.roles:
                raise Invalid(f"{place}.{field}", "the names of roles that [roles] has", name)
    if not row.obliged:
        raise Invalid(f"{place}.obliged", "at least one role")
    for field, names in (("when", row.when), ("unless", row.unless)):
        for name in names:
            if name not in known.circumstances:
                expected = "names that [circumstances] has"
                raise Invalid(f"{place}.{field}", expected, name)


def _require_periods(row: Row, place: str) -> None:
    length = _period(row.period, f"{place}.period") if row.period else None
    if length and row.due:
        raise Invalid(f"{place}.due", "nothing, where the row has a period", row.due)
    for field, part in (("cap", row.cap), ("extension", row.extension)):
        if part is None:
            continue
        if length is None:
            raise Invalid(f"{place}.{field}", "a row with a period")
        second = _period(part.period, f"{place}.{field}.period")
        if second.is_hours != length.is_hours:
            raise Invalid(
                f"{place}.{field}.period", "hours with hours, days with days", part.period
            )
        if not (part.trigger if field == "cap" else part.fact):
            name = "trigger" if field == "cap" else "fact"
            raise Invalid(f"{place}.{field}.{name}", "the name of a fact that [facts] has")
    if row.by_end and length is None:
        raise Invalid(f"{place}.by_end", "a row with a period")
    for number, text in enumerate(row.warn or ()):
        share_or_period(text, f"{place}.warn[{number}]")


def _period(text: str, field: str) -> Period:
    try:
        return periods.read(text)
    except ValueError as error:
        raise Invalid(field, A_PERIOD, text) from error


def converted(raw: dict[str, Any], place: str) -> Row:
    """A row from what the file says. Raises Invalid, naming the row and the field."""
    try:
        return msgspec.convert(raw, Row)
    except msgspec.ValidationError as error:
        said, _, where = str(error).partition(" - at `$")
        field = where.strip("`.")
        raise Invalid(f"{place}.{field}" if field else place, expected(said)) from error


def expected(said: str) -> str:
    """What msgspec says, in the words of our errors."""
    if said.startswith("Expected "):
        return said.removeprefix("Expected ").replace("`", "")
    if found := re.search(r"unknown field `(.+)`", said):
        return f"no field {found[1]}"
    if found := re.search(r"missing required field `(.+)`", said):
        return f"a field {found[1]}"
    return said.replace("`", "")
