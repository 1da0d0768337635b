# SPDX-License-Identifier: EUPL-1.2
"""Reports to authorities over the interface: filled from the case, printed, said to be sent."""

from base64 import b64decode
from io import BytesIO
from typing import Any

import pytest
from pypdf import PdfReader
from tests.api.cases.conftest import World
from tests.api.cases.test_rubbish import RUBBISH, encoded

from brug.cases import entry_rows, files
from brug.cases.acts import Filled, Moved, Recorded
from brug.cases.reports import REPORTS, filling

WARNING = "nis2-early-warning"


def place(world: World, rest: str = "") -> str:
    return f"/brug/v1/cases/{world.number}/reports{rest}"


def test_a_report_is_filled_printed_and_sent(world: World) -> None:
    mine = world.parts["officer"]
    told = world.asked_within("officer", "GET", place(world)).body["reports"]
    assert [one["report"] for one in told] == [
        k for k, r in REPORTS.items() if r.kind == "incident"
    ]
    form = world.asked_within("officer", "GET", place(world, f"/{WARNING}?of={mine}")).body
    assert "aware_at" in {one["name"] for one in form["missing"]}
    pdf = world.ask("peer", "GET", place(world, f"/{WARNING}/pdf"), **{"accept-language": "nl"})
    assert pdf.headers["content-language"] == "nl"
    data = b64decode(pdf.body["data"])
    assert data.startswith(b"%PDF-")
    text = " ".join(page.extract_text() for page in PdfReader(BytesIO(data)).pages)
    assert "Vroegtijdige waarschuwing" in text
    assert "Early warning" not in text
    sending: dict[str, Any] = {"at": "2026-11-20T08:00", "zone": "Europe/Amsterdam"}
    refused = world.asked_within("officer", "POST", place(world, f"/{WARNING}/sent"), sending)
    assert (refused.status, refused.body["code"]) == (409, "incomplete_report")
    answers = {"contact": "+31", "suspected_malicious": "no", "cross_border": "no"}
    world.act("officer", Filled(fields=answers | {"significant_because": "two stations"}))
    world.act("officer", Recorded(fact="aware_at", at="2026-11-20T06:00:00Z", zone="UTC", of=mine))
    for trigger, leaves in (("assess", "detected"), ("find_significant", "assessing")):
        world.act("officer", Moved(machine="nis2", trigger=trigger, leaves=leaves, of=mine))
    done = world.asked_within("officer", "POST", place(world, f"/{WARNING}/sent"), sending)
    assert done.status == 201
    assert (done.body["version"], done.body["state"]) == (1, "warned")
    acts = [one["entry"]["act"] for one in done.body["entries"]]
    assert [one["what"] for one in acts] == ["recorded", "attached", "moved"]
    assert acts[0]["at"] == "2026-11-20T07:00:00Z"
    assert world.asked_within("peer", "GET", place(world, f"/{WARNING}")).body["receipts"] == []


def test_whose_and_which_are_named_where_they_are_wrong(world: World) -> None:
    for path, status, said in (
        ("/nis3", 404, "no such"), (f"/{WARNING}?of=nobody", 400, "officer"),
        ("/cra-vuln-final", 404, "no such"), (f"/{WARNING}?off=x", 400, "one of of"),
    ):  # fmt: skip
        got = world.asked_within("officer", "GET", place(world, path))
        assert (got.status, said in got.body["message"]) == (status, True), got.raw


@pytest.mark.parametrize("name", ["at", "zone", "of", "because", "incomplete"])
def test_rubbish_in_what_was_sent_is_refused_and_nothing_is_kept(world: World, name: str) -> None:
    with world.database.as_user(world.ids["lead"]) as session:
        before = len(entry_rows.uuids_of(session, world.file.id))
    fine = {"at": "2026-11-20T08:00", "zone": "UTC", "of": "", "because": " ", "incomplete": False}
    report = place(world, "/nis2-notification/sent")
    for value in RUBBISH:
        got = world.asked_within("officer", "POST", report, encoded(fine | {name: value}))
        assert 400 <= got.status < 500, (value, got.raw)
        assert got.body["message"]
        assert name != "zone" or got.body["field"] in {"zone", "body"}
    with world.database.as_user(world.ids["lead"]) as session:
        assert len(entry_rows.uuids_of(session, world.file.id)) == before


def test_a_csirt_asks_for_a_report_and_an_end_waits_for_it(world: World) -> None:
    """NIS2 art. 23(4)(c): of the entity, though it is not its own word."""
    mine = world.parts["officer"]
    asked = {"what": "recorded", "fact": "request_at", "at": "2026-11-21T08:00:00Z", "zone": "UTC"}
    acts = f"/brug/v1/cases/{world.number}/acts"
    assert world.asked_within("in_person", "POST", acts, asked | {"of": mine}).status == 403
    assert world.asked_within("peer", "POST", acts, asked | {"of": mine}).status == 201
    other = asked | {"fact": "aware_at", "of": mine}
    assert world.asked_within("peer", "POST", acts, other).status == 403
    with world.database.as_user(world.ids["lead"]) as session:
        case = files.view(session, world.number)[1]
    check = next(one for one in case.kind.checks if one.key == "open_question")
    assert "asked for" in check.finds(case, mine)
    assert filling.entity(case).id == mine
