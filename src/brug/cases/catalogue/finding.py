# SPDX-License-Identifier: EUPL-1.2
"""The catalogue as its reader sees it: lists, search, one advisory, and whom it concerns.

Of an advisory that came for several audiences a reader sees the newest version that is theirs.
"""

from datetime import datetime
from typing import Any, LiteralString

import msgspec

from brug.cases.catalogue import taking
from brug.formats.csaf.reading import read
from brug.formats.csaf.vulnerability import Advisory
from brug.model.errors import Invalid, NotFound
from brug.store.session import Session

MOST = 500
MOST_WORDS = 12
SEVERITIES = ("critical", "high", "medium", "low", "none")


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which advisories: all words of a text, and what a filter says."""

    text: str = ""
    publisher: str = ""
    severity: str = ""
    tlp: str = ""
    concerns: bool = False


class Row(msgspec.Struct, frozen=True):
    """An advisory as lists show it."""

    id: int
    tracking_id: str
    version: str
    title: str
    publisher: str
    namespace: str
    status: str
    tlp: str
    withdrawn: str
    released: datetime
    first_released: datetime
    score: float | None
    severity: str
    cves: list[str]
    products: int
    concerned: int  # registered products that the reader sees, affected or under investigation
    digests: str
    signature: str


class Whole(msgspec.Struct, frozen=True):
    """One advisory with all that is known of it here."""

    row: Row
    category: str
    fingerprint: str
    sha256: str
    size: int
    source: str
    url: str
    gone: datetime | None
    came: datetime
    changed: datetime
    products: list[str]
    raw: bytes
    advisory: Advisory


class Concern(msgspec.Struct, frozen=True):
    """That an advisory says something of a registered product."""

    advisory_id: int
    tracking_id: str
    title: str
    version: str
    released: datetime
    score: float | None
    severity: str
    withdrawn: str
    org_id: int
    organisation: str
    product_id: int
    product: str
    product_version: str
    bill: str  # of materials, by name; "" where the product was registered by itself
    outcome: str
    certainty: str
    by_what: str
    statement: str
    why: str
    vulnerabilities: dict[str, str]


_ROW: LiteralString = (
    "a.id, a.tracking_id, a.version, a.title, a.publisher, a.namespace, a.status, a.tlp,"
    " a.withdrawn, a.released, a.first_released, a.score, a.severity, a.cves,"
    " cardinality(a.products), (SELECT count(*)::int FROM catalogue_match m"
    "   WHERE m.advisory_id = a.id AND m.outcome IN ('affected', 'investigating')),"
    " a.digests, a.signature"
)
_REST = (
    "category", "fingerprint", "sha256", "size", "source", "url", "gone", "came", "changed",
    "products",
)  # fmt: skip
# Of several the newest, as the same rule has it for each reader; of most there is one alone.
_NEWEST: LiteralString = (
    " (NOT a.several OR NOT EXISTS (SELECT 1 FROM catalogue_advisory n"
    " WHERE n.namespace = a.namespace AND n.tracking_id = a.tracking_id AND n.id <> a.id"
    " AND (n.released, n.id) > (a.released, a.id)))"
)


def listed(
    session: Session, wanted: Wanted, limit: int = 50, offset: int = 0
) -> tuple[list[Row], int]:
    """The last released first, and how many there are. Raises Invalid."""
    conditions: list[LiteralString] = [_NEWEST]
    asked: dict[str, Any] = {"limit": min(limit, MOST), "offset": offset}
    words = wanted.text.lower().split()
    if len(words) > MOST_WORDS:
        raise Invalid("text", f"at most {MOST_WORDS} words", wanted.text)
    alike: LiteralString = ""
    if words:
        alike = " JOIN catalogue_like(%(patterns)s, %(every)s) AS l (id) ON l.id = a.id"
        # The longest word first, which most likely is rare.
        longest = sorted(words, key=len, reverse=True)
        asked["patterns"] = [f"%{_escaped(word)}%" for word in longest]
        asked["every"] = session.principal.is_site_admin
    if wanted.publisher:
        conditions.append("a.publisher = %(publisher)s")
        asked["publisher"] = wanted.publisher
    if wanted.severity:
        conditions.append("a.severity = %(severity)s")
        asked["severity"] = wanted.severity
    if wanted.tlp:
        conditions.append("a.tlp = %(tlp)s")
        asked["tlp"] = "" if wanted.tlp == "none" else wanted.tlp
    if wanted.concerns:
        conditions.append(
            "EXISTS (SELECT 1 FROM catalogue_match m WHERE m.advisory_id = a.id"
            " AND m.outcome IN ('affected', 'investigating'))"
        )
    # Of what is found, once: what the page has of it, and how much it is.
    found: LiteralString = (
        "WITH found AS MATERIALIZED (SELECT a.id, a.released FROM catalogue_advisory a"
        + alike + " WHERE " + " AND ".join(conditions) + ")"
    )  # fmt: skip
    rows = session.all(
        found + ", page AS (SELECT id FROM found ORDER BY released DESC, id DESC"
        " LIMIT %(limit)s OFFSET %(offset)s) SELECT " + _ROW + ", (SELECT count(*)::int FROM found)"
        " FROM page JOIN catalogue_advisory a ON a.id = page.id"
        " ORDER BY a.released DESC, a.id DESC",
        asked,
    )  # fmt: skip
    if not rows and offset:
        return [], int(session.value(found + " SELECT count(*)::int FROM found", asked))
    return [Row(*row[:-1]) for row in rows], rows[0][-1] if rows else 0


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def publishers(session: Session) -> list[str]:
    """Those that the reader has something of."""
    rows = session.all("SELECT DISTINCT publisher FROM catalogue_advisory ORDER BY 1 LIMIT 500")
    return [row[0] for row in rows]


def number_of(session: Session, which: str) -> int:
    """By number, or by tracking id where one publisher alone has it. Raises NotFound, Invalid."""
    which = which.strip()
    if which.isascii() and which.isdecimal() and len(which) < 10:
        return int(which)
    rows = session.all(
        "SELECT a.id FROM catalogue_advisory a WHERE a.tracking_id = %s AND" + _NEWEST
        + " ORDER BY a.id",
        (which,),
    )  # fmt: skip
    if not rows:
        raise NotFound(f"no advisory {which[:60]!r}")
    if len(rows) > 1:
        numbers = ", ".join(str(row[0]) for row in rows)
        raise Invalid("advisory", f"one of the numbers {numbers}: several publishers have it")
    return int(rows[0][0])


def view(session: Session, which: str) -> Whole:
    """Raises NotFound."""
    number = number_of(session, which)
    row = session.one(
        "SELECT " + _ROW + ", a.category, a.fingerprint, a.sha256, a.size, a.source_id, a.url,"
        " a.gone, a.came, a.changed, a.products FROM catalogue_advisory a WHERE a.id = %s",
        (number,),
    )
    if row is None:
        raise NotFound(f"no advisory {number}")
    width = len(Row.__struct_fields__)
    rest = dict(zip(_REST, row[width:], strict=True))
    with session.as_system():
        rest["source"] = session.value(
            "SELECT coalesce((SELECT name FROM catalogue_source WHERE id = %s), '')",
            (rest["source"],),
        )
    raw = taking.document(session, number)
    return Whole(row=Row(*row[:width]), **rest, raw=raw, advisory=read(raw).advisory)


def concerns(
    session: Session, advisory_id: int | None = None, org_id: int | None = None, *,
    every: bool = False, limit: int = 100, offset: int = 0,
) -> tuple[list[Concern], int]:  # fmt: skip
    """What is said of registered products, as far as the reader sees both; the worst first.

    Without `every` only what warns: affected, or under investigation.
    """
    where: LiteralString = (
        " FROM catalogue_match m JOIN catalogue_advisory a ON a.id = m.advisory_id"
        " JOIN inventory_product p ON p.id = m.product_id"
        " JOIN organisation o ON o.id = m.org_id"
        " WHERE (%(advisory)s::int IS NULL OR m.advisory_id = %(advisory)s)"
        " AND (%(org)s::int IS NULL OR m.org_id = %(org)s)"
        " AND (%(every)s OR m.outcome IN ('affected', 'investigating')) AND" + _NEWEST
    )
    asked = {
        "advisory": advisory_id, "org": org_id, "every": every, "limit": limit, "offset": offset,
    }  # fmt: skip
    rows = session.all(
        "SELECT a.id, a.tracking_id, a.title, a.version, a.released, a.score, a.severity,"
        " a.withdrawn, m.org_id, o.name, p.id,"
        " coalesce(nullif(concat_ws(' ', nullif(p.vendor, ''), nullif(p.name, '')), ''),"
        "   nullif(p.purl, ''), p.cpe), p.version,"
        " coalesce((SELECT b.name FROM inventory_bill b WHERE b.id = p.bill_id), ''),"
        " m.outcome, m.certainty, m.by_what, m.statement, m.why, m.vulnerabilities" + where
        + " ORDER BY m.outcome <> 'affected', a.withdrawn <> '', m.certainty <> 'sure',"
        " a.released DESC, a.id, o.name, p.id LIMIT %(limit)s OFFSET %(offset)s",
        asked,
    )  # fmt: skip
    total = session.value("SELECT count(*)::int" + where, asked)
    return [Concern(*row) for row in rows], int(total)


def wants_letters(session: Session) -> bool:
    found = session.value(
        "SELECT 1 FROM catalogue_wish WHERE account_id = %s", (session.principal.user_id,)
    )
    return found is not None


def choose_letters(session: Session, *, wanted: bool) -> None:
    """Whether the reader gets a letter when an advisory concerns their organisation."""
    me = session.principal.user_id
    if wanted:
        session.execute(
            "INSERT INTO catalogue_wish (account_id) VALUES (%s) ON CONFLICT DO NOTHING", (me,)
        )
    else:
        session.execute("DELETE FROM catalogue_wish WHERE account_id = %s", (me,))
