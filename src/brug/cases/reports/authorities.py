# SPDX-License-Identifier: EUPL-1.2
"""Which authority a report goes to: what the node's own table says, and nothing where it is silent.

`authorities.toml` in the node's folder `config` has rows `[[authority]]` of country, report, name,
address, url; and `[[contact]]`, the single points of contact of other countries (NIS2 art. 8(3)),
of country, name, organisation (the UUID of one that this node knows), email, phone, url. ENISA
stands there under the country EU.
"""

import tomllib
from pathlib import Path

import msgspec

from brug.cases.reports.forms import REPORTS
from brug.model.errors import Invalid, Unavailable
from brug.model.naming import is_uuid
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


class Contact(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whom another country has told of incidents; over a bridge where `organisation` is said."""

    country: str
    name: str
    organisation: str = ""
    email: str = ""
    phone: str = ""
    url: str = ""


class _Rows(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    authority: list[Authority] = []
    contact: list[Contact] = []


def authorities(config: Path | None) -> dict[tuple[str, str], Authority]:
    """By country and report. Raises UnusableAuthorities, naming row and field to the operator."""
    return _stored(config).authorities


def contacts(config: Path | None) -> dict[str, Contact]:
    """Single points of contact by country. Raises UnusableAuthorities."""
    return _stored(config).contacts


class Known(msgspec.Struct, frozen=True):
    """The whole table: authorities by country and report, contacts by country."""

    authorities: dict[tuple[str, str], Authority] = {}
    contacts: dict[str, Contact] = {}


def _stored(config: Path | None) -> Known:
    path = config / NAME if config else None
    if path is None or not path.exists():
        return Known()
    try:
        size = path.stat().st_size
        text = path.read_text("utf-8") if size <= _LARGEST else ""
        found = read(text)
    except (Invalid, OSError, UnicodeDecodeError) as error:
        raise UnusableAuthorities(str(error)) from error
    if size > _LARGEST:
        raise UnusableAuthorities(f"{NAME}: expected at most {_LARGEST} bytes")
    return found


def read(text: str) -> Known:
    """Raises Invalid, naming the row and the field."""
    try:
        rows = msgspec.convert(tomllib.loads(text), _Rows)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise Invalid(NAME, f"rows [[authority]] and [[contact]] ({error})") from error
    return Known(_authorities(rows.authority), _contacts(rows.contact))


def _authorities(rows: list[Authority]) -> dict[tuple[str, str], Authority]:
    found: dict[tuple[str, str], Authority] = {}
    for number, one in enumerate(rows, 1):
        place = f"{NAME}: row {number}"
        if one.report not in REPORTS:
            raise Invalid(f"{place}.report", f"one of {', '.join(REPORTS)}", one.report)
        _require_plain(one, place)
        if (one.country, one.report) in found:
            raise Invalid(f"{place}.report", "each report once a country", one.report)
        found[one.country, one.report] = one
    return found


def _contacts(rows: list[Contact]) -> dict[str, Contact]:
    found: dict[str, Contact] = {}
    for number, one in enumerate(rows, 1):
        place = f"{NAME}: contact {number}"
        _require_plain(one, place)
        if one.organisation and not is_uuid(one.organisation):
            raise Invalid(f"{place}.organisation", "the UUID of an organisation", one.organisation)
        if one.country in found:
            raise Invalid(f"{place}.country", "each country once", one.country)
        found[one.country] = one
    return found


def _require_plain(one: Authority | Contact, place: str) -> None:
    if len(one.country) != 2 or not one.country.isupper():
        raise Invalid(f"{place}.country", "two capital letters (ISO 3166)", one.country)
    if not one.name.strip():
        raise Invalid(f"{place}.name", "what it is called")
    if one.url and not one.url.startswith("https://"):
        raise Invalid(f"{place}.url", "an address that begins with https://", one.url)
