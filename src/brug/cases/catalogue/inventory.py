# SPDX-License-Identifier: EUPL-1.2
"""What organisations registered that they run: by hand, by purl, by CPE name, or a whole bill.

The database says whose register a session reads and changes: its organisation's, and for the
host's people who work on cases everyone's. Whatever is added is held against the catalogue by
`settling`, at once or in the next round.
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime

import msgspec
import psycopg

from brug.cases.catalogue import keys
from brug.cases.catalogue.matching import Item
from brug.formats.products import cpe, purl
from brug.formats.sbom import reading
from brug.formats.sbom.component import Component
from brug.model.errors import Forbidden, Invalid, NotFound
from brug.store.session import Session

LONGEST, LONGEST_NOTE = 300, 1000
MOST = 200_000
PER_PAGE = 100


class Product(msgspec.Struct, frozen=True):
    """One that is registered; `bill` names the bill of materials that it came with."""

    id: int
    org_id: int
    organisation: str
    bill: str
    vendor: str
    name: str
    version: str
    purl: str
    cpe: str
    note: str
    at: datetime
    concerned: int  # advisories that warn of it


class Bill(msgspec.Struct, frozen=True):
    id: int
    org_id: int
    organisation: str
    name: str
    format: str
    products: int
    at: datetime


class Given(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A product as somebody states it: a purl, a CPE name, or a vendor with a product."""

    vendor: str = ""
    name: str = ""
    version: str = ""
    purl: str = ""
    cpe: str = ""
    note: str = ""


def may_change(session: Session) -> bool:
    return session.principal.may("case")


def organisation(session: Session, wanted: str = "") -> int:
    """Whose register: one's own, or another's, for the host's people.

    Raises NotFound, Forbidden.
    """
    me = session.principal
    if not wanted:
        return me.org_id
    found = session.value(
        "SELECT id FROM organisation WHERE id::text = %(it)s OR uuid::text = lower(%(it)s)"
        " OR lower(name) = lower(%(it)s) ORDER BY id::text = %(it)s DESC LIMIT 1",
        {"it": wanted.strip()},
    )
    if found is None:
        raise NotFound(f"no organisation {wanted[:60]!r}")
    if int(found) != me.org_id and not session.value("SELECT reads_all_inventory()"):
        raise Forbidden("only the host's people register products for others")
    return int(found)


def add(session: Session, given: Given, org_id: int) -> int:
    """The id of the product; of one that is registered already its own. Raises Invalid."""
    fitting = _checked(given)
    found = keys.of_product(
        vendor=fitting.vendor, name=fitting.name, purl_text=fitting.purl, cpe_text=fitting.cpe
    )
    if not found:
        raise Invalid("purl", "a purl, a CPE name that names a product, or a vendor and a product")
    _require_room(session, org_id, 1)
    values = (
        org_id, fitting.vendor, fitting.name, fitting.version, fitting.purl, fitting.cpe,
        fitting.note, found, session.principal.user_id,
    )  # fmt: skip
    try:
        number = session.value(
            "INSERT INTO inventory_product (org_id, vendor, name, version, purl, cpe, note, keys,"
            " by_user) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)"
            " ON CONFLICT (org_id, bill_id, vendor, name, version, purl, cpe)"
            " DO UPDATE SET note = excluded.note RETURNING id",
            values,
        )
    except psycopg.errors.InsufficientPrivilege as error:
        raise Forbidden("only who works on cases registers products") from error
    return int(number)


def _checked(given: Given) -> Given:
    for name in ("vendor", "name", "version", "purl", "cpe", "note"):
        text = getattr(given, name)
        most = LONGEST_NOTE if name in {"note", "purl", "cpe"} else LONGEST
        if len(text) > most or not text.isprintable():
            raise Invalid(name, f"a line of at most {most} characters", text)
    if given.purl:
        purl.read(given.purl)
    if given.cpe and not keys.of_cpe(given.cpe):
        cpe.read(given.cpe)
        raise Invalid("cpe", "a CPE name with a vendor and a product", given.cpe)
    if given.vendor and not given.name and not (given.purl or given.cpe):
        raise Invalid("name", "the product's name")
    return msgspec.structs.replace(
        given, **{name: getattr(given, name).strip() for name in given.__struct_fields__}
    )


def add_bill(session: Session, raw: bytes, name: str, org_id: int) -> Bill:
    """Registers what a bill of materials lists, in place of an earlier one of that name.

    What has neither a purl nor a CPE name nor a vendor can match nothing, and is left out.
    Raises Invalid, Forbidden.
    """
    name = " ".join(name.split())[:LONGEST] or "SBOM"
    if not name.isprintable():
        raise Invalid("called", "a name of printable characters", name)
    bill = reading.read(raw)
    rows = [row for one in bill.components if (row := _row(one)) is not None]
    if not rows:
        raise Invalid("sbom", "a component with a purl, a CPE name, or a supplier and a name")
    _require_room(session, org_id, len(rows), but=name)
    try:
        session.execute(
            "DELETE FROM inventory_bill WHERE org_id = %s AND name = %s", (org_id, name)
        )
        number = session.value(
            "INSERT INTO inventory_bill (org_id, name, format, sha256, by_user)"
            " VALUES (%s, %s, %s, %s, %s) RETURNING id",
            (
                org_id, name, bill.format, hashlib.sha256(raw).hexdigest(),
                session.principal.user_id,
            ),
        )  # fmt: skip
    except psycopg.errors.InsufficientPrivilege as error:
        raise Forbidden("only who works on cases registers products") from error
    with session.connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO inventory_product (org_id, bill_id, by_user, vendor, name, version, purl,"
            " cpe, keys) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
            [(org_id, number, session.principal.user_id, *row) for row in rows],
        )
    return next(one for one in bills(session, org_id) if one.id == number)


def _row(one: Component) -> tuple[str, str, str, str, str, list[str]] | None:
    found = keys.of_product(
        vendor=one.vendor, name=one.name, purl_text=one.purl, cpe_text=one.cpe
    )  # fmt: skip
    if not found:
        return None
    # A name that is none here, such as a CPE name with two stars, is left out of the row.
    package = one.purl if keys.of_purl(one.purl) else ""
    named = one.cpe if keys.of_cpe(one.cpe) else ""
    return one.vendor[:LONGEST], one.name[:LONGEST], one.version[:LONGEST], package, named, found


def _require_room(session: Session, org_id: int, more: int, but: str | None = None) -> None:
    """`but` is the bill that is replaced."""
    held = session.value(
        "SELECT count(*) FROM inventory_product p LEFT JOIN inventory_bill b ON b.id = p.bill_id"
        " WHERE p.org_id = %s AND b.name IS DISTINCT FROM coalesce(%s, '')",
        (org_id, but),
    )
    if held + more > MOST:
        raise Invalid("product", f"at most {MOST:,} products of an organisation")


def remove(session: Session, number: int) -> None:
    """Raises NotFound, also for what one may not change."""
    gone = session.value("DELETE FROM inventory_product WHERE id = %s RETURNING id", (number,))
    if gone is None:
        raise NotFound(f"no product {number}")


def remove_bill(session: Session, number: int) -> None:
    """With all that came with it. Raises NotFound."""
    gone = session.value("DELETE FROM inventory_bill WHERE id = %s RETURNING id", (number,))
    if gone is None:
        raise NotFound(f"no bill of materials {number}")


def listed(
    session: Session, org_id: int | None = None, text: str = "", limit: int = PER_PAGE,
    offset: int = 0,
) -> tuple[list[Product], int]:  # fmt: skip
    """By name, of one organisation or of all whose register one sees; and how many there are."""
    asked = {
        "org": org_id, "text": f"%{_escaped(text.lower())}%", "limit": limit, "offset": offset,
    }  # fmt: skip
    rows = session.all(
        "SELECT p.id, p.org_id, o.name, coalesce(b.name, ''), p.vendor, p.name, p.version, p.purl,"
        " p.cpe, p.note, p.at, (SELECT count(*)::int FROM catalogue_match m WHERE"
        "   m.product_id = p.id AND m.outcome IN ('affected', 'investigating'))"
        " FROM inventory_product p JOIN organisation o ON o.id = p.org_id"
        " LEFT JOIN inventory_bill b ON b.id = p.bill_id"
        " WHERE (%(org)s::int IS NULL OR p.org_id = %(org)s)"
        " AND lower(concat_ws(' ', p.vendor, p.name, p.version, p.purl, p.cpe)) LIKE %(text)s"
        " ORDER BY lower(p.name), p.id LIMIT %(limit)s OFFSET %(offset)s",
        asked,
    )
    total = session.value(
        "SELECT count(*)::int FROM inventory_product p"
        " WHERE (%(org)s::int IS NULL OR p.org_id = %(org)s)"
        " AND lower(concat_ws(' ', p.vendor, p.name, p.version, p.purl, p.cpe)) LIKE %(text)s",
        asked,
    )
    return [Product(*row) for row in rows], int(total)


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def bills(session: Session, org_id: int | None = None) -> list[Bill]:
    rows = session.all(
        "SELECT b.id, b.org_id, o.name, b.name, b.format, (SELECT count(*)::int"
        " FROM inventory_product p WHERE p.bill_id = b.id), b.at FROM inventory_bill b"
        " JOIN organisation o ON o.id = b.org_id"
        " WHERE %(org)s::int IS NULL OR b.org_id = %(org)s ORDER BY o.name, b.name",
        {"org": org_id},
    )
    return [Bill(*row) for row in rows]


def items(session: Session, numbers: Sequence[int]) -> dict[int, tuple[int, Item]]:
    """Products as matching takes them, with whose they are."""
    rows = session.all(
        "SELECT id, org_id, vendor, name, version, purl, cpe FROM inventory_product"
        " WHERE id = ANY (%s)",
        (list(numbers),),
    )
    return {row[0]: (row[1], Item(*row[2:])) for row in rows}
