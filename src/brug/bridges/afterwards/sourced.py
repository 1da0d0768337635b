# SPDX-License-Identifier: EUPL-1.2
"""How long events from MISP servers and feeds are kept, as the record of each source says.

Counted from the last version that came. An event that several sources brought goes when the time
of all of them is over, and stays where one of them sets none. What people here did with it keeps
it: a legal hold, an edit, sightings, proposals and notes of organisations here, tags for
themselves, a collection, a drawing, an event that extends it, a case that it is linked to. What
went comes again when the source has a newer version, or somebody asks for it by its UUID.
"""

from datetime import UTC, datetime
from typing import Literal, LiteralString

import msgspec
import structlog

from brug.bridges import ledger
from brug.bridges.crossing import removing
from brug.bridges.feeds import working
from brug.bridges.misp import accounts
from brug.cases import values
from brug.cases.values import Shared
from brug.directory import servers
from brug.intel.finding import claim
from brug.model.errors import BrugError, Forbidden, Invalid, NotFound
from brug.store import audit
from brug.store.session import Database, Session

log = structlog.get_logger("brug.bridges.afterwards")

ONE_ROUND = 500
LONGEST = 36_500
KeptBy = Literal["", "hold", "edit", "said", "tags", "gathered", "extended", "case"]


class Item(msgspec.Struct, frozen=True):
    """An event that goes, or that something keeps: `kept` says what, "" nothing."""

    sources: list[str]
    event_id: int
    event_uuid: str
    info: str
    came: datetime
    goes: datetime
    kept: KeptBy


def of_server(session: Session, server_id: int) -> int:
    """Days; 0 for good. Raises NotFound."""
    found = session.value(
        "SELECT retention_days FROM server_work WHERE server_id = %s", (server_id,)
    )
    if found is None:
        raise NotFound(f"no server {server_id}")
    return int(found)


def set_of_server(session: Session, server_id: int, days: int) -> None:
    """For how many days the events of a server are kept. Raises Invalid, Forbidden, NotFound."""
    if not session.principal.is_site_admin:
        raise Forbidden(f"{session.principal.email} may not change servers")
    if not 0 <= days <= LONGEST:
        raise Invalid("days", f"0 (for good) to {LONGEST}", str(days))
    before = of_server(session, server_id)
    session.execute(
        "UPDATE server_work SET retention_days = %s WHERE server_id = %s", (days, server_id)
    )
    change = {"retention_days": [before, days]}
    audit.record(
        session, "edit", "Server", server_id, servers.view(session, server_id).name, change
    )


# In this order, the first that holds is what is told.
_KEPT: LiteralString = """
CASE WHEN EXISTS (SELECT 1 FROM legal_hold h WHERE h.event_uuid = e.uuid) THEN 'hold'
WHEN e.timestamp > d.version THEN 'edit'
WHEN EXISTS (SELECT 1 FROM sighting s JOIN organisation o ON o.id = s.org_id AND o.local
        WHERE s.event_id = e.id)
    OR EXISTS (SELECT 1 FROM proposal p JOIN organisation o ON o.id = p.org_id AND o.local
        WHERE p.event_id = e.id)
    OR EXISTS (SELECT 1 FROM analyst_data a JOIN organisation o ON o.id = a.orgc_id AND o.local
        WHERE a.event_id = e.id) THEN 'said'
WHEN EXISTS (SELECT 1 FROM event_tag t WHERE t.event_id = e.id AND t.local)
    OR EXISTS (SELECT 1 FROM attribute_tag t WHERE t.event_id = e.id AND t.local) THEN 'tags'
WHEN EXISTS (SELECT 1 FROM collection_element c
        WHERE c.element_type = 'Event' AND c.element_uuid = e.uuid)
    OR EXISTS (SELECT 1 FROM event_graph g WHERE g.event_id = e.id) THEN 'gathered'
WHEN EXISTS (SELECT 1 FROM event x WHERE x.extends_uuid = e.uuid) THEN 'extended'
ELSE '' END
"""
_ITEMS: LiteralString = (
    "WITH source AS (SELECT s.*, coalesce(v.name, f.name) AS name,"
    "   coalesce(w.retention_days, f.retention_days) AS days FROM source_event s"
    "   LEFT JOIN server v ON v.id = s.server_id LEFT JOIN server_work w ON w.server_id = v.id"
    "   LEFT JOIN feed f ON f.id = s.feed_id WHERE s.ended IS NULL"
    "   AND (%(event)s::bigint IS NULL OR s.event_id = %(event)s)),"
    " d AS (SELECT event_id, array_agg(name ORDER BY id) AS names, max(came) AS came,"
    "   max(came + make_interval(days => days)) AS goes, max(version) AS version,"
    "   (array_agg(server_id ORDER BY id))[1] AS server_id,"
    "   (array_agg(feed_id ORDER BY id))[1] AS feed_id"
    "   FROM source GROUP BY event_id HAVING bool_and(days > 0))"
    " SELECT * FROM (SELECT d.names, e.id, e.uuid::text, e.info, d.came, d.goes, "
    + _KEPT
    + " AS kept,"
    "   d.server_id, d.feed_id FROM d JOIN event e ON e.id = d.event_id"
    "   WHERE d.goes < %(until)s AND (d.goes, e.id) > (%(goes)s, %(after)s)) AS i"
    " WHERE NOT %(undone)s OR kept = '' ORDER BY goes, id LIMIT %(most)s"
)


class _Found(msgspec.Struct, frozen=True):
    item: Item
    server_id: int | None
    feed_id: int | None


_FIRST = (datetime.min.replace(tzinfo=UTC), 0)


def _find(
    session: Session, *, until: datetime, most: int, event_id: int | None = None,
    after: tuple[datetime, int] = _FIRST, undone: bool = False,
) -> list[_Found]:  # fmt: skip
    """The next to go first, behind `after`; `undone`: without most of what is kept."""
    asked = {
        "until": until, "most": most, "event": event_id, "goes": after[0], "after": after[1],
        "undone": undone,
    }  # fmt: skip
    found = []
    for *fields, server_id, feed_id in session.all(_ITEMS, asked):
        item = Item(*fields)
        if not item.kept and _is_linked(session, item):
            item = msgspec.structs.replace(item, kept="case")
        found.append(_Found(item, server_id, feed_id))
    return found


def _is_linked(session: Session, item: Item) -> bool:
    """Whether some case names the event or an attribute of it. Cases are sealed: their marks
    are compared.
    """
    if not session.value("SELECT EXISTS (SELECT 1 FROM case_value)"):
        return False
    attributes = session.all(
        "SELECT uuid::text FROM attribute WHERE event_id = %s", (item.event_id,)
    )
    named = [Shared("event", item.event_uuid), *(Shared("attribute", row[0]) for row in attributes)]
    marks = session.seal.marks([one.marked for one in named], values.PURPOSE)
    return bool(
        session.value("SELECT EXISTS (SELECT 1 FROM case_value WHERE mark = ANY (%s))", (marks,))
    )


def listed(session: Session, most: int = 100) -> list[Item]:
    """The next to go first. For the system and site admins: whose servers are."""
    latest = datetime.max.replace(tzinfo=UTC)
    return [one.item for one in _find(session, until=latest, most=most)]


def end_due(database: Database) -> list[Item]:
    """Deletes what is due and nothing keeps, at most ONE_ROUND; what was deleted."""
    done: list[Item] = []
    after, now = _FIRST, datetime.now(UTC)
    while len(done) < ONE_ROUND:
        with database.system() as session:
            some = _find(session, until=now, most=ONE_ROUND, after=after, undone=True)
            due = [(one, _account(session, one)) for one in some if not one.item.kept]
        done += [one.item for one, account in due if _ended(database, account, one)]
        if len(some) < ONE_ROUND:
            break
        after = some[-1].item.goes, some[-1].item.event_id
    return done


def _ended(database: Database, account: int, one: _Found) -> bool:
    try:
        return _end(database, account, one)
    except NotFound:
        return False  # somebody was quicker
    except BrugError as error:
        # The time of all others is over as well; this one is tried in the next round.
        log.warning("time not ended", uuid=one.item.event_uuid, reason=str(error))
        return False


def _account(session: Session, one: _Found) -> int:
    """Whose copy it is: by the account that stores what its first source brings."""
    if one.server_id is not None:
        return accounts.of_server(session, servers.view(session, one.server_id)).own
    return working.account_of(session, one.feed_id or 0)


def _end(database: Database, account: int, one: _Found) -> bool:
    with database.as_user(account) as session:
        held = claim(session, one.item.event_id)
        with session.as_system():
            now = datetime.now(UTC)
            still = _find(session, until=now, most=1, event_id=held.event_id)
            if not still or still[0].item.kept:
                return False
        removing.remove(session, held.event_id)
        with session.as_system():
            session.execute(
                "UPDATE source_event SET ended = now() WHERE event_id = %s AND ended IS NULL",
                (held.event_id,),
            )
            came = one.item.came.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
            payload = {
                "event": held.uuid, "outcome": "deleted", "came": came,
                "server": one.server_id or 0, "feed": one.feed_id or 0,
            }  # fmt: skip
            ledger.record(session, "retention", payload)
        change = {"retention": "deleted", "sources": one.item.sources}
        audit.record(session, "retention", "Event", held.event_id, one.item.info, change)
    return True
