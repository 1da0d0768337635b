# SPDX-License-Identifier: EUPL-1.2
"""A node that its partner does not reach fetches what is for it, and misses nothing."""

import io
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import msgspec
import pytest
from tests.bridges.crossing.conftest import added, crossings, new_event, stored
from tests.bridges.served import ADMIN, Served

from brug.bridges import agreements, channel, identity, partner_changes, partners
from brug.bridges.crossing import asking, carrier, carrying, collecting, outbox, portions
from brug.bridges.crossing.messages import encoded
from brug.bridges.native import agreeing, client, handling, in_answers
from brug.bridges.native.client import PartnerRefused, Reply
from brug.cases import documents, files, keeping
from brug.cases.acts import Joined, Said
from brug.intel.deleting import delete_event
from brug.model.errors import Invalid

Two = tuple[Served, Served]


@pytest.fixture
def apart(agreed: Two) -> Iterator[Two]:
    """The first node holds what the second one fetches; what is there already was fetched."""
    collecting.register()
    one, other = agreed
    with other.database.as_user(ADMIN) as session:
        partner_changes.edit(session, other.bridge(one.name), {"fetch": True})
    fetched(one, other)
    yield one, other
    with other.database.as_user(ADMIN) as session:
        partner_changes.edit(session, other.bridge(one.name), {"fetch": False})


def place(one: Served) -> None:
    with one.database.system() as session:
        outbox.sequence(session)


def fetched(one: Served, other: Served) -> int:
    place(one)
    return collecting.collect(other.database, other.bridge(one.name))


def ask(one: Served, other: Served, **asked: Any) -> Any:
    place(one)
    said = encoded({"kind": "changes", **asked})
    return client.send(other.database, other.bridge(one.name), said).document


def known(here: Served, there: Served) -> channel.Channel:
    with here.database.system() as session:
        return channel.of(session, here.bridge(there.name).id)


def test_what_is_for_it_comes_when_it_asks_and_the_sender_has_its_receipt(apart: Two) -> None:
    one, other = apart
    uuid = added(one, new_event(("domain", "fetched.example")))
    red = added(one, new_event(("domain", "stays.example"), tag="tlp:red"))
    place(one)
    assert carrying.due_bridges(one.database) == []  # nobody knocks where nobody is reached
    assert fetched(one, other) == 1
    assert stored(other, uuid)
    assert stored(other, red) is None
    sent = crossings(one, uuid)[0]
    assert (sent.state, sent.outcome) == ("received", "pass")
    assert sent.receipt
    assert fetched(one, other) == 0
    with one.database.as_user(ADMIN) as session:
        delete_event(session, uuid)
    assert fetched(one, other) == 1
    assert stored(other, uuid) is None


def test_an_answer_that_is_lost_comes_once_more_and_stores_nothing_twice(apart: Two) -> None:
    one, other = apart
    uuid = added(one, new_event(("domain", "lost.example")))
    for _ in range(3):
        said = ask(one, other, after=known(other, one).cursor)
        assert [message["event_uuid"] for message in said["messages"]] == [uuid]
    assert crossings(one, uuid)[0].state == "sent"
    assert fetched(one, other) == 1
    assert [one.state for one in crossings(one, uuid)] == ["received"]
    assert len(crossings(other, uuid)) == 1


def test_what_is_refused_there_is_told_and_tried_again_later(apart: Two) -> None:
    one, other = apart
    uuid = added(one, new_event(("domain", "refused.example")))
    said = ask(one, other, after=known(other, one).cursor)
    answers = [
        {"event_uuid": uuid, "digest": crossings(one, uuid)[0].digest.hex(),
         "error": {"code": "invalid", "message": "event: expected another one"}}
    ]  # fmt: skip
    assert ask(one, other, after=said["cursor"], answers=answers)["messages"] == []
    failed = crossings(one, uuid)[0]
    assert (failed.state, failed.problem) == ("failed", "event: expected another one")
    assert fetched(one, other) == 0, "not yet"
    with one.database.as_user(ADMIN) as session:
        asking.retry(session, one.bridge(other.name))
    assert fetched(one, other) == 1
    assert crossings(one, uuid)[0].state == "received"


def test_more_than_fits_comes_in_several_answers(
    apart: Two, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = apart
    monkeypatch.setattr(portions, "BYTES", 3000)
    several = []

    def send(_: Any, __: Any, asked: bytes) -> Reply:
        bridge = one.bridge(other.name)
        said = collecting.hand_out(one.database, bridge, msgspec.json.decode(asked))
        several.append((len(said["messages"]), said["more"]))
        return Reply(said, b"", "")

    monkeypatch.setattr(client, "send", send)
    uuids = [added(one, new_event(("domain", f"m{n}.example"))) for n in range(7)]
    assert fetched(one, other) == 7
    assert all(0 < count < 7 for count, _ in several[:-1])
    assert (several[0][1], several[-1]) == (True, (0, False))
    assert all(stored(other, uuid) for uuid in uuids)
    assert {crossings(one, uuid)[0].state for uuid in uuids} == {"received"}


def test_who_was_restored_has_all_since_then_once_more(apart: Two) -> None:
    one, other = apart
    kept = added(one, new_event(("domain", "kept.example")))
    fetched(one, other)
    before = known(other, one).cursor
    lost = added(one, new_event(("domain", "lost-there.example")))
    fetched(one, other)
    with one.database.as_user(ADMIN) as session:
        delete_event(session, kept)
    fetched(one, other)
    restore(other, one, before, lost, kept)
    assert stored(other, lost) is None
    assert stored(other, kept)
    # Its own place tells the partner what it has not.
    assert fetched(one, other) == 2
    assert stored(other, lost)
    assert stored(other, kept) is None
    assert crossings(one, lost)[0].state == "received"


def restore(here: Served, there: Served, place: int | None, lost: str, kept: str) -> None:
    """The database as it was: one event had not come, another had not been taken back."""
    with here.database.system() as session:
        session.execute("UPDATE channel SET cursor = %s", (place,))
        for uuid in (lost, kept):
            session.execute("DELETE FROM event WHERE uuid = %s", (uuid,))
            session.execute("DELETE FROM crossing WHERE event_uuid = %s AND NOT outward", (uuid,))
    bridge = here.bridge(there.name)
    message = {
        "kind": "event", "event_uuid": kept, "version": 1, "redacted": False, "agreement": 1,
        "event": {"uuid": kept, "info": "x", "distribution": 1, "published": True,
                  "timestamp": "1", "Orgc": {"uuid": kept, "name": "Somebody"}},
    }  # fmt: skip
    handling.handle(here.database, bridge, encoded(message))


def test_a_restored_node_that_is_reached_names_the_time(apart: Two) -> None:
    one, other = apart
    uuid = added(one, new_event(("domain", "since.example")))
    fetched(one, other)
    with other.database.system() as session:
        session.execute("DELETE FROM event WHERE uuid = %s", (uuid,))
        session.execute("DELETE FROM crossing WHERE event_uuid = %s", (uuid,))
        session.execute(
            "UPDATE channel SET cursor = NULL, missed_since = %s",
            (datetime.now(UTC) - timedelta(hours=1),),
        )
    assert fetched(one, other) >= 1
    assert stored(other, uuid)
    assert known(other, one).missed_since is None


def test_a_restored_node_gets_back_what_was_said_in_cases_by_others_and_by_itself(
    apart: Two,
) -> None:
    one, other = apart
    with one.database.as_user(ADMIN) as session:
        file = keeping.open_case(session, "incident", "Pumps stopped")
        org = str(one.bridge(other.name).org_uuid)
        doing = Joined(participant=str(uuid4()), org=org, name="x", role="handler")
        keeping.act(session, file.uuid, doing)
    fetched(one, other)
    with other.database.as_user(ADMIN) as session:
        keeping.act(session, file.uuid, Said(text="I was here"))
    carrying.carry(other.database, carrier.deliver)
    before = timeline(one, file.uuid)
    with other.database.system() as session:
        session.execute("DELETE FROM case_file")
        session.execute("DELETE FROM crossing WHERE kind = 'case'")
        session.execute(
            "UPDATE channel SET cursor = NULL, missed_since = %s",
            (datetime.now(UTC) - timedelta(hours=1),),
        )
    fetched(one, other)
    assert timeline(other, file.uuid) == before
    assert len(before) == 3


def test_a_document_is_fetched_in_pieces_and_once_more_by_who_was_restored(apart: Two) -> None:
    one, other = apart
    content = bytes(range(256)) * 8000  # three pieces
    with one.database.as_user(ADMIN) as session:
        file = keeping.open_case(session, "incident", "Pumps stopped")
        org = str(one.bridge(other.name).org_uuid)
        doing = Joined(participant=str(uuid4()), org=org, name="x", role="handler")
        keeping.act(session, file.uuid, doing)
        documents.attach(session, file.uuid, io.BytesIO(content), documents.Told(name="disk.img"))
    ask(one, other, after=known(other, one).cursor)  # an answer that is lost
    fetched(one, other)
    fetched(one, other)
    assert held(other, file.uuid) == content
    fetched(one, other)
    with one.database.system() as session:
        states = session.all("SELECT DISTINCT state FROM crossing WHERE kind = 'document'")
    assert states == [("received",)]
    with other.database.system() as session:
        session.execute("DELETE FROM case_file")  # its folder of documents is another then
        session.execute("DELETE FROM crossing WHERE kind IN ('case', 'document')")
        session.execute(
            "UPDATE channel SET cursor = NULL, missed_since = %s",
            (datetime.now(UTC) - timedelta(hours=1),),
        )
    fetched(one, other)
    fetched(one, other)
    assert held(other, file.uuid) == content


def held(node: Served, case: str) -> bytes:
    with node.database.as_user(ADMIN) as session:
        file, found = files.view(session, case)
        (one,) = documents.shown(found)
        return b"".join(documents.content(session, file, one))


def timeline(node: Served, case: str) -> list[str]:
    with node.database.as_user(ADMIN) as session:
        return [one.id for one in files.view(session, case)[1].timeline]


def test_keys_and_agreements_come_with_the_answer(apart: Two) -> None:
    one, other = apart
    with one.database.as_user(ADMIN) as session:
        made = identity.rotate(session)
        bridge = one.bridge(other.name)
        given = {
            "senders": [session.principal.org_uuid, str(bridge.org_uuid)],
            "our_country": "NL", "their_country": "BE", "purposes": ["cyber-defence"],
            "personal_data": {"regime": "gdpr", "handling": "drop"},
            "legal_basis": "GDPR art. 6(1)(e)", "document": "Memorandum 2026-2",
            "valid_from": datetime.now(UTC) + timedelta(days=1),
        }  # fmt: skip
        wanted = agreements.draft(session, bridge, given)
        proposed = agreements.propose(session, bridge, wanted)
    fetched(one, other)
    with other.database.system() as session:
        theirs = other.bridge(one.name)
        assert made.key_id in {k.key_id for k in partners.keys_of(session, theirs.partner_id)}
        there = agreements.view(session, theirs.id, proposed.version)
        assert (there.theirs is not None, there.ours) == (True, None)
    with one.database.system() as session:
        assert channel.of(session, bridge.id).told_key == made.key_id
        assert in_answers.due(session, bridge) == []
    with other.database.as_user(ADMIN) as session:
        agreements.accept(session, agreements.view(session, theirs.id, proposed.version))
    agreeing.carry(other.database, other.bridge(one.name))
    with one.database.system() as session:
        assert agreements.view(session, bridge.id, proposed.version).theirs is not None


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"after": "x"}, "after"), ({"after": -1}, "after"), ({"after": True}, "after"),
        ({"after": 2**63}, "after"), ({"since": "yesterday"}, "since"), ({"since": 5}, "since"),
        ({"answers": {}}, "answers"), ({"answers": [{}] * 1001}, "answers"),
        ({"answers": ["x"]}, "answers[0]"), ({"answers": [{"receipt": 5}]}, "answers[0]"),
        ({"answers": [{"receipt": {}}]}, "statement"), ({"heard": 5}, "heard"),
        ({"heard": ["x"]}, "told"),
    ],
)  # fmt: skip
def test_a_wrong_field_is_named(agreed: Two, asked: dict[str, Any], field: str) -> None:
    one, other = agreed
    with pytest.raises(Invalid) as refused:
        collecting.hand_out(one.database, one.bridge(other.name), {"kind": "changes", **asked})
    assert refused.value.field == field


def test_a_receipt_of_somebody_else_proves_nothing(apart: Two) -> None:
    one, other = apart
    uuid = added(one, new_event(("domain", "unproved.example")))
    ask(one, other, after=known(other, one).cursor)
    forged = {"key": "x", "signature": "AAAA", "statement": {
        "bridge": str(one.bridge(other.name).uuid), "event": uuid,
        "digest": crossings(one, uuid)[0].digest.hex()}}  # fmt: skip
    with pytest.raises(PartnerRefused) as refused:
        ask(one, other, answers=[{"receipt": forged}])
    assert "answers[0].receipt" in str(refused.value)
    assert crossings(one, uuid)[0].state == "sent"


def test_whoever_keeps_up_takes_what_is_fetched() -> None:
    """The thread that fetches lives beside the web server, not in it."""
    program = (
        "from brug.bridges.native import handling, keeping_up;"
        "keeping_up.Keeper('', None);"
        "print(*handling.HANDLERS, *handling.OWN, *handling.WHOLE, len(handling.BATCHES))"
    )
    found = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True
    )
    assert {"event", "withdrawal", "recall", "keys", "agreement", "changes", "1"} <= set(
        found.stdout.split()
    )


def test_what_is_told_of_copies_is_not_lost_with_an_answer(apart: Two) -> None:
    one, other = apart
    uuid = added(one, new_event(("domain", "opened.example")))
    fetched(one, other)
    with one.database.system() as session:
        session.execute(
            "INSERT INTO crossing (bridge_id, outward, kind, event_uuid, info, version, digest,"
            " outcome, state) SELECT bridge_id, true, 'recall_followed', %s, '', 0, digest, 'pass',"
            " 'sent' FROM crossing WHERE event_uuid = %s AND outward AND kind = 'event'",
            (uuid, uuid),
        )
    ask(one, other, after=known(other, one).cursor)
    newest = crossings(one, uuid)[0]
    assert (newest.kind, newest.attempts > 0) == ("recall_followed", True)
