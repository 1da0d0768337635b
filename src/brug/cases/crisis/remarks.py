# SPDX-License-Identifier: EUPL-1.2
"""What levels and modes mean, who brings them about, what follows: remarks with their sources.

The shipped ones, and what a node corrects in `crisis.toml` of its config folder: a row with an id
that there is changes the fields that it gives, another adds one; each says its source.
"""

import tomllib
from pathlib import Path
from typing import Any, Literal

import msgspec

from brug.cases.case import Kind
from brug.cases.clocks.rows import expected
from brug.cases.kinds.incident_crisis import MACHINES
from brug.cases.own_rows import OwnRows
from brug.model.errors import Invalid, Unavailable
from brug.store.home import CRISIS as NAME

_KNOWN = {one.key: one for one in MACHINES}


class UnusableRemarks(Unavailable):
    """The node's own rows do not fit. No remark is shown then."""

    code = "unusable_remarks"
    public = "The node's own remarks on levels of a crisis have an error."
    exit_code = 2


class Remark(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Of a state of a machine, or of all of it; only where the node's authority is of `country`."""

    id: str
    machine: str
    means: str
    source: str
    state: str = ""
    who: str = ""
    follows: str = ""
    country: str = ""
    status: Literal["verified", "memory"] = "memory"
    is_own: bool = False

    @property
    def is_verified(self) -> bool:
        return self.status == "verified"


def of(kind: Kind, every: list[Remark], machine: str, state: str, country: str) -> list[Remark]:
    """Those of a machine of a kind where it stands now."""
    if machine not in {one.key for one in kind.machines}:
        return []
    return [
        one
        for one in every
        if one.machine == machine and one.state in {"", state} and one.country in {"", country}
    ]


def remarks(config: Path | None = None) -> list[Remark]:
    """Raises UnusableRemarks, which names to the operator the file, the row and the field."""
    return list(_OWN.of(config))


def _made(before: tuple[Remark, ...] | None, text: str) -> tuple[Remark, ...]:
    return read(before or (), text, is_own=before is not None)


_OWN = OwnRows(NAME, "brug.cases.crisis", _made, UnusableRemarks)


def read(before: tuple[Remark, ...], text: str, *, is_own: bool) -> tuple[Remark, ...]:
    """Raises Invalid, naming the row and the field."""
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise Invalid(NAME, f"TOML ({error})") from error
    rows = raw.get("remark", [])
    if raw.keys() - {"as_of", "remark"} or not isinstance(rows, list):
        raise Invalid(NAME, "as_of, and rows, each under [[remark]]")
    found = {one.id: one for one in before}
    for number, row in enumerate(rows, 1):
        if not isinstance(row, dict):
            raise Invalid(NAME, "rows, each under [[remark]]")
        one = _remark(found, row, number, is_own=is_own)
        found[one.id] = one
    return tuple(found.values())


def _remark(found: dict[str, Remark], row: dict[str, Any], number: int, *, is_own: bool) -> Remark:
    given = row.get("id")
    place = f"{NAME}: {given[:80] if isinstance(given, str) and given else f'row {number}'}"
    if is_own and not (isinstance(row.get("source"), str) and row["source"].strip()):
        raise Invalid(f"{place}.source", "where it was read")
    earlier = found.get(given) if isinstance(given, str) else None
    kept = msgspec.to_builtins(earlier) | {"status": "memory"} if earlier else {}
    try:
        one = msgspec.convert(kept | row | {"is_own": is_own}, Remark)
    except msgspec.ValidationError as error:
        said, _, where = str(error).partition(" - at `$")
        field = where.strip("`.")
        raise Invalid(f"{place}.{field}" if field else place, expected(said)) from error
    machine = _KNOWN.get(one.machine)
    if machine is None:
        raise Invalid(f"{place}.machine", f"one of {', '.join(_KNOWN)}", one.machine)
    if one.state and one.state not in machine.states:
        raise Invalid(f"{place}.state", f"one of {', '.join(machine.states)}", one.state)
    if one.country and not (len(one.country) == 2 and one.country.isupper()):
        raise Invalid(f"{place}.country", "two capital letters (ISO 3166)", one.country)
    return one
