# SPDX-License-Identifier: EUPL-1.2
"""CVE identifiers, how they are reserved, and lists of them from files.

Syntax of 2014: CVE, a year from 1999 on, and at least four digits; more than four have no zero
in front. States and what may follow on each are those of the CNA rules (4.1.0).
"""

import re
from collections.abc import Iterable
from typing import Any, Literal, get_args

import msgspec

from brug.formats.json_text import decode
from brug.model.errors import Conflict, Invalid

State = Literal["reserved", "published", "rejected"]
STATES: tuple[State, ...] = get_args(State)
FOLLOWS: dict[str, tuple[State, ...]] = {
    "": ("reserved",),
    "reserved": ("published", "rejected"),
    "published": ("rejected",),
    "rejected": (),
}
FORM = r"^CVE-[0-9]{4}-[0-9]{4,19} (reserved|published|rejected)( [^\n]{1,200})?$"
"""A reservation in one line: the id, its state, and the CNA where it is said."""
FIRST_YEAR, MOST, MOST_OF_CNA = 1999, 10_000, 200
_ID = re.compile(r"CVE-([0-9]{4})-([0-9]{4}|[1-9][0-9]{4,18})")
_IN_TEXT = re.compile(r"\bCVE-[0-9]{4}-[0-9]{4,19}\b", re.IGNORECASE)
MOST_BYTES = 4_000_000


class Reserved(msgspec.Struct, frozen=True):
    id: str
    state: State
    cna: str = ""

    @property
    def line(self) -> str:
        return " ".join(filter(None, (self.id, self.state, self.cna)))


def require_id(text: str, year: int, field: str = "cve") -> str:
    """An identifier that can be one; `year` is this one. Raises Invalid."""
    given = text.strip().upper()
    found = _ID.fullmatch(given)
    if found is None:
        raise Invalid(field, "a CVE number as in CVE-2026-0001", text)
    if not FIRST_YEAR <= int(found[1]) <= year + 1:
        raise Invalid(field, f"a year from {FIRST_YEAR} to {year + 1}", text)
    return given


def parsed(line: str) -> Reserved:
    """A reservation of its line, which has the form."""
    number, state, *rest = line.split(" ", 2)
    return Reserved(number, state, rest[0] if rest else "")  # type: ignore[arg-type]


def all_of(lines: Iterable[str]) -> dict[str, Reserved]:
    return {one.id: one for one in map(parsed, lines)}


def _require_cna(cna: str, field: str = "cna") -> str:
    """A name that stands in the line of a number, and in a table. Raises Invalid."""
    if len(cna) > MOST_OF_CNA or not cna.isprintable():
        raise Invalid(field, f"a CNA's name of at most {MOST_OF_CNA} characters", cna)
    return cna.strip()


class WrongStep(Conflict):
    """A state that does not follow on the one that a number is in."""

    code = "cve_state"

    def __init__(self, number: str, now: str, wanted: str) -> None:
        possible = ", ".join(FOLLOWS[now]) or "nothing"
        self.public = f"{number} is {now or 'not reserved'} and not to be {wanted}: {possible} may"
        super().__init__(self.public)


def changed(lines: Iterable[str], number: str, state: str, cna: str = "") -> list[str]:
    """The lines with one number in its next state. Raises Invalid, WrongStep."""
    known = all_of(lines)
    if state not in STATES:
        raise Invalid("state", f"one of {', '.join(STATES)}", state)
    cna = _require_cna(cna)
    now = known.get(number)
    before = now.state if now else ""
    if before != state and state not in FOLLOWS[before]:
        raise WrongStep(number, before, state)
    known[number] = Reserved(number, state, cna or (now.cna if now else ""))
    return [one.line for one in known.values()]


def read_list(raw: bytes, year: int) -> list[Reserved]:
    """Reserved numbers of a file: JSON as the CVE services answer it, or any text that names them.

    Raises Invalid where it names none, too many, or one that cannot be.
    """
    if len(raw) > MOST_BYTES:
        raise Invalid("file", f"at most {MOST_BYTES:,} bytes")
    found = _of_json(decode(raw)) if raw.lstrip()[:1] in {b"{", b"["} else _of_text(raw)
    if not found or len(found) > MOST:
        raise Invalid("file", f"from 1 to {MOST:,} CVE numbers", str(len(found)))
    return [
        Reserved(require_id(number, year, "file"), "reserved", cna) for number, cna in found.items()
    ]


def _of_text(raw: bytes) -> dict[str, str]:
    text = raw.decode("utf-8", "replace")
    return {one.upper(): "" for one in _IN_TEXT.findall(text)}


def _of_json(value: Any) -> dict[str, str]:
    """Numbers that are free: those that the answer says to be used are left out."""
    rows = value.get("cve_ids", []) if isinstance(value, dict) else value
    found: dict[str, str] = {}
    for row in rows if isinstance(rows, list) else []:
        if isinstance(row, str):
            found[row] = ""
        elif isinstance(row, dict) and isinstance(row.get("cve_id"), str):
            cna = row.get("owning_cna", "")
            if str(row.get("state", "RESERVED")).upper() == "RESERVED":
                found[row["cve_id"]] = _require_cna(cna, "file") if isinstance(cna, str) else ""
    return found
