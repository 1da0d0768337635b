# SPDX-License-Identifier: EUPL-1.2
"""Which authority a report goes to: what the node says, and nothing where it is silent.

`authorities.toml` in the node's folder `config` has rows `[[authority]]` of country, report,
sector, name, organisation (the UUID of one that this node knows), address, url, where; and
`[[contact]]`, the single points of contact of other countries (NIS2 art. 8(3)), of country, name,
organisation, email, phone, url, where. ENISA stands there under the country EU. Rows that were
corrected on the node's pages (`register`) come before those of the file.
"""

import tomllib
from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec

from brug.cases.forms import text
from brug.cases.kinds.incident_fields import SECTORS
from brug.cases.reports.forms import REPORTS
from brug.model.errors import Invalid, Unavailable
from brug.model.naming import is_uuid
from brug.store.home import AUTHORITIES as NAME

_LARGEST = 1_000_000
_LONGEST = 500


class UnusableAuthorities(Unavailable):
    """The node's own table does not fit. No authority is named then: it might be the wrong one."""

    code = "unusable_authorities"
    public = "The node's own table of authorities has an error."
    exit_code = 2


class Authority(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where reports go in one country: one report or, with a star at its end, all that begin so;
    for one sector, or for all where none is said. `where` is its source, `organisation` the UUID
    of the one that takes part in cases for it: by that it is of this country (`countries`).
    """

    country: str
    report: str
    sector: str = ""
    name: str
    organisation: str = ""
    address: str = ""
    url: str = ""
    where: str = ""

    @property
    def key(self) -> tuple[str, str, str]:
        return self.country, self.report, self.sector

    def covers(self, report: str) -> bool:
        if self.report.endswith("*"):
            return report.startswith(self.report[:-1])
        return report == self.report


class Contact(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whom another country has told of incidents; over a bridge where `organisation` is said."""

    country: str
    name: str
    organisation: str = ""
    email: str = ""
    phone: str = ""
    url: str = ""
    where: str = ""


class Chosen(msgspec.Struct, frozen=True):
    """The authority of a report in a case, and by what it was chosen; `is_own`: by the register."""

    authority: Authority
    country: str
    sector: str
    is_own: bool


class _Rows(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    authority: list[Authority] = []
    contact: list[Contact] = []


class Known(msgspec.Struct, frozen=True):
    """The whole table: authorities by country, report and sector, contacts by country."""

    authorities: dict[tuple[str, str, str], Authority] = {}
    contacts: dict[str, Contact] = {}


def of_file(config: Path | None) -> Known:
    """Raises UnusableAuthorities, naming row and field to the operator."""
    return _stored(config)


def choose(
    rows: Iterable[Authority], country: str, report: str, sector: str, own: Iterable[Authority] = ()
) -> Chosen | None:
    """The row that says most: the case's sector, the report by its name, then one put in here."""
    mine = set(own)
    fits = [
        one for one in rows
        if one.country == country and one.sector in {"", sector} and one.covers(report)
    ]  # fmt: skip
    if not fits:
        return None
    best = max(fits, key=lambda one: (one.sector != "", not one.report.endswith("*"),
                                      len(one.report), one in mine))  # fmt: skip
    return Chosen(best, country, sector if best.sector else "", best in mine)


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


def _authorities(rows: Sequence[Authority]) -> dict[tuple[str, str, str], Authority]:
    found: dict[tuple[str, str, str], Authority] = {}
    for number, one in enumerate(rows, 1):
        place = f"{NAME}: row {number}."
        require_authority(one, place)
        if one.key in found:
            raise Invalid(f"{place}report", "each report once a country and sector", one.report)
        require_one_country(one, found.values(), place)
        found[one.key] = one
    return found


def require_authority(one: Authority, place: str = "") -> None:
    """Raises Invalid, naming the field."""
    if not any(one.covers(report) for report in REPORTS):
        known = ", ".join(REPORTS)
        raise Invalid(f"{place}report", f"one of {known}, or how some begin, as in nis2-*",
                      one.report)  # fmt: skip
    if one.sector and one.sector not in SECTORS:
        raise Invalid(f"{place}sector", f"one of {', '.join(SECTORS)}, or nothing", one.sector)
    _require_plain(one, place)


def require_one_country(
    one: Authority | Contact, others: Iterable[Authority | Contact], place: str = ""
) -> None:
    """An organisation is of the same country in all rows. Raises Invalid, naming the field."""
    wanted = one.organisation.lower()
    for other in others:
        if wanted and other.organisation.lower() == wanted and other.country != one.country:
            expected = f"one that is of {one.country} in all rows, and not of {other.country}"
            raise Invalid(f"{place}organisation", expected, one.organisation)


def _contacts(rows: Sequence[Contact]) -> dict[str, Contact]:
    found: dict[str, Contact] = {}
    for number, one in enumerate(rows, 1):
        place = f"{NAME}: contact {number}."
        require_contact(one, place)
        if one.country in found:
            raise Invalid(f"{place}country", "each country once", one.country)
        found[one.country] = one
    return found


def require_contact(one: Contact, place: str = "") -> None:
    """Raises Invalid, naming the field."""
    _require_plain(one, place)


def _require_plain(one: Authority | Contact, place: str) -> None:
    if not (len(one.country) == 2 and one.country.isascii() and one.country.isupper()):
        raise Invalid(f"{place}country", "two capital letters (ISO 3166)", one.country)
    if not one.name.strip():
        raise Invalid(f"{place}name", "what it is called")
    if one.organisation and not is_uuid(one.organisation):
        raise Invalid(f"{place}organisation", "the UUID of an organisation", one.organisation)
    if one.url and not one.url.startswith("https://"):
        raise Invalid(f"{place}url", "an address that begins with https://", one.url)
    for field in one.__struct_fields__:
        text(f"{place}{field}", getattr(one, field), _LONGEST, empty=True)
