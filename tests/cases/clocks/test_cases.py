# SPDX-License-Identifier: EUPL-1.2
"""Clocks of a case as it goes on: which bind, which give way to which, and what warns."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from brug.cases import clocks
from brug.cases.clocks import Clock, Settled

TABLE = clocks.table()
NL = clocks.calendar_of("NL")
START = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)  # a Monday


def day(number: float) -> str:
    return (START + timedelta(days=number)).isoformat()


def at(number: float) -> datetime:
    return START + timedelta(days=number)


def seen(
    facts: Mapping[str, float], now: float, roles: str = "entity", circumstances: str = "",
    *, settled: dict[str, Settled] | None = None, is_information: bool = False,
) -> dict[str, Clock]:  # fmt: skip
    """The clocks by row; facts and now in days from the start."""
    stated = clocks.facts_of((name, day(when), "Europe/Amsterdam") for name, when in facts.items())
    found = clocks.of(
        stated, roles.split(), at(now), calendar=NL, table=TABLE, settled=settled,
        circumstances=circumstances.split(), is_information=is_information,
    )  # fmt: skip
    return {one.row.id: one for one in found}


def status(row: str, facts: Mapping[str, float], now: float, **more: object) -> str:
    return seen(facts, now, **more)[row].status  # type: ignore[arg-type]


def test_clocks_bind_the_role_that_the_rule_obliges() -> None:
    facts = {"aware_at": 0, "early_warning_received_at": 0.5}
    entity, csirt = seen(facts, 0.6), seen(facts, 0.6, "csirt")
    assert "nis2-early-warning" in entity
    assert "nis2-csirt-response" not in entity
    assert "nis2-csirt-response" in csirt
    assert "nis2-early-warning" not in csirt
    assert all({"entity"} & set(one.row.obliged) for one in entity.values())


def test_whoever_helps_sees_the_clock_and_is_not_warned() -> None:
    found = seen({"aware_at": 0}, 0.9, is_information=True)["nis2-early-warning"]
    assert found.status == "due_soon"
    assert found.is_information
    assert clocks.between([found], at(-1), at(9)) == []
    assert clocks.owed([found], at(9), ()) == []


@pytest.mark.parametrize(
    ("now", "sent", "expected"),
    [
        (-1, None, "not_started"),
        (0, None, "running"),
        (0.74, None, "running"),
        (0.76, None, "due_soon"),
        (1.01, None, "due_soon"),  # past the strict end, not past the legal one
        (1.05, None, "missed"),
        (1.05, 0.5, "met"),
        (1.05, 1.02, "met"),
        (2, 1.5, "met_late"),
        (1.4, 1.5, "missed"),  # what lies ahead has not happened
    ],
)
def test_an_early_warning_runs_is_met_or_missed(
    now: float, sent: float | None, expected: str
) -> None:
    facts = {"aware_at": 0.0} | ({} if sent is None else {"warning_submitted_at": sent})
    assert status("nis2-early-warning", facts, now) == expected


def test_what_is_late_asks_for_the_reasons() -> None:
    found = seen({"aware_at": 0, "warning_submitted_at": 2}, 3)["nis2-early-warning"]
    assert "reason_wanted" in {one.code for one in found.remarks}


def test_what_was_sent_before_it_could_be_is_doubted() -> None:
    facts = {"notification_submitted_at": 3, "final_submitted_at": 2, "handled_at": 1}
    found = seen(facts, 4)["nis2-final"]
    assert found.status == "met"
    assert "“final_submitted_at” lies before “notification_submitted_at”." in [
        one.said(str) for one in found.remarks
    ]


def test_a_trust_service_provider_has_24_hours_until_its_services_are_known_to_be_well() -> None:
    roles = "entity trust_service_provider"
    found = seen({"aware_at": 0}, 0.5, roles)
    assert found["nis2-notification"].status == "not_applicable"
    assert found["nis2-notification"].remarks[0].about == ("nis2-notification-trust",)
    assert found["nis2-notification-trust"].status == "running"
    spared = seen({"aware_at": 0}, 0.5, roles, "trust_services_not_hit")
    assert spared["nis2-notification"].status == "running"
    assert spared["nis2-notification-trust"].status == "not_applicable"
    assert found["eidas-24"].status == "running"
    assert spared["eidas-24"].status == "not_applicable"
    assert seen({"aware_at": 0}, 0.5)["nis2-notification"].status == "running"
    settled = {"nis2-notification-trust": Settled("not_applicable", "no trust service of ours")}
    decided = seen({"aware_at": 0}, 0.5, roles, settled=settled)
    assert decided["nis2-notification"].status == "running"


NOTIFIED = {"aware_at": 0.0, "notification_submitted_at": 2.0}  # the final is due on day 32
FINALS = ("nis2-final", "nis2-progress", "nis2-final-after-progress")


@pytest.mark.parametrize(
    ("facts", "now", "expected"),
    [
        # not decided before the end
        ({}, 10, ("running", "running", "not_started")),
        ({"handled_at": 9}, 5, ("running", "running", "not_started")),
        # handled in time: one final report
        ({"handled_at": 9}, 10, ("running", "not_applicable", "not_applicable")),
        ({"handled_at": 9, "final_submitted_at": 20}, 40,
         ("met", "not_applicable", "not_applicable")),
        ({"handled_at": 9}, 40, ("missed", "not_applicable", "not_applicable")),
        ({"handled_at": 9, "final_submitted_at": 39}, 40,
         ("met_late", "not_applicable", "not_applicable")),
        # a final report although nobody recorded that it was handled
        ({"final_submitted_at": 20}, 40, ("met", "not_applicable", "not_applicable")),
        # it goes on: a progress report, and a month from when it is over
        ({}, 40, ("not_applicable", "missed", "not_started")),
        ({"progress_submitted_at": 30}, 40, ("not_applicable", "met", "not_started")),
        ({"progress_submitted_at": 30, "handled_at": 50}, 51, ("not_applicable", "met", "running")),
        ({"progress_submitted_at": 30, "handled_at": 50, "final_submitted_at": 60}, 61,
         ("not_applicable", "met", "met")),
        ({"progress_submitted_at": 30, "handled_at": 50}, 90, ("not_applicable", "met", "missed")),
    ],
)  # fmt: skip
def test_what_follows_a_notification_depends_on_whether_the_incident_goes_on(
    facts: Mapping[str, float], now: float, expected: tuple[str, ...]
) -> None:
    found = seen({**NOTIFIED, **facts}, now)
    assert tuple(found[name].status for name in FINALS) == expected


def test_the_final_report_on_a_vulnerability_counts_from_the_measure() -> None:
    facts = {"aware_of_active_exploitation_at": 0.0}
    assert status("cra-vuln-final", facts, 20, roles="manufacturer") == "not_started"
    facts["corrective_or_mitigating_measure_available_at"] = 30
    found = seen(facts, 31, "manufacturer")["cra-vuln-final"]
    assert found.strict == at(44)


def test_a_rule_counts_only_while_it_is_in_force() -> None:
    stated = clocks.facts_of([("aware_at", "2024-06-03T10:00", "Europe/Amsterdam")])
    then = datetime(2024, 6, 3, 12, tzinfo=UTC)
    found = {
        one.row.id: one.status
        for one in clocks.of(stated, ["entity"], then, calendar=NL, table=TABLE)
    }
    assert found["nis1-oes"] == "running"
    assert found["nis2-early-warning"] == "not_applicable"
    assert status("nis1-oes", {"aware_at": 0}, 1) == "not_applicable"


@pytest.mark.parametrize(
    ("aware", "nis1", "nis2"),
    [
        ("2024-10-17T23:30", "running", "not_applicable"),  # still the 17th in Amsterdam
        ("2024-10-18T00:30", "not_applicable", "running"),  # the 18th there, the 17th in UTC
    ],
)
def test_the_day_that_decides_is_the_authoritys(aware: str, nis1: str, nis2: str) -> None:
    stated = clocks.facts_of([("aware_at", aware, "Europe/Amsterdam")])
    now = datetime(2024, 10, 17, 23, tzinfo=UTC)
    found = {
        one.row.id: one.status
        for one in clocks.of(stated, ["entity"], now, calendar=NL, table=TABLE)
    }
    assert (found["nis1-oes"], found["nis2-early-warning"]) == (nis1, nis2)


def test_a_proposal_never_counts_and_replaces_nothing() -> None:
    found = seen({"aware_at": 0}, 1, "controller")
    assert found["gdpr-omnibus"].status == "not_applicable"
    assert found["gdpr-sa"].status == "running"
    assert status("gdpr-sa", {"aware_at": 0}, 1, roles="controller",
                  circumstances="risk_unlikely") == "not_applicable"  # fmt: skip


def test_a_person_may_settle_a_row_with_a_reason() -> None:
    for decided in ("waived", "not_applicable"):
        settled = {"nis2-early-warning": Settled(decided, "agreed with the CSIRT")}
        found = seen({"aware_at": 0}, 9, settled=settled)["nis2-early-warning"]
        assert found.status == decided
        assert found.remarks[-1].said(str) == "agreed with the CSIRT"
        assert clocks.between([found], at(-1), at(9)) == []


def test_a_request_that_comes_again_is_not_met_by_the_earlier_answer() -> None:
    first = {"request_at": 0.0, "report_due_at": 2.0, "intermediate_submitted_at": 1.0}
    assert status("nis2-intermediate", first, 3) == "met"
    again = first | {"request_at": 5.0}
    assert status("nis2-intermediate", again, 6) == "running"
    assert status("nis2-intermediate", again | {"report_due_at": 7.0}, 8) == "missed"


def test_what_is_owed_each_quarter_starts_anew_with_each_summary() -> None:
    facts = {"spoc_duty_began_at": 0.0}
    assert status("nis2-spoc-summary", facts, 30, roles="spoc") == "running"
    assert status("nis2-spoc-summary", facts, 100, roles="spoc") == "missed"
    facts["spoc_summary_submitted_at"] = 90
    found = seen(facts, 100, "spoc")["nis2-spoc-summary"]
    assert (found.status, found.started_by) == ("running", "spoc_summary_submitted_at")


def test_without_undue_delay_runs_until_it_is_met_and_is_never_missed() -> None:
    assert status("nis2-recipients", {"aware_at": 0}, 900) == "running"
    assert status("nis2-recipients", {"aware_at": 0, "recipients_informed_at": 9}, 900) == "met"


def test_an_order_with_notification_is_answered_at_the_end_of_the_waiting_time() -> None:
    facts = {"epoc_received_at": 0.0, "data_sent_at": 3.0}
    name, required = "ee-epoc-notified", "notification_required"
    early = seen(facts, 4, "provider", required)
    assert {one.code for one in early[name].remarks} >= {"met_too_early"}
    assert early["ee-epoc-plain"].status == "not_applicable"
    freed = seen(facts | {"enforcing_authority_confirmed_at": 2.0}, 4, "provider", required)
    assert "met_too_early" not in {one.code for one in freed[name].remarks}
    emergency = seen({"epoc_received_at": 0.0}, 0.1, "provider", f"{required} emergency")
    assert emergency[name].status == "not_applicable"
    assert emergency["ee-epoc-emergency"].strict == START + timedelta(hours=8)


def test_what_is_only_kept_until_a_time_is_done_when_that_has_come() -> None:
    facts = {"preservation_start_at": 0.0}
    assert status("bud-29-7", facts, 30, roles="executing_authority") == "running"
    assert status("bud-29-7", facts, 70, roles="executing_authority") == "met"


def test_only_the_rows_of_the_kind_are_computed() -> None:
    found = clocks.of(
        clocks.Facts(), ["entity"], START, calendar=NL, table=TABLE, only=["nis2-final", "gdpr-sa"]
    )
    assert [one.row.id for one in found] == ["nis2-final"]
    with pytest.raises(clocks.UnknownDeadline):
        clocks.of(clocks.Facts(), ["entity"], START, calendar=NL, table=TABLE, only=["nis3"])


# ---- warnings ------------------------------------------------------------------------------


def marks(found: list[clocks.DueWarning]) -> list[tuple[float, str]]:
    return [((one.at - START) / timedelta(hours=1), one.mark) for one in found]


def test_an_early_warning_is_warned_of_at_three_quarters_an_hour_before_and_when_due() -> None:
    found = seen({"aware_at": 0}, 0.1)["nis2-early-warning"]
    everything = clocks.between([found], at(-1), at(9))
    # 09:00 UTC is the hour that is not counted
    assert marks(everything) == [(18, "75%"), (23, "PT1H"), (24, "due"), (25, "over")]
    assert len({one.key for one in everything}) == 4


def test_windows_that_follow_each_other_give_each_warning_once() -> None:
    found = list(seen({"aware_at": 0, "notification_submitted_at": 2}, 2.1).values())
    whole = clocks.between(found, at(-1), at(60))
    pieces = [
        one
        for step in range(-24, 60 * 24)
        for one in clocks.between(found, START + timedelta(hours=step),
                                  START + timedelta(hours=step + 1))
    ]  # fmt: skip
    assert sorted(pieces) == [one for one in whole if one.at <= at(60)]
    assert len({one.key for one in pieces}) == len(pieces) > 8


def test_what_was_met_warns_no_more() -> None:
    found = seen({"aware_at": 0, "warning_submitted_at": 0.8}, 3)["nis2-early-warning"]
    assert marks(clocks.between([found], at(-1), at(9))) == [(18, "75%")]


def test_a_corrected_fact_warns_anew_and_computing_again_does_not() -> None:
    first = seen({"aware_at": 0}, 0.5)["nis2-early-warning"]
    same = seen({"aware_at": 0}, 0.9)["nis2-early-warning"]
    moved = seen({"aware_at": 0.25}, 0.9)["nis2-early-warning"]
    keys = {one.key for one in clocks.between([first], at(-1), at(9))}
    assert keys == {one.key for one in clocks.between([same], at(-1), at(9))}
    assert not keys & {one.key for one in clocks.between([moved], at(-1), at(9))}


def test_whoever_stood_still_sends_the_newest_and_only_once() -> None:
    found = [seen({"aware_at": 0}, 0.99)["nis2-early-warning"]]
    first = clocks.owed(found, at(0.99), ())
    assert [one.mark for one in first] == ["PT1H"]
    assert clocks.owed(found, at(0.99), {one.key for one in first}) == []
    assert [one.mark for one in clocks.owed(found, at(3), {first[0].key})] == ["over"]


def test_a_mark_that_would_lie_before_the_start_is_left_out(tmp_path: Path) -> None:
    own = '[[row]]\nid = "ee-epoc-emergency"\nperiod = "PT1H"\nwhere = "a test"\n'
    (tmp_path / "deadlines.toml").write_text(own, encoding="utf-8")
    table = clocks.table(tmp_path)
    stated = clocks.facts_of([("epoc_received_at", day(0), "UTC")])
    found = clocks.clock(table.row("ee-epoc-emergency"), stated, at(0), NL, table=table)
    assert [mark for mark, _ in found.warns] == ["75%", "due"]


def test_embargoes_warn_long_before() -> None:
    found = seen({"report_received_at": 0}, 1, "coordinator")["cvd-embargo-nl-software"]
    days = [hours / 24 for hours, _ in marks(clocks.between([found], at(0), at(99)))]
    assert days == pytest.approx([46, 53, 57, 59, 60, 60])
