# SPDX-License-Identifier: EUPL-1.2
"""Sightings by filters, read in batches, so that a node's whole history can be asked for.

Where the node keeps reporters to themselves (`sightings.anonymise`), a filter by
organisation finds only what would name it.
"""

from collections.abc import Iterator, Sequence
from typing import LiteralString

import msgspec

from brug.intel.search import resolving
from brug.intel.search.fragments import NOTHING, Fragment, all_of
from brug.intel.search.matching import combined
from brug.intel.search.terms import Terms
from brug.intel.sighting.sightings import hides_reporters, reporter
from brug.store.session import Session

BATCH = 2_000


class Sought(msgspec.Struct):
    """What is asked for. `items` are ids and UUIDs of what `context` names."""

    context: str = ""
    items: Terms = Terms()
    types: list[int] | None = None
    since: int | None = None
    until: int | None = None
    orgs: Terms = Terms()
    source: Terms = Terms()
    limit: int | None = None
    page: int = 1


class Hit(msgspec.Struct):
    """A sighting with what it was reported on."""

    id: int
    uuid: str
    event_id: int
    attribute_id: int
    org_id: int
    org_name: str
    org_uuid: str
    date_sighting: int
    source: str
    type: int
    attribute_uuid: str
    event_uuid: str
    value: str
    attribute_type: str
    category: str
    to_ids: bool
    event_info: str
    event_org_id: int
    event_orgc_id: int
    event_orgc: str


_COLUMNS: LiteralString = (
    ", s.date_sighting, s.source, s.type, a.uuid::text, e.uuid::text,"
    " CASE WHEN a.value2 = '' THEN a.value1 ELSE a.value1 || '|' || a.value2 END,"
    " a.type, a.category, a.to_ids, e.info, e.org_id, e.orgc_id, c.name"
    " FROM sighting s JOIN organisation o ON o.id = s.org_id"
    " JOIN attribute a ON a.id = s.attribute_id JOIN event e ON e.id = s.event_id"
    " JOIN organisation c ON c.id = e.orgc_id WHERE "
)


def find(session: Session, sought: Sought) -> Iterator[list[Hit]]:
    """What the session sees of it, oldest first, in batches."""
    hidden = hides_reporters(session)
    condition = all_of(list(_conditions(session, sought, hidden)))
    start: LiteralString = "SELECT s.id, s.uuid::text, s.event_id, s.attribute_id, "
    text: LiteralString = (
        start + reporter(hidden=hidden) + _COLUMNS + condition.text + " ORDER BY s.id"
    )
    params = condition.params
    if sought.limit is not None:
        text += " LIMIT %s OFFSET %s"
        params = (*params, sought.limit, (sought.page - 1) * sought.limit)
    with session.connection.cursor(name="sightings") as cursor:
        cursor.execute(text, params)
        while rows := cursor.fetchmany(BATCH):
            yield [Hit(*row) for row in rows]


def _conditions(session: Session, sought: Sought, hidden: bool) -> Iterator[Fragment]:
    if sought.items or sought.context:
        yield combined(sought.items, lambda some: _on(session, sought.context, some))
    if sought.types is not None:
        yield Fragment("s.type = ANY (%s)", (sought.types,))
    if sought.since is not None:
        yield Fragment("s.date_sighting >= %s", (sought.since,))
    if sought.until is not None:
        yield Fragment("s.date_sighting <= %s", (sought.until,))
    if sought.orgs:
        # Who is kept hidden is not found either.
        told: LiteralString = " AND s.org_id = current_org_id()" if hidden else ""
        yield combined(
            sought.orgs,
            lambda some: Fragment(
                "(s.org_id = ANY (%s)" + told + ")", (resolving.organisations(session, some),)
            ),
        )
    if sought.source:
        yield combined(sought.source, lambda some: Fragment("s.source = ANY (%s)", (some,)))


def _on(session: Session, context: str, some: Sequence[str]) -> Fragment:
    uuids, ids = resolving.uuids(list(some)), resolving.numbers(list(some))
    if context == "event":
        return Fragment("s.event_id = ANY (%s)", (resolving.events(session, list(some)),))
    if context == "attribute":
        rows = session.all("SELECT id FROM attribute WHERE uuid = ANY (%s::uuid[])", (uuids,))
        return Fragment("s.attribute_id = ANY (%s)", ([*ids, *(int(row[0]) for row in rows)],))
    if not ids and not uuids:
        return NOTHING
    return Fragment(
        "s.id = ANY (%s) OR s.uuid = ANY (%s::uuid[]) OR a.uuid = ANY (%s::uuid[])"
        " OR e.uuid = ANY (%s::uuid[])",
        (ids, uuids, uuids, uuids),
    )
