# SPDX-License-Identifier: EUPL-1.2
"""Every report against its table in docs/spec, and every item filled from the case."""

import msgspec
import pytest
from tests.cases import spec
from tests.cases.reports.made import ENTITY, EVENT, EVERYTHING, FULL, GIVEN, VULNERABLE, case

from brug.cases import clocks
from brug.cases.kinds import KINDS
from brug.cases.reports import REPORTS, Filled, Report, filled, telling
from brug.cases.reports.authorities import Authority, choose, read
from brug.model.errors import Invalid

INCIDENT = KINDS["incident"]
EVERY = pytest.mark.parametrize("report", REPORTS.values(), ids=REPORTS)
ITEMS = [(report, item) for report in REPORTS.values() for item in report.items]
FACTS = {fact.key: "2026-11-26T10:00:00Z" for kind in KINDS.values() for fact in kind.facts}


def form(report: Report, fields: dict[str, object], **more: object) -> Filled:
    facts = more.pop("facts", FACTS)
    made = case(fields, facts, kind=report.kind, **more)  # type: ignore[arg-type]
    return filled(made, made.participants[ENTITY], report, GIVEN)


def _names(cell: str) -> list[str]:
    return [one.strip() for one in cell.split(",") if one.strip()]


def test_the_reports_are_those_of_the_table() -> None:
    told = spec.rows(spec.section("reports", "Reports"))
    assert [row[0] for row in told] == list(REPORTS)
    for key, kind, rows, records, moves, recorded, owed, required, settles, offered, seen in told:
        one = REPORTS[key]
        assert one.kind == kind
        assert " ".join(one.moves or ()) == moves
        assert list(one.rows) == _names(rows)
        assert one.records == records
        assert ("each" if one.again else "first") == recorded
        assert [asked.key for asked in one.questions] == _names(owed)
        assert [item.name for item in one.items if item.is_required] == _names(required)
        assert [item.name for item in one.items if item.settles] == _names(settles)
        assert [item.name for item in one.items if not item.is_required] == _names(offered)
        assert ("yes" if one.says_content else "no") == seen


@EVERY
def test_a_report_has_a_deadline_that_its_sending_meets(report: Report) -> None:
    for row in report.rows:
        assert clocks.table().row(row).met_by == report.records
        assert row in KINDS[report.kind].clocks
    assert KINDS[report.kind].fact(report.records)
    if report.moves:
        machine = KINDS[report.kind].machine(report.moves[0])
        (step,) = [one for one in machine.transitions if one.trigger == report.moves[1]]
        assert report.records in step.needs
    assert len({item.name for item in report.items}) == len(report.items)


@EVERY
def test_a_full_case_fills_every_item(report: Report) -> None:
    kind, found = KINDS[report.kind], form(report, EVERYTHING[report.kind])
    assert not found.missing
    assert not [line.item.name for line in found.lines if line.value is None]
    for line in found.lines:
        assert telling.title_of(kind, line.item, str)
        assert telling.in_words(kind, line, str)


@pytest.mark.parametrize(
    ("report", "item"), ITEMS, ids=[f"{report.key}-{item.name}" for report, item in ITEMS]
)
def test_what_an_item_is_filled_from_is_missed_where_it_is_required(
    report: Report, item: object
) -> None:
    one = next(other for other in report.items if other is item)
    if one.whence not in {"field", "fact"}:
        return
    full = EVERYTHING[report.kind]
    fields = {name: value for name, value in full.items() if name != one.name}
    facts = {name: at for name, at in FACTS.items() if name != one.name}
    found = form(report, fields, facts=facts)
    line = next(line for line in found.lines if line.item is one)
    assert line.value is None
    assert [miss.item.name for miss in found.missing] == ([one.name] if one.is_required else [])


def test_the_notification_answers_what_the_warning_left_unknown() -> None:
    unknown = FULL | {"suspected_malicious": "unknown", "cross_border": "unknown"}
    assert not form(REPORTS["nis2-early-warning"], unknown).missing
    for key in ("nis2-notification", "nis2-final"):
        lacking = {one.item.name: one.lacks for one in form(REPORTS[key], unknown).missing}
        assert lacking == {"suspected_malicious": "unknown", "cross_border": "unknown"}


def test_a_report_has_the_clock_of_the_row_that_counts() -> None:
    facts = {"aware_at": "2026-11-26T10:00:00Z"}
    plain = form(REPORTS["nis2-notification"], FULL | {"bound_as": []}, facts=facts)
    assert plain.clock
    assert plain.clock.row.id == "nis2-notification"
    trust = FULL | {"bound_as": ["trust_service_provider"]}
    hit = form(REPORTS["nis2-notification"], trust, facts=facts)
    assert hit.clock
    assert hit.clock.row.id == "nis2-notification-trust"
    missed = form(REPORTS["nis2-notification"], trust | {"trust_services_hit": "no"}, facts=facts)
    assert missed.clock
    assert missed.clock.row.id == "nis2-notification"


@pytest.mark.parametrize(
    ("key", "fields", "state", "owed"),
    [
        ("nis2-early-warning", {}, "warning_due", "yes"),
        ("nis2-early-warning", {}, "assessing", "unknown"),
        ("nis2-early-warning", {}, "not_significant", "no"),
        ("gdpr-33", {"risk_to_people": "unlikely"}, "warned", "no"),
        ("gdpr-33", {"personal_data": "unknown"}, "warned", "unknown"),
        ("gdpr-33", {}, "warned", "yes"),
        ("dora-initial", {"bound_as": ["controller"]}, "warned", "no"),
        ("cra-incident-final", {}, "warned", "yes"),
        ("cra-incident-final", {"bound_as": None}, "warned", "unknown"),
        ("eidas-breach", {}, "warned", "yes"),
        ("eidas-breach", {"trust_services_hit": "unknown"}, "warned", "unknown"),
        ("eidas-breach", {"trust_services_hit": "no"}, "warned", "no"),
        ("eidas-breach", {"bound_as": ["controller"]}, "warned", "no"),
        ("cer-initial", {}, "warned", "yes"),
        ("cer-initial", {"bound_as": None}, "warned", "unknown"),
        ("cer-detailed", {"bound_as": ["controller"]}, "warned", "no"),
    ],
)
def test_the_case_answers_whether_a_report_is_owed(
    key: str, fields: dict[str, object], state: str, owed: str
) -> None:
    found = form(REPORTS[key], FULL | fields, state=state)
    assert found.is_owed == owed
    assert ("not_owed" in {one.code for one in found.warnings}) == (owed == "no")


def test_markings_in_texts_that_are_stricter_than_the_case_are_shown() -> None:
    fields = FULL | {
        "summary": "From a TLP:RED source, and tlp:amber+strict",
        "measures": "TLP:GREEN",
    }
    warned = {one.about for one in form(REPORTS["nis2-final"], fields, tlp="amber").warnings}
    assert warned == {("summary", "amber+strict", "red")}
    closed = form(REPORTS["nis2-final"], FULL, tlp="red").warnings
    assert [(one.code, one.about) for one in closed] == [("marked", ("red",))]


def test_what_was_not_checked_says_so() -> None:
    for key, report in REPORTS.items():
        codes = {one.code for one in form(report, EVERYTHING[report.kind]).warnings}
        not_seen = (
            key.startswith(("dora", "cra", "eidas", "cer")) and key != "cra-vuln-notification"
        )
        assert ("content_not_verified" in codes) == not_seen


def test_events_that_are_linked_are_named() -> None:
    found = form(REPORTS["nis2-final"], FULL)
    assert next(one.value for one in found.lines if one.item.whence == "links") == [EVENT]


def test_the_json_of_a_form_has_every_item() -> None:
    for report in REPORTS.values():
        full = form(report, EVERYTHING[report.kind])
        told = msgspec.json.decode(telling.as_json(telling.document(full)))
        assert [one["name"] for one in told["items"]] == [one.name for one in report.items]
        assert told["clock"]["article"]


def test_a_node_names_its_authorities() -> None:
    row = '[[authority]]\ncountry="NL"\nreport="gdpr-33"\nname="AP"\nurl="https://ap.example"\n'
    assert read(row).authorities == {
        ("NL", "gdpr-33", ""): Authority(
            country="NL", report="gdpr-33", name="AP", url="https://ap.example"
        )
    }
    for wrong, field in (
        (row.replace("gdpr-33", "gdpr-34"), "row 1.report"), (row + row, "row 2.report"),
        (row.replace("NL", "nl"), "row 1.country"),
        (row.replace("https", "javascript"), "row 1.url"),
        (row.replace('"AP"', '" "'), "row 1.name"), (row + 'mail="x"', "mail"), ("[", "toml"),
        (row + 'sector="x"', "row 1.sector"), (row.replace("gdpr-33", "x*"), "row 1.report"),
        (row.replace('"AP"', f'"{"x" * 600}"'), "row 1.name"),
    ):  # fmt: skip
        with pytest.raises(Invalid) as caught:
            read(wrong)
        assert field in str(caught.value)


def _row(report: str, sector: str = "", name: str = "", country: str = "NL") -> Authority:
    return Authority(
        country=country, report=report, sector=sector, name=name or f"{report}{sector}"
    )


@pytest.mark.parametrize(
    ("report", "sector", "name", "said"),
    [
        ("nis2-final", "energy", "nis2-*energy", "energy"),  # the sector before all
        ("nis2-final", "health", "nis2-final", ""),
        ("nis2-early-warning", "", "nis2-*", ""),
        ("gdpr-33", "energy", "gdpr-33", ""),
        ("dora-initial", "energy", "", ""),
    ],
)
def test_the_authority_of_a_report_is_the_one_whose_row_says_most_of_the_case(
    report: str, sector: str, name: str, said: str
) -> None:
    rows = [_row("*", name="Belgian", country="BE"), _row("nis2-*"), _row("nis2-final"),
            _row("nis2-*", "energy"), _row("gdpr-*"), _row("gdpr-33")]  # fmt: skip
    found = choose(rows, "NL", report, sector)
    assert (found.authority.name if found else "") == name
    assert (found.sector if found else "") == said
    if found:
        mine = _row(found.authority.report, found.authority.sector, "corrected")
        chosen = choose([*rows, mine], "NL", report, sector, [mine])
        assert chosen is not None
        assert (chosen.authority.name, chosen.is_own) == ("corrected", True)


def test_a_final_report_of_an_entity_is_not_dated_before_its_notification() -> None:
    check = next(one for one in INCIDENT.checks if one.key == "order_of_reports")
    before = {
        "notification_submitted_at": "2026-11-26T10:00:00Z",
        "final_submitted_at": "2026-11-25T10:00:00Z",
    }
    assert check.finds(case(FULL, before), ENTITY)
    after = before | {"final_submitted_at": "2026-11-27T10:00:00Z"}
    assert not check.finds(case(FULL, after), ENTITY)


@pytest.mark.parametrize(
    ("key", "fields", "without", "owed"),
    [
        ("cra-vuln-warning", {}, "", "yes"),
        ("cra-vuln-warning", {"union_market": "no"}, "", "no"),
        ("cra-vuln-warning", {"union_market": None}, "", "unknown"),
        ("cra-vuln-warning", {}, "aware_of_active_exploitation_at", "unknown"),
        ("cra-vuln-warning", {"exploitation": "none"}, "aware_of_active_exploitation_at", "no"),
        ("cra-vuln-final", {}, "corrective_or_mitigating_measure_available_at", "no"),
        ("cra-vuln-final", {}, "", "yes"),
    ],
)
def test_reports_on_what_is_exploited_are_owed_by_its_maker(
    key: str, fields: dict[str, object], without: str, owed: str
) -> None:
    facts = {name: at for name, at in FACTS.items() if name != without}
    found = form(REPORTS[key], VULNERABLE | fields, facts=facts)
    assert found.is_owed == owed
    assert found.participant.role == "vendor"


def test_the_final_report_on_a_vulnerability_counts_from_the_measure() -> None:
    """CRA art. 14(2)(c): not from awareness, as many pages say."""
    facts = {"aware_of_active_exploitation_at": "2026-10-01T10:00:00Z"}
    before = form(REPORTS["cra-vuln-final"], VULNERABLE, facts=facts)
    assert before.clock
    assert before.clock.status == "not_started"
    facts |= {"corrective_or_mitigating_measure_available_at": "2026-11-02T10:00:00Z"}
    found = form(REPORTS["cra-vuln-final"], VULNERABLE, facts=facts)
    assert found.clock
    assert found.clock.strict
    assert found.clock.strict.isoformat() == "2026-11-16T10:00:00+00:00"


def test_what_identifies_people_is_shown_with_its_place() -> None:
    fields = FULL | {
        "summary": "jan@zuidmark.example had it on +31 6 12345678",
        "measures": "Paid to NL91ABNA0417164300", "contact": "duty@zuidmark.example",
    }  # fmt: skip
    found = form(REPORTS["nis2-final"], fields)
    warned = [one for one in found.warnings if one.code == "personal"]
    assert {one.about for one in warned} == {
        ("summary", "e-mail address", "phone number"), ("measures", "IBAN")
    }  # fmt: skip
    said = [telling.warning(INCIDENT, found, one, str) for one in warned]
    assert any("What happened: an e-mail address, a phone number" in one for one in said)
    assert not any("zuidmark" in one for one in said), "the warning repeats none of it"
