# SPDX-License-Identifier: EUPL-1.2
"""Deadlines follow from the facts of a case, bind whom they bind, and warn once."""

from datetime import UTC, datetime, timedelta

import pytest
from tests.cases.conftest import Node
from tests.cases.test_keeping import joined, opened

from brug.cases import applying, clocks, due, files, keeping, warning
from brug.cases.act_rules import Blocked
from brug.cases.acts import Filled, Moved, Recorded
from brug.cases.clocks import Clock
from brug.cases.clocks.tables import corrected
from brug.cases.files import File
from brug.cases.kinds import KINDS
from brug.cases.taking_part import NotYours
from brug.store import settings


def record(node: Node, user: int, file: File, fact: str, at: str, of: str = "") -> None:
    with node.database.as_user(user) as session:
        doing = Recorded(fact=fact, at=at, zone="Europe/Amsterdam", of=of)
        keeping.act(session, file.number, doing)


def running(node: Node, file: File, now: datetime) -> dict[tuple[str, str], Clock]:
    """By participant's name and rule."""
    with node.database.as_user(node.host) as session:
        case = files.view(session, file.number)[1]
        by = due.rules_here(session)
    return {(b.participant.name, b.clock.row.id): b.clock for b in due.clocks_of(case, by, now)}


def in_text(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def test_each_entity_has_a_clock_of_its_own_awareness(node: Node) -> None:
    with node.database.system() as session:
        settings.set_value(session, "cases.authority_country", "NL")
    file = opened(node)
    mine = joined(node, file, "entity", "entity")
    theirs = joined(node, file, "other", "entity")
    record(node, node.entity, file, "aware_at", "2026-03-28T12:00:00Z", mine)
    record(node, node.other, file, "aware_at", "2026-03-30T06:00:00Z", theirs)
    with pytest.raises(NotYours):
        record(node, node.other, file, "aware_at", "2026-03-01T00:00:00Z", mine)
    found = running(node, file, datetime(2026, 3, 28, 13, tzinfo=UTC))
    warning_ = found["entity", "nis2-early-warning"]
    assert warning_.strict == datetime(2026, 3, 29, 12, tzinfo=UTC), "24 hours over the change"
    assert found["other", "nis2-early-warning"].strict == datetime(2026, 3, 31, 6, tzinfo=UTC)
    assert ("entity", "gdpr-sa") not in found
    assert not any(name == "CSIRT Noordland" for name, _ in found)


def test_what_a_step_needs_may_be_so_of_the_participant_alone(node: Node) -> None:
    file = opened(node, significant_because="two stations")
    mine = joined(node, file, "entity", "entity")
    theirs = joined(node, file, "other", "entity")
    record(node, node.entity, file, "aware_at", "2026-11-01T08:00:00Z", mine)
    for whose, user in ((mine, node.entity), (theirs, node.other)):
        with node.database.as_user(user) as session:
            doing = Moved(machine="nis2", trigger="assess", leaves="detected", of=whose)
            keeping.act(session, file.number, doing)
    significant = {"machine": "nis2", "trigger": "find_significant", "leaves": "assessing"}
    with node.database.as_user(node.entity) as session:
        keeping.act(session, file.number, Moved(**significant, of=mine))
    with node.database.as_user(node.other) as session, pytest.raises(Blocked, match="aware_at"):
        keeping.act(session, file.number, Moved(**significant, of=theirs))


def test_a_corrected_fact_corrects_the_deadline_and_a_report_ends_it(node: Node) -> None:
    file = opened(node)
    mine = joined(node, file, "entity", "entity")
    now = datetime(2026, 11, 1, 9, tzinfo=UTC)
    for at, strict in (("08", 8), ("20", 20), ("02", 2)):
        record(node, node.entity, file, "aware_at", f"2026-11-01T{at}:00:00Z", mine)
        found = running(node, file, now)["entity", "nis2-early-warning"]
        assert found.strict == datetime(2026, 11, 2, strict, tzinfo=UTC)
    record(node, node.entity, file, "warning_submitted_at", "2026-11-01T10:00:00Z", mine)
    later = now + timedelta(hours=2)
    assert running(node, file, later)["entity", "nis2-early-warning"].status == "met"


def test_what_else_binds_an_entity_and_what_does_not(node: Node) -> None:
    file = opened(node, bound_as=["controller", "trust_service_provider"])
    joined(node, file, "entity", "entity")
    record(node, node.host, file, "aware_at", "2026-11-01T08:00:00Z")
    now = datetime(2026, 11, 1, 9, tzinfo=UTC)
    found = running(node, file, now)
    assert found["entity", "gdpr-sa"].status == "running"
    assert found["entity", "nis2-notification"].status == "not_applicable", "24 hours replace it"
    with node.database.as_user(node.host) as session:
        keeping.act(session, file.number, Filled(fields={"risk_to_people": "unlikely"}))
    assert running(node, file, now)["entity", "gdpr-sa"].status == "not_applicable"


def test_lists_know_what_is_due_first_and_a_case_that_is_over_is_due_nowhere(node: Node) -> None:
    file = opened(node)
    mine = joined(node, file, "entity", "entity")
    aware = datetime.now(UTC).replace(microsecond=0)
    record(node, node.entity, file, "aware_at", in_text(aware), mine)
    with node.database.as_user(node.host) as session:
        assert files.find(session, file.number).due == aware + timedelta(hours=24)
        doing = Moved(machine="phase", trigger="dismiss", leaves="detection", because="a test")
        keeping.act(session, file.number, doing)
        assert files.find(session, file.number).due is None


def test_a_warning_goes_once_to_those_of_the_bound_organisation(node: Node) -> None:
    with node.database.system() as session:
        settings.set_value(session, "mail.host", "127.0.0.1")
        settings.set_value(session, "mail.from", "node@noordland.example")
    file = opened(node)
    mine = joined(node, file, "entity", "entity")
    aware = datetime.now(UTC) - timedelta(hours=23, minutes=30)
    record(node, node.entity, file, "aware_at", in_text(aware), mine)
    letters = "SELECT user_id, details->>'number', details->>'rule' FROM mail_cause"
    with node.database.system() as session:
        assert session.all(letters) == []
        session.execute("UPDATE case_file SET next_warning = now()")
    warning.warn(node.database)
    warning.warn(node.database)
    with node.database.system() as session:
        ((user, number, rule),) = session.all(letters)
        upcoming = session.value("SELECT next_warning FROM case_file")
    assert (user, number) == (node.entity, file.number)
    assert "2022/2555" in rule
    assert upcoming > datetime.now(UTC)


ADDED = """
[facts]
board_informed_at = "The board was told"
[[row]]
id = "own-customers"
title = "Customers told"
instrument = "Our incident procedure"
trigger = "aware_at"
period = "PT4H"
obliged = ["entity"]
met_by = "recipients_informed_at"
rule = "plain"
status = "verified"
where = "Incident procedure, version 3"
"""


def test_a_row_that_the_node_adds_binds_where_a_case_can_record_its_facts() -> None:
    shipped = clocks.table(None)
    here = corrected(shipped, ADDED, "deadlines.toml")
    rows = {kind: set(applying.rows_of(KINDS[kind], here)) for kind in KINDS}
    assert rows["incident"] == {*KINDS["incident"].clocks, "own-customers"}
    assert rows["disclosure"] == set(KINDS["disclosure"].clocks)
    assert rows["assistance"] == set(), "a kind without deadlines has none"
    never_met = ADDED.replace("recipients_informed_at", "board_informed_at")
    here = corrected(shipped, never_met, "deadlines.toml")
    assert applying.rows_of(KINDS["incident"], here) == KINDS["incident"].clocks
    assert [row.id for row in applying.idle(here, KINDS.values())] == ["own-customers"]
    changed = '[[row]]\nid = "gdpr-sa"\nperiod = "PT48H"\nwhere = "A test"\n'
    here = corrected(shipped, changed, "deadlines.toml")
    assert "gdpr-sa" not in applying.rows_of(KINDS["disclosure"], here)


def test_the_clocks_of_a_kind_are_rows_of_the_table_that_its_facts_can_start() -> None:
    table = clocks.table(None)
    for kind in KINDS.values():
        facts = {one.key for one in kind.facts}
        for name in kind.clocks:
            assert set(table.row(name).facts().values()) <= facts, name
