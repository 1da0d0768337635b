# SPDX-License-Identifier: EUPL-1.2
"""Cases with participants on other nodes: each keeps its copy, sees its view, and all converge."""

from uuid import uuid4

import pytest
from tests.bridges.crossing.joint import Joint, author_of, shown
from tests.bridges.crossing.three_nodes import Node
from tests.bridges.crossing.triangles import Triangle
from tests.bridges.served import ADMIN

from brug.bridges.crossing import judging, rows
from brug.cases import entry_rows, files, keeping, merging, statistics
from brug.cases.acts import Filled, Joined, Left, Marked, Moved, Recorded, Said
from brug.cases.embargoes import negotiating, terms
from brug.cases.embargoes.negotiating import Step
from brug.cases.merging import Take
from brug.cases.persons import joining, outside
from brug.cases.persons.outside import Seat
from brug.directory import organisations
from brug.model.errors import Forbidden, NotFound
from brug.store import settings


@pytest.fixture
def joint(triangle: Triangle) -> Joint:
    return Joint(triangle)


def test_a_case_is_worked_on_by_three_nodes(joint: Joint) -> None:
    one, other, third = joint.triangle.three
    entity = joint.join(other, "entity")
    joint.join(third, "csirt")
    joint.triangle.work()
    joint.act(other, Filled(fields={"summary": "Two stations"}))
    joint.act(third, Recorded(fact="detected_at", at="2026-11-27T08:00:00Z", zone="UTC"))
    joint.act(other, Moved(machine="nis2", trigger="assess", leaves="detected", of=entity))
    joint.triangle.work()
    joint.act(one, Moved(machine="phase", trigger="contain", leaves="detection"))
    joint.triangle.work()
    first, second, last = joint.everywhere()
    assert first == second == last
    case = joint.seen(third)
    assert (case.state, case.fields["summary"]) == ("containment", "Two stations")
    assert case.positions["nis2", entity].state == "assessing"
    assert (case.ignored, case.conflicts) == ([], [])
    for node in joint.triangle.three:
        with node.database.as_user(ADMIN) as session:
            number = files.find(session, joint.uuid).number
            crossed = [row for row in rows.listed(session) if row.kind == "case"]
        # What came in is listed by the case's number, as what went out is.
        assert {row.outward for row in crossed} == {True, False}
        assert {row.info for row in crossed} == {number}
    joint.triangle.verify()


def test_a_case_that_was_merged_is_over_at_every_node_and_says_nothing_of_the_other(
    joint: Joint,
) -> None:
    part = joint.join(joint.other, "entity")
    joint.act(joint.one, Said(text="to you alone"), (part,))
    joint.triangle.work()
    joint.act(joint.other, Said(text="heard"))
    joint.triangle.work()
    with joint.one.database.as_user(ADMIN) as session:
        into = keeping.open_case(session, "incident", "The one that goes on").uuid
        merging.merge(session, into, joint.uuid, Take(messages=True))
    joint.triangle.work()
    for node in (joint.one, joint.other):
        with node.database.as_user(ADMIN) as session:
            assert files.find(session, joint.uuid).is_over
            # The answer of the other one is counted at both.
            assert any("|answer|" in one for one in statistics.counted(session))
        assert joint.seen(node).merged_into == into
    with joint.other.database.as_user(ADMIN) as session, pytest.raises(NotFound):
        files.find(session, into)


def test_a_partner_proposes_an_embargo_and_only_who_leads_puts_it_into_force(
    triangle: Triangle,
) -> None:
    joint = Joint(triangle, "disclosure")
    one, other, _ = joint.triangle.three

    def take(node: Node, step: Step) -> None:
        with node.database.as_user(ADMIN) as session:
            negotiating.take(session, joint.uuid, step)

    vendor = joint.join(other, "vendor")
    joint.triangle.work()
    take(other, Step(step="propose", until="2190-05-31T09:00Z", because="The firmware"))
    joint.triangle.work()
    case = joint.seen(one)
    assert (case.embargo, case.conflicts, case.ignored) == (None, [], [])
    assert [(each.why, each.agreed) for each in terms.waiting(case)] == [("The firmware", [vendor])]
    with pytest.raises(Forbidden):
        take(other, Step(step="accept"))
    take(one, Step(step="accept"))
    case = joint.seen(one)
    assert case.embargo
    assert case.embargo.until == "2190-05-31T09:00:00Z"
    assert case.positions["consent", vendor].state == "signatory"


def test_each_entry_is_signed_for_by_the_partner_and_in_both_ledgers(joint: Joint) -> None:
    joint.join(joint.other, "handler")
    joint.triangle.work()
    sent = [one for one in joint.one.crossings() if one.kind == "case" and one.outward]
    assert [one.state for one in sent] == ["received", "received"]
    assert all(one.receipt and one.entry for one in sent)
    came = [one for one in joint.other.crossings() if one.kind == "case" and not one.outward]
    assert [one.digest for one in came] == [one.digest for one in sent]
    assert [one for one in joint.other.crossings() if one.kind == "case" and one.outward] == []


def test_a_message_to_one_partner_reaches_no_other(joint: Joint) -> None:
    entity = joint.join(joint.other, "entity")
    joint.join(joint.third, "csirt")
    joint.triangle.work()
    joint.act(joint.one, Said(text="for the entity alone"), (entity,))
    joint.triangle.work()
    texts = [
        [one.act.text for one in joint.seen(node).timeline if isinstance(one.act, Said)]
        for node in joint.triangle.three
    ]
    assert texts == [["for the entity alone"], ["for the entity alone"], []]


def test_a_lead_who_joins_later_has_the_steps_of_contact_from_before_and_nobody_else(
    triangle: Triangle,
) -> None:
    joint = Joint(triangle, "disclosure")
    one, other, third = triangle.three
    vendor = joint.join(other, "vendor")
    joint.join(third, "vendor")
    at = {"at": "2026-11-27T08:00:00Z", "zone": "UTC"}
    joint.act(one, Recorded(fact="first_vendor_contact_attempt_at", **at))
    step = Moved(machine="contact", trigger="write", leaves="unwritten", of=vendor)
    joint.act(one, step)
    joint.triangle.work()
    # The vendor answers, and knows of one lead alone.
    joint.act(other, Moved(machine="contact", trigger="answer", leaves="written", of=vendor))
    joint.triangle.work()

    def steps(node: Node) -> list[str]:
        seen = [each.act for each in joint.seen(node).timeline]
        return [each.trigger for each in seen if isinstance(each, Moved)]

    assert [steps(node) for node in triangle.three] == [
        ["write", "answer"],
        ["write", "answer"],
        [],
    ]
    lead = joint.join(third, "coordinator")
    joint.triangle.work()
    assert steps(third) == ["write", "answer"]
    case = joint.seen(third)
    assert case.known_positions["contact", vendor].state == "answering"
    assert (case.ignored, case.conflicts) == ([], [])
    silent = Moved(machine="contact", trigger="fall_silent", leaves="answering", of=vendor)
    joint.act(third, silent)
    joint.triangle.work()
    assert steps(one) == steps(other) == ["write", "answer", "fall_silent"]
    joint.act(one, Left(participant=lead, because="It leads no more"))
    chase = Moved(machine="contact", trigger="chase", leaves="silent", of=vendor, because="Again")
    joint.act(one, chase)
    joint.triangle.work()
    assert steps(third) == []  # its own step follows from those that it has not got any more
    with third.database.system() as session:
        stored = entry_rows.stored_of(session, files.find(session, joint.uuid).id)
    assert len(stored) == len(joint.seen(one).timeline) - 1  # all but the last step
    assert steps(one)[-1] == "chase"


def test_whoever_has_no_account_takes_part_for_all_nodes_and_is_reached_by_one(
    joint: Joint,
) -> None:
    joint.join(joint.other, "csirt")
    given = {"email": "vera@maker.example", "name": "Vera", "role": "handler"}
    with joint.one.database.system() as session:
        for name, value in (("mail.host", "127.0.0.1"), ("mail.from", "node@one.example")):
            settings.set_value(session, name, value)
    with joint.one.database.as_user(ADMIN) as session:
        listed = joining.invite(session, joint.uuid, given)
    lead = joint.seen(joint.one).present[0].id
    with joint.one.database.system() as session:
        vera = outside.by_id(session, session.value("SELECT max(id) FROM case_person"))
        outside.act(session, vera, Said(text="for all"))
        outside.act(session, vera, Said(text="for who leads"), [lead])
    joint.triangle.work()
    case = joint.seen(joint.other)
    assert case.ignored == []
    assert case.participants[listed.participant].name == "Vera"
    assert [one.act.text for one in case.timeline if isinstance(one.act, Said)] == ["for all"]
    assert "maker.example" not in str(case.timeline)
    joint.act(joint.other, Said(text="for Vera"), (listed.participant,))
    joint.triangle.work()
    with joint.one.database.system() as session:
        seen = Seat.take(session, vera).entries
    assert [one.act.text for one in seen if isinstance(one.act, Said)][-1] == "for Vera"
    texts = [one.act for one in joint.seen(joint.one).timeline if isinstance(one.act, Said)]
    assert Said(text="for Vera") not in texts


def test_what_is_for_a_guest_of_another_node_reaches_it_also_where_the_guest_is_known(
    joint: Joint,
) -> None:
    one, other, third = joint.triangle.three
    joint.join(other, "handler")
    guest, org = str(uuid4()), str(uuid4())
    with one.database.as_user(ADMIN) as session:
        organisations.add(session, {"name": "Waterworks", "uuid": org, "local": False})
    joining = Joined(
        participant=guest, org=org, name="Waterworks", role="entity", node=author_of(other).node
    )
    joint.act(one, joining)
    joint.join(third, "csirt")
    said = joint.act(one, Said(text="for the guest alone"), (guest,))
    joint.triangle.work()
    found = []
    for node in (other, third):
        with node.database.system() as session:
            found.append(
                session.value("SELECT count(*) FROM case_entry WHERE uuid = %s", (said.id,))
            )
    assert found == [1, 0]


def test_whoever_is_removed_is_told_and_gets_and_sees_nothing_more(joint: Joint) -> None:
    part = joint.join(joint.other, "handler")
    joint.triangle.work()
    assert joint.seen(joint.other).title
    joint.act(joint.one, Left(participant=part, because="no longer needed"))
    joint.act(joint.one, Said(text="now we can talk"))
    joint.triangle.work()
    with pytest.raises(NotFound):
        joint.seen(joint.other)
    with joint.other.database.system() as session:
        assert session.value("SELECT count(*) FROM case_entry") == 3
    with joint.other.database.as_user(ADMIN) as session:
        assert session.value("SELECT count(*) FROM case_entry") == 0


def under_way(node: Node) -> list[str]:
    """What a node has for others, or for a person to judge."""
    return [one.state for one in node.crossings(states=["waiting", "failed", "held"])]


def test_whoever_is_removed_while_away_gets_nothing_that_waited_before_joining_again(
    joint: Joint,
) -> None:
    one, other = joint.one, joint.other
    part = joint.join(other, "handler")
    joint.triangle.work(one, other)
    joint.triangle.wire.down.add(other.url)
    joint.act(one, Said(text="while you were away"))
    joint.triangle.work(one)
    joint.act(one, Left(participant=part, because="no longer needed"))
    joint.triangle.wire.down.clear()
    joint.triangle.work(one, other)
    with other.database.system() as session:
        assert session.value("SELECT count(*) FROM case_entry") == 3
    assert under_way(one) == []
    joint.join(other, "handler")
    joint.triangle.work(one, other)
    assert shown(joint.seen(other)) == shown(joint.seen(one))


def test_whoever_was_removed_before_anything_came_there_never_hears_of_the_case(
    joint: Joint,
) -> None:
    one, other = joint.one, joint.other
    joint.triangle.wire.down.add(other.url)
    part = joint.join(other, "handler")
    joint.triangle.work(one)
    joint.act(one, Left(participant=part, because="asked by mistake"))
    joint.triangle.wire.down.clear()
    joint.triangle.work(one, other)
    with other.database.system() as session:
        assert session.value("SELECT count(*) FROM case_entry") == 0
    assert under_way(one) == []


def test_a_partner_that_was_away_for_long_gets_all_of_it(joint: Joint) -> None:
    joint.join(joint.other, "handler")
    joint.triangle.wire.down.add(joint.other.url)
    for number in range(30):
        joint.act(joint.one, Said(text=f"message {number}"))
    joint.triangle.work()
    joint.triangle.wire.down.clear()
    joint.triangle.work()
    assert shown(joint.seen(joint.other)) == shown(joint.seen(joint.one))


def test_two_that_move_on_at_once_see_a_conflict_at_both_sides(joint: Joint) -> None:
    joint.join(joint.other, "lead")
    joint.act(joint.one, Recorded(fact="detected_at", at="2026-11-27T08:00:00Z", zone="UTC"))
    joint.triangle.work()
    joint.act(joint.one, Moved(machine="phase", trigger="contain", leaves="detection"))
    joint.act(
        joint.other,
        Moved(machine="phase", trigger="dismiss", leaves="detection", because="a test alarm"),
    )
    joint.triangle.work()
    here, there = joint.seen(joint.one), joint.seen(joint.other)
    assert len(here.open_conflicts) == 1
    assert here.open_conflicts == there.open_conflicts
    assert here.state == there.state


def test_two_who_lead_and_write_to_a_vendor_at_once_settle_it_and_no_other_vendor_learns_of_it(
    triangle: Triangle,
) -> None:
    joint = Joint(triangle, "disclosure")
    one, other, third = triangle.three
    vendor = joint.join(one, "vendor")
    joint.join(other, "coordinator")
    joint.join(third, "vendor")
    at = {"at": "2026-11-27T08:00:00Z", "zone": "UTC"}
    joint.act(one, Recorded(fact="first_vendor_contact_attempt_at", **at))
    joint.triangle.work()
    step = Moved(machine="contact", trigger="write", leaves="unwritten", of=vendor)
    both = [joint.act(node, step) for node in (one, other)]
    joint.triangle.work()
    for node in (one, other):
        (conflict,) = joint.seen(node).open_conflicts
        assert {conflict.holds, conflict.beside} == {each.id for each in both}
        assert joint.seen(node).ignored == []
    silent = Moved(machine="contact", trigger="fall_silent", leaves="written", of=vendor)
    settled = joint.act(other, silent)
    joint.act(other, Said(text="for all"))
    joint.triangle.work()
    for node in (one, other):
        assert joint.seen(node).open_conflicts == []
        assert joint.seen(node).conflicts[0].settled == settled.id
    seen = joint.seen(third)
    assert (seen.ignored, seen.conflicts) == ([], [])
    named = {number for each in seen.timeline for number in each.knows.values()}
    assert named.isdisjoint({each.number for each in (*both, settled)})


def test_what_is_above_the_ceiling_waits_for_a_person(joint: Joint) -> None:
    joint.join(joint.other, "handler")
    joint.triangle.work()
    joint.act(joint.one, Marked(tlp="red"))
    entry = joint.act(joint.one, Said(text="who it was"))
    joint.triangle.work()
    held = {c.event_uuid: c for c in joint.one.crossings(states=["held"])}
    assert entry.id in held
    assert all(one.id != entry.id for one in joint.seen(joint.other).timeline)
    with joint.one.database.as_user(ADMIN) as session:
        judging.release(session, held[entry.id].id, "they need to know")
    joint.triangle.work()
    assert any(one.id == entry.id for one in joint.seen(joint.other).timeline)


def test_what_a_wider_agreement_lets_cross_is_held_no_more(joint: Joint) -> None:
    one, other = joint.one, joint.other
    joint.join(other, "handler")
    joint.triangle.work(one, other)
    joint.act(one, Marked(tlp="red"))
    joint.triangle.work(one, other)
    assert under_way(one) == ["held"]
    joint.triangle.agree(one, other, ceiling="red")
    joint.triangle.work(one, other)
    assert joint.seen(other).marking.tlp == "red"
    assert under_way(one) == []


def test_nothing_crosses_before_the_agreement_covers_cases(joint: Joint) -> None:
    one, other = joint.one, joint.other
    joint.triangle.agree(one, other, kinds=frozenset({"event"}))
    joint.join(other, "handler")
    joint.triangle.work()
    with pytest.raises(NotFound):
        joint.seen(other)
    refused = [one for one in one.crossings() if one.kind == "case"]
    assert {one.outcome for one in refused} == {"refuse"}
    joint.triangle.agree(one, other)
    joint.triangle.work()
    assert joint.seen(other).title == "Pumps stopped"


# A node that lies ----------------------------------------------------------------------
