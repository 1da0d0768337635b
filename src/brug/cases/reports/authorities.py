# SPDX-License-Identifier: EUPL-1.2
"""Which authority a report goes to: what the node's own table says, and nothing where it is silent.

`authorities.toml` in the node's folder `config` has rows of country, report, name, address, url.
"""

import tomllib
from pathlib import Path

import msgspec

from brug.cases.reports.forms import REPORTS
from brug.model.errors import Invalid, Unavailable
from brug.store.home import AUTHORITIES as NAME

_LARGEST = 1_000_000


class UnusableAuthorities(Unavailable):
    """The node's own table does not fit. No authority is named then: it might be the wrong one."""

    code = "unusable_authorities"
    public = "The node's own table of authorities has an error."
    exit_code = 2


class Authority(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where reports of one kind go in one country."""

    country: str
    report: str
    name: str
    address: str = ""
    url: str = ""


class _Rows(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    authority: list[Authority] = []


def authorities(config: Path | None) -> dict[tuple[str, str], Authority]:
    """By country and report. Raises UnusableAuthorities, naming row and field to the operator."""
    path = config / NAME if config else None
    if path is None or not path.exists():
        return {}
    try:
        size = path.stat().st_size
        text = path.read_text("utf-8") if size <= _LARGEST else ""
        found = read(text)
    except (Invalid, OSError, UnicodeDecodeError) as error:
        raise UnusableAuthorities(str(error)) from error
    if size > _LARGEST:
        raise UnusableAuthorities(f"{NAME}: expected at most {_LARGEST} bytes")
    return found


def read(text: str) -> dict[tuple[str, str], Authority]:
    """Raises Invalid, naming the row and the field."""
    try:
        rows = msgspec.convert(tomllib.loads(text), _Rows).authority
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise Invalid(NAME, f"rows [[authority]] ({error})") from error
    found: dict[tuple[str, str], Authority] = {}
    for number, one in enumerate(rows, 1):
        place = f"{NAME}: row {number}"
        if one.report not in REPORTS:
            raise Invalid(f"{place}.report", f"one of {', '.join(REPORTS)}", one.report)
        if len(one.country) != 2 or not one.country.isupper():
            raise Invalid(f"{place}.country", "two capital letters (ISO 3166)", one.country)
        if not one.name.strip():
            raise Invalid(f"{place}.name", "what the authority is called")
        if one.url and not one.url.startswith("https://"):
            raise Invalid(f"{place}.url", "an address that begins with https://", one.url)
        if (one.country, one.report) in found:
            raise Invalid(f"{place}.report", "each report once a country", one.report)
        found[one.country, one.report] = one
    return found
