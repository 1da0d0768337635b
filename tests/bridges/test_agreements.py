# SPDX-License-Identifier: EUPL-1.2
"""Agreements: proposed, accepted by both sides, in force, never changed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.bridges.world import TWO, World

from brug.bridges import agreements, identity, terms
from brug.bridges.agreements import AlreadyAccepted
from brug.model.errors import Conflict, Forbidden, Invalid, NotFound


def propose(world: World, **changes: Any) -> agreements.Agreement:
    with world.admin() as session:
        return agreements.propose(session, world.bridge, world.terms(session, **changes))


def accepted_there(world: World, document: bytes) -> agreements.Agreement:
    """The partner signs, and its account here brings the signature."""
    with world.partner() as session:
        return agreements.take(
            session, world.bridge, document, world.key_id, world.key.sign(document)
        )


def in_force(world: World, at: datetime | None = None) -> agreements.Agreement | None:
    with world.partner() as session:
        return agreements.in_force(session, world.bridge.id, at or datetime.now(UTC))


def test_an_agreement_is_in_force_once_both_sides_signed_it(world: World) -> None:
    made = propose(world)
    assert made.ours is not None
    assert made.theirs is None
    assert in_force(world) is None
    whole = accepted_there(world, made.document)
    assert whole.accepted
    found = in_force(world)
    assert found is not None
    assert (found.version, found.terms) == (1, made.terms)
    with world.admin() as session:
        ours = agreements.signature_of(session, made)
        theirs = agreements.signature_of(session, made, "theirs")
        assert ours is not None
        assert theirs is not None
        (key,) = identity.public_keys(session)
    assert identity.verify(key.public, ours.signature, made.document)
    assert theirs.key_id == world.key_id


def test_what_the_partner_proposes_waits_for_us(world: World) -> None:
    with world.admin() as session:
        document = terms.document_of(world.terms(session))
    made = accepted_there(world, document)
    assert not made.proposed_here
    assert in_force(world) is None
    with world.admin() as session:
        whole = agreements.accept(session, made)
    assert whole.accepted
    assert in_force(world) is not None
    with world.admin() as session, pytest.raises(AlreadyAccepted):
        agreements.accept(session, whole)


def test_taking_the_same_again_changes_nothing(world: World) -> None:
    made = propose(world)
    first = accepted_there(world, made.document)
    assert accepted_there(world, made.document) == first
    with world.admin() as session:
        assert len(agreements.history(session, world.bridge.id)) == 1


def test_a_later_version_replaces_the_one_before_it_when_both_accepted_and_it_is_valid(
    world: World,
) -> None:
    first = propose(world)
    accepted_there(world, first.document)
    later = datetime.now(UTC) + timedelta(days=30)
    second = propose(world, ceiling={"tlp": "green"}, valid_from=later.isoformat())
    assert second.version == 2
    found = in_force(world)
    assert found is not None
    assert found.version == 1
    accepted_there(world, second.document)
    found = in_force(world)
    assert found is not None
    assert found.version == 1
    found = in_force(world, later + timedelta(seconds=1))
    assert found is not None
    assert found.version == 2


def test_an_agreement_ends_with_its_time(world: World) -> None:
    until = datetime.now(UTC) + timedelta(days=1)
    accepted_there(world, propose(world, valid_until=until.isoformat()).document)
    assert in_force(world, until - timedelta(seconds=2)) is not None
    assert in_force(world, until) is None


def test_nobody_else_signs_for_the_partner(world: World) -> None:
    made = propose(world)
    stranger = Ed25519PrivateKey.generate()
    with world.partner() as session:
        for key_id, signature in (
            (world.key_id, stranger.sign(made.document)),
            ("unknown", world.key.sign(made.document)),
            (world.key_id, world.key.sign(b"something else")),
        ):
            with pytest.raises(Forbidden):
                agreements.take(session, world.bridge, made.document, key_id, signature)
    with world.database.system() as session:
        session.execute("UPDATE partner_key SET revoked = now()")
    with pytest.raises(Forbidden):
        accepted_there(world, made.document)
    assert in_force(world) is None


def test_terms_of_another_bridge_or_other_parties_are_refused(world: World) -> None:
    with world.admin() as session:
        fine = world.terms(session)
        other = terms.document_of(_with(fine, bridge=TWO))
        strangers = [{"organisation": TWO, "name": "X", "country": "NL"},
                     {"organisation": "f" * 8 + TWO[8:], "name": "Y", "country": "NL"}]  # fmt: skip
        senders = [TWO]
        foreign = terms.document_of(_with(fine, parties=strangers, senders=senders))
    for document, field in ((other, "bridge"), (foreign, "parties")):
        with pytest.raises(Invalid) as refused:
            accepted_there(world, document)
        assert refused.value.field == field


def _with(found: terms.Terms, **changes: Any) -> terms.Terms:
    return terms.read(msgspec.to_builtins(found) | changes)


def test_a_version_that_is_accepted_is_not_proposed_anew(world: World) -> None:
    first = propose(world)
    accepted_there(world, first.document)
    with world.admin() as session:
        again = _with(first.terms, legal_basis="Something else")
        with pytest.raises(Invalid) as refused:
            agreements.propose(session, world.bridge, again)
    assert refused.value.field == "version"


def test_both_sides_may_propose_one_version_and_one_of_them_is_chosen(world: World) -> None:
    ours = propose(world)
    theirs = accepted_there(world, terms.document_of(_with(ours.terms, quality="drop")))
    assert theirs.version == ours.version
    with world.admin() as session:
        with pytest.raises(Conflict):
            agreements.view(session, world.bridge.id, 1)
        chosen = agreements.view(session, world.bridge.id, 1, theirs.digest.hex()[:12])
        agreements.accept(session, chosen)
        with pytest.raises(NotFound):
            agreements.view(session, world.bridge.id, 7)
    found = in_force(world)
    assert found is not None
    assert found.digest == theirs.digest


def test_a_partner_without_a_node_accepts_on_paper(world: World) -> None:
    made = propose(world)
    with world.admin() as session:
        with pytest.raises(Invalid):
            agreements.accept_on_paper(session, made, "Letter of 1 March")
        session.execute("UPDATE partner SET kind = 'misp'")
        with pytest.raises(Invalid):
            agreements.accept_on_paper(session, made, " ")
        whole = agreements.accept_on_paper(session, made, "Letter of 1 March")
        assert whole.accepted
        assert whole.reference == "Letter of 1 March"
    assert in_force(world) is not None


def test_versions_are_never_changed_or_removed(world: World) -> None:
    made = propose(world)
    for role in (world.admin, world.database.system):
        for statement in (
            "UPDATE agreement SET version = 9",
            "DELETE FROM agreement",
            "UPDATE agreement_acceptance SET side = 'theirs'",
            "DELETE FROM agreement_acceptance",
        ):
            with pytest.raises(Forbidden), role() as session:
                session.execute(statement)
    with world.admin() as session:
        assert agreements.history(session, world.bridge.id) == [made]


def test_who_may_propose_accept_and_look(world: World) -> None:
    made = propose(world)
    for who in (world.analyst, world.partner):
        with who() as session, pytest.raises(Forbidden):
            agreements.propose(session, world.bridge, made.terms)
        with who() as session, pytest.raises(Forbidden):
            agreements.accept(session, made)
    with world.analyst() as session:
        assert agreements.history(session, world.bridge.id) == []
    with world.other_partner() as session:
        assert agreements.history(session, world.bridge.id) == []
        signature = world.key.sign(made.document)
        with pytest.raises((Forbidden, NotFound)):
            agreements.take(session, world.bridge, made.document, world.key_id, signature)


def test_every_step_is_in_the_audit_log_and_in_the_ledger(world: World) -> None:
    accepted_there(world, propose(world).document)
    with world.database.system() as session:
        acts = [r[0] for r in session.all(
            "SELECT action FROM audit WHERE model = 'Agreement' ORDER BY id")]  # fmt: skip
        entries = session.all(
            "SELECT payload->>'act', payload->>'by' FROM ledger_entry"
            " WHERE kind = 'agreement' AND bridge_id = %s ORDER BY payload->>'act',"
            " payload->>'by'",
            (world.bridge.id,),
        )
    assert acts == ["add", "accept", "accept"]
    assert entries == [("accepted", "ours"), ("accepted", "theirs"), ("proposed", "ours")]


def test_bad_terms_leave_nothing_behind(world: World) -> None:
    with world.admin() as session, pytest.raises(Invalid) as refused:
        agreements.propose(session, world.bridge, world.terms(session, purposes=["fun"]))
    assert refused.value.field == "purposes[0]"
    with world.admin() as session:
        assert agreements.history(session, world.bridge.id) == []
