# SPDX-License-Identifier: EUPL-1.2
"""Calendars at secret addresses: for programs that cannot sign in.

An address holds 256 random bits, is shown once, and is known here by its digest. Whoever has it
reads what its owner may read at that moment, so it ends with the owner's account, and the owner
can take it back.
"""

import secrets
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import msgspec

from brug import __version__
from brug.cases.calendar import gathering, writing
from brug.cases.calendar.gathering import Asked, Place
from brug.cases.calendar.items import Item
from brug.cases.refusing import Refused
from brug.model.errors import Invalid, NotFound, Unauthenticated
from brug.model.words import N_
from brug.store import audit, settings
from brug.store.session import Database, Session

PATH = "/cases/calendar/feed"
MOST = 20
LONGEST_NAME = 100
BACK, AHEAD = timedelta(days=31), timedelta(days=400)
IN_EACH = 2_000  # times at which something ends in a case: late, and to come
PARTS = 10  # of as many each: who wants their own alone has them looked for among so much


class Feed(msgspec.Struct, frozen=True):
    """What its owner knows of an address."""

    id: int
    name: str
    with_titles: bool
    only_mine: bool
    made: datetime
    used: datetime | None


class Read(msgspec.Struct, frozen=True):
    """A calendar, and by what it is told from another one; without data where that is known."""

    data: bytes
    tag: str


def listed(session: Session) -> list[Feed]:
    """The principal's own, the newest first."""
    rows = session.all(
        "SELECT id, name, with_titles, only_mine, made, used FROM case_calendar_feed"
        " WHERE user_id = %s ORDER BY id DESC",
        (session.principal.user_id,),
    )
    return [Feed(*row) for row in rows]


def make(
    session: Session, name: str = "", *, with_titles: bool = False, only_mine: bool = False
) -> tuple[int, str]:
    """Its number, and the address, which nobody can be told again. Raises Invalid, Conflict."""
    name = name.strip()
    if len(name) > LONGEST_NAME or not (name.isprintable() or not name):
        raise Invalid("name", f"a text of at most {LONGEST_NAME} characters", name)
    if len(listed(session)) >= MOST:
        raise Refused(N_("No more than %(most)s addresses of calendars are kept."), most=MOST)
    token = secrets.token_urlsafe(32)
    made = session.value(
        "INSERT INTO case_calendar_feed (user_id, digest, name, with_titles, only_mine)"
        " VALUES (%s, %s, %s, %s, %s) RETURNING id",
        (session.principal.user_id, _digest(token), name, with_titles, only_mine),
    )
    change = {"with_titles": with_titles, "only_mine": only_mine}
    audit.record(session, "add", "CalendarFeed", made, name, change)
    url = str(settings.get(session, "node.url")).rstrip("/")
    return int(made), f"{url}{PATH}/{token}.ics"


def revoke(session: Session, which: str) -> None:
    """From now on it is nobody's; by number, or by a name that one alone has. Raises NotFound."""
    named = [one for one in listed(session) if one.name and one.name == which.strip()]
    if len(named) == 1:
        which = str(named[0].id)
    found = None
    if which.isascii() and which.isdecimal() and len(which) < 10:
        found = session.one(
            "DELETE FROM case_calendar_feed WHERE id = %s AND user_id = %s RETURNING id, name",
            (int(which), session.principal.user_id),
        )
    if found is None:
        raise NotFound(f"no calendar address {which[:20]}")
    audit.record(session, "delete", "CalendarFeed", found[0], found[1])


def read(database: Database, token: str, known: str = "") -> Read:
    """What an address gives now, in its owner's language. `known` are tags that a program has:
    to write a calendar takes far longer than to find out that it is the same.

    Raises NotFound for one that nobody has, or has any more.
    """
    with database.system() as session:
        row = session.one(
            "UPDATE case_calendar_feed SET used = now() WHERE digest = %s"
            " RETURNING user_id, name, with_titles, only_mine",
            (_digest(token),),
        )
    if row is None:
        raise NotFound("no such calendar")
    user_id, name, with_titles, only_mine = row
    try:
        with database.as_user(user_id) as session:
            if session.principal.is_closed:
                raise NotFound("the calendar's owner has no account any more")
            now = datetime.now(UTC)
            # Each by itself: what is late keeps nothing out that is to come.
            items = [
                *_ending(session, now - BACK, now, only_mine=only_mine),
                *_ending(session, now, now + AHEAD, only_mine=only_mine),
            ]
            url = str(settings.get(session, "node.url")).rstrip("/")
            title = name or str(settings.get(session, "node.title"))
            language = session.principal.language
    except Unauthenticated as error:
        raise NotFound("the calendar's owner has no account any more") from error
    said = msgspec.json.encode((__version__, title, url, language, with_titles, items))
    tag = f'"{sha256(said).hexdigest()[:32]}"'
    if tag in known:
        return Read(b"", tag)
    return Read(writing.written(items, title, url, language, with_titles=with_titles), tag)


def _ending(session: Session, since: datetime, until: datetime, *, only_mine: bool) -> list[Item]:
    found: list[Item] = []
    after: Place | None = None
    for _ in range(PARTS):
        asked = Asked(since, until, IN_EACH, after)
        (part,) = gathering.gather_parts(session, [asked]).parts
        found += [one for one in part.items if one.is_mine or not only_mine]
        after = part.last
        if after is None or len(found) >= IN_EACH:
            break
    return found


def _digest(token: str) -> bytes:
    return sha256(token.encode("utf-8", "replace")).digest()
