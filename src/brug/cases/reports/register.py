# SPDX-License-Identifier: EUPL-1.2
"""The register of authorities and contacts: rows of the node's file, and those corrected here.

A row that is put here stands in the place of the file's of the same country, report and sector, or
of the same country for a contact; once it is removed, the file's holds again. Whoever runs the
node corrects it; everybody who works on cases reads it.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

import msgspec
from psycopg.types.json import Jsonb

from brug.cases import own_folder
from brug.cases.clocks.rows import expected
from brug.cases.reports import authorities
from brug.cases.reports.authorities import Authority, Chosen, Contact, Known
from brug.model.errors import Forbidden, Invalid, NotFound
from brug.store import audit
from brug.store.session import Session

What = Literal["authority", "contact"]
WHATS = ("authority", "contact")


class Entry(msgspec.Struct, frozen=True):
    """`id` is 0 for a row of the file; `is_replaced`: one put here stands in its place."""

    id: int
    row: Authority | Contact
    changed: datetime | None = None
    is_replaced: bool = False

    @property
    def what(self) -> What:
        return "authority" if isinstance(self.row, Authority) else "contact"


def listed(session: Session) -> list[Entry]:
    """Authorities, then contacts, by country. Raises UnusableAuthorities."""
    own = _own(session)
    file = authorities.of_file(own_folder.config_of(session))
    here = {_key(one.row) for one in own}
    rows: list[Authority | Contact] = [*file.authorities.values(), *file.contacts.values()]
    found = own + [Entry(0, row, is_replaced=_key(row) in here) for row in rows]
    return sorted(found, key=lambda one: (one.what, _key(one.row), -one.id))


def _own(session: Session) -> list[Entry]:
    rows = session.all("SELECT id, what, said, changed FROM case_authority ORDER BY id")
    return [Entry(n, _converted(what, said), at) for n, what, said, at in rows]


def _converted(what: str, said: Any) -> Authority | Contact:
    if what == "authority":
        return msgspec.convert(said, Authority)
    return msgspec.convert(said, Contact)


def _key(row: Authority | Contact) -> tuple[str, ...]:
    return ("authority", *row.key) if isinstance(row, Authority) else ("contact", row.country)


def known(session: Session) -> Known:
    """What holds: the file's rows with those put here. Raises UnusableAuthorities."""
    return _merged(session, _own(session))


def _merged(session: Session, own: list[Entry]) -> Known:
    file = authorities.of_file(own_folder.config_of(session))
    mine = [one.row for one in own]
    return Known(
        file.authorities | {one.key: one for one in mine if isinstance(one, Authority)},
        file.contacts | {one.country: one for one in mine if isinstance(one, Contact)},
    )


class Choosing(msgspec.Struct, frozen=True):
    """The rows by which authorities are chosen."""

    rows: tuple[Authority, ...] = ()
    own: tuple[Authority, ...] = ()

    def of(self, report: str, sector: str, country: str) -> Chosen | None:
        return authorities.choose(self.rows, country, report, sector, self.own)


def choosing(session: Session) -> Choosing:
    """Raises UnusableAuthorities."""
    own = _own(session)
    mine = tuple(one.row for one in own if isinstance(one.row, Authority))
    return Choosing(tuple(_merged(session, own).authorities.values()), mine)


def put(session: Session, what: str, said: Mapping[str, Any]) -> Entry:
    """Adds a row, or corrects that of its key. Raises Forbidden, Invalid naming the field."""
    _require_site_admin(session)
    if what not in WHATS:
        raise Invalid("what", "authority or contact", what)
    row = _read(what, said)
    _require_one_country(session, row)
    key = row.key if isinstance(row, Authority) else (row.country, "", "")
    number = session.value(
        "INSERT INTO case_authority (what, country, report, sector, said)"
        " VALUES (%s, %s, %s, %s, %s) ON CONFLICT (what, country, report, sector)"
        " DO UPDATE SET said = excluded.said, changed = now() RETURNING id",
        (what, *key, Jsonb(msgspec.to_builtins(row))),
    )
    audit.record(session, "edit", "Authority", number, row.name, {"what": what, "key": list(key)})
    return find(session, str(number))


def _read(what: str, said: Mapping[str, Any]) -> Authority | Contact:
    given = {k: v.strip() if isinstance(v, str) else v for k, v in said.items()}
    try:
        row = _converted(what, given)
    except msgspec.ValidationError as error:
        wrong, _, where = str(error).partition(" - at `$")
        raise Invalid(where.strip("`.") or what, expected(wrong)) from error
    if isinstance(row, Authority):
        authorities.require_authority(row)
    else:
        authorities.require_contact(row)
    return row


def _require_one_country(session: Session, row: Authority | Contact) -> None:
    """In all rows that were put here; they come before those of the file. Raises Invalid."""
    others = [one.row for one in _own(session) if _key(one.row) != _key(row)]
    authorities.require_one_country(row, others)


def find(session: Session, which: str) -> Entry:
    """A row that was put here. Raises NotFound."""
    fits = which.isascii() and which.isdecimal() and len(which) < 10
    found = [one for one in _own(session) if fits and one.id == int(which)]
    if not found:
        raise NotFound(f"no row {which[:20]} of the register")
    return found[0]


def remove(session: Session, which: str) -> None:
    """Raises Forbidden, NotFound."""
    _require_site_admin(session)
    found = find(session, which)
    session.execute("DELETE FROM case_authority WHERE id = %s", (found.id,))
    audit.record(session, "delete", "Authority", found.id, found.row.name)


def may_correct(session: Session) -> bool:
    me = session.principal
    return me.may("site_admin") and not me.read_only


def _require_site_admin(session: Session) -> None:
    if not may_correct(session):
        raise Forbidden(f"{session.principal.email} does not run this node")
