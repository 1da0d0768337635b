# SPDX-License-Identifier: EUPL-1.2
"""Attributes in bulk, formatted by PostgreSQL and copied out under the reader's policies.

Every statement is literal text; columns come from the table below by name. Plain lines are
CSV with a quote that no value has and that is dropped, so that values come out as they are.
"""

import io
from collections.abc import Callable, Sequence
from typing import IO, Any, LiteralString, NamedTuple

from brug.formats import hashes
from brug.intel.search import attributes, conditions, events
from brug.intel.search.filters import Filters
from brug.intel.search.fragments import Fragment
from brug.intel.search.terms import Terms
from brug.store.session import Session

_QUOTE = b"\x02"
_PIECE = 2**18
_LINES: LiteralString = (
    ") TO STDOUT (FORMAT csv, DELIMITER E'\\x01', QUOTE E'\\x02', ESCAPE E'\\x02')"
)
_VALUE: LiteralString = "CASE WHEN a.value2 = '' THEN a.value1 ELSE a.value1 || '|' || a.value2 END"


class Column(NamedTuple):
    """A column's expression, what it needs beside attributes, and whether it is a text."""

    text: LiteralString
    needs: frozenset[str] = frozenset()
    quoted: bool = True


_OBJECT, _EVENT, _ORGS = frozenset({"o"}), frozenset({"e"}), frozenset({"e", "c"})
COLUMNS: dict[str, Column] = {
    "id": Column("a.id", quoted=False),
    "uuid": Column("a.uuid"),
    "event_id": Column("a.event_id", quoted=False),
    "object_id": Column("a.object_id", quoted=False),
    "category": Column("a.category"),
    "type": Column("a.type"),
    "value": Column(_VALUE),
    "value1": Column("a.value1"),
    "value2": Column("a.value2"),
    "comment": Column("a.comment"),
    "to_ids": Column("a.to_ids::int", quoted=False),
    "date": Column("a.timestamp", quoted=False),
    "timestamp": Column("a.timestamp", quoted=False),
    "distribution": Column("a.distribution", quoted=False),
    "deleted": Column("a.deleted::int", quoted=False),
    "object_relation": Column("coalesce(a.object_relation, '')"),
    "first_seen": Column("coalesce(to_timestamp(a.first_seen / 1000000)::text, '')"),
    "last_seen": Column("coalesce(to_timestamp(a.last_seen / 1000000)::text, '')"),
    "attribute_tag": Column("coalesce(tags.names, '')", frozenset({"tags"})),
    "object_uuid": Column("coalesce(o.uuid::text, '')", _OBJECT),
    "object_name": Column("coalesce(o.name, '')", _OBJECT),
    "object_meta_category": Column("coalesce(o.meta_category, '')", _OBJECT),
    "event_uuid": Column("e.uuid", _EVENT),
    "event_info": Column("e.info", _EVENT),
    "event_member_org": Column("m.name", _ORGS),
    "event_source_org": Column("c.name", _ORGS),
    "event_distribution": Column("e.distribution", _EVENT, quoted=False),
    "event_threat_level_id": Column(
        "('{High,Medium,Low,Undefined}'::text[])[e.threat_level_id]", _EVENT
    ),
    "event_analysis": Column("e.analysis", _EVENT, quoted=False),
    "event_date": Column("e.date", _EVENT),
    "event_tag": Column(
        "coalesce((SELECT string_agg(g.name, ',' ORDER BY x.id) FROM event_tag x"
        " JOIN tag g ON g.id = x.tag_id AND g.exportable WHERE x.event_id = e.id), '')",
        _EVENT,
    ),
    "event_timestamp": Column("e.timestamp", _EVENT, quoted=False),
}
_UNKNOWN = Column("''")
# Of these a sender chooses every character; the others are this node's or a vocabulary's.
_FREE = frozenset(
    {"value", "value1", "value2", "comment", "object_relation", "attribute_tag", "object_name",
     "object_meta_category", "event_info", "event_member_org", "event_source_org", "event_tag"}
)  # fmt: skip
_ALIASES: Sequence[LiteralString] = (
    "c0", "c1", "c2", "c3", "c4", "c5", "c6", "c7", "c8", "c9", "c10", "c11", "c12", "c13", "c14",
    "c15", "c16", "c17", "c18", "c19", "c20", "c21", "c22", "c23", "c24", "c25", "c26", "c27",
    "c28", "c29", "c30", "c31", "c32", "c33", "c34", "c35", "c36", "c37", "c38", "c39",
)  # fmt: skip

_JOINS: dict[str, LiteralString] = {
    "e": " JOIN event e ON e.id = a.event_id",
    "c": " JOIN organisation m ON m.id = e.org_id JOIN organisation c ON c.id = e.orgc_id",
    "o": " LEFT JOIN object o ON a.object_id <> 0 AND o.id = a.object_id",
    "tags": " LEFT JOIN LATERAL (SELECT string_agg(g.name, ',' ORDER BY x.id) AS names"
    " FROM attribute_tag x JOIN tag g ON g.id = x.tag_id AND g.exportable"
    " WHERE x.attribute_id = a.id) AS tags"
    " ON true",
}
_TAGS_OF_ALL: LiteralString = (
    " LEFT JOIN (SELECT x.attribute_id, string_agg(g.name, ',' ORDER BY x.id) AS names"
    " FROM attribute_tag x JOIN tag g ON g.id = x.tag_id AND g.exportable"
    " GROUP BY x.attribute_id) AS tags"
    " ON tags.attribute_id = a.id"
)


class Selection(NamedTuple):
    """Attributes to export: where they come from, which of them, in which order and page."""

    start: Fragment
    condition: Fragment
    page: Fragment
    needs_event: bool
    narrow: bool

    def rows(self, select: LiteralString, needs: frozenset[str]) -> Fragment:
        """The statement that gives some columns of them."""
        if self.needs_event:
            needs |= {"e"}
        text = "SELECT " + select + " FROM " + self.start.text + " AS a"
        for name in ("e", "c", "o"):
            if name in needs:
                text += _JOINS[name]
        if "tags" in needs:
            text += _JOINS["tags"] if self.narrow else _TAGS_OF_ALL
        text += " WHERE " + self.condition.text + self.page.text
        return Fragment(text, (*self.start.params, *self.condition.params, *self.page.params))


def of_attributes(session: Session, filters: Filters) -> Selection:
    """What a search of attributes finds."""
    start, condition, needs_event = conditions.attributes_alone(session, filters)
    page = Fragment("")
    if filters.limit is not None or filters.order:
        order = attributes.order_by(filters.order, attributes.ORDERS, "attribute")
        page = Fragment(order)
    if filters.limit is not None:
        page = Fragment(page.text + " LIMIT %s OFFSET %s", (filters.limit, filters.offset))
    narrow = bool(filters.value or filters.eventid or filters.uuid or filters.limit)
    return Selection(start, condition, page, needs_event, narrow)


def of_events(session: Session, filters: Filters) -> Selection:
    """The attributes in the events that a search finds, as far as they are wanted themselves."""
    found = events.selected(session, filters)
    unwanted = Terms(none=filters.tags.none)
    inside = Filters(to_ids=filters.to_ids, deleted=filters.deleted, tags=unwanted)
    _, condition, _ = conditions.attributes_alone(session, inside)
    return Selection(
        Fragment("attribute"),
        Fragment("a.event_id IN (" + found.text + ") AND " + condition.text,
                 (*found.params, *condition.params)),
        Fragment(""),
        needs_event=False,
        narrow=bool(filters.value or filters.eventid or filters.uuid or filters.limit),
    )  # fmt: skip


def narrowed(chosen: Selection, part: Fragment, *, needs_event: bool = False) -> Selection:
    """With one more condition."""
    condition = Fragment(
        "(" + chosen.condition.text + ") AND " + part.text, (*chosen.condition.params, *part.params)
    )
    return chosen._replace(condition=condition, needs_event=chosen.needs_event or needs_event)


def count(session: Session, chosen: Selection) -> int:
    """How many there are."""
    rows = chosen.rows("a.id", frozenset())
    return int(session.value("SELECT count(*) FROM (" + rows.text + ") AS chosen", rows.params))


# Formats --------------------------------------------------------------------------------

_PUBLISHED = Fragment("e.published AND a.to_ids")


def as_csv(
    session: Session, chosen: Selection, names: Sequence[str], out: IO[bytes], *, header: bool
) -> int:
    """MISP's CSV; the number of lines."""
    used = [(name, COLUMNS.get(name, _UNKNOWN)) for name in names]
    parts: list[LiteralString] = []
    forced: list[LiteralString] = []
    for (name, column), alias in zip(used, _ALIASES, strict=False):
        text = _safe(column.text) if name in _FREE else column.text
        parts.append(text + " AS " + alias)
        if column.quoted:
            forced.append(alias)
    needs = frozenset().union(*(column.needs for _, column in used))
    if header:
        out.write((",".join(names) + "\n").encode())
    quoting: LiteralString = ", FORCE_QUOTE (" + ", ".join(forced) + ")" if forced else ""
    ending = ") TO STDOUT (FORMAT csv" + quoting + ")"
    found = _copied(session, chosen.rows(", ".join(parts), needs), ending, out)
    out.write(b"\n")
    return found


def _safe(text: LiteralString) -> LiteralString:
    """`brug.formats.csv.safe` in SQL, by the code of the first character of its LEADS."""
    return (
        "CASE WHEN ascii(" + text + ") IN (61, 43, 45, 64, 9, 13, 10, 39,"
        " 65309, 65291, 65293, 65312) THEN '''' || " + text
        + " ELSE " + text + " END"
    )  # fmt: skip


def as_text(session: Session, chosen: Selection, out: IO[bytes]) -> int:
    """One value a line, of published events and for detection; the number of lines."""
    chosen = narrowed(chosen, _PUBLISHED, needs_event=True)
    found = _lined(session, chosen.rows(_VALUE, frozenset()), out)
    _end(out, found)
    return found


def as_values(session: Session, chosen: Selection, out: IO[bytes]) -> int:
    """One value a line, as the filters say; values of several lines are left out."""
    single = Fragment("strpos(a.value1, E'\\n') = 0 AND strpos(a.value2, E'\\n') = 0")
    return _lined(session, narrowed(chosen, single).rows(_VALUE, frozenset()), out)


def as_hashes(session: Session, chosen: Selection, out: IO[bytes]) -> int:
    """One hash of a file a line, of published events and for detection."""
    chosen = narrowed(chosen, _PUBLISHED, needs_event=True)
    of_files = Fragment("a.type = ANY (%s)", ([*hashes.PLAIN, *hashes.BEHIND_A_NAME],))
    rows = narrowed(chosen, of_files).rows(
        "CASE WHEN a.value2 = '' THEN a.value1 ELSE a.value2 END", frozenset()
    )
    found = _lined(session, rows, out)
    _end(out, found)
    return found


def as_cache(session: Session, chosen: Selection, out: IO[bytes]) -> int:
    """The MD5 of each value, as MISP's feeds keep them to compare with."""
    select: LiteralString = "md5(" + _VALUE + ")"
    found = _lined(session, chosen.rows(select, frozenset()), out)
    _end(out, found)
    return found


def as_cache_of_events(session: Session, chosen: Selection, out: IO[bytes]) -> int:
    """The MD5 of each value and the UUID of its event, as a partner caches this node.

    A page of nothing is empty: the partner asks for pages until it gets that.
    """
    select: LiteralString = "md5(" + _VALUE + ") || ',' || e.uuid"
    return _lined(session, chosen.rows(select, frozenset({"e"})), out)


FORMATS: dict[str, Callable[[Session, Selection, IO[bytes]], int]] = {
    "text": as_text, "values": as_values, "hashes": as_hashes, "cache": as_cache,
}  # fmt: skip


def _end(out: IO[bytes], found: int) -> None:
    """MISP ends an empty list with a line."""
    if not found:
        out.write(b"\n")


class _Dropping(io.RawIOBase):
    """Passes on what is written, without the quotes."""

    def __init__(self, out: IO[bytes]) -> None:
        self._out = out

    def writable(self) -> bool:
        return True

    def write(self, piece: Any) -> int:
        self._out.write(bytes(piece).replace(_QUOTE, b""))
        return len(piece)


def _lined(session: Session, rows: Fragment, out: IO[bytes]) -> int:
    with io.BufferedWriter(_Dropping(out), _PIECE) as lines:
        return _copied(session, rows, _LINES, lines)


def _copied(session: Session, rows: Fragment, ending: LiteralString, out: IO[bytes]) -> int:
    write = out.write
    with session.connection.cursor() as cursor:
        with cursor.copy("COPY (" + rows.text + ending, rows.params) as copy:
            for row in copy:
                write(row)
        return cursor.rowcount
