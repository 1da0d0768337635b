# SPDX-License-Identifier: EUPL-1.2
"""A partner that was away, moved or came back: nothing comes twice, what was proved still is."""

from datetime import UTC, datetime, timedelta

import pytest
from tests.bridges.crossing.conftest import added, new_event
from tests.bridges.crossing.three_nodes import Node, connect
from tests.bridges.crossing.triangles import Triangle, held
from tests.bridges.served import ADMIN

from brug.bridges import connecting, identity, partner_changes, partners
from brug.bridges.crossing import recalls, receipts
from brug.bridges.ledger import checkpoints, proving
from brug.bridges.native import client
from brug.directory import organisation_merging
from brug.formats import ledger_proof
from brug.store import settings

Proofs = list[tuple[str, list[str]]]


def proofs(node: Node, uuid: str) -> Proofs:
    """Of every crossing of an event, with the public keys of its log that are known now."""
    found = []
    for crossing in node.crossings(event_uuid=uuid):
        assert crossing.entry
        with node.database.system() as session:
            placed = proving.entry(session, crossing.entry)
            assert placed.log
            keys = [key.text for key in checkpoints.own_keys(session, placed.log.origin)]
            found.append((proving.proof(session, crossing.entry), keys))
    assert found
    return found


def still_hold(several: Proofs) -> None:
    for text, keys in several:
        assert ledger_proof.check(text, keys).entry


def rotate(node: Node, times: int, overlap: timedelta) -> None:
    for _ in range(times):
        with node.database.system() as session:
            identity.rotate(session, overlap)


def test_keys_that_were_replaced_twice_while_a_partner_was_away_are_taken(
    triangle: Triangle,
) -> None:
    one, other, _ = triangle.three
    first = added(one, new_event(("domain", "first.example")))
    triangle.work()
    triangle.verify()
    before = proofs(one, first)
    triangle.wire.down = {other.url}
    rotate(one, 1, timedelta(days=2))
    triangle.work(one)
    rotate(one, 1, timedelta(days=2))
    second = added(one, new_event(("domain", "second.example")))
    triangle.work(one)
    assert other.copy(second) is None
    triangle.wire.down = set()
    triangle.work()
    triangle.verify()
    held(other, second)
    (crossing,) = [c for c in one.crossings(event_uuid=second) if c.partner == other.name]
    assert crossing.state == "received"
    still_hold(before)
    still_hold(proofs(one, first) + proofs(one, second))


def test_a_partner_that_was_away_for_longer_than_old_keys_are_good_is_connected_anew(
    triangle: Triangle,
) -> None:
    one, other, _ = triangle.three
    first = added(one, new_event(("domain", "first.example")))
    triangle.work()
    triangle.verify()
    before = proofs(one, first) + proofs(other, first)
    triangle.wire.down = {other.url}
    (sent,) = [c for c in one.crossings(event_uuid=first) if c.partner == other.name]
    rotate(one, 2, timedelta(0))
    rotate(other, 2, timedelta(0))
    second = added(one, new_event(("domain", "second.example")))
    triangle.work(one)
    triangle.wire.down = set()
    triangle.work()
    assert other.copy(second) is None
    with triangle.wire.between(one), pytest.raises(client.NeedsConnecting):
        client.ping(one.database, one.bridge(other))
    connect(triangle.wire, one, other)
    triangle.work()
    triangle.verify()
    held(other, second)
    assert [c.state for c in one.crossings(event_uuid=first) if c.partner == other.name] == [
        "received"
    ], "what had crossed does not do so again"
    still_hold(before)
    still_hold(proofs(one, first) + proofs(other, first) + proofs(one, second))
    with one.database.system() as session:
        keys = partners.keys_of(session, one.bridge(other).partner_id)
    assert sent.receipt
    assert receipts.is_signed(sent.receipt, {key.key_id: key.public for key in keys})
    now = datetime.now(UTC)
    assert len([key for key in keys if key.is_valid(now)]) == 1
    one.edit(first, info="Changed since", published=True)
    triangle.work()
    assert held(other, first).info == "Changed since"


@pytest.mark.parametrize("who", ["the same side", "the other side", "under another name"])
def test_a_bridge_that_was_closed_and_is_connected_again_goes_on(
    triangle: Triangle, who: str
) -> None:
    one, other, third = triangle.three
    first = added(one, new_event(("domain", "first.example")))
    theirs = added(other, new_event(("domain", "theirs.example")))
    triangle.work()
    triangle.verify()
    before = proofs(one, first) + proofs(other, first) + proofs(one, theirs)
    for node, to in ((one, other), (other, one)):
        with node.database.as_user(ADMIN) as session:
            partners.close(session, node.bridge(to))
    one.edit(first, info="While it was closed", published=True)
    triangle.work()
    inviting, accepting = (other, one) if who == "the other side" else (one, other)
    if who == "under another name":
        with one.database.as_user(ADMIN) as session:
            invited = connecting.invite(session, "Zuidmark, again")
        assert invited.bridge != one.bridge(other).uuid
        with triangle.wire.between(other):
            connecting.accept(other.database, ADMIN, invited.document, one.name)
        assert one.bridge(other).uuid == other.bridge(one).uuid == invited.bridge
    connect(triangle.wire, inviting, accepting)
    with one.database.system() as session:
        assert session.value("SELECT count(*) FROM bridge") == 2
    triangle.work()
    triangle.agree(one, other)
    triangle.work()
    triangle.verify()
    assert held(other, first).info == "While it was closed"
    assert held(third, first).info == "While it was closed"
    held(one, theirs)
    still_hold(before)
    still_hold(proofs(one, first) + proofs(other, first) + proofs(one, theirs))
    with one.database.as_user(ADMIN) as session:
        recalls.ask_all(session, first, "names a victim")
    triangle.work()
    assert one.copy(first)


def test_a_partner_that_moves_to_another_address_goes_on(triangle: Triangle) -> None:
    one, other, _ = triangle.three
    first = added(one, new_event(("domain", "first.example")))
    triangle.work()
    triangle.verify()
    before = proofs(one, first) + proofs(other, first)
    moved = "http://127.0.0.1:20999"
    triangle.wire._places[moved] = triangle.wire._places.pop(other.url)
    triangle.wire.ahead[moved] = triangle.wire.ahead.pop(other.url)
    other.url = moved
    with other.database.system() as session:
        settings.set_value(session, "node.url", moved)
    second = added(one, new_event(("domain", "second.example")))
    for node in triangle.three:
        if node is not other:
            with node.database.as_user(ADMIN) as session:
                partner_changes.edit(session, node.bridge(other), {"url": moved})
    triangle.work()
    triangle.verify()
    held(other, second)
    third = added(other, new_event(("domain", "third.example")))
    triangle.work()
    held(one, third)
    still_hold(before)
    still_hold(proofs(one, first) + proofs(other, first) + proofs(one, second))


def test_a_partner_that_becomes_part_of_another_leaves_one_copy_and_its_proofs(
    triangle: Triangle,
) -> None:
    one, other, third = triangle.three
    first = added(other, new_event(("domain", "first.example")))
    triangle.work()
    triangle.verify()
    before = proofs(one, first)
    for node, to in ((one, other), (other, one)):
        with node.database.as_user(ADMIN) as session:
            partners.close(session, node.bridge(to))
    with one.database.as_user(ADMIN) as session:
        organisation_merging.merge(session, other.org, third.org)
    triangle.work()
    assert held(one, first).creator == third.org
    other.edit(first, info="Changed since", published=True)
    second = added(third, new_event(("domain", "second.example")))
    triangle.work()
    held(one, second)
    assert held(third, first).info == "Changed since"
    with one.database.system() as session:
        assert session.value("SELECT count(*) FROM event WHERE uuid = %s", (first,)) == 1
    still_hold(before)
    still_hold(proofs(one, first))
    assert one.verified() == []
