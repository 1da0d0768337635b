# SPDX-License-Identifier: EUPL-1.2
"""A notification comes as a file or by telephone, and becomes a case of the authority's own."""

import json
from datetime import UTC, datetime, timedelta
from io import BytesIO
from uuid import uuid4

import pytest
from tests.cases.authority.conftest import CAME, Authority, told
from tests.cases.conftest import Node
from tests.cases.reports.made import FULL, NOW
from tests.cases.test_keeping import joined, opened

from brug.cases import documents, due, files, keeping
from brug.cases.acts import Left
from brug.cases.authority import answering, notification, received, remarks, telling
from brug.cases.authority.answering import Feedback
from brug.cases.authority.notification import Notification, read
from brug.cases.clocks.facts import moment
from brug.cases.documents import Told
from brug.cases.reports import REPORTS, filling, given_here
from brug.model.errors import Conflict, Invalid, NotFound


def test_a_file_becomes_a_case_with_what_it_says(authority: Authority) -> None:
    data = told(summary="Pumps of two stations")
    file = authority.take(data)
    case = authority.case(file)
    (entity,) = [one for one in case.present if one.role == "entity"]
    (mine,) = [one for one in case.present if one.role == "authority"]
    assert (entity.name, mine.name) == ("Zuidmark", "CSIRT Noordland")
    assert case.fields["summary"] == "Pumps of two stations"
    assert case.fields["notified_as"] == "significant_incident"
    for name, of, at in (
        ("aware_at", entity.id, "2026-11-26T10:00:00Z"),
        ("warning_submitted_at", entity.id, "2026-11-26T20:00:00Z"),
        ("early_warning_received_at", mine.id, "2026-11-27T09:00:00Z"),
    ):
        fact = case.fact(name, of)
        assert fact
        assert fact.at == at
    assert case.positions["nis2", entity.id].state == "warned"
    (kept,) = documents.shown(case)
    with authority.session() as session:
        assert b"".join(documents.content(session, file, kept)) == data
    assert case.ignored == []


def test_a_file_decides_not_who_sees_the_case(authority: Authority) -> None:
    """It may name any organisation; only whoever takes it in says which one it is."""
    orgs = authority.node.orgs
    data = json.loads(told(summary=str(uuid4())))
    data["participant"]["organisation"] = orgs["entity"]
    file = authority.take(json.dumps(data).encode())
    with pytest.raises(NotFound):
        authority.case(file, authority.node.entity)
    said = authority.take(told(summary=str(uuid4())), organisation=orgs["entity"])
    assert authority.case(said, authority.node.entity).title == "Notification by Zuidmark"


def test_a_further_report_goes_into_the_same_case(authority: Authority) -> None:
    file = authority.take(told(summary="First", cross_border="unknown"))
    again = authority.take(told("nis2-notification", summary="Second"), into=file.number)
    assert again.uuid == file.uuid
    case = authority.case(file)
    assert (case.fields["summary"], case.fields["cross_border"]) == ("Second", "no")
    row = authority.row(file)
    assert [one.report.key for one in row.reports] == ["nis2-early-warning", "nis2-notification"]
    assert case.positions["nis2", row.entity.id].state == "notified"
    assert row.since == CAME.at, "the first one counts"


def test_the_same_file_is_not_taken_twice(authority: Authority) -> None:
    data = told(summary="The same")
    file = authority.take(data)
    with pytest.raises(Conflict, match=file.number):
        authority.take(data)


def test_what_was_told_by_telephone_is_taken_down_as_a_form(authority: Authority) -> None:
    one = Notification(
        entity=" Oostmeer  Harbour ", channel="by telephone", fields={"summary": "Cranes stopped"},
        facts={"aware_at": moment(NOW - timedelta(hours=5))},
    )  # fmt: skip
    file = authority.take(one)
    row = authority.row(file)
    assert row.entity.name == "Oostmeer Harbour"
    assert row.missing == ["contact", "suspected_malicious", "cross_border"]
    (kept,) = documents.shown(row.case)
    with authority.session() as session:
        form = json.loads(b"".join(documents.content(session, file, kept)))
    assert form["taken_by"] == "by telephone"
    assert {"name": "summary", "from": "field", "value": "Cranes stopped"} in form["items"]
    assert row.case.positions["nis2", row.entity.id].state == "detected", "nobody said significant"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"format": "brug-report-2"}, "format"), ({"report": "nis3"}, "report"),
        ({"report": "cra-vuln-final"}, "report"), ({"participant": {"name": " "}}, "entity"),
        ({"participant": "x"}, "participant"), ({"items": [{"name": "bound_as"}]}, "items[0].name"),
        ({"items": [{"name": "countries", "value": ["nl"]}]}, "fields.countries"),
        ({"items": [{"name": "aware_at", "value": "now"}]}, "aware_at"),
        ({"items": [{"name": "aware_at", "value": {"at": "x"}}]}, "aware_at"),
        ({"items": [{"name": "aware_at", "value": {"at": "2026-11-26T10:00:00Z", "zone": "Mars"}}]},
         "aware_at"),
        ({"sent": {"at": "9999-01-01T00:00"}}, "sent"),
        ({"answers": {"significant": 1}}, "answers"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_named(change: dict[str, object], field: str) -> None:
    with pytest.raises(Invalid) as caught:
        read(json.dumps(json.loads(told()) | change).encode())
    assert field in caught.value.field


@pytest.mark.parametrize(
    "data", [b"", b"[]", b"{", b"\xff", b'"x"', b"{" * 5000, b"x" * (2**20 + 1)]
)
def test_rubbish_is_refused(data: bytes) -> None:
    with pytest.raises(Invalid):
        read(data)


def test_what_fails_on_the_way_leaves_nothing(authority: Authority) -> None:
    with authority.session() as session:
        before = session.value("SELECT count(*) FROM case_file")
    to_come = moment(NOW + timedelta(days=4000))
    with pytest.raises(Invalid, match="past"):
        authority.take(told(), to_come)
    with pytest.raises(Invalid, match="role"):
        authority.take(told(), role="lead")
    with pytest.raises(NotFound):
        authority.take(told(), into="INC-1999-0001")
    with pytest.raises(Invalid, match="organisation"):
        authority.take(told(summary="x"), organisation="Nobody")
    with authority.session() as session:
        assert session.value("SELECT count(*) FROM case_file") == before


def test_the_queue_shows_its_own_alone(authority: Authority) -> None:
    file = authority.take(told(summary="Only ours"))
    with authority.session(authority.node.other) as session:
        assert received.listed(session, over=None) == []
        with pytest.raises(NotFound):
            files.view(session, file.number)


def test_feedback_is_due_from_when_it_came_whoever_looked(authority: Authority) -> None:
    file = authority.take(told(summary="Due"))
    for hours, status in ((1, "running"), (22, "due_soon"), (26, "missed")):
        row = authority.row(file, CAME.at + timedelta(hours=hours))
        assert row.feedback
        assert row.feedback.status == status
        assert row.feedback.strict == CAME.at + timedelta(hours=24)


def test_what_was_notified_stays_when_the_entity_takes_part_no_more(authority: Authority) -> None:
    file = authority.take(told(summary="Gone"))
    entity = authority.row(file).entity.id
    with authority.session() as session:
        keeping.act(session, file.uuid, Left(participant=entity))
    row = authority.row(file)
    assert (row.entity.id, row.is_gone, row.is_due) == (entity, True, True)
    assert row.reports
    with authority.session() as session:
        queue = [one for one in received.listed(session) if one.uuid == file.uuid]
    assert [telling.row(one)["entity"]["is_gone"] for one in queue] == [True]
    with authority.session() as session, pytest.raises(answering.NothingReceived):
        answering.feedback(session, file.number, Feedback(text="To nobody"))


def test_the_clocks_of_a_case_say_what_the_queue_says(node: Node) -> None:
    """The entity leads, and nobody has confirmed that its report came."""
    file = opened(node, summary="Unconfirmed")
    entity = joined(node, file, "host", "entity")
    joined(node, file, "other", "csirt")

    def statuses() -> tuple[list[str], list[str]]:
        with node.database.as_user(node.other) as session:
            case = files.view(session, file.uuid)[1]
            bound = due.clocks_of(case, due.rules_here(session), datetime.now(UTC))
            queue = [one for one in received.listed(session) if one.uuid == file.uuid]
        clock = [str(one.clock.status) for one in bound if one.clock.row.id == received.ROW]
        return clock, [one.notice.feedback.status for one in queue if one.notice.feedback]

    assert statuses() == (["not_started"], [])
    name = f"nis2-early-warning_{entity[:8]}_v1.json"
    with node.database.as_user(node.host) as session:
        sent = Told(name=name, media_type="application/json", because="Sent")
        documents.attach(session, file.uuid, BytesIO(b"{}"), sent)
    assert statuses() == (["running"], ["running"])


@pytest.mark.parametrize(
    ("who", "role", "in_person"),
    [("entity", "entity", False), ("entity", "csirt", False), ("host", "handler", True)],
)
def test_what_others_call_a_report_starts_no_clock_and_shifts_no_version(
    node: Node, who: str, role: str, in_person: bool
) -> None:
    file = opened(node, **FULL)
    struck = joined(node, file, "other", "entity")
    joined(node, file, "host", "authority")
    by = node.without if in_person else node.entity
    joined(node, file, who, role, by if in_person else None)
    name = f"nis2-early-warning_{struck[:8]}_v1.json"
    with node.database.as_user(by) as session:
        documents.attach(session, file.uuid, BytesIO(b"{}"), Told(name=name))

    def queued() -> list[list[int]]:
        with node.database.as_user(node.host) as session:
            rows = [one.notice for one in received.listed(session) if one.uuid == file.uuid]
            return [[len(each.versions) for each in one.reports] for one in rows]

    assert queued() == []
    with node.database.as_user(node.host) as session:
        case = files.view(session, file.uuid)[1]
        rules = due.rules_here(session)
        (clock,) = [
            one.clock for one in due.clocks_of(case, rules, datetime.now(UTC))
            if one.clock.row.id == received.ROW and one.participant.org == node.orgs["host"]
        ]  # fmt: skip
        form = filling.filled(
            case, case.participants[struck], REPORTS["nis2-early-warning"], given_here(session)
        )
    assert clock.status == "not_started"
    assert (form.version, form.sent) == (1, [])
    with node.database.as_user(node.other) as session:
        documents.attach(session, file.uuid, BytesIO(b"{ }"), Told(name=name))
    assert queued() == [[1]]


def test_what_an_entity_sent_itself_stays_when_it_takes_part_no_more(node: Node) -> None:
    file = opened(node)
    struck = joined(node, file, "entity", "entity")
    joined(node, file, "host", "authority")
    name = f"nis2-early-warning_{struck[:8]}_v1.json"
    with node.database.as_user(node.entity) as session:
        documents.attach(session, file.uuid, BytesIO(b"{}"), Told(name=name))
        keeping.act(session, file.uuid, Left(participant=struck))
    with node.database.as_user(node.host) as session:
        (row,) = [one.notice for one in received.listed(session) if one.uuid == file.uuid]
    assert (row.entity, row.is_gone, len(row.reports)) == (struck, True, 1)


def test_what_the_entity_sent_late_shows(authority: Authority) -> None:
    late = json.loads(told(summary="Late"))
    late["sent"]["at"] = "2026-11-27T11:30:00Z"
    assert authority.row(authority.take(json.dumps(late).encode())).late == ["nis2-early-warning"]


def test_whom_else_to_tell_has_a_source(authority: Authority) -> None:
    case = authority.case(authority.take(told(summary="Remarks")))
    assert [one.key for one in remarks.of(case)] == ["police"]
    case.fields |= FULL | {"bound_as": ["critical_entity"], "cross_border": "yes"}
    found = remarks.of(case)
    assert [one.key for one in found] == ["police", "states", "data_protection", "critical_entity"]
    assert all("art." in one.source for one in found)
    assert [one.key for one in found if one.is_verified] == ["police"], "the rest is from memory"


@pytest.mark.parametrize("key", notification.reports())
def test_every_report_of_an_incident_is_read_as_it_was_given(key: str) -> None:
    found = read(told(key))
    assert found.report == key
    assert found.entity == "Zuidmark"
    assert found.fields == {name: FULL[name] for name in found.fields}
    assert found.fields["contact"] == "+31 20 000 0000"
    assert found.facts["aware_at"].at.isoformat() == "2026-11-26T10:00:00+00:00"
