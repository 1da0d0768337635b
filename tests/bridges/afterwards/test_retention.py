# SPDX-License-Identifier: EUPL-1.2
"""What a receiver agreed to keep for a time goes after it, with a statement for the sender."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.bridges.afterwards.conftest import entries, let_pass
from tests.bridges.crossing.conftest import added, agree, carry, crossings, new_event, stored
from tests.bridges.served import ADMIN, Served

from brug.bridges.afterwards import due, ending, holds, telling, tracing
from brug.bridges.afterwards.holds import AlreadyHeld
from brug.bridges.afterwards.working import SECONDS, Afterwards
from brug.bridges.crossing import asking, inward, recalls, rows
from brug.bridges.partners import BridgeRow
from brug.intel.deleting import UnderHold, delete_event
from brug.model.errors import Forbidden, Invalid, NotFound
from brug.model.new_event import NewAttribute, NewReport
from brug.store.failing import Crossed
from brug.store.session import Database

Two = tuple[Served, Served]


@pytest.fixture
def thirty(agreed: Two) -> Two:
    """The receiver keeps what comes for thirty days."""
    agree(*agreed, retention_days=30)
    return agreed


def crossed(two: Two, value: str) -> str:
    uuid = added(two[0], new_event(("domain", value)))
    carry(two[0])
    return uuid


def states(node: Served, uuid: str) -> list[tuple[str, bool, str]]:
    return [(c.kind, c.outward, c.state) for c in crossings(node, uuid)]


def done(node: Served) -> dict[str, str]:
    return {one.event_uuid: one.outcome for one in ending.end_due(node.database)}


def test_what_is_over_its_time_is_deleted_and_its_sender_is_told(thirty: Two) -> None:
    one, other = thirty
    uuid = crossed(thirty, "gone-after.example")
    let_pass(other, uuid, 29)
    assert uuid not in done(other)
    assert stored(other, uuid) is not None
    let_pass(other, uuid, 2)
    assert done(other)[uuid] == "deleted"
    assert stored(other, uuid) is None
    carry(other)
    assert states(one, uuid) == [("ended", False, "received"), ("event", True, "ended")]
    said = crossings(other, uuid)[0]
    assert (said.kind, said.state) == ("ended", "received")
    assert said.receipt
    (trace,) = tracing_of(one, uuid)
    assert trace.ended == "deleted"
    assert trace.received
    assert entries(other, "retention")[0]["outcome"] == "deleted"
    assert entries(one, "receipt")
    assert entries(other, "ended")[0]["ended"] == "deleted"


def tracing_of(node: Served, uuid: str) -> list[tracing.Trace]:
    with node.database.as_user(ADMIN) as session:
        return tracing.of_event(session, uuid)


def test_without_a_term_it_is_kept(agreed: Two) -> None:
    agree(*agreed)
    uuid = crossed(agreed, "for-ever.example")
    let_pass(agreed[1], uuid, 5000)
    assert uuid not in done(agreed[1])


def test_a_later_agreement_moves_the_day(thirty: Two) -> None:
    _, other = thirty
    uuid = crossed(thirty, "moved.example")
    let_pass(other, uuid, 20)
    assert uuid not in done(other)
    agree(*thirty, retention_days=10)
    assert done(other)[uuid] == "deleted"


def test_an_agreement_that_ended_leaves_its_duty_behind(thirty: Two) -> None:
    _, other = thirty
    uuid = crossed(thirty, "duty.example")
    let_pass(other, uuid, 31)
    bridge = other.bridge(thirty[0].name)
    with other.database.system() as session:
        # No version is valid any more: each begins after now.
        later = datetime.now(UTC) + timedelta(days=1)
        assert due.agreed(session, bridge.id, later) is not None
    assert done(other)[uuid] == "deleted"


def test_what_went_does_not_come_again_by_itself_and_a_newer_version_does(thirty: Two) -> None:
    one, other = thirty
    uuid = crossed(thirty, "again.example")
    let_pass(other, uuid, 31)
    done(other)
    carry(other)
    agree(*thirty, retention_days=40)
    with one.database.system() as session:
        asking.look_again(session, one.bridge(other.name).id)
    carry(one)
    assert stored(other, uuid) is None
    with one.database.as_user(ADMIN) as session:
        asking.send_now(session, one.bridge(other.name), uuid)
    carry(one)
    assert stored(other, uuid) is not None


def test_a_legal_hold_keeps_it_out_of_the_sensors_and_says_so(thirty: Two) -> None:
    one, other = thirty
    uuid = crossed(thirty, "held-by-law.example")
    let_pass(other, uuid, 31)
    with other.database.as_user(ADMIN) as session:
        holds.place(session, uuid, "evidence in a case")
        with pytest.raises(AlreadyHeld):
            holds.place(session, uuid, "again")
    assert done(other)[uuid] == "kept"
    assert uuid not in done(other)
    there = stored(other, uuid)
    assert there
    assert "brug:kept" in tags_of(other, uuid)
    carry(other)
    (trace,) = tracing_of(one, uuid)
    assert (trace.state, trace.ended) == ("received", "kept")
    with other.database.as_user(ADMIN) as session:
        holds.lift(session, uuid)
        with pytest.raises(NotFound):
            holds.lift(session, uuid)
    assert done(other)[uuid] == "deleted"
    carry(other)
    assert tracing_of(one, uuid)[0].ended == "deleted"


def tags_of(node: Served, uuid: str) -> set[str]:
    with node.database.system() as session:
        rows = session.all(
            "SELECT g.name FROM event_tag t JOIN tag g ON g.id = t.tag_id"
            " JOIN event e ON e.id = t.event_id WHERE e.uuid = %s",
            (uuid,),
        )
    return {row[0] for row in rows}


def test_the_nodes_own_round_ends_it_and_goes_on_as_it_should(thirty: Two) -> None:
    _, other = thirty
    uuid = crossed(thirty, "ended-by-the-round.example")
    let_pass(other, uuid, 31)
    thread = Afterwards("dbname=nowhere", None)
    assert thread._due(other.database) == SECONDS
    assert stored(other, uuid) is None


def test_what_is_kept_for_the_law_takes_no_place_from_what_has_to_go(
    thirty: Two, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, other = thirty
    monkeypatch.setattr(ending, "ONE_ROUND", 1)
    first, second = (crossed(thirty, f"{name}.example") for name in ("kept-first", "goes-second"))
    let_pass(other, first, 40)
    let_pass(other, second, 31)
    with other.database.as_user(ADMIN) as session:
        holds.place(session, first, "evidence in a case")
    assert done(other) == {first: "kept"}
    assert done(other) == {second: "deleted"}


def test_what_cannot_be_ended_now_keeps_nothing_else_here(
    thirty: Two, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, other = thirty
    first, second = (crossed(thirty, f"{name}.example") for name in ("stuck", "goes-anyway"))
    let_pass(other, first, 40)
    let_pass(other, second, 31)
    end = ending._end

    def failing(database: Database, bridge: BridgeRow, item: due.Item) -> str:
        if item.event_uuid == first:
            raise Crossed("somebody else has it")
        return end(database, bridge, item)

    monkeypatch.setattr(ending, "_end", failing)
    assert done(other) == {second: "deleted"}
    monkeypatch.setattr(ending, "_end", end)
    assert done(other) == {first: "deleted"}


def test_what_a_partner_takes_back_stays_under_a_hold_until_a_person_says_otherwise(
    thirty: Two,
) -> None:
    one, other = thirty
    agree(*thirty, recall={"by": "itself", "most_an_hour": 1000})
    uuid = crossed(thirty, "recalled-under-hold.example")
    with other.database.as_user(ADMIN) as session:
        holds.place(session, uuid, "evidence in a case")
    with one.database.as_user(ADMIN) as session:
        recalls.ask(session, one.bridge(other.name), uuid, "it names a victim")
    carry(one)
    assert stored(other, uuid) is not None
    assert "brug:kept" in tags_of(other, uuid)
    (trace,) = tracing_of(one, uuid)
    assert trace.recall == "kept"
    assert trace.recall_confirmed
    with other.database.as_user(ADMIN) as session:
        holds.lift(session, uuid)
        (asked,) = [r for r in recalls.asked(session) if r.event_uuid == uuid]
        recalls.follow(session, asked.id, keep=False, because="the case is closed")
    assert stored(other, uuid) is None
    carry(other)
    assert tracing_of(one, uuid)[0].recall == "recalled"


def test_nobody_deletes_what_is_under_a_hold(thirty: Two) -> None:
    one, other = thirty
    uuid = crossed(thirty, "asked-back-under-hold.example")
    with one.database.as_user(ADMIN) as session:
        recalls.ask(session, one.bridge(other.name), uuid, "it names a victim")
    carry(one)
    with other.database.as_user(ADMIN) as session:
        (asked,) = [r for r in recalls.asked(session) if r.event_uuid == uuid]
        assert not asked.held
        holds.place(session, uuid, "evidence in a case")
        (asked,) = [r for r in recalls.asked(session) if r.event_uuid == uuid]
        assert asked.held
    with pytest.raises(UnderHold), other.database.as_user(ADMIN) as session:
        recalls.follow(session, asked.id, keep=False, because="as they ask")
    with pytest.raises(UnderHold), other.database.as_user(ADMIN) as session:
        delete_event(session, uuid)
    assert stored(other, uuid) is not None
    carry(other)
    assert tracing_of(one, uuid)[0].recall == "asked"
    with other.database.as_user(ADMIN) as session:
        recalls.follow(session, asked.id, keep=True, because="evidence")
    carry(other)
    assert tracing_of(one, uuid)[0].recall == "kept"
    with other.database.as_user(ADMIN) as session:
        assert [h.because for h in holds.listed(session) if h.event_uuid == uuid] == [
            "evidence in a case"
        ]
        holds.lift(session, uuid)
        delete_event(session, uuid)
    assert stored(other, uuid) is None


def test_what_was_kept_when_it_was_recalled_is_among_the_holds(thirty: Two) -> None:
    one, other = thirty
    uuid = crossed(thirty, "kept-when-recalled.example")
    with one.database.as_user(ADMIN) as session:
        recalls.ask(session, one.bridge(other.name), uuid, "it names a victim")
    carry(one)
    with other.database.as_user(ADMIN) as session:
        (asked,) = [r for r in recalls.asked(session) if r.event_uuid == uuid]
        recalls.follow(session, asked.id, keep=True, because="evidence in a case")
    with other.database.as_user(ADMIN) as session:
        (hold,) = [h for h in holds.listed(session) if h.event_uuid == uuid]
        assert hold.because == "evidence in a case"
        holds.lift(session, uuid)
        assert not [h for h in holds.listed(session) if h.event_uuid == uuid]


def test_where_it_is_agreed_only_personal_data_goes(agreed: Two) -> None:
    one, other = agreed
    agree(*agreed, retention_days=30, after_retention="strip")
    new = new_event(("domain", "stays-stripped.example"), ("target-user", "jan.jansen"))
    new.attributes[1].to_ids = False
    new.attributes[0].comment = "registered by piet@firm.example"
    new.attributes.append(
        NewAttribute(None, "url", "Network activity", True, "http://x.example/jan.jansen", "")
    )
    new.reports.append(NewReport(None, "Report", "Ask anna@firm.example about jan.jansen", 5))
    uuid = added(one, new)
    carry(one)
    assert len((stored(other, uuid) or {})["values"]) == 3
    let_pass(other, uuid, 31)
    assert done(other)[uuid] == "stripped"
    there = stored(other, uuid)
    assert there
    assert there["values"] == [("domain", "stays-stripped.example")]
    with other.database.system() as session:
        comment = session.value("SELECT comment FROM attribute WHERE event_id = %s", (there["id"],))
        report = session.value(
            "SELECT content FROM event_report WHERE event_id = %s", (there["id"],)
        )
    assert "piet" not in comment
    assert "anna" not in report
    assert "jan" not in report
    assert uuid not in done(other)
    carry(other)
    assert tracing_of(one, uuid)[0].ended == "stripped"
    # What crossed is not sent again to undo it.
    agree(*agreed, retention_days=40, after_retention="strip")
    carry(one)
    assert (stored(other, uuid) or {})["values"] == [("domain", "stays-stripped.example")]


def test_holds_are_for_who_may_recall_and_have_a_reason(thirty: Two) -> None:
    one, other = thirty
    uuid = crossed(thirty, "who-holds.example")
    with other.database.as_user(ADMIN) as session, pytest.raises(Invalid):
        holds.place(session, uuid, " ")
    account = other.bridge(one.name).account_id
    with other.database.as_user(account) as session, pytest.raises(Forbidden):
        holds.place(session, uuid, "no")
    with other.database.as_user(ADMIN) as session, pytest.raises(NotFound):
        holds.place(session, "5f0a3c1e-0000-4000-8000-000000000000", "nothing")


@pytest.mark.parametrize("ended", ["deleted", "burnt", 7])
def test_a_partner_that_lies_about_the_end_changes_nothing(thirty: Two, ended: Any) -> None:
    one, other = thirty
    uuid = crossed(thirty, f"lied-{ended}.example")
    with other.database.system() as session:
        telling.tell(session, other.bridge(one.name), "ended", uuid, {"ended": ended})
        number = session.value(
            "SELECT max(id) FROM crossing WHERE event_uuid = %s AND outward", (uuid,)
        )
        message = telling.message_of(session, rows.crossing(session, int(number)))
    bridge = one.bridge(other.name)
    message["receipt"]["statement"]["on"] = "1999-01-01"
    with one.database.as_user(bridge.account_id) as session, pytest.raises(Invalid) as caught:
        inward.take(session, bridge, message)
    assert "signature" in str(caught.value)
    carry(other)
    state = [c.state for c in crossings(one, uuid) if c.kind == "event"]
    assert state == (["ended"] if ended == "deleted" else ["received"])
