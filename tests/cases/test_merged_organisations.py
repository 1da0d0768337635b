# SPDX-License-Identifier: EUPL-1.2
"""An organisation that became part of another: the other's people act where it takes part.

What was signed names the old UUID for ever, on every node; what they sign names it, too.
"""

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from tests.cases.conftest import Node, made

from brug.cases import (
    documents,
    entry_rows,
    files,
    keeping,
    listing,
    notified,
    people,
    taking_part,
)
from brug.cases.acts import Asked, Joined, Linked, Moved, Planned, Recorded, Said
from brug.cases.clocks import facts
from brug.cases.entries import Author
from brug.cases.exporting import leaving
from brug.cases.files import File
from brug.cases.folding import fold
from brug.cases.kinds import named
from brug.cases.listing import Wanted
from brug.cases.readers import readers
from brug.cases.reports import sending
from brug.directory import organisation_merging, organisations
from brug.directory.refusals import Refused
from brug.model.errors import BrugError, NotFound
from brug.store.session import Database


@pytest.fixture
def node(database_url: str) -> Iterator[Node]:
    with Database(database_url, 4) as database:
        yield made(database)


def joined(node: Node, number: str, who: str, role: str, user: int | None = None) -> str:
    part = str(uuid4())
    doing = Joined(participant=part, org=node.orgs[who], name=who, role=role, user=user)
    with node.database.as_user(node.host) as session:
        keeping.act(session, number, doing)
    return part


def opened(node: Node) -> File:
    with node.database.as_user(node.host) as session:
        return keeping.open_case(session, "incident", "Pumps stopped")


def merge(node: Node, gone: str, into: str) -> None:
    with node.database.system() as session:
        organisation_merging.merge(session, node.orgs[gone], node.orgs[into])


def test_its_people_and_those_of_the_other_act_as_the_participant_that_it_is(node: Node) -> None:
    file = opened(node)
    part = joined(node, file.number, "entity", "entity")
    with node.database.as_user(node.entity) as session:
        keeping.act(session, file.number, Said(text="from the entity"))
    with node.database.as_user(node.host) as session:
        keeping.act(session, file.number, Said(text="to you alone"), to=[part])
    merge(node, "entity", "other")
    for user in (node.entity, node.other):
        with node.database.as_user(user) as session:
            entry = keeping.act(session, file.number, Said(text=f"as {user}"))
            assert entry.author.org == node.orgs["entity"]
            assert type(entry.author) is Author
            case = files.view(session, file.number)[1]
            told = [one.act.text for one in case.timeline if isinstance(one.act, Said)]
            assert told[:2] == ["from the entity", "to you alone"]
            mine = taking_part.parts_of(case, keeping.author(session))
            assert [one.id for one in mine] == [part]
    # Where nobody knows of the merge, what they wrote counts all the same.
    with node.database.as_user(node.host) as session:
        entries = files.entries_of(session, file)
        assert fold(named("incident"), entries).ignored == []
        assert len({one.author.org for one in entries}) == 2


def test_what_it_wrote_to_some_it_still_has_and_nobody_else_does(node: Node) -> None:
    file = opened(node)
    joined(node, file.number, "entity", "entity")
    other = joined(node, file.number, "other", "csirt")
    with node.database.as_user(node.entity) as session:
        lead = files.view(session, file.number)[1].present[0].id
        keeping.act(session, file.number, Said(text="between us"), to=[lead])
    with node.database.as_user(node.other) as session:
        assert len(entry_rows.uuids_of(session, file.id)) == 3
        before = files.find(session, file.number).changed
    merge(node, "entity", "other")
    with node.database.as_user(node.other) as session:
        assert len(entry_rows.uuids_of(session, file.id)) == 4
        assert files.find(session, file.number).changed > before
        # It takes part as both, and speaks as itself where that may do it.
        entry = keeping.act(session, file.number, Said(text="as both"))
        assert entry.author.org == node.orgs["other"]
        mine = taking_part.parts_of(files.view(session, file.number)[1], keeping.author(session))
        assert len(mine) == 2
        found, total = listing.listed(session, Wanted(org=node.orgs["other"]))
        assert ([one.id for one in found], total) == ([file.id], 1)
        keeping.act(session, file.number, Planned(task=str(uuid4()), title="x", assignee=other))
    with node.database.system() as session:
        case = files.view(session, file.number)[1]
        for one in case.present[1:]:
            assert sorted(readers(session, one)) == sorted([node.entity, node.other])


def test_what_only_the_old_part_may_do_is_done_as_it(node: Node) -> None:
    """The observer's organisation takes in the one that leads."""
    with node.database.as_user(node.entity) as session:
        file = keeping.open_case(session, "incident", "Ours")
        doing = Joined(participant=str(uuid4()), org=node.orgs["other"], name="o", role="observer")
        keeping.act(session, file.number, doing)
        at = Recorded(fact="detected_at", at="2026-11-27T08:00:00Z", zone="UTC")
        keeping.act(session, file.number, at)
    contain = Moved(machine="phase", trigger="contain", leaves="detection")
    with node.database.as_user(node.other) as session, pytest.raises(BrugError):
        keeping.act(session, file.number, contain)
    merge(node, "entity", "other")
    with node.database.as_user(node.other) as session:
        entry = keeping.act(session, file.number, contain)
        assert entry.author.org == node.orgs["entity"]
        asking = keeping.act(session, file.number, Said(text="read this"))
        keeping.act(session, file.number, Asked(entry=asking.id))
        data = leaving.as_json(session, leaving.given(session, file.number))
    assert b'"also"' not in data


def test_a_person_of_it_goes_on_in_person(node: Node) -> None:
    file = opened(node)
    joined(node, file.number, "host", "csirt", node.without)
    joined(node, file.number, "entity", "csirt", node.entity)
    merge(node, "entity", "other")
    with node.database.as_user(node.entity) as session:
        entry = keeping.act(session, file.number, Said(text="still me"))
        assert entry.author.org == node.orgs["entity"]
    with node.database.as_user(node.other) as session, pytest.raises(NotFound):
        files.view(session, file.number)


def test_it_stays_known_through_another_merge_and_nothing_brings_it_back(node: Node) -> None:
    file = opened(node)
    joined(node, file.number, "entity", "entity")
    merge(node, "entity", "other")
    with node.database.system() as session:
        third = organisations.add(session, {"name": "Third"})
        organisation_merging.merge(session, node.orgs["other"], third.uuid)
        assert organisations.now(session, node.orgs["entity"]) == third.uuid
        with pytest.raises(Refused, match="became part of Third"):
            organisations.add(session, {"name": "Again", "uuid": node.orgs["entity"]})
        number = session.value("SELECT capture_organisation(%s, 'Entity')", (node.orgs["entity"],))
        assert number == third.id
        doing = people.joining(session, node.orgs["other"], "csirt")
        assert (doing.org, doing.name) == (third.uuid, "Third")
    with node.database.as_user(node.entity) as session:
        entry = keeping.act(session, file.number, Said(text="of the third by now"))
        assert entry.author.org == node.orgs["entity"]
        link = Linked(kind="case", uuid=str(uuid4()))
        assert keeping.act(session, file.number, link).author.org == node.orgs["entity"]
        assert files.find(session, file.number).number == file.number


def test_a_report_is_sent_as_the_entity_that_the_old_one_is(
    node: Node, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The organisation that took it in takes part itself, and might attach a document so."""
    monkeypatch.setattr(documents, "folder", lambda _: tmp_path)
    file = opened(node)
    part = joined(node, file.number, "entity", "entity")
    joined(node, file.number, "other", "csirt")
    merge(node, "entity", "other")
    at, key = facts.read("2026-11-27T08:00Z"), "nis2-early-warning"
    with node.database.as_user(node.other) as session:
        done = sending.send(session, file.number, key, at, of=part, incomplete=True, because="x")
        assert done.document.author.org == node.orgs["entity"]
    for user in (node.other, node.host):
        with node.database.as_user(user) as session:
            case = files.view(session, file.number)[1]
        assert [one.entry for one in notified.reports_of(case, case.participants[part])] == [
            done.document.id
        ]
