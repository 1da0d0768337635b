# SPDX-License-Identifier: EUPL-1.2
"""That a report was sent is a fact of the entity and a document that stays as it was."""

import json
from pathlib import Path

import pytest
from tests.cases.conftest import Node
from tests.cases.reports.made import FULL, VULNERABLE
from tests.cases.test_keeping import joined, opened

from brug.cases import documents, files, keeping, reports
from brug.cases.acts import Filled, Moved, Recorded
from brug.cases.clocks import facts
from brug.cases.files import File
from brug.cases.reports import filling, sending
from brug.cases.reports.sending import Incomplete, Sent
from brug.cases.taking_part import NotYours
from brug.model.errors import Invalid, NotFound


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Documents lie beside the folder of keys."""
    monkeypatch.setattr(documents, "folder", lambda _: tmp_path)


def warned_of(node: Node, **fields: object) -> tuple[File, str]:
    file = opened(node, **(FULL | fields))
    mine = joined(node, file, "entity", "entity")
    with node.database.as_user(node.entity) as session:
        doing = Recorded(fact="aware_at", at="2026-03-28T12:00:00Z", zone="UTC", of=mine)
        keeping.act(session, file.number, doing)
    return file, mine


def send(node: Node, file: File, user: int, at: str = "2026-03-28T20:00Z", **more: object) -> Sent:
    with node.database.as_user(user) as session:
        return sending.send(
            session,
            file.number,
            "nis2-early-warning",
            facts.read(at),
            **more,  # type: ignore[arg-type]
        )


def kept(node: Node, file: File) -> list[dict[str, object]]:
    with node.database.as_user(node.host) as session:
        here, case = files.view(session, file.number)
        return [
            json.loads(b"".join(documents.content(session, here, one)))
            for one in documents.shown(case)
        ]


def test_what_was_sent_stays_and_meets_its_clock(node: Node) -> None:
    file, mine = warned_of(node)
    done = send(node, file, node.entity)
    assert done.fact
    assert done.fact.act == Recorded(
        fact="warning_submitted_at", at="2026-03-28T20:00:00Z", zone="UTC", of=mine
    )
    with node.database.as_user(node.host) as session:
        keeping.act(session, file.number, Filled(fields={"cross_border": "yes"}))
        case = files.view(session, file.number)[1]
        report = reports.REPORTS["nis2-early-warning"]
        form = reports.filled(case, filling.entity(case), report, reports.given_here(session))
    assert form.clock
    assert form.clock.status == "met"
    assert (form.version, len(form.sent)) == (2, 1)
    (first,) = kept(node, file)
    items = {one["name"]: one["value"] for one in first["items"]}  # type: ignore[attr-defined]
    assert items["cross_border"] == "no"
    (elsewhere,) = (one.value for one in form.lines if one.item.name == "elsewhere")
    assert elsewhere is None, "a report does not name itself as sent elsewhere"
    again = send(node, file, node.entity, "2026-03-30T20:00Z")
    assert again.fact is None, "the first sending meets the deadline"
    assert [one["version"] for one in kept(node, file)] == [1, 2]
    assert kept(node, file)[1]["earlier"] == [
        {"name": f"nis2-early-warning_{mine[:8]}_v1.json", "sha256": done.document.act.sha256,  # type: ignore[union-attr]
         "at": done.document.at}
    ]  # fmt: skip


def test_what_is_sent_after_its_time_was_taken_back_is_the_fact_again(node: Node) -> None:
    file, mine = warned_of(node)
    send(node, file, node.entity)
    with node.database.as_user(node.entity) as session:
        fact = "warning_submitted_at"
        doing = Recorded(fact=fact, at="", zone="UTC", of=mine, because="it was another report")
        keeping.act(session, file.number, doing)
    with pytest.raises(Invalid, match="because"):
        send(node, file, node.entity, "2026-03-30T20:00Z")
    again = send(node, file, node.entity, "2026-03-28T21:00Z")
    assert again.fact
    assert again.fact.act.at == "2026-03-28T21:00:00Z"  # type: ignore[union-attr]
    assert send(node, file, node.entity, "2026-03-28T22:00Z").fact is None


def test_what_is_missing_stops_it_until_somebody_says_why(node: Node) -> None:
    file, _ = warned_of(node, contact=None)
    with pytest.raises(Incomplete, match="contact"):
        send(node, file, node.entity)
    with pytest.raises(Invalid, match="because"):
        send(node, file, node.entity, incomplete=True)
    assert kept(node, file) == []
    send(node, file, node.entity, incomplete=True, because="no line yet")
    assert kept(node, file)[0]["missing"] == [{"name": "contact", "why": "missing"}]


def test_a_report_of_before_its_deadline_began_asks_for_the_reason(node: Node) -> None:
    file, _ = warned_of(node)
    with pytest.raises(Invalid, match="because") as error:
        send(node, file, node.entity, "2025-03-28T20:00Z")
    assert "before that which starts its deadline" in error.value.expected
    assert kept(node, file) == []
    send(node, file, node.entity, "2025-03-28T20:00Z", because="the time of awareness is wrong")
    assert len(kept(node, file)) == 1


def test_a_late_report_is_taken_with_its_reason(node: Node) -> None:
    file, _ = warned_of(node)
    with pytest.raises(Invalid, match="because"):
        send(node, file, node.entity, "2026-03-30T20:00Z")
    send(node, file, node.entity, "2026-03-30T20:00Z", because="the mail was down")
    assert kept(node, file)[0]["sent"] == {
        "at": "2026-03-30T20:00:00Z", "zone": "UTC", "because": "the mail was down"
    }  # fmt: skip


def test_a_time_to_come_is_refused(node: Node) -> None:
    file, _ = warned_of(node)
    with pytest.raises(Invalid, match="past"):
        send(node, file, node.entity, "2190-01-01T00:00Z")


def test_nobody_reports_for_another_entity(node: Node) -> None:
    file, mine = warned_of(node)
    joined(node, file, "other", "entity")
    with pytest.raises(Invalid, match="of"):
        send(node, file, node.entity)
    for _ in range(2):
        with pytest.raises(NotYours):
            send(node, file, node.other, of=mine)
        send(node, file, node.entity, of=mine)
    assert len(kept(node, file)) == 2


def _find_significant(node: Node, file: File, mine: str) -> None:
    with node.database.as_user(node.entity) as session:
        for trigger, leaves in (("assess", "detected"), ("find_significant", "assessing")):
            doing = Moved(machine="nis2", trigger=trigger, leaves=leaves, of=mine)
            keeping.act(session, file.number, doing)


def test_sending_is_the_step_that_it_is(node: Node) -> None:
    file, mine = warned_of(node)
    before = send(node, file, node.entity)
    assert (before.step, before.state) == (None, "detected"), "nobody found it significant yet"
    _find_significant(node, file, mine)
    done = send(node, file, node.entity, "2026-03-28T21:00Z")
    assert done.step
    assert done.step.act == Moved(machine="nis2", trigger="warn", leaves="warning_due", of=mine)
    assert done.state == seen_state(node, file, mine) == "warned"


def test_what_was_sent_incomplete_moves_nothing(node: Node) -> None:
    file, mine = warned_of(node, cross_border=None)
    _find_significant(node, file, mine)
    done = send(node, file, node.entity, incomplete=True, because="no map yet")
    assert (done.step, done.state) == (None, "warning_due")


def seen_state(node: Node, file: File, mine: str) -> str:
    with node.database.as_user(node.host) as session:
        return files.view(session, file.number)[1].positions["nis2", mine].state


def test_a_maker_reports_what_is_exploited(node: Node) -> None:
    with node.database.as_user(node.host) as session:
        file = keeping.open_case(session, "disclosure", "Parser", VULNERABLE)
    mine = joined(node, file, "entity", "vendor")
    with node.database.as_user(node.entity) as session:
        at = "2026-10-28T12:00:00Z"
        fact = "aware_of_active_exploitation_at"
        keeping.act(session, file.number, Recorded(fact=fact, at=at, zone="UTC", of=mine))
        sent_at = facts.read("2026-10-28T20:00Z")
        done = sending.send(session, file.number, "cra-vuln-warning", sent_at)
        assert done.fact
        assert done.fact.act.fact == "cra_warning_submitted_at"  # type: ignore[union-attr]
        with pytest.raises(NotFound, match="cra-vuln-final"):
            sending.send(session, file.number, "nis2-final", sent_at)
