# SPDX-License-Identifier: EUPL-1.2
"""The values of a list, as attributes of an event: one that stays, or one for each version.

`feed_line` knows by hash what the list brought and which attribute that became, so a value
is added once, also when a run was cut off halfway, and with delta merge what the list no
longer has is taken back. Each call below is a part of a run, in a transaction of its own.
"""

import hashlib
from collections.abc import Sequence
from uuid import UUID

import msgspec

from brug.formats.json_text import Malformed, decode
from brug.intel import adding, attributes, extending
from brug.intel.feed import refusing
from brug.intel.feed.feed_events import tags_of
from brug.intel.feed.feeds import Feed
from brug.intel.feed.recognising import Line
from brug.intel.feed.refusing import NewRefusal
from brug.intel.finding import Claim, claim
from brug.intel.publishing import publish, touch
from brug.intel.vocabulary.matching import match
from brug.model.attribute_types import Checked
from brug.model.event import INHERIT, SHARING_GROUP, OrganisationRef
from brug.model.new_event import GroupRef, NewAttribute, NewEvent, NewTag, Refusal
from brug.store import audit, settings
from brug.store.session import Session

AT_ONCE = 2_000


class Run(msgspec.Struct, frozen=True):
    """A run under way: its number, the event that it fills, and how many values are in it."""

    number: int
    event_id: int
    room: int


class Counts(msgspec.Struct):
    """What a run did."""

    added: int = 0
    kept: int = 0
    removed: int = 0
    refused: int = 0

    def add(self, other: "Counts") -> None:
        self.added += other.added
        self.kept += other.kept
        self.removed += other.removed
        self.refused += other.refused


class ListSettings(msgspec.Struct, frozen=True):
    """What a feed's `settings` say about a list."""

    value: object = ""
    delimiter: object = ""
    excluded: str = ""
    warninglists: str = "keep"  # soft: not for detection; drop: refused
    disable_correlation: bool = False


def settings_of(feed: Feed) -> ListSettings:
    """As MISP keeps them: `csv`, `common` and, of ours, `common.warninglists`."""
    try:
        found = decode(feed.settings.encode())
    except Malformed:
        found = {}
    if isinstance(found, str):  # JSON in JSON, as clients post it
        found = _object(found)
    found = found if isinstance(found, dict) else {}
    csv, common = _part(found, "csv"), _part(found, "common")
    return ListSettings(
        csv.get("value", ""), csv.get("delimiter", ""), str(common.get("excluderegex") or ""),
        str(common.get("warninglists") or "keep"),
        str(found.get("disable_correlation", "")).lower() in {"1", "true"},
    )  # fmt: skip


def _object(text: str) -> object:
    try:
        return decode(text.encode())
    except Malformed:
        return {}


def _part(found: dict[str, object], name: str) -> dict[str, object]:
    part = found.get(name)
    return part if isinstance(part, dict) else {}


def begin(session: Session, feed: Feed, content: bytes) -> Run:
    """The run that takes in this content: a new one, or the one that was cut off."""
    session.execute(
        "INSERT INTO feed_job (feed_id, action) VALUES (%s, 'fetch') ON CONFLICT DO NOTHING",
        (feed.id,),
    )
    row = session.one(
        "SELECT run, run_event_id, run_digest FROM feed_job"
        " WHERE feed_id = %s AND action = 'fetch' FOR UPDATE",
        (feed.id,),
    )
    number, event_id, digest = row or (0, 0, None)
    goes_on = digest is not None and bytes(digest) == content
    if feed.fixed_event:
        event_id = feed.event_id
    elif not goes_on:
        event_id = 0
    if not event_id or not _is_there(session, event_id):
        event_id = _new_event(session, feed)
        if feed.fixed_event:
            session.execute("UPDATE feed SET event_id = %s WHERE id = %s", (event_id, feed.id))
    session.execute(
        "DELETE FROM feed_line WHERE feed_id = %s AND event_id <> %s", (feed.id, event_id)
    )
    number = number if goes_on else number + 1
    session.execute(
        "UPDATE feed_job SET run = %s, run_event_id = %s, run_digest = %s"
        " WHERE feed_id = %s AND action = 'fetch'",
        (number, event_id, content, feed.id),
    )
    return Run(number, event_id, _room(session, feed))


def _room(session: Session, feed: Feed) -> int:
    """How many values more the event takes in."""
    held = session.value(
        "SELECT count(*) FROM feed_line WHERE feed_id = %s AND attribute_id > 0", (feed.id,)
    )
    return int(settings.get(session, "feeds.values")) - int(held)


def _is_there(session: Session, event_id: int) -> bool:
    return session.value("SELECT id FROM event WHERE id = %s", (event_id,)) is not None


def _new_event(session: Session, feed: Feed) -> int:
    new = NewEvent(None, f"{feed.name} feed", published=False)
    new.distribution = feed.distribution
    new.group = GroupRef(feed.sharing_group_id) if feed.distribution == SHARING_GROUP else None
    new.disable_correlation = settings_of(feed).disable_correlation
    new.analysis, new.threat_level_id = 2, 4
    new.tags = [NewTag(name) for name in tags_of(session, feed)]
    row = session.one("SELECT id, name, uuid::text, local FROM organisation WHERE id = %s",
                      (feed.orgc_id,))  # fmt: skip
    new.orgc = OrganisationRef(*row) if row else None
    return adding.add(session, new, keep_empty=True).event_id


Read = tuple[Line, Checked]


def _digest(checked: Checked) -> UUID:
    named = f"{checked.type}\0{checked.value1}\0{checked.value2}"
    return UUID(bytes=hashlib.sha256(named.encode("utf-8", "replace")).digest()[:16])


def take(session: Session, feed: Feed, run: Run, lines: Sequence[Line]) -> tuple[Run, Counts]:
    """Stores the values that are new; the run goes on with what is left of its room."""
    bad = [line for line in lines if line.found is None]
    refusing.note(
        session,
        feed.id,
        [NewRefusal("value", f"line {one.number}", one.text, one.reason) for one in bad],
    )
    read = [(line, line.found.checked) for line in lines if line.found is not None]
    by_digest: dict[UUID, Read] = {_digest(checked): (line, checked) for line, checked in read}
    known = session.all(
        "UPDATE feed_line SET run = %s WHERE feed_id = %s AND digest = ANY (%s)"
        " RETURNING digest, attribute_id",
        (run.number, feed.id, list(by_digest)),
    )
    counts = Counts(kept=sum(1 for _, number in known if number), refused=len(bad))
    counts.refused += len(known) - counts.kept
    there = {digest for digest, _ in known}
    new = {digest: one for digest, one in by_digest.items() if digest not in there}
    if not new:
        return run, counts
    stored = _store(session, feed, run, new)
    counts.added += sum(1 for number in stored.values() if number)
    counts.refused += sum(1 for number in stored.values() if not number)
    session.execute(
        "INSERT INTO feed_line (feed_id, digest, event_id, attribute_id, run)"
        " SELECT %s, d, %s, a, %s FROM unnest(%s::uuid[], %s::bigint[]) AS n (d, a)"
        " ON CONFLICT (feed_id, digest) DO UPDATE SET run = excluded.run,"
        " attribute_id = excluded.attribute_id",
        (feed.id, run.event_id, run.number, list(stored), list(stored.values())),
    )
    return msgspec.structs.replace(run, room=run.room - counts.added), counts


def _store(session: Session, feed: Feed, run: Run, new: dict[UUID, Read]) -> dict[UUID, int]:
    """The attribute that each value became; 0 where it was refused, which is kept."""
    limit = int(settings.get(session, "feeds.values"))
    fitting = dict(list(new.items())[: max(run.room, 0)])
    refused = [
        NewRefusal("value", f"line {line.number}", line.text,
                   f"More than {limit} values (setting feeds.values).")
        for digest, (line, _) in new.items() if digest not in fitting
    ]  # fmt: skip
    made = _made(session, feed, [checked for _, checked in fitting.values()])
    held = claim(session, run.event_id)
    alike = attributes.alike(session, run.event_id, made)
    found: dict[UUID, int] = {}
    fresh: list[tuple[int, NewAttribute]] = []
    for place, (digest, item) in enumerate(zip(fitting, made, strict=True)):
        there = alike.get(attributes.likeness(item))
        found[digest] = there.id if there is not None else 0
        if there is None:
            fresh.append((place, item))
    digests, lines = list(fitting), [line for line, _ in fitting.values()]
    outcome = extending.add_attributes(session, held, fresh, [])
    for place, number in outcome.stored.items():
        found[digests[place]] = number
    for one in outcome.refused:
        line = lines[int(one.place.rpartition("_")[2])]
        refused.append(NewRefusal("value", f"line {line.number}", line.text, _reason(one)))
    refusing.note(session, feed.id, refused)
    return found


def _reason(refusal: Refusal) -> str:
    return "; ".join(f"{field}: {' '.join(texts)}" for field, texts in refusal.errors.items())


def _made(session: Session, feed: Feed, read: Sequence[Checked]) -> list[NewAttribute]:
    said = settings_of(feed)
    made = []
    for c in read:
        to_ids = (c.to_ids or feed.force_to_ids) and not feed.override_ids
        item = NewAttribute(None, c.type, c.category, to_ids, c.value1, c.value2)
        item.distribution = INHERIT
        item.unlisted = said.warninglists == "drop"
        made.append(item)
    if said.warninglists == "soft":
        hits = match(session, [(item.type, item.value1, item.value2) for item in made])
        for item, lists in zip(made, hits, strict=True):
            item.to_ids = item.to_ids and not lists
    return made


def drop_vanished(session: Session, feed: Feed, run: Run) -> int:
    """Takes back some of what the list had and no longer has; how many, 0 when done."""
    rows = session.all(
        "DELETE FROM feed_line WHERE feed_id = %s AND digest IN (SELECT digest FROM feed_line"
        " WHERE feed_id = %s AND run < %s LIMIT %s) RETURNING attribute_id",
        (feed.id, feed.id, run.number, AT_ONCE),
    )
    ids = [int(row[0]) for row in rows if row[0]]
    if ids:
        held = claim(session, run.event_id)
        gone = attributes.mark_deleted(session, held, ids)
        if gone:
            touch(session, held)
            audit.record(session, "soft-delete", "Attribute", gone[0],
                         change={"attributes": gone[:100], "feed": feed.id})  # fmt: skip
    return len(rows)


def finish(session: Session, feed: Feed, run: Run) -> None:
    """Publishes what is to be published."""
    if not feed.publish:
        return
    held: Claim = claim(session, run.event_id)
    if not held.published:
        publish(session, run.event_id)


def last_run(session: Session, feed: Feed) -> Run | None:
    """The run that a value of an earlier one would have belonged to; None before the first."""
    row = session.one(
        "SELECT l.event_id, max(l.run) FROM feed_line l JOIN event e ON e.id = l.event_id"
        " WHERE l.feed_id = %s GROUP BY l.event_id ORDER BY max(l.run) DESC LIMIT 1",
        (feed.id,),
    )
    if row is None:
        return None
    return Run(int(row[1]), int(row[0]), _room(session, feed))


def forget_refused(session: Session, feed: Feed) -> None:
    """Values that were refused are looked at again, should they come."""
    session.execute("DELETE FROM feed_line WHERE feed_id = %s AND attribute_id = 0", (feed.id,))
