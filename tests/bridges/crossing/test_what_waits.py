# SPDX-License-Identifier: EUPL-1.2
"""What waits for a person is told to whoever may do it, and of nothing that they do not see."""

from collections.abc import Iterator

import pytest
from tests.bridges.crossing.conftest import added, agree, carry, crossings, new_event
from tests.bridges.crossing.test_who_sees_crossings import user
from tests.bridges.served import ADMIN, Served

from brug.bridges import agreements, waiting
from brug.bridges.crossing import judging, leasing, recalls
from brug.bridges.waiting import Waiting
from brug.directory import organisations, servers

Two = tuple[Served, Served]


def seen_by(node: Served, who: int) -> Waiting:
    with node.database.as_user(who) as session:
        return waiting.for_reader(session)


@pytest.fixture
def held(agreed: Two) -> Iterator[str]:
    """An event that waits for two people."""
    one, other = agreed
    agree(one, other, release={"when": ["always"], "four_eyes": True})
    uuid = added(one, new_event(("domain", "held.example")))
    carry(one)
    yield uuid
    with one.database.system() as session:
        session.execute("UPDATE crossing SET state = 'refused' WHERE state = 'held'")


def test_each_hears_of_what_is_theirs_to_do(agreed: Two, held: str) -> None:
    one, other = agreed
    releaser = user(one, "releaser@csirt.example", 1, ["auth", "release"])
    second = user(one, "second@csirt.example", 1, ["auth", "release"])
    recaller = user(one, "recaller@csirt.example", 1, ["auth", "recall"])
    manager = user(one, "manager@csirt.example", 1, ["auth", "bridge_admin"])
    auditor = user(one, "auditor@csirt.example", 1, ["auth", "auditor"])
    analyst = user(one, "analyst@csirt.example", 1, ["auth", "add", "publish"])
    assert seen_by(one, releaser) == Waiting(held=1)
    for who in (recaller, manager, auditor, analyst):
        assert not seen_by(one, who)
    with one.database.as_user(releaser) as session:
        judging.release(session, crossings(one, held)[0].id, "yes")
    assert not seen_by(one, releaser)  # a second person is waited for
    assert seen_by(one, second) == Waiting(held=1)

    bridge = one.bridge(other.name)
    with one.database.system() as session:
        leasing.wait(session, bridge.id, "nobody answers")
        session.execute(
            "INSERT INTO recall_asked (bridge_id, event_uuid, version, because, state)"
            " VALUES (%s, %s, 1, 'it was wrong', 'asked')", (bridge.id, held)
        )  # fmt: skip
        session.execute(
            "INSERT INTO version_beside (bridge_id, event_uuid, event_id, version, document)"
            " SELECT %s, uuid, id, 1, '{}' FROM event WHERE uuid = %s", (bridge.id, held)
        )  # fmt: skip
    assert seen_by(one, recaller) == Waiting(recalls=1)
    told = seen_by(one, manager)
    assert (told.held, told.recalls, told.versions) == (0, 0, 1)
    (failing,) = told.failing
    assert (failing.kind, failing.name) == ("bridge", bridge.partner)
    assert failing.problem == "nobody answers"
    assert failing.next_attempt is not None
    everything = seen_by(one, ADMIN)
    assert (everything.held, everything.recalls, everything.versions) == (1, 1, 1)
    assert not seen_by(one, auditor)
    with one.database.as_user(recaller) as session:
        recalls.follow(session, recalls.asked(session)[0].id, keep=True, because="evidence")
    assert not seen_by(one, recaller)
    with one.database.system() as session:
        session.execute("UPDATE version_beside SET settled = now()")
        leasing.done(session, bridge.id)
        session.execute("UPDATE bridge_progress SET next_attempt = '-infinity'")
    assert not seen_by(one, manager)


def test_what_waits_for_a_key_is_for_those_who_look_after_bridges(agreed: Two, held: str) -> None:
    one, _ = agreed
    with one.database.system() as session:
        session.execute("UPDATE crossing SET releasable = false WHERE state = 'held'")
    releaser = user(one, "releaser2@csirt.example", 1, ["auth", "release"])
    manager = user(one, "manager2@csirt.example", 1, ["auth", "bridge_admin"])
    assert not seen_by(one, releaser)
    assert seen_by(one, manager) == Waiting(blocked=1)


def test_a_server_that_is_away_is_told_to_site_admins(agreed: Two) -> None:
    one, _ = agreed
    with one.database.as_user(ADMIN) as session:
        given = {"name": "Old MISP", "url": "https://misp.example", "authkey": "k" * 40}
        server = servers.add(session, given | {"remote_org_id": 1})
        session.execute(
            "UPDATE server_work SET failures = 2, not_before = now() WHERE server_id = %s",
            (server.id,),
        )
        session.execute(
            "INSERT INTO server_run (server_id, kind, technique, state, problem)"
            " VALUES (%s, 'push', 'full', 'failed', 'no route to host')", (server.id,)
        )  # fmt: skip
    manager = user(one, "manager3@csirt.example", 1, ["auth", "bridge_admin"])
    assert not seen_by(one, manager)
    (failing,) = seen_by(one, ADMIN).failing
    assert (failing.kind, failing.name) == ("server", "Old MISP")
    assert failing.problem == "no route to host"


def test_nobody_hears_of_an_event_that_they_do_not_see(agreed: Two, held: str) -> None:
    one, _ = agreed
    with one.database.system() as session:
        guest = organisations.add(session, {"name": "Havenbedrijf Zuid"}).id
        session.execute(
            "UPDATE event SET org_id = %(org)s, audience = event_audience(%(org)s, 0, NULL, true),"
            " distribution = 0 WHERE uuid = %(event)s", {"org": guest, "event": held}
        )  # fmt: skip
    liaison = user(one, "liaison2@csirt.example", 1, ["auth", "release", "recall", "bridge_admin"])
    member = user(one, "member@haven.example", guest, ["auth", "release", "recall"])
    assert seen_by(one, ADMIN).held == 1
    assert not seen_by(one, liaison)
    assert not seen_by(one, member)  # the right counts at the host


def test_an_agreement_waits_for_the_side_that_has_not_signed(agreed: Two) -> None:
    one, other = agreed
    before = seen_by(one, ADMIN).agreements
    with other.database.as_user(ADMIN) as session:
        bridge = other.bridge(one.name)
        known = agreements.history(session, bridge.id)[0]
        given = {"our_country": "BE", "their_country": "NL", "document": "The next version",
                 "purposes": ["cyber-defence"], "legal_basis": "GDPR art. 6(1)(e)",
                 "senders": known.terms.senders, "personal_data": {"regime": "none"},
                 "valid_from": known.terms.valid_from}  # fmt: skip
        made = agreements.propose(session, bridge, agreements.draft(session, bridge, given))
        signed = agreements.signature_of(session, made)
        assert signed is not None
        assert waiting.for_reader(session).agreements == 0
    with one.database.as_user(ADMIN) as session:
        mine = one.bridge(other.name)
        taken = agreements.take(session, mine, made.document, signed.key_id, signed.signature)
        assert waiting.for_reader(session).agreements == before + 1
        agreements.accept(session, taken)
        assert waiting.for_reader(session).agreements == before
