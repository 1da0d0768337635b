# SPDX-License-Identifier: EUPL-1.2
"""Working in a case on one node: who may, who sees, what is written."""

from uuid import uuid4

import msgspec
import pytest
from tests.cases.conftest import Node

from brug.cases import entry_rows, files, keeping
from brug.cases.act_rules import Blocked, OutOfStep
from brug.cases.acts import (
    AnyAct,
    Decided,
    Filled,
    Joined,
    Left,
    Linked,
    Marked,
    Moved,
    Planned,
    Recorded,
    Said,
)
from brug.cases.case import Case
from brug.cases.files import File
from brug.cases.taking_part import NotYours
from brug.model.errors import BrugError, Forbidden, Invalid, NotFound


def opened(node: Node, **fields: object) -> File:
    with node.database.as_user(node.host) as session:
        return keeping.open_case(session, "incident", "Pumps stopped", fields)


def joined(node: Node, file: File, which: str, role: str, user: int | None = None) -> str:
    participant = str(uuid4())
    doing = Joined(participant=participant, org=node.orgs[which], name=which, role=role, user=user)
    with node.database.as_user(node.host) as session:
        keeping.act(session, file.number, doing)
    return participant


def seen(node: Node, user: int, file: File) -> Case:
    with node.database.as_user(user) as session:
        return files.view(session, file.number)[1]


def test_a_case_is_opened_filled_and_moved(node: Node) -> None:
    file = opened(node, summary="SCADA of two stations does not answer")
    with node.database.as_user(node.host) as session:
        keeping.act(
            session,
            file.number,
            Recorded(fact="detected_at", at="2026-11-27T08:00:00Z", zone="Europe/Amsterdam"),
        )
        keeping.act(
            session, file.number, Moved(machine="phase", trigger="contain", leaves="detection")
        )
        listed, case = files.view(session, file.number)
    assert file.number.startswith("INC-")
    assert file.number.endswith("-0001")
    assert case.fields == {"summary": "SCADA of two stations does not answer"}
    assert (case.state, listed.state, listed.title) == ("containment", "containment", file.title)
    assert len(case.timeline) == 4
    assert case.ignored == []


def test_each_entry_is_in_the_ledger_with_its_digest(node: Node) -> None:
    file = opened(node)
    with node.database.system() as session:
        kept = session.all("SELECT uuid::text, encode(digest, 'hex') FROM case_entry")
        proven = session.all(
            "SELECT payload->>'entry', payload->>'digest' FROM ledger_entry"
            " WHERE kind = 'case-entry' AND payload->>'case' = %s",
            (file.uuid,),
        )
    assert kept == proven
    assert len(kept) == 1


def test_what_an_entry_says_stands_nowhere_in_the_clear(node: Node) -> None:
    opened(node, summary="a word that nobody guesses")
    with node.database.system() as session:
        stored = session.all(
            "SELECT f::text FROM case_file f UNION ALL SELECT e::text FROM case_entry e"
        )
    for (row,) in stored:
        assert b"nobody guesses".hex() not in row
        assert "nobody guesses" not in row
        assert "Pumps" not in row


def test_nobody_sees_a_case_who_takes_no_part(node: Node) -> None:
    file = opened(node)
    for user in (node.entity, node.other, node.without):
        with node.database.as_user(user) as session:
            with pytest.raises(NotFound):
                files.find(session, file.number)
            with pytest.raises(NotFound):
                keeping.act(session, file.number, Said(text="let me in"))
            assert session.value("SELECT count(*) FROM case_entry") == 0
            assert session.value("SELECT count(*) FROM case_party") == 0


def test_a_site_admin_of_another_organisation_sees_none_of_it(node: Node) -> None:
    file = opened(node)
    with node.database.system() as session:
        session.execute(
            "UPDATE role SET rights = rights || '{site_admin}' WHERE name LIKE %s", ("%oostmeer%",)
        )
    with node.database.as_user(node.other) as session:
        assert session.principal.is_site_admin
        with pytest.raises(NotFound):
            files.find(session, file.number)
        assert session.value("SELECT count(*) FROM case_entry") == 0


def test_whoever_joins_sees_what_was_before_and_whoever_leaves_sees_nothing(node: Node) -> None:
    file = opened(node, summary="before")
    participant = joined(node, file, "entity", "entity")
    assert seen(node, node.entity, file).fields == {"summary": "before"}
    with node.database.as_user(node.host) as session:
        keeping.act(session, file.number, Left(participant=participant, because="sold"))
    with node.database.as_user(node.entity) as session:
        with pytest.raises(NotFound):
            files.view(session, file.number)
        assert session.value("SELECT count(*) FROM case_entry") == 0


def test_a_single_person_needs_no_right_and_sees_with_nobody_else(node: Node) -> None:
    file = opened(node)
    joined(node, file, "host", "observer", user=node.without)
    assert seen(node, node.without, file).title == "Pumps stopped"
    with node.database.as_user(node.without) as session:
        keeping.act(session, file.number, Said(text="I read it"))
        with pytest.raises(NotYours):
            keeping.act(session, file.number, Filled(fields={"summary": "mine"}))


def test_a_persons_number_on_another_node_is_nobody_here(node: Node) -> None:
    file = opened(node)
    elsewhere = str(uuid4())
    doing = Joined(
        participant=str(uuid4()), org=elsewhere, name="far away", role="observer", user=node.entity
    )
    with node.database.as_user(node.host) as session:
        keeping.act(session, file.number, doing)
    with node.database.as_user(node.entity) as session, pytest.raises(NotFound):
        files.view(session, file.number)


def test_whoever_is_nobody_of_an_organisation_lets_none_of_it_in(node: Node) -> None:
    file = opened(node)
    for nobody in (node.host, 2**30):
        with pytest.raises(Invalid, match="user: expected the number of a person of this"):
            joined(node, file, "entity", "entity", user=nobody)
    with node.database.as_user(node.entity) as session, pytest.raises(NotFound):
        files.view(session, file.number)


def test_an_organisation_that_takes_part_is_in_use_and_can_be_merged(node: Node) -> None:
    file = opened(node)
    joined(node, file, "entity", "entity")
    with node.database.system() as session:
        ids = {
            name: session.value("SELECT id FROM organisation WHERE uuid = %s", (uuid,))
            for name, uuid in node.orgs.items()
        }
        assert session.value("SELECT organisation_in_use(%s)", (ids["entity"],))
        session.execute("SELECT merge_organisation(%s, %s)", (ids["entity"], ids["other"]))
    assert seen(node, node.other, file).title == "Pumps stopped"
    assert seen(node, node.host, file).title == "Pumps stopped"


def test_a_message_to_some_is_for_them_alone(node: Node) -> None:
    file = opened(node)
    entity = joined(node, file, "entity", "entity")
    joined(node, file, "other", "csirt")
    with node.database.as_user(node.host) as session:
        keeping.act(session, file.number, Said(text="between us"), to=[entity])
    said = {
        user: [one.act.text for one in seen(node, user, file).timeline if isinstance(one.act, Said)]
        for user in (node.host, node.entity, node.other)
    }
    assert said == {node.host: ["between us"], node.entity: ["between us"], node.other: []}
    with node.database.as_user(node.other) as session:
        keeping.act(session, file.number, Said(text="I know nothing of it"))
    assert len(seen(node, node.entity, file).ignored) == 0


def test_a_task_and_a_link_for_some_stay_among_them_however_they_are_changed(node: Node) -> None:
    file = opened(node)
    mine = joined(node, file, "entity", "entity")
    joined(node, file, "other", "observer")
    task = Planned(task=str(uuid4()), title="Ask the board")
    link = Linked(kind="event", uuid=str(uuid4()), title="Their event")
    changed: list[AnyAct] = [
        msgspec.structs.replace(task, is_done=True), msgspec.structs.replace(link, is_undone=True),
    ]  # fmt: skip
    with node.database.as_user(node.host) as session:
        lead = files.view(session, file.number)[1].present[0].id
        keeping.act_several(session, file.number, [(task, [mine]), (link, [mine])])
        by_lead = [keeping.act(session, file.number, one).to for one in changed]
    with node.database.as_user(node.entity) as session:
        by_entity = keeping.act(session, file.number, task).to
    assert [*map(set, by_lead), set(by_entity)] == [{lead, mine}] * 3
    with node.database.as_user(node.other) as session:
        case = files.view(session, file.number)[1]
    assert (case.tasks, case.links) == ({}, {})
    with node.database.as_user(node.host) as session:
        for_all = Planned(task=str(uuid4()), title="Tell all")
        assert [keeping.act(session, file.number, for_all).to for _ in "12"] == [(), ()]


def test_who_takes_part_in_person_reads_what_they_wrote_to_some(node: Node) -> None:
    file = opened(node)
    entity = joined(node, file, "entity", "entity")
    joined(node, file, "host", "observer", user=node.without)
    with node.database.as_user(node.without) as session:
        keeping.act(session, file.number, Said(text="for you"), to=[entity])
    for user, reads in ((node.without, True), (node.entity, True), (node.host, True)):
        texts = [
            one.act.text for one in seen(node, user, file).timeline if isinstance(one.act, Said)
        ]
        assert (texts == ["for you"]) is reads


def test_what_concerns_all_is_not_for_some(node: Node) -> None:
    file = opened(node)
    entity = joined(node, file, "entity", "entity")
    with node.database.as_user(node.host) as session, pytest.raises(Invalid, match="to"):
        keeping.act(session, file.number, Marked(tlp="red"), to=[entity])


@pytest.mark.parametrize(
    ("doing", "error", "said"),
    [
        (Moved(machine="phase", trigger="contain", leaves="detection"), Blocked, "detected_at"),
        (Moved(machine="phase", trigger="close", leaves="detection"), Invalid, "contain, dismiss"),
        (Said(text=""), Invalid, "a text of 1 to 50000 characters"),
        (Moved(machine="phase", trigger="close", leaves="lessons"), OutOfStep, "contain, dismiss"),
        (Moved(machine="phase", trigger="dismiss", leaves="detection"), Invalid, "because"),
        (Moved(machine="fase", trigger="contain", leaves="detection"), Invalid, "phase, nis2"),
        (Moved(machine="nis2", trigger="assess", leaves="detected"), Invalid, "of"),
        (Filled(fields={"cross_border": "perhaps"}), Invalid, "fields.cross_border"),
        (Filled(fields={"nothing": 1}), Invalid, "fields.nothing"),
        (Filled(fields={"countries": ["NL", 7]}), Invalid, "fields.countries"),
        (Recorded(fact="aware_at", at="yesterday", zone="Europe/Amsterdam"), Invalid, "at"),
        (Recorded(fact="aware_at", at="2026-11-27T08:00:00Z", zone="Mars/Base"), Invalid, "zone"),
        (Recorded(fact="aware_at", at="0001-01-01T00:00:00Z", zone="UTC"), Invalid, "1970"),
        (Recorded(fact="born", at="2026-11-27T08:00:00Z", zone="UTC"), Invalid, "fact"),
        (Said(text=" "), Invalid, "text"),
        (Decided(question="Tell the press?", outcome=""), Invalid, "outcome"),
        (Marked(tlp="pink"), Invalid, "tlp"),
        (Left(participant=str(uuid4())), Invalid, "participant"),
    ],
)  # fmt: skip
def test_what_may_not_be_done_writes_nothing(
    node: Node, doing: Moved, error: type[BrugError], said: str
) -> None:
    file = opened(node)
    with node.database.as_user(node.host) as session:
        with pytest.raises(error) as caught:
            keeping.act(session, file.number, doing)
        assert said in caught.value.public
        assert len(entry_rows.uuids_of(session, file.id)) == 1


def test_whoever_may_not_work_on_cases_opens_none(node: Node) -> None:
    with node.database.as_user(node.without) as session, pytest.raises(Forbidden):
        keeping.open_case(session, "incident", "Mine")
    with node.database.as_user(node.host) as session, pytest.raises(Invalid, match="kind"):
        keeping.open_case(session, "lawsuit", "Ours")
    assert opened(node).number.endswith("-0001"), "no number was used up"


def test_an_entity_speaks_for_its_own_notification(node: Node) -> None:
    file = opened(node)
    mine = joined(node, file, "entity", "entity")
    theirs = joined(node, file, "other", "entity")
    with node.database.as_user(node.entity) as session:
        keeping.act(
            session,
            file.number,
            Moved(machine="nis2", trigger="assess", leaves="detected", of=mine),
        )
        with pytest.raises(NotYours):
            keeping.act(
                session,
                file.number,
                Moved(machine="nis2", trigger="assess", leaves="detected", of=theirs),
            )
    case = seen(node, node.other, file)
    assert case.positions["nis2", mine].state == "assessing"
    assert case.positions["nis2", theirs].state == "detected"
