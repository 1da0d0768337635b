# SPDX-License-Identifier: EUPL-1.2
"""A transfer that ends at any of its statements, at either side, and a network that misbehaves.

Where the process ends is, one after the other, each point of a whole transfer: what is not
committed is gone, as after kill -9. So all statements between two commits leave the same behind,
and one of those ends it, the last; with THOROUGH=1 each does. Afterwards the transfer goes on and
everything is there once.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql
from psycopg.pq import TransactionStatus
from tests.bridges.crossing.conftest import added, carry, crossings, new_event, stored
from tests.bridges.served import ADMIN, Served
from tests.thorough import IS_THOROUGH

from brug.bridges.crossing import carrying, inward, outbox, receipts
from brug.bridges.crossing.messages import Written
from brug.bridges.native import handling
from brug.bridges.partners import BridgeRow
from brug.cases import files, keeping
from brug.cases.acts import Joined, Said
from brug.edge.outgoing import NotReached
from brug.intel import publishing
from brug.intel.deleting import delete_event
from brug.store.session import Database

Two = tuple[Served, Served]


class Killed(BaseException):
    """The process is gone."""


@contextmanager
def dying_at(number: int) -> Iterator[list[int]]:
    """A connection of this process breaks before the `number`th commit from here, of whatever.

    Or, to be thorough, at the `number`th statement or commit.
    """
    count = [0]
    execute, commit = psycopg.Connection.execute, psycopg.Connection.commit

    def step(connection: psycopg.Connection[Any]) -> None:
        count[0] += 1
        if count[0] == number:
            connection.close()
            raise Killed

    def executed(self: Any, query: Any, *args: Any, **named: Any) -> Any:
        alone = self.info.transaction_status == TransactionStatus.IDLE and not begins(query)
        if alone or IS_THOROUGH:
            step(self)
        return execute(self, query, *args, **named)

    def committed(self: Any) -> None:
        step(self)
        commit(self)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(psycopg.Connection, "execute", executed)
        patch.setattr(psycopg.Connection, "commit", committed)
        yield count


def begins(query: str | bytes | sql.Composable) -> bool:
    """Whether it begins a transaction; whatever does not, and is in none, is committed at once."""
    text = query.as_bytes() if isinstance(query, sql.Composable) else query
    return text[:5] in {"BEGIN", b"BEGIN"}


def at_once(other: Served) -> carrying.Deliver:
    """Hands over in this process, so that the receiver's statements are counted as well."""
    inward.register()

    def deliver(
        database: Database, bridge: BridgeRow, several: Sequence[Written]
    ) -> list[receipts.Result]:
        with other.database.system() as session:
            there = session.value("SELECT id FROM bridge WHERE uuid = %s", (bridge.uuid,))
        known = other.bridge("CSIRT Noordland")
        assert known.id == there
        answers = handling.handle(
            other.database, known, b"[" + b",".join(one.data for one in several) + b"]"
        )
        return receipts.of_answers(database, bridge, several, answers)

    return deliver


def one_round(one: Served, deliver: carrying.Deliver) -> None:
    with one.database.system() as session:
        outbox.sequence(session)
    carrying.carry(one.database, deliver)


def take_up_again(one: Served) -> None:
    """What the next process does, once the lease of the dead one has ended."""
    with one.database.system() as session:
        session.execute(
            "UPDATE bridge_progress SET leased_until = '-infinity', next_attempt = '-infinity'"
        )
        session.execute("UPDATE crossing SET next_attempt = now() WHERE state = 'failed'")
    carry(one)


def transfer_is_whole(one: Served, other: Served, uuid: str) -> None:
    there = stored(other, uuid)
    assert there
    assert len(there["values"]) == 2
    assert [c.state for c in crossings(one, uuid)] == ["received"]
    assert [c.state for c in crossings(other, uuid)] == ["received"]
    with one.database.system() as session:
        kinds = session.all(
            "SELECT kind, count(*) FROM ledger_entry WHERE payload ->> 'event' = %s"
            " GROUP BY kind", (uuid,),
        )  # fmt: skip
    assert kinds == [("crossing", 1)]
    with other.database.system() as session:
        kinds = session.all(
            "SELECT kind, count(*) FROM ledger_entry WHERE payload ->> 'event' = %s"
            " GROUP BY kind", (uuid,),
        )  # fmt: skip
    assert kinds == [("arrival", 1)]


def everywhere(one: Served, act: Callable[[], object], deliver: carrying.Deliver) -> Iterator[int]:
    """Ends a round at its first point, its second, and so on until it comes to its end."""
    number = 1
    while True:
        act()
        with dying_at(number) as count:
            try:
                one_round(one, deliver)
            except Killed:
                died = True
            else:
                died = False
        take_up_again(one)
        yield number
        if not died and count[0] < number:
            assert number > 10, "a transfer has many points"
            return
        number += 1


def test_killed_at_any_statement_an_event_arrives_once(agreed: Two) -> None:
    one, other = agreed
    made: list[str] = []

    def publish() -> None:
        values = (("domain", f"a{len(made)}.example"), ("url", f"https://b{len(made)}.example/"))
        made.append(added(one, new_event(*values)))

    for _ in everywhere(one, publish, at_once(other)):
        transfer_is_whole(one, other, made[-1])


def test_killed_at_any_statement_an_entry_of_a_case_arrives_once(agreed: Two) -> None:
    one, other = agreed
    with one.database.as_user(ADMIN) as session:
        case = keeping.open_case(session, "incident", "Pumps stopped").uuid
        org = str(one.bridge(other.name).org_uuid)
        doing = Joined(participant=str(uuid4()), org=org, name=other.name, role="handler")
        keeping.act(session, case, doing)

    def say() -> None:
        with one.database.as_user(ADMIN) as session:
            keeping.act(session, case, Said(text="once"))

    for _ in everywhere(one, say, at_once(other)):
        here, there = (timeline(node, case) for node in (one, other))
        assert here == there
        for node in (one, other):
            assert [c.state for c in crossings(node, here[-1])] == ["received"]


def timeline(node: Served, case: str) -> list[str]:
    with node.database.as_user(ADMIN) as session:
        return [one.id for one in files.view(session, case)[1].timeline]


def test_killed_at_any_statement_a_deletion_arrives(agreed: Two) -> None:
    one, other = agreed
    made: list[str] = []

    def delete() -> None:
        made.append(added(one, new_event(("domain", f"gone{len(made)}.example"))))
        carry(one)
        assert stored(other, made[-1])
        with one.database.as_user(ADMIN) as session:
            delete_event(session, made[-1])

    for _ in everywhere(one, delete, at_once(other)):
        assert stored(other, made[-1]) is None
        assert [(c.kind, c.state) for c in crossings(one, made[-1])] == [
            ("withdrawal", "received"), ("event", "gone"),
        ]  # fmt: skip


class Network:
    """Delivers as told, one word a message: "lost", "lost answer", "twice", "late", "well"."""

    def __init__(self, deliver: carrying.Deliver, words: list[str]) -> None:
        self._deliver, self._words = deliver, words
        self._kept: list[tuple[Database, BridgeRow, Sequence[Written]]] = []

    def __call__(
        self, database: Database, bridge: BridgeRow, several: Sequence[Written]
    ) -> Sequence[receipts.Result]:
        word = self._words.pop(0) if self._words else "well"
        if word == "lost":
            raise NotReached("lost")
        if word == "late":
            self._kept.append((database, bridge, several))
            raise NotReached("late")
        found = self._deliver(database, bridge, several)
        if word == "twice":
            found = self._deliver(database, bridge, several)
        if word == "lost answer":
            raise NotReached("the answer is lost")
        for kept in self._kept:
            self._deliver(*kept)
        self._kept.clear()
        return found


@pytest.mark.parametrize(
    "words",
    [["lost"], ["lost answer"], ["twice"], ["late", "well"], ["lost", "lost answer", "twice"]],
)
def test_a_network_that_loses_repeats_and_delays_changes_nothing(
    agreed: Two, words: list[str]
) -> None:
    one, other = agreed
    uuid = added(one, new_event(("domain", "x.example"), ("url", "https://y.example/")))
    network = Network(at_once(other), list(words))
    for _ in range(len(words) + 1):
        with one.database.system() as session:
            session.execute("UPDATE bridge_progress SET next_attempt = '-infinity'")
        one_round(one, network)
    transfer_is_whole(one, other, uuid)


def test_a_message_that_comes_late_does_not_bring_back_an_old_version(agreed: Two) -> None:
    """Reordered: the first version arrives after the second one."""
    one, other = agreed
    uuid = added(one, new_event(("domain", "old.example"), ("url", "https://old.example/")))
    network = Network(at_once(other), ["late"])
    one_round(one, network)
    with one.database.system() as session:
        session.execute("UPDATE event SET info = 'Second', timestamp = timestamp + 60"
                        " WHERE uuid = %s", (uuid,))  # fmt: skip
        session.execute("UPDATE bridge_progress SET next_attempt = '-infinity'")
    with one.database.as_user(ADMIN) as session:
        publishing.publish(session, uuid)
    one_round(one, network)
    there = stored(other, uuid)
    assert there
    assert there["info"] == "Second"


def test_a_partner_that_is_away_is_waited_for_and_loses_nothing(agreed: Two) -> None:
    one, other = agreed
    uuids = [added(one, new_event(("domain", f"w{n}.example"))) for n in range(5)]

    def away(*_: Any) -> list[receipts.Result]:
        raise NotReached("nobody there")

    one_round(one, away)
    with one.database.system() as session:
        problem, attempts = session.one(
            "SELECT problem, attempts FROM bridge_progress WHERE next_attempt > now()"
        ) or ("", 0)
    assert (problem, attempts) == ("nobody there", 1)
    one_round(one, at_once(other))
    assert stored(other, uuids[0]) is None, "it is not asked again at once"
    take_up_again(one)
    assert all(stored(other, uuid) for uuid in uuids)


def test_what_nobody_foresaw_does_not_keep_the_lease(agreed: Two) -> None:
    one, other = agreed
    uuid = added(one, new_event(("domain", "unforeseen.example")))

    def broken(*_: Any) -> list[receipts.Result]:
        raise RuntimeError("an error of ours")

    one_round(one, broken)
    with one.database.system() as session:
        row = session.one(
            "SELECT problem, attempts, leased_until <= now() FROM bridge_progress"
            " WHERE next_attempt > now()"
        )
    assert row is not None
    assert row[0].startswith("unforeseen ")
    assert "ours" not in row[0]
    assert row[1:] == (1, True)
    take_up_again(one)
    one_round(one, at_once(other))
    assert stored(other, uuid)


@pytest.mark.parametrize("lie", ["none", "signature", "other item", "other bytes", "no object"])
def test_a_receipt_that_proves_nothing_is_none(agreed: Two, lie: str) -> None:
    one, other = agreed
    uuid = added(one, new_event(("domain", "lie.example")))
    honest = at_once(other)

    def lying(
        database: Database, bridge: BridgeRow, several: Sequence[Written]
    ) -> list[receipts.Result]:
        (receipt,) = honest(database, bridge, several)
        assert isinstance(receipt, dict)
        statement = dict(receipt["statement"])
        if lie == "signature":
            receipt["signature"] = "A" * 86 + "=="
        elif lie == "other item":
            statement["event"] = "5c1f1c8e-7d3c-4bb3-8a6b-0123456789ab"
        elif lie == "other bytes":
            statement["digest"] = "00" * 32
        answer: Any = {"receipt": {**receipt, "statement": statement}}
        if lie in {"none", "no object"}:
            answer = {} if lie == "none" else []
        return receipts.of_answers(database, bridge, several, [answer])

    one_round(one, lying)
    (out,) = crossings(one, uuid)
    assert (out.state, out.receipt) == ("failed", None)
    assert "receipt" in out.problem or "answer" in out.problem
    take_up_again(one)
    assert [c.state for c in crossings(one, uuid)] == ["received"]
