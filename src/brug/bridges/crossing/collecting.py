# SPDX-License-Identifier: EUPL-1.2
"""Collecting: a node that its partner cannot reach fetches what is for it.

The one who collects keeps the place, in the partner's order of changes, up to which it has
everything; it moves on once the partner has the answers to what came. What was handed out and
not answered is handed out again from that place; it is the same message again, and changes
nothing where it arrived. A node that was restored from a backup holds an older place, or names
the time since when it may miss something, and so has it all once more.
"""

import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec

from brug.bridges import channel
from brug.bridges.crossing import (
    carrying,
    late_receipts,
    messages,
    noting,
    own_words,
    portions,
    together,
)
from brug.bridges.crossing.messages import Message, Written, encoded
from brug.bridges.crossing.receipts import Later, NoReceipt, Result
from brug.bridges.native import client, handling, in_answers, own
from brug.bridges.native.client import BadAnswer
from brug.bridges.partners import BridgeRow
from brug.model.errors import Invalid, NotFound
from brug.store.session import Database, Session

KIND = "changes"
AT_ONCE = 25  # changes that are looked at before it is seen whether there is room for more
SECONDS = 5.0  # and that one answer takes, where most of it is not for the partner
ROUNDS = 1000  # in one go, so that other partners have their turn

Answer = dict[str, Any]


# What is handed out ------------------------------------------------------------------


class _Tray:
    """Takes messages while there is room."""

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self.is_full = False
        self._size = 0

    def __call__(self, _: Database, __: BridgeRow, several: Sequence[Written]) -> list[Result]:
        return [self._put(one) for one in several]

    def _put(self, written: Written) -> Result:
        size = len(written.data)
        full = self._size + size > portions.BYTES or len(self.messages) == handling.BATCH
        if self.is_full or (self.messages and full):
            self.is_full = True
            return Later()
        self.messages.append(written.message)
        self._size += size
        return None


def hand_out(database: Database, bridge: BridgeRow, asked: Message) -> Answer:
    """The partner's answers to what it had are noted; what it has not comes, as far as it fits.

    `after` is the partner's place, if it knows one, `since` (where it was restored) a time;
    `answers` and `heard` are what it says to the messages, and to what it was told, last.
    With `fetches` it is not reached and comes by itself. Raises Invalid.
    """
    after, since, answers, heard = _read(asked)
    for number, answer in enumerate(answers):
        _note(database, bridge, answer, f"answers[{number}]")
    with database.system() as session:
        for said in heard:
            in_answers.heard(session, bridge, said)
        session.execute(
            "UPDATE channel SET collected = CASE WHEN %s THEN now() END WHERE bridge_id = %s",
            (asked.get("fetches") is True, bridge.id),
        )
        _once_more(session, bridge, after, since)
        told = in_answers.due(session, bridge)
    tray, until = _Tray(), time.monotonic() + SECONDS
    more = True
    while more and not tray.is_full and time.monotonic() < until:
        more = carrying.one_bridge(database, bridge.id, tray, AT_ONCE)
    with database.system() as session:
        place = session.value(
            "SELECT carried FROM bridge_progress WHERE bridge_id = %s", (bridge.id,)
        )
    return {
        "kind": KIND, "messages": tray.messages, "cursor": int(place or 0), "more": more,
        "told": told,
    }  # fmt: skip


def _read(asked: Message) -> tuple[int | None, datetime | None, list[Any], list[Any]]:
    after, since = asked.get("after"), asked.get("since")
    if after is not None and not _is_place(after):
        raise Invalid("after", "the cursor of the last answer", str(after))
    moment = None
    if since is not None:
        try:
            moment = datetime.strptime(str(since), _TIME).replace(tzinfo=UTC)
        except ValueError as error:
            raise Invalid("since", "a time as 2026-01-31T12:00:00Z", str(since)) from error
    return after, moment, _list(asked, "answers"), _list(asked, "heard")


def _list(asked: Message, name: str) -> list[Any]:
    found = asked.get(name, [])
    if not isinstance(found, list) or len(found) > handling.BATCH:
        raise Invalid(name, f"a list of at most {handling.BATCH}")
    return found


_TIME = "%Y-%m-%dT%H:%M:%SZ"


def _is_place(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**63


def _note(database: Database, bridge: BridgeRow, answer: Any, where: str) -> None:
    """A receipt, or why the partner did not take a message. Raises Invalid."""
    if not isinstance(answer, dict):
        raise Invalid(where, "an object")
    receipt, error = answer.get("receipt"), answer.get("error")
    try:
        if isinstance(receipt, dict):
            late_receipts.take(database, bridge, receipt)
        elif isinstance(error, dict):
            with database.system() as session:
                named = answer.get("event_uuid"), answer.get("digest")
                sent = late_receipts.handed_over(session, bridge, *named)
                if sent.state == "sent":
                    noting.failed(session, sent, str(error.get("message"))[:1000])
        else:
            raise Invalid(where, "an object with a receipt or an error")
    except NoReceipt as wrong:
        raise Invalid(f"{where}.receipt", "a statement that is signed by a valid key") from wrong
    except NotFound:
        # Answered before, and replaced by something else since.
        return


def _once_more(
    session: Session, bridge: BridgeRow, after: int | None, since: datetime | None
) -> None:
    """What was handed out and not answered, or is behind the partner's place, is due again."""
    again = session.all(
        "UPDATE crossing c SET state = 'waiting' WHERE c.bridge_id = %(bridge)s AND c.outward"
        " AND (c.state = 'sent'"
        "   OR (c.state = 'received' AND c.received >= %(since)s)"
        "   OR (c.state = 'received' AND EXISTS (SELECT 1 FROM event_change e, bridge_progress g"
        "     WHERE g.bridge_id = c.bridge_id AND e.event_id = c.event_id"
        "     AND e.position > %(after)s AND e.position <= g.carried)))"
        " RETURNING c.kind, c.event_uuid",
        {"bridge": bridge.id, "after": after, "since": since},
    )
    # Whoever was restored may have lost what it said itself in cases: we have it.
    session.execute(
        "UPDATE crossing SET state = 'gone' WHERE bridge_id = %s AND NOT outward AND kind = 'case'"
        " AND received >= %s",
        (bridge.id, since),
    )
    session.execute("SELECT all_cases_are_due(%s)", (bridge.id,))
    # Whoever was restored holds again what was taken back from it.
    session.execute(
        "UPDATE crossing SET state = 'received' WHERE id IN ("
        " SELECT DISTINCT ON (event_uuid) id FROM crossing WHERE bridge_id = %s AND outward"
        " AND kind = 'event' AND event_uuid = ANY (%s) ORDER BY event_uuid, id DESC)"
        " AND state = 'gone'",
        (bridge.id, [uuid for kind, uuid in again if kind == "withdrawal"]),
    )


# What is fetched ---------------------------------------------------------------------


def collect(database: Database, bridge: BridgeRow) -> int:
    """Fetches what the partner has for us; how many messages came.

    Raises what `client.send` raises; what came by then is stored.
    """
    with database.system() as session:
        known = channel.of(session, bridge.id)
    place, since, came = known.cursor, known.missed_since, 0
    common = {"kind": KIND, "fetches": known.collects}
    asked: Message = {**common, "after": place}
    if since is not None:
        asked["since"] = since.astimezone(UTC).strftime(_TIME)
    for _ in range(ROUNDS):
        got = _handed_out(client.send(database, bridge, encoded(asked)).document)
        # The partner has our answers: what came until here need not come again.
        done = not got.messages
        _remember(database, bridge, got.cursor if done else place, since)
        since, place = None, got.cursor
        heard = in_answers.take(database, bridge, got.told)
        answers = _stored(database, bridge, got.messages)
        came += len(got.messages)
        if done and not got.more and not (got.told and "heard" not in asked):
            break
        asked = {**common, "after": place, "answers": answers, "heard": heard}
    return came


class _HandedOut(msgspec.Struct):
    """The partner's answer: `cursor` is its place after the messages."""

    messages: Annotated[list[Any], msgspec.Meta(max_length=handling.BATCH)]
    cursor: Annotated[int, msgspec.Meta(ge=0)]
    more: bool = False
    told: Annotated[list[Any], msgspec.Meta(max_length=handling.BATCH)] = []


def _handed_out(said: Any) -> _HandedOut:
    """Raises BadAnswer."""
    try:
        return msgspec.convert(said, _HandedOut)
    except msgspec.ValidationError as error:
        raise BadAnswer(f"what is handed out comes in another form: {error}") from error


def _stored(database: Database, bridge: BridgeRow, several: list[Any]) -> list[Answer]:
    """What is said to each message."""
    if not several:
        return []
    named = [
        {"event_uuid": str(one.get("event_uuid")), "digest": messages.digest(one).hex()}
        if isinstance(one, dict)
        else {}
        for one in several
    ]
    taken = handling.handle(database, bridge, msgspec.json.encode(several))
    return [
        {**name, "receipt": answer["receipt"]} if "receipt" in answer
        else {**name, "error": answer.get("error", {})}
        for name, answer in zip(named, taken, strict=True)
    ]  # fmt: skip


def _remember(
    database: Database, bridge: BridgeRow, place: int | None, since: datetime | None
) -> None:
    with database.system() as session:
        session.execute(
            "UPDATE channel SET cursor = coalesce(%s, cursor),"
            " missed_since = nullif(missed_since, %s) WHERE bridge_id = %s",
            (place, since, bridge.id),
        )


def register() -> None:
    """Has this process hand out to partners, and take what comes or is fetched."""
    together.register()
    own.register()
    own_words.register()
    handling.WHOLE[KIND] = hand_out
