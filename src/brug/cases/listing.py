# SPDX-License-Identifier: EUPL-1.2
"""Lists of cases, as whoever asks may see them: a crisis first, then the last changed."""

from collections.abc import Sequence
from typing import Any, Literal, LiteralString

import msgspec

from brug.cases import files, finding
from brug.cases.files import COLUMNS, File, read_row
from brug.cases.finding import ANYTHING, Condition
from brug.cases.kinds import KINDS, named
from brug.cases.severity import UnusableScheme, scheme_here
from brug.model.errors import Invalid
from brug.model.naming import is_uuid
from brug.store.session import Session

MOST = 500
FARTHEST = 1_000_000  # how far into a list a page may begin
# So far is counted how many there are; by words less, for of each all words are looked up.
COUNTED, COUNTED_BY_WORDS = 10_000, 200


class Wanted(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a list is of; all of it where nothing is said.

    `state` is one of the kind's first machine. `text` are words that all stand in a case. In each
    order a crisis comes first, and among equals what changed last.
    """

    kind: str = ""
    state: str = ""
    over: bool | None = None
    text: str = ""
    org: str = ""  # UUID of an organisation that takes part
    severity: str = ""  # a level of the node's scheme
    crisis: bool | None = None
    order: Literal["changed", "severity"] = "changed"


_ORDERS: dict[str, LiteralString] = {
    "changed": "crisis DESC, changed DESC, case_id DESC",
    "severity": "crisis DESC, severity_rank DESC, changed DESC, case_id DESC",
}
# As whom the session's principal reads cases: for an organisation, or else the node; in person.
# Whether it does is for the database to say.
_READERS: tuple[LiteralString, ...] = ("%(of)s", "%(self)s")
_ONLY_SELF: LiteralString = (
    "r.reader = %(self)s AND NOT EXISTS (SELECT 1 FROM case_reading o"
    " WHERE o.case_id = r.case_id AND o.reader = %(of)s)"
)
_DUE = f"SELECT {COLUMNS} FROM case_file f WHERE f.due IS NOT NULL ORDER BY f.due, f.id LIMIT %s"
_UNION: LiteralString = " UNION ALL "
EVERYTHING = Wanted()


class Count(msgspec.Struct, frozen=True):
    """How many cases of a kind are in a state."""

    kind: str
    state: str
    cases: int


def listed(
    session: Session, wanted: Wanted = EVERYTHING, limit: int = 50, offset: int = 0
) -> tuple[list[File], int]:
    """A page of cases, and how many there are in all: counted up to COUNTED, see there."""
    if not 0 < limit <= MOST:
        raise Invalid("limit", f"a number from 1 to {MOST}", str(limit))
    if not 0 <= offset <= FARTHEST:
        raise Invalid("offset", f"a number from 0 to {FARTHEST}", str(offset))
    most = max(cap(wanted), offset + limit)
    if wanted.text.strip():
        cases = _worded(session, wanted, most)
        page = cases[offset : offset + limit]
        found = {one.id: one for one in files.of_ids(session, page)} if page else {}
        return [found[one] for one in page if one in found], len(cases)
    condition, params, _ = _condition(session, wanted)
    rows = session.all(
        _page(condition, _ORDERS[wanted.order]),
        params | {"limit": limit, "offset": offset, "until": offset + limit, "most": most},
    )
    if not rows and offset:
        return [], listed(session, wanted, 1)[1]
    return [read_row(session, row[:-1]) for row in rows], min(rows[0][-1], most) if rows else 0


def _worded(session: Session, wanted: Wanted, most: int) -> list[int]:
    """The first cases in which words stand, as many as are counted."""
    condition, params, words = _condition(session, wanted)
    order = _ORDERS[wanted.order]
    readers = _READERS if words.in_person else _READERS[:1]
    rows = session.all(
        "SELECT case_id FROM (" + _first(condition, order, readers) + " LIMIT %(until)s) AS page"
        " ORDER BY " + order,
        params | {"until": most},
        prepare=words.is_known,
    )
    return [row[0] for row in rows]


def _page(condition: LiteralString, order: LiteralString) -> LiteralString:
    """Page and number by one statement: of what a reader sees, much is found out once."""
    return (
        "WITH page AS MATERIALIZED (" + _first(condition, order, _READERS)
        + " LIMIT %(limit)s OFFSET %(offset)s) SELECT " + COLUMNS
        + ", (SELECT count(*) FROM (SELECT 1 FROM case_reading r WHERE " + condition
        + "r.reader = %(of)s LIMIT %(most)s) AS several) + (SELECT count(*) FROM (SELECT 1"
        " FROM case_reading r WHERE " + condition + _ONLY_SELF + " LIMIT %(most)s) AS several)"
        " FROM page JOIN case_file f ON f.id = page.case_id"
        " ORDER BY page." + order.replace(", ", ", page.")
    )  # fmt: skip


def _first(
    condition: LiteralString, order: LiteralString, readers: Sequence[LiteralString]
) -> LiteralString:
    """Who reads a case for an organisation and in person has the later of both times; the first
    of both lists together hold the first of all.
    """
    rank: LiteralString = ", severity_rank" if "severity_rank" in order else ""
    highest: LiteralString = ", max(severity_rank) AS severity_rank" if rank else ""
    mine = _UNION.join(
        "(SELECT r.case_id, r.crisis, r.changed" + rank + " FROM case_reading r WHERE "
        + condition + "r.reader = " + reader + " ORDER BY " + order + " LIMIT %(until)s)"
        for reader in readers
    )  # fmt: skip
    return (
        "SELECT case_id, max(crisis) AS crisis, max(changed) AS changed" + highest
        + " FROM (" + mine + ") AS mine GROUP BY case_id ORDER BY " + order
    )  # fmt: skip


def cap(wanted: Wanted) -> int:
    """At how many counting stops: there may be more then."""
    return COUNTED_BY_WORDS if wanted.text else COUNTED


def due(session: Session, most: int = 5) -> list[File]:
    """Cases with a deadline that is open, the earliest first."""
    rows = session.all(_DUE, (most,))
    return [read_row(session, row) for row in rows]


def crises(session: Session, most: int = 20) -> list[File]:
    """Cases at a level of crisis, the highest first."""
    return listed(session, Wanted(crisis=True), most)[0]


def counted(session: Session, wanted: Wanted = EVERYTHING) -> list[Count]:
    """How many there are in each state. Raises Invalid."""
    condition, params, _ = _condition(session, wanted)
    rows = session.all(
        "SELECT kind, state, sum(cases)::int FROM (SELECT r.kind, r.state, count(*) AS cases"
        " FROM case_reading r WHERE " + condition + "r.reader = %(of)s GROUP BY r.kind, r.state"
        " UNION ALL SELECT r.kind, r.state, count(*) FROM case_reading r WHERE " + condition
        + _ONLY_SELF + " GROUP BY r.kind, r.state) AS mine"
        " GROUP BY kind, state ORDER BY kind, state",
        params,
    )  # fmt: skip
    return [Count(*row) for row in rows]


def _condition(session: Session, wanted: Wanted) -> tuple[LiteralString, dict[str, Any], Condition]:
    """What rows of case_reading have to be, each part with what joins it to the next.

    And what follows from the words.
    """
    me = session.principal
    parts: list[LiteralString] = []
    params: dict[str, Any] = {"of": me.org_id, "self": -me.user_id if me.user_id else None}
    if wanted.kind:
        parts.append("r.kind = %(kind)s")
        params["kind"] = named(wanted.kind).key
    if wanted.state:
        kinds = [named(wanted.kind)] if wanted.kind else KINDS.values()
        states = dict.fromkeys(state for kind in kinds for state in kind.machines[0].states)
        if wanted.state not in states:
            raise Invalid("state", f"one of {', '.join(states)}", wanted.state)
        parts.append("r.state = %(state)s")
        params["state"] = wanted.state
    if wanted.over is not None:
        parts.append("r.is_over = %(over)s")
        params["over"] = wanted.over
    _by_standing(session, wanted, parts, params)
    if wanted.org:
        if not is_uuid(wanted.org):
            raise Invalid("org", "the UUID of an organisation", wanted.org)
        parts.append(
            "EXISTS (SELECT 1 FROM case_party p WHERE p.case_id = r.case_id"
            " AND (p.org_uuid = %(org)s::uuid OR p.org_id = (SELECT n.id FROM organisation_named n"
            "   WHERE n.uuid = %(org)s::uuid)))"
        )
        params["org"] = wanted.org
    words = finding.by_words(session, wanted.text) if wanted.text.strip() else ANYTHING
    if words.sql:
        parts.append(words.sql)
        params |= words.params
    joined: LiteralString = "".join(part + " AND " for part in parts)
    return joined, params, words


def _by_standing(
    session: Session, wanted: Wanted, parts: list[LiteralString], params: dict[str, Any]
) -> None:
    if wanted.severity:
        _require_level(session, wanted.severity)
        parts.append("r.severity = %(severity)s")
        params["severity"] = wanted.severity
    if wanted.crisis is not None:
        parts.append("r.crisis > 0" if wanted.crisis else "r.crisis = 0")


def _require_level(session: Session, severity: str) -> None:
    """One of the node's scheme."""
    try:
        levels = [one.id for one in scheme_here(session).levels]
    except UnusableScheme:
        return  # `brug doctor` says so; what is stored with the cases is still found
    if severity not in levels:
        raise Invalid("severity", f"one of {', '.join(levels)}", severity)
