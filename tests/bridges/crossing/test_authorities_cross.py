# SPDX-License-Identifier: EUPL-1.2
"""An entity's node, its authority's, and another country's: reports, answers, notices, glass."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast
from uuid import uuid4

import httpx
import pytest
from tests.bridges.crossing.joint import Joint
from tests.bridges.crossing.three_nodes import Node
from tests.bridges.crossing.triangles import Triangle
from tests.bridges.served import ADMIN
from tests.cases.reports.made import FULL

from brug.app import build
from brug.cases import breaking, files, keeping, own_folder, telling
from brug.cases.acts import Filled, Joined, Recorded, Said
from brug.cases.authority import answering, forwarding, received
from brug.cases.authority.answering import Feedback
from brug.cases.authority.forwarding import Wanted
from brug.cases.clocks import facts
from brug.cases.clocks.facts import moment
from brug.cases.reaching import Reached, reached
from brug.cases.reports import filling, receipts, sending
from brug.directory import signing_in
from brug.edge.node import Node as Serving
from brug.model.errors import NotFound


@pytest.fixture
def joint(triangle: Triangle) -> Joint:
    return Joint(triangle)


def sent(joint: Joint) -> str:
    """The entity's node leads, and sends an early warning to its authority's node."""
    entity = joint.join(joint.one, "entity")
    joint.join(joint.other, "authority")
    joint.act(joint.one, Filled(fields=FULL | {"cross_border": "yes"}))
    at = "2026-11-26T10:00:00Z"
    joint.act(joint.one, Recorded(fact="aware_at", at=at, zone="UTC", of=entity))
    with joint.one.database.as_user(ADMIN) as session:
        when = facts.read("2026-11-26T11:00Z")
        sending.send(session, joint.uuid, "nis2-early-warning", when)
    return entity


def shown(node: Node, path: str) -> str:
    """A page of a node, as its admin sees it."""
    with node.database.as_user(ADMIN) as session:
        cookie = signing_in.begin(session, "192.0.2.7").cookie
    transport = httpx.ASGITransport(cast("Any", build(Serving(node.database, 2))))

    async def ask() -> httpx.Response:
        async with httpx.AsyncClient(transport=transport, base_url=node.url) as client:
            return await client.get(path, headers={"Cookie": f"brug={cookie}"})

    answered = asyncio.run(ask())
    assert answered.status_code == 200
    return answered.text


def test_a_report_is_received_answered_and_told_to_another_country(
    joint: Joint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    entity = sent(joint)
    joint.triangle.work()
    with joint.one.database.as_user(ADMIN) as session:
        file, case = files.view(session, joint.uuid)
        report = filling.find("nis2-early-warning", case)
        (kept,) = filling.sent_of(case, case.participants[entity], report)
        (receipt,) = receipts.of(session, case, kept)
    assert (receipt.name, receipt.state) == (joint.other.name, "received")
    assert receipt.at
    form = shown(joint.one, f"/cases/{file.number}/reports/nis2-early-warning")
    assert f"{joint.other.name} has it" in form
    with joint.other.database.as_user(ADMIN) as session:
        (row,) = received.listed(session)
        said = row.notice
        assert (said.entity, said.is_acknowledged, said.is_due) == (entity, False, True)
        assert said.ends == said.since.replace(microsecond=0) + timedelta(hours=24)
        answering.feedback(session, joint.uuid, Feedback(text="Seen elsewhere"))
        until = moment(datetime.now(UTC) + timedelta(days=2))
        answering.ask(session, joint.uuid, until, "Which pumps?")
    joint.triangle.work()
    case = joint.seen(joint.one)
    texts = [one.act.text for one in case.timeline if isinstance(one.act, Said)]
    assert texts[0] == "First feedback\nSeen elsewhere"
    assert case.fact("request_at", entity), "an authority's request is taken from its node"
    assert (case.ignored, case.conflicts) == ([], [])
    confirmed = receipts.confirmed(case, case.participants[entity])
    assert [one.name for one in confirmed] == [joint.other.name]

    # Another country gets the notice, and not the case.
    contact = f'[[contact]]\ncountry = "BE"\nname = "SPOC"\norganisation = "{joint.third.org}"\n'
    (tmp_path / "authorities.toml").write_text(contact)
    monkeypatch.setattr(own_folder, "config_of", lambda _: tmp_path)
    with joint.other.database.as_user(ADMIN) as session:
        made = forwarding.forward(session, joint.uuid, Wanted(countries=("BE",)))
    joint.triangle.work()
    with joint.third.database.as_user(ADMIN) as session:
        case = files.view(session, made.file.uuid)[1]
        with pytest.raises(NotFound):
            files.view(session, joint.uuid)
    assert case.fields["sector"] == FULL["sector"]
    assert {one.role for one in case.present} == {"lead", "spoc"}
    assert joint.one.name not in str(case)
    assert FULL["summary"] not in str(case)
    with joint.one.database.as_user(ADMIN) as session, pytest.raises(NotFound):
        files.view(session, made.file.uuid)
    outcome = joint.seen(joint.one).decisions[-1].act.outcome  # type: ignore[union-attr]
    assert outcome.startswith("To BE (SPOC): ")


def test_each_node_tells_a_case_by_its_own_number(joint: Joint) -> None:
    with joint.other.database.as_user(ADMIN) as session:
        for title in ("Older", "Another"):
            keeping.open_case(session, "incident", title)
    sent(joint)
    joint.triangle.work()
    with joint.other.database.as_user(ADMIN) as session:
        file, case = files.view(session, joint.uuid)
        assert file.number != case.number, "they count their cases apart"
        told = telling.document(file, case)
        assert (told["number"], told["opened_as"]) == (file.number, case.number)
        answering.acknowledge(session, joint.uuid)
        acts = [one.act for one in files.view(session, joint.uuid)[1].timeline]
    (said,) = [one.text for one in acts if isinstance(one, Said)]
    assert f"Our number: {file.number}." in said


def _stranger(node: Node, org: str, rights: list[str]) -> int:
    with node.database.system() as session:
        role = session.value(
            "INSERT INTO role (name, rights) VALUES (%s, %s) RETURNING id", (org, rights)
        )
        known = session.value(
            "INSERT INTO organisation (uuid, name, local) VALUES (%s, 'Operator', true)"
            " RETURNING id",
            (org,),
        )
        return int(
            session.value(
                "INSERT INTO account (email, org_id, role_id) VALUES ('root@op.example', %s, %s)"
                " RETURNING id",
                (known, role),
            )
        )


def test_a_broken_glass_shows_at_the_other_node_and_opens_nothing_there(joint: Joint) -> None:
    joint.join(joint.other, "authority")
    joint.triangle.work()
    org = str(uuid4())
    root = _stranger(joint.other, org, ["site_admin", "auth"])
    namesake = _stranger(joint.one, org, ["case", "auth"])
    with joint.other.database.as_user(root) as session:
        breaking.break_glass(session, joint.uuid, "A court asks")
        assert files.view(session, joint.uuid)[1].title == "Pumps stopped"
    joint.triangle.work()
    first, second = joint.seen(joint.one), joint.seen(joint.other)
    assert [one.role for one in first.present] == [one.role for one in second.present]
    assert first.timeline[-1].act.because == "A court asks"
    assert first.ignored == []
    with joint.one.database.as_user(namesake) as session, pytest.raises(NotFound):
        files.view(session, joint.uuid)
    breaking.close_due(joint.one.database, datetime.now(UTC) + timedelta(days=30))
    assert len(joint.seen(joint.one).present) == len(first.present), "its own node lets it leave"
    breaking.close_due(joint.other.database, datetime.now(UTC) + timedelta(days=30))
    joint.triangle.work()
    assert [one.role for one in joint.seen(joint.one).present] == ["lead", "authority"]
    with joint.other.database.as_user(root) as session, pytest.raises(NotFound):
        files.view(session, joint.uuid)


def test_a_case_says_which_node_has_it_and_what_was_kept_at_the_bridge(joint: Joint) -> None:
    def had() -> list[Reached]:
        with joint.one.database.as_user(ADMIN) as session:
            return reached(session, files.view(session, joint.uuid)[1])

    assert had() == []
    joint.join(joint.other, "authority")
    joint.triangle.work()
    (one,) = had()
    assert (one.org, one.is_whole, one.received) == (str(joint.other.org), True, 2)
    place = f"/cases/{joint.uuid}"
    assert "Its node has all of it" in shown(joint.one, place)
    joint.act(joint.one, Said(text="Later"))
    with joint.one.database.system() as session:
        session.execute(
            "UPDATE crossing SET state = CASE WHEN row = 1 THEN 'refused' ELSE 'held' END FROM"
            " (SELECT id AS found, row_number() OVER (ORDER BY id) AS row FROM crossing"
            "   WHERE outward AND kind = 'case') c WHERE id = found"
        )
    (one,) = had()
    assert (one.is_whole, one.received, one.refused, one.held) == (False, 0, 1, 1)
    page = shown(joint.one, place)
    assert "1 entry refused at the bridge" in page
    assert "1 entry held at the bridge" in page
    assert "has all of it" not in page


def test_who_does_not_lead_a_case_is_told_of_who_does(joint: Joint) -> None:
    """Whose node passes on what comes to it, whatever a bridge beside it refuses."""
    joint.join(joint.other, "authority")
    joint.join(joint.third, "csirt")
    joint.triangle.work()
    joint.act(joint.third, Said(text="For all"))
    joint.triangle.work()
    with joint.third.database.as_user(ADMIN) as session:
        had = reached(session, files.view(session, joint.uuid)[1])
    assert [(one.name, one.is_whole) for one in had] == [(joint.one.name, True)]


def test_entries_that_a_reader_has_not_are_not_counted_among_what_reached_others(
    joint: Joint,
) -> None:
    part, org = joint.join(joint.other, "authority"), str(uuid4())
    reader = _stranger(joint.one, org, ["case", "auth"])
    joining = Joined(participant=str(uuid4()), org=org, name="Operator", role="handler")
    joint.act(joint.one, joining)
    joint.act(joint.one, Said(text="For the authority"), (part,))
    joint.triangle.work()
    counts = []
    for user in (ADMIN, reader):
        with joint.one.database.as_user(user) as session:
            (had,) = reached(session, files.view(session, joint.uuid)[1])
        counts.append(had.received)
    assert counts == [4, 3]


def test_the_crossing_of_an_entry_says_what_was_decided_and_leads_to_its_case(joint: Joint) -> None:
    joint.join(joint.other, "authority")
    joint.triangle.work()
    with joint.one.database.system() as session:
        crossing, number = session.all(
            "UPDATE crossing SET state = 'refused', outcome = 'refuse' WHERE id = (SELECT min(id)"
            " FROM crossing WHERE outward AND kind = 'case') RETURNING id, info"
        )[0]
    page = shown(joint.one, f"/bridges/crossings/{crossing}")
    assert "What the gate decided" in page
    assert "of the agreement covers this" in page
    assert f'href="/cases/{number}"' in page
    assert "Identifier of the event" not in page
    assert ">Refused</span>" in shown(joint.one, "/bridges/crossings")
