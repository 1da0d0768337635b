# SPDX-License-Identifier: EUPL-1.2
"""Documents of cases between nodes: after their entry, in pieces, whole or not at all."""

import io
from base64 import b64encode
from typing import Any

import pytest
from tests.bridges.crossing.joint import Joint, author_of, forged
from tests.bridges.crossing.three_nodes import Node
from tests.bridges.crossing.triangles import Triangle
from tests.bridges.served import ADMIN

from brug.bridges import partners
from brug.bridges.crossing import case_arrivals, documents_in, judging
from brug.cases import documents, files
from brug.cases.acts import Attached, Joined, Left, Marked
from brug.cases.documents import NotHere, Told
from brug.cases.entries import Entry
from brug.model.errors import BrugError, Conflict, Invalid, NotFound
from brug.store import settings
from brug.store.pieces import PIECE, Pieces


@pytest.fixture
def joint(triangle: Triangle) -> Joint:
    return Joint(triangle)


CONTENT = bytes(range(256)) * 12_000  # four pieces, the last of them short


def attach(joint: Joint, node: Node, content: bytes = CONTENT, to: tuple[str, ...] = ()) -> Entry:
    with node.database.as_user(ADMIN) as session:
        told = Told(name="disk.img")
        return documents.attach(session, joint.uuid, io.BytesIO(content), told, to)


def fetched(joint: Joint, node: Node, entry: Entry) -> bytes:
    assert isinstance(entry.act, Attached)
    with node.database.as_user(ADMIN) as session:
        file, case = files.view(session, joint.uuid)
        found = documents.find(case, entry.act.document)
        return b"".join(documents.content(session, file, found))


def pieces_sent(node: Node, of: Entry | None = None) -> list[tuple[int, str]]:
    found = [one for one in node.crossings() if one.kind == "document" and one.outward]
    found = [one for one in found if of is None or one.event_uuid == of.id]
    return sorted((one.version, one.state) for one in found)


SIZES = (0, 1, PIECE, PIECE + 1, 20 * PIECE)


def test_what_is_attached_at_one_node_is_fetched_at_the_other(joint: Joint) -> None:
    joint.join(joint.other, "handler")
    joint.triangle.work()
    for size in SIZES:
        content = (CONTENT * 8)[:size]
        entry = attach(joint, joint.one, content)
        joint.triangle.work()
        assert fetched(joint, joint.other, entry) == content
        pieces = pieces_sent(joint.one, entry)
        assert pieces == [(place, "received") for place in range(max(1, -(-size // PIECE)))]
    assert pieces_sent(joint.other) == [], "who brought it does not get it back"
    joint.triangle.verify()


def test_each_piece_is_signed_for(joint: Joint) -> None:
    joint.join(joint.other, "handler")
    attach(joint, joint.one)
    joint.triangle.work()
    sent = [one for one in joint.one.crossings() if one.kind == "document"]
    assert len(sent) == 4
    assert all(one.receipt and one.entry for one in sent)
    came = {one.digest for one in joint.other.crossings() if one.kind == "document"}
    assert came == {one.digest for one in sent}


def test_it_goes_to_all_who_take_part_and_to_those_who_join_later(joint: Joint) -> None:
    joint.join(joint.other, "handler")
    joint.triangle.work()
    entry = attach(joint, joint.other)
    joint.triangle.work()
    assert fetched(joint, joint.one, entry) == CONTENT
    joint.join(joint.third, "csirt")
    joint.triangle.work()
    assert fetched(joint, joint.third, entry) == CONTENT


def test_it_goes_on_from_a_node_that_was_brought_it_itself(joint: Joint) -> None:
    joint.join(joint.other, "handler")
    joint.join(joint.third, "csirt")
    joint.triangle.work()
    for here, there in ((joint.other, joint.third), (joint.third, joint.other)):
        with here.database.as_user(ADMIN) as session:
            partners.pause(session, here.bridge(there))
    entry = attach(joint, joint.other)
    joint.triangle.work()
    assert fetched(joint, joint.third, entry) == CONTENT
    assert pieces_sent(joint.one) == [(place, "received") for place in range(4)]


def test_a_document_for_some_reaches_no_other(joint: Joint) -> None:
    entity = joint.join(joint.other, "entity")
    joint.join(joint.third, "csirt")
    joint.triangle.work()
    entry = attach(joint, joint.one, to=(entity,))
    joint.triangle.work()
    assert fetched(joint, joint.other, entry) == CONTENT
    with pytest.raises(NotFound):
        fetched(joint, joint.third, entry)
    assert [one for one in joint.third.crossings() if one.kind == "document"] == []


def test_an_outage_costs_no_piece(joint: Joint) -> None:
    joint.join(joint.other, "handler")
    joint.triangle.work()
    entry = attach(joint, joint.one)
    ahead = joint.triangle.wire.ahead[joint.other.url]
    ahead.extend(["well", "lost", "cut off", "answer lost", "twice", "lost", "answer cut off"])
    for _ in range(len(ahead)):
        joint.triangle.work(joint.one)
        joint.triangle.wire.down.add(joint.other.url)
        joint.triangle.work(joint.one)
        joint.triangle.wire.down.clear()
    joint.triangle.work()
    assert fetched(joint, joint.other, entry) == CONTENT
    assert pieces_sent(joint.one) == [(place, "received") for place in range(4)]


def test_who_was_removed_gets_no_more_of_it(joint: Joint) -> None:
    part = joint.join(joint.other, "handler")
    joint.triangle.work()
    joint.triangle.wire.down.add(joint.other.url)
    attach(joint, joint.one)
    joint.act(joint.one, Left(participant=part))
    joint.triangle.wire.down.clear()
    joint.triangle.work()
    assert pieces_sent(joint.one) == []


def test_what_was_taken_back_does_not_go(joint: Joint) -> None:
    joint.join(joint.other, "handler")
    joint.triangle.work()
    entry = attach(joint, joint.one)
    assert isinstance(entry.act, Attached)
    with joint.one.database.as_user(ADMIN) as session:
        documents.take_back(session, joint.uuid, entry.act.document)
    joint.triangle.work()
    assert pieces_sent(joint.one) == []
    assert joint.seen(joint.other).documents[entry.act.document].act.is_undone


def test_the_content_waits_with_its_entry_for_a_person(joint: Joint) -> None:
    joint.join(joint.other, "handler")
    joint.triangle.work()
    joint.act(joint.one, Marked(tlp="red"))
    entry = attach(joint, joint.one)
    joint.triangle.work()
    held = {one.event_uuid: one for one in joint.one.crossings(states=["held"])}
    assert pieces_sent(joint.one) == []
    with joint.one.database.as_user(ADMIN) as session:
        for one in held.values():
            judging.release(session, one.id, "they need to know")
    joint.triangle.work()
    assert fetched(joint, joint.other, entry) == CONTENT


def test_of_a_case_that_became_red_meanwhile_no_piece_goes_before_a_person_says_so(
    joint: Joint,
) -> None:
    joint.join(joint.other, "handler")
    joint.triangle.work()
    entry = attach(joint, joint.one)
    joint.one.work(joint.triangle.wire, [joint.other])
    assert entry.id in {one.id for one in joint.seen(joint.other).timeline}
    assert pieces_sent(joint.one) == []
    joint.act(joint.one, Marked(tlp="red"))
    joint.triangle.work()
    assert pieces_sent(joint.one) == [(0, "held")]
    (held,) = (one for one in joint.one.crossings(states=["held"]) if one.kind == "document")
    with joint.one.database.as_user(ADMIN) as session:
        judging.release(session, held.id, "they need to know")
    joint.triangle.work()
    assert fetched(joint, joint.other, entry) == CONTENT


# What a receiver keeps -----------------------------------------------------------------


def taken(joint: Joint, message: dict[str, Any]) -> str:
    """What `other` does with a message of `one`."""
    bridge, agreement = joint.other.bridge(joint.one), joint.other.in_force(joint.one)
    assert agreement is not None
    with joint.other.database.as_user(bridge.account_id) as session:
        return documents_in.take(session, bridge, message, agreement.terms)


def named(joint: Joint, content: bytes) -> Entry:
    """An entry that is with both, whose content did not come: its sender's disk lost it."""
    joint.join(joint.other, "handler")
    joint.triangle.work()
    entry = attach(joint, joint.one, content)
    with joint.one.database.as_user(ADMIN) as session:
        file, _ = files.view(session, joint.uuid)
        documents.pieces_of(session, file, entry.id).discard()
    joint.triangle.work()
    return entry


def piece(entry: Entry, content: bytes, place: int = 0) -> dict[str, Any]:
    return {
        "kind": "document", "event_uuid": entry.id, "version": place,
        "data": b64encode(content).decode(),
    }  # fmt: skip


def coming(joint: Joint, entry: Entry) -> Pieces:
    with joint.other.database.as_user(ADMIN) as session:
        file, _ = files.view(session, joint.uuid)
        return documents.coming(session, file, entry.id, joint.other.bridge(joint.one).id)


def test_what_is_not_there_is_said_to_be_elsewhere(joint: Joint) -> None:
    entry = named(joint, b"lost")
    with pytest.raises(NotHere):
        fetched(joint, joint.other, entry)


def test_other_content_than_was_signed_for_is_refused_whole(joint: Joint) -> None:
    content = bytes(PIECE) + b"the end"
    entry = named(joint, content)
    assert taken(joint, piece(entry, b"x" * PIECE)) == "added"
    with pytest.raises(Invalid, match="SHA-256"):
        taken(joint, piece(entry, b"the end", 1))
    assert not coming(joint, entry).exists()
    with pytest.raises(NotHere):
        fetched(joint, joint.other, entry)
    taken(joint, piece(entry, bytes(PIECE)))
    taken(joint, piece(entry, b"the end", 1))
    assert fetched(joint, joint.other, entry) == content
    assert taken(joint, piece(entry, b"the end", 1)) == "unchanged"


def test_pieces_come_in_their_order(joint: Joint) -> None:
    entry = named(joint, bytes(PIECE) + b"the end")
    with pytest.raises(Conflict, match="before"):
        taken(joint, piece(entry, b"the end", 1))
    assert not coming(joint, entry).exists()


MISFITS: tuple[dict[str, Any], ...] = (
    {"data": "AA=="}, {"data": ""}, {"data": None}, {"data": 5}, {"data": "\u2603"},
    {"data": "aGVsbG8="}, {"data": "aGVs bG8h"}, {"version": 1}, {"version": 2**40},
)  # fmt: skip


def test_a_piece_that_does_not_fit_is_refused(joint: Joint) -> None:
    entry = named(joint, b"hello!")
    for change in MISFITS:
        with pytest.raises(Invalid):
            taken(joint, piece(entry, b"hello!") | change)
        assert not coming(joint, entry).exists(), change


def test_nothing_is_stored_that_no_entry_names(joint: Joint) -> None:
    entry = named(joint, b"hello!")
    said = joint.act(joint.one, Joined(
        participant="00000000-0000-4000-8000-000000000001", org=joint.third.org,
        name="third", role="csirt",
    ))  # fmt: skip
    joint.triangle.work()
    for message in (
        piece(entry, b"hello!") | {"event_uuid": "00000000-0000-4000-8000-000000000002"},
        piece(entry, b"hello!") | {"event_uuid": said.id},
    ):
        with pytest.raises(BrugError):
            taken(joint, message)


def test_a_document_of_somebody_who_may_attach_none_is_not_taken(joint: Joint) -> None:
    joint.join(joint.other, "observer")
    joint.triangle.work()
    act = Attached(
        document="00000000-0000-4000-8000-000000000001", name="a", size=5,
        sha256="0" * 64, media_type="text/plain",
    )  # fmt: skip
    message = forged(joint, joint.other, author_of(joint.other), act)
    bridge, agreement = joint.one.bridge(joint.other), joint.one.in_force(joint.other)
    assert agreement is not None
    with joint.one.database.as_user(bridge.account_id) as session:
        case_arrivals.take(session, bridge, message, agreement.terms)
    sent = {
        "kind": "document", "event_uuid": message["event_uuid"], "version": 0,
        "data": b64encode(b"hello").decode(),
    }  # fmt: skip
    with (
        joint.one.database.as_user(bridge.account_id) as session,
        pytest.raises(Invalid, match="event_uuid"),
    ):
        documents_in.take(session, bridge, sent, agreement.terms)


@pytest.mark.parametrize("name", [documents.LIMIT, documents.LIMIT_OF_CASE])
def test_what_is_too_large_here_stays_where_it_is(joint: Joint, name: str) -> None:
    joint.join(joint.other, "handler")
    joint.triangle.work()
    with joint.other.database.system() as session:
        settings.set_value(session, name, 2000)
    entry = attach(joint, joint.one, bytes(3000))
    for _ in range(3):
        joint.one.work(joint.triangle.wire, [joint.other])
    assert pieces_sent(joint.one) == [(0, "failed")]
    with pytest.raises(NotHere):
        fetched(joint, joint.other, entry)
    small = attach(joint, joint.one, bytes(1500))
    for _ in range(3):
        joint.one.work(joint.triangle.wire, [joint.other])
    assert fetched(joint, joint.other, small) == bytes(1500)
    with joint.other.database.system() as session:
        settings.set_value(session, name, 10_000)
    joint.triangle.work()
    assert fetched(joint, joint.other, entry) == bytes(3000)
