# SPDX-License-Identifier: EUPL-1.2
"""Taking over events one by one, each in a transaction of its own with all that hangs on it.

An event that was taken before is left alone unless it changed there since; one to which
anything was added here since is never overwritten. Between two events nothing is held.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from brug.model.errors import BrugError
from brug.moving import event_rows, event_storing
from brug.moving.as_stored import changed_since, normal_of
from brug.moving.client import Refused as RefusedThere
from brug.moving.event_rows import Names
from brug.moving.normal import Normaliser, digest
from brug.moving.numbers import Moved, Numbers, known, note
from brug.moving.report import Refused
from brug.moving.taking import Source, reason_of, unwrapped
from brug.store.session import Session

# Deleted items too, local tags and attachments; without what is only derived.
VIEW = (
    "/deleted[]:0/deleted[]:1/includeAttachments:1/excludeGalaxy:1/includeEventCorrelations:0"
    "/includeFeedCorrelations:0/includeWarninglistHits:0/includeServerCorrelations:0"
)
INDEX = "/events/index/sort:id/direction:asc"
Raw = Mapping[str, Any]


class Taker(msgspec.Struct):
    """What is the same for all events of a move."""

    source: Source
    numbers: Numbers
    normaliser: Normaliser  # of what the other side answers
    here: Normaliser
    again: bool  # ask for events that were taken already as well

    def names(self) -> Names:
        numbers = self.numbers
        return Names(
            organisation=lambda raw: numbers.organisations.get(str(raw.get("uuid")).lower()),
            group=lambda remote: numbers.of("sharing_group", remote),
            user=lambda email: numbers.emails.get(email.lower(), 0),
            keeps_ids=self.source.move.keeps_ids,
        )


def taker(source: Source, *, again: bool = False) -> Taker:
    with source.database.as_user(source.user_id) as session:
        numbers = Numbers(session, source.move)
        groups = dict(
            session.all(
                "SELECT remote, uuid::text FROM moved"
                " WHERE moving_id = %s AND kind = 'sharing_group'",
                (source.move.id,),
            )
        )
    ours = {str(number): uuid for number, uuid in numbers.groups.items()}
    kept = source.move.keeps_ids
    there, here = (Normaliser(named, numbers=kept) for named in (groups, ours))
    return Taker(source, numbers, there, here, again)


def take_events(source: Source, *, again: bool = False) -> None:
    """All events of the other side, oldest first."""
    one = taker(source, again=again)
    done = 0
    for page in source.misp.pages(INDEX):
        listed = [unwrapped(item, "Event") for item in page]
        with source.database.as_user(source.user_id) as session:
            before = known(session, source.move, "event", [str(e.get("id")) for e in listed])
        for event in listed:
            total = max(source.misp.result_count, done + 1)
            source.told(f"event {event.get('id')}", done, total)
            source.report.count("event", there=1)
            if _take(one, event, before.get(str(event.get("id")))):
                source.report.count("event", here=1)
            done += 1


def _take(one: Taker, listed: Raw, before: Moved | None) -> bool:
    """Whether the event is here now as it is there."""
    source = one.source
    name = f"event {listed.get('id')} ({listed.get('uuid')})"
    stamp = _stamp(listed)
    if before is not None and before.stamp == stamp and not one.again:
        return True
    try:
        return _fetch_and_store(one, listed, before, name, stamp)
    except RefusedThere as error:
        source.report.refused.append(Refused(name, str(error)))
    except BrugError as error:
        source.report.refused.append(Refused(name, reason_of(error)))
    return False


def _fetch_and_store(one: Taker, listed: Raw, before: Moved | None, name: str, stamp: int) -> bool:
    source = one.source
    raw = unwrapped(source.misp.get(f"/events/view/{listed['id']}{VIEW}"), "Event")
    there = digest(one.normaliser.event(raw))
    if before is not None and before.digest == there:
        with source.database.as_user(source.user_id) as session:
            _note(session, one, listed, before.local, stamp, there, before.kept)
        return True
    rows = event_rows.rows_of(raw, listed, one.names())
    with source.database.as_user(source.user_id) as session:
        if before is not None and not _make_room(session, one, before, name):
            return False
        event_id = event_storing.store(session, rows)
        kept = digest(normal_of(session, one.here, event_id) or {})
        _note(session, one, listed, event_id, stamp, there, kept)
    source.report.refused += [Refused(f"{name} {r.item}", r.reason) for r in rows.refused]
    return True


def _make_room(session: Session, one: Taker, before: Moved, name: str) -> bool:
    """Whether the copy of a former run could be removed; one that changed here stays."""
    if not event_storing.is_stored(session, before.local):
        return True
    if changed_since(session, one.here, before):
        why = "it changed here since it was taken over"
        one.source.report.refused.append(Refused(name, why))
        return False
    event_storing.remove(session, before.local)
    return True


def _note(
    session: Session,
    one: Taker,
    listed: Raw,
    event_id: int,
    stamp: int,
    there: bytes,
    kept: bytes | None,
) -> None:
    note(
        session, one.source.move, "event", listed["id"], event_id,
        uuid=str(listed.get("uuid")), stamp=stamp, digest=there, kept=kept,
    )  # fmt: skip


def _stamp(listed: Raw) -> int:
    """Changes with the event and with its sightings: the times of both, side by side."""
    times = [int(str(listed.get(n) or 0)) for n in ("timestamp", "sighting_timestamp")]
    return (times[0] << 32) | (times[1] & 0xFFFFFFFF)
