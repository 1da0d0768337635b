# SPDX-License-Identifier: EUPL-1.2
"""Situation reports: drafted from a period, compared with the last, released to some or all."""

import json
from io import BytesIO
from pathlib import Path
from uuid import uuid4

import pypdf
import pytest
from tests.cases.conftest import Node
from tests.cases.test_keeping import joined, opened, seen

from brug.cases import documents, files, keeping
from brug.cases.acts import AnyAct, Decided, Filled, Marked, Moved, Planned, Recorded, Said
from brug.cases.crisis import comparing, receipts, releasing, situation
from brug.cases.crisis.releasing import Asked, Released
from brug.cases.crisis.situation import SECTIONS, Draft
from brug.cases.files import File
from brug.cases.taking_part import NotYours
from brug.model.errors import BrugError, Invalid


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Documents lie beside the folder of keys."""
    monkeypatch.setattr(documents, "folder", lambda _: tmp_path)


def act(node: Node, file: File, doing: AnyAct, *to: str) -> None:
    with node.database.as_user(node.host) as session:
        keeping.act(session, file.number, doing, to)


def drafted(node: Node, file: File, since: str = "", until: str = "") -> Draft:
    with node.database.as_user(node.host) as session:
        found, case = files.view(session, file.number)
        return releasing.drafted(session, found, case, since, until)[0]


def release(node: Node, file: File, user: int | None = None, **more: object) -> Released:
    asked = Asked(**({"sections": {"situation": "Two stations are down"}} | more))  # type: ignore[arg-type]
    with node.database.as_user(user or node.host) as session:
        return releasing.release(session, file.number, asked)


def content(node: Node, file: File, entry: str, user: int) -> bytes:
    with node.database.as_user(user) as session:
        here, case = files.view(session, file.number)
        one = next(one for one in case.documents.values() if one.entry == entry)
        return b"".join(documents.content(session, here, one))


EARLY = "2020-01-01T00:00Z"  # what is written now is later than this


def test_a_draft_says_what_happened_and_what_is_open(node: Node) -> None:
    file = opened(node, summary="Pumps stopped", users_affected=1200, large_scale="yes")
    entity = joined(node, file, "entity", "entity")
    for doing in (
        Recorded(fact="aware_at", at="2026-11-27T08:00:00Z", zone="Europe/Amsterdam", of=entity),
        Moved(machine="crisis", trigger="to_technical", leaves="none", because="two states"),
        Decided(question="Shut?", outcome="Yes", because="safety"),
        Planned(task=str(uuid4()), title="Call the press", assignee=entity),
        Planned(task=str(uuid4()), title="Done already", is_done=True),
    ):
        act(node, file, doing)
    act(node, file, Planned(task=str(uuid4()), title="A secret task"), entity)
    act(node, file, Said(text="a secret message"), entity)
    made = drafted(node, file, EARLY)
    assert list(made.sections) == list(SECTIONS)
    told = made.sections
    assert "Pumps stopped" in told["situation"]
    assert "Crisis level: Technical level: CSIRTs network" in told["situation"]
    assert "Severity: Very large" in told["situation"]
    assert "Became aware (entity): 2026-11-27 09:00:00+01:00 Europe/Amsterdam" in told["facts"]
    assert "1. Shut? Yes (safety) — CSIRT Noordland" in told["decisions"]
    assert told["open"] == "Call the press · entity"
    assert "23(4)(a)" in told["deadlines"]
    assert "entity · Entity that was struck · Detected" in told["participants"]
    assert told["numbers"] == "Users affected: 1,200"
    assert told["new"] == ""
    assert "secret" not in json.dumps(told)


def test_only_the_period_counts_and_it_has_to_be_one(node: Node) -> None:
    file = opened(node)
    act(node, file, Decided(question="Shut?", outcome="Yes"))
    assert drafted(node, file, EARLY, "2020-02-01T00:00Z").sections["decisions"] == ""
    for since, until in (
        ("yesterday", ""), ("", "tomorrow"), ("2020-02-01T00:00Z", EARLY), (EARLY, EARLY),
        (EARLY, "2190-01-01T00:00Z"), ("2190-01-01T00:00Z", ""), ("\0", ""), ("9" * 400, ""),
    ):  # fmt: skip
        with pytest.raises(Invalid):
            drafted(node, file, since, until)


def test_a_released_report_is_kept_as_it_was_and_the_next_compares_with_it(node: Node) -> None:
    file = opened(node, users_affected=10, functional_impact="low")
    act(node, file, Marked(tlp="amber"))
    done = release(node, file, tlp="amber", since=EARLY)
    told = json.loads(content(node, file, done.json.id, node.host))
    assert (told["version"], told["tlp"], told["numbers"]) == (1, "amber", {"users_affected": 10})
    assert told["sections"] == [
        {"key": "situation", "title": "Situation", "text": "Two stations are down"}
    ]
    pages = pypdf.PdfReader(BytesIO(content(node, file, done.pdf.id, node.host)))
    text = pages.pages[0].extract_text()
    assert "TLP:AMBER" in text
    assert "Two stations are down" in text
    assert file.number in text
    act(node, file, Filled(fields={"users_affected": 500, "large_scale": "yes"}))
    act(node, file, Moved(machine="cyclone", trigger="cyclone_alert", leaves="normal", because="x"))
    made = drafted(node, file)
    assert made.period.since.isoformat() == told["until"]
    new = made.sections["new"]
    assert "Users affected: 10 → 500" in new
    assert "EU-CyCLONe: Normal → Alert" in new
    assert "Severity: minor → very_large" in new
    assert release(node, file, tlp="red", since=EARLY).version == 2


def test_it_is_for_whom_it_is_released_and_they_are_asked(node: Node) -> None:
    file = opened(node)
    entity = joined(node, file, "entity", "entity")
    joined(node, file, "other", "handler")
    done = release(node, file, to=[entity], ask=True, since=EARLY)
    assert done.asked
    assert content(node, file, done.json.id, node.entity)
    hidden = seen(node, node.other, file)
    assert hidden.documents == {}
    assert situation.released(hidden) == []
    with node.database.as_user(node.entity) as session:
        assert [one.count for one in receipts.reminders(session)] == [1]
    with node.database.as_user(node.other) as session:
        assert receipts.reminders(session) == []
        here, case = files.view(session, file.number)
        assert releasing.last_of(session, here, case) is None


def test_what_cannot_be_released_leaves_nothing(node: Node) -> None:
    file = opened(node)
    joined(node, file, "other", "observer")
    act(node, file, Marked(tlp="amber"))
    before = len(seen(node, node.host, file).timeline)
    wrong: list[tuple[type[BrugError], dict[str, object]]] = [
        (Invalid, {"tlp": "green"}),
        (Invalid, {"tlp": ""}),
        (Invalid, {"tlp": "purple"}),
        (Invalid, {"tlp": "red", "sections": {}}),
        (Invalid, {"tlp": "red", "sections": {"situation": " "}}),
        (Invalid, {"tlp": "red", "sections": {"situation": "x", "shoes": "x"}}),
        (Invalid, {"tlp": "red", "sections": {"situation": "x" * 20_001}}),
        (Invalid, {"tlp": "red", "sections": {"situation": "x\0"}}),
        (Invalid, {"tlp": "red", "to": [str(uuid4())]}),
        (Invalid, {"tlp": "red", "until": "2190-01-01T00:00Z"}),
        (NotYours, {"tlp": "red", "user": node.other}),
    ]
    for error, more in wrong:
        with pytest.raises(error):
            release(node, file, **({"since": EARLY} | more))  # type: ignore[arg-type]
    assert len(seen(node, node.host, file).timeline) == before
    assert seen(node, node.host, file).documents == {}


def test_a_report_of_another_form_is_not_compared_with() -> None:
    assert comparing.read_last("x", b"{") is None
    assert comparing.read_last("x", b'{"until": 3}') is None
    assert comparing.read_last("x", b"\xff") is None
