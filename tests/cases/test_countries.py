# SPDX-License-Identifier: EUPL-1.2
"""An authority has a country of its own: reports and deadlines go by it where it takes part."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from tests.cases.conftest import Node
from tests.cases.test_keeping import joined

from brug.cases import clocks, countries, due, files, keeping, tables_changed
from brug.cases.acts import Left, Recorded
from brug.cases.case import Case, Participant
from brug.cases.countries import Countries
from brug.cases.files import File
from brug.cases.kinds.incident import INCIDENT
from brug.cases.reports import REPORTS, filling, register
from brug.cases.reports.authorities import UnusableAuthorities
from brug.model.errors import Invalid
from brug.store import settings

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
KNOWN = Countries("NL", lambda: {"org-be": "BE", "org-de": "DE", "org-nl": "NL"})


def among(*parts: tuple[str, str]) -> tuple[Case, dict[str, Participant]]:
    """A case of an entity and others, by role and organisation."""
    case = Case(INCIDENT)
    for org, role in (("org", "entity"), *parts):
        case.participants[org] = Participant(org, org, None, org, role, "e")
    return case, case.participants


@pytest.mark.parametrize(
    ("others", "country"),
    [
        ([], "NL"),
        ([("org-be", "authority")], "BE"),
        ([("org-be", "csirt")], "BE"),
        ([("org-be", "spoc")], "NL"),  # of another country that is told
        ([("org-be", "observer")], "NL"),
        ([("unknown", "authority")], "NL"),
        ([("org-be", "csirt"), ("unknown", "authority")], "NL"),
        ([("org-de", "csirt"), ("org-be", "authority")], "DE"),
        ([("org-de", "csirt"), ("org-nl", "authority")], "NL"),
    ],
)
def test_an_entity_reports_in_the_country_of_the_authority_that_takes_part(
    others: list[tuple[str, str]], country: str
) -> None:
    case, parts = among(*others)
    assert KNOWN.of(case, parts["org"]) == country
    for org, role in others:
        own = KNOWN.of_organisation(org) if role != "observer" else country
        assert KNOWN.of(case, parts[org]) == own
    for org, _ in others:
        parts[org].left = "e"
    assert KNOWN.of(case, parts["org"]) == "NL"


def test_what_the_case_says_of_the_main_establishment_comes_first() -> None:
    case, parts = among(("org-be", "authority"))
    assert KNOWN.found(case, parts["org"]) == ("BE", "authority")
    case.fields["main_establishment"] = "DE"
    assert KNOWN.found(case, parts["org"]) == ("DE", "case")
    assert KNOWN.found(case, parts["org-be"]) == ("BE", "authority")  # its own deadlines
    parts["org-be"].left = "e"
    case.fields["main_establishment"] = None
    assert KNOWN.found(case, parts["org"]) == ("NL", "node")


def test_nobody_asks_the_register_where_no_authority_takes_part() -> None:
    def never() -> dict[str, str]:
        raise AssertionError

    case, parts = among(("org-be", "observer"))
    assert Countries("NL", never).of(case, parts["org"]) == "NL"


@pytest.fixture
def running(node: Node, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Node:
    """It runs in the Netherlands; a Belgian organisation is in its register."""
    monkeypatch.setattr("brug.cases.own_folder.config_of", lambda _: tmp_path)
    with node.database.system() as session:
        settings.set_value(session, "cases.authority_country", "NL")
        role = session.value(
            "INSERT INTO role (name, rights) VALUES ('runs it', %s) RETURNING id",
            (["case", "admin", "site_admin"],),
        )
        session.execute("UPDATE account SET role_id = %s WHERE id = %s", (role, node.host))
    return node


def put(node: Node, **more: Any) -> None:
    said = {"country": "BE", "report": "nis2-*", "name": "CCB", "organisation": node.orgs["other"]}
    with node.database.as_user(node.host) as session:
        register.put(session, "authority", said | more)


def struck(node: Node) -> tuple[File, str]:
    with node.database.as_user(node.host) as session:
        file = keeping.open_case(session, "incident", "Pumps stopped")
    part = joined(node, file, "entity", "entity")
    with node.database.as_user(node.host) as session:
        # A month later is 21 July, a Tuesday: a holiday in Belgium, and not in the Netherlands.
        at, fact = "2026-06-21T08:00:00Z", "notification_submitted_at"
        keeping.act(session, file.uuid, Recorded(fact=fact, at=at, zone="UTC", of=part))
    return file, part


def form(node: Node, file: File) -> filling.Filled:
    with node.database.as_user(node.host) as session:
        case = files.view(session, file.uuid)[1]
        given = filling.given_here(session)
        return filling.filled(case, filling.entity(case), REPORTS["nis2-final"], given)


def last_day(node: Node, file: File) -> date:
    """On which the final report is due."""
    with node.database.as_user(node.host) as session:
        case = files.view(session, file.uuid)[1]
        bound = due.clocks_of(case, due.rules_here(session), NOW)
    (legal,) = [one.clock.legal for one in bound if one.clock.row.id == "nis2-final"]
    assert legal
    return legal.astimezone(ZoneInfo("Europe/Brussels")).date()


def test_reports_and_deadlines_go_by_the_country_of_the_authority_that_takes_part(
    running: Node,
) -> None:
    put(running)
    put(running, country="NL", name="CSIRT", organisation="")
    file, _ = struck(running)
    before = form(running, file)
    assert before.chosen
    assert (before.chosen.country, before.chosen.authority.name) == ("NL", "CSIRT")
    before_day = last_day(running, file)
    part = joined(running, file, "other", "authority")
    after = form(running, file)
    assert after.chosen
    assert (after.chosen.country, after.chosen.authority.name) == ("BE", "CCB")
    # What ends on a holiday ends on the next working day there.
    assert (before_day, last_day(running, file)) == (date(2026, 7, 21), date(2026, 7, 22))
    with running.database.as_user(running.host) as session:
        keeping.act(session, file.uuid, Left(participant=part))
    assert form(running, file).chosen == before.chosen


def test_what_the_register_says_has_open_cases_looked_at_again(running: Node) -> None:
    struck(running)
    deadlines = tables_changed.KEPT[0]
    while tables_changed.some(running.database, deadlines):
        pass

    def says() -> Any:
        with running.database.system() as session:
            return deadlines.says(session)

    before = says()
    put(running)
    assert says() != before


def test_an_organisation_is_of_one_country(running: Node, tmp_path: Path) -> None:
    put(running)
    put(running, report="gdpr-33")
    with pytest.raises(Invalid) as caught:
        put(running, country="NL")
    assert caught.value.field == "organisation"
    other = str(uuid4())
    row = '[[authority]]\ncountry = "{}"\nreport = "{}"\nname = "x"\norganisation = "{}"\n'
    path = tmp_path / "authorities.toml"
    path.write_text(row.format("DE", "gdpr-33", other.upper()))
    with running.database.system() as session:
        assert countries.named(session) == {other: "DE", running.orgs["other"]: "BE"}
    path.write_text(row.format("DE", "gdpr-33", other) + row.format("FR", "gdpr-33", other))
    with running.database.as_user(running.host) as session, pytest.raises(UnusableAuthorities):
        register.listed(session)
    path.write_text("rubbish")
    with running.database.system() as session:  # clocks go on
        assert countries.named(session) == {running.orgs["other"]: "BE"}


def test_a_country_whose_holidays_nobody_knows_has_weekends_alone() -> None:
    case, parts = among(("org-eu", "authority"))
    by = due.Rules(
        clocks.table(), clocks.calendar_of("NL"),
        countries=Countries("NL", lambda: {"org-eu": "EU"}),
    )  # fmt: skip
    assert by.calendar_of(case, parts["org"]).country == ""
    assert by.calendar_of(among()[0], parts["org"]).country == "NL"
