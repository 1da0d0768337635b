# SPDX-License-Identifier: EUPL-1.2
"""A finder without an account reports, reads what is written to them, and answers."""

import pytest
from tests.cases.conftest import Node

from brug.cases import files, intake, keeping, listing, returning, writing
from brug.cases.acts import Filled, Left, Renamed, Said
from brug.cases.crediting import credits_of
from brug.cases.intake import Taken
from brug.cases.listing import Wanted
from brug.cases.returning import Conversation, NoIntake
from brug.model.errors import Invalid, TooManyRequests
from brug.store import settings

REPORT = {"products": ["Pump controller 2.1"], "summary": ["A packet of 9 bytes stops it."]}


@pytest.fixture
def taking(node: Node) -> Node:
    with node.database.system() as session:
        host = session.value("SELECT org_id FROM account WHERE id = %s", (node.host,))
        settings.set_value(session, "node.host_org_id", host)
        settings.set_value(session, "cases.intake", True)
    return node


def reported(node: Node, **more: list[str]) -> Taken:
    with node.database.system() as session:
        return intake.report(session, REPORT | more)


def look(node: Node, code: str) -> Conversation:
    with node.database.system() as session:
        return returning.look(session, code)


def test_a_report_opens_a_disclosure_that_the_host_coordinates(taking: Node) -> None:
    taken = reported(taking, credit=["M. B."])
    with taking.database.as_user(taking.host) as session:
        file, case = files.view(session, taken.number)
        assert listing.listed(session, Wanted(text="9 bytes"))[1] == 1
    assert file.title == "Pump controller 2.1"
    assert case.fields["credit"] == "M. B."
    assert [one.role for one in case.present] == ["coordinator", "finder"]
    assert case.fact("report_received_at")
    assert case.ignored == []
    with taking.database.as_user(taking.entity) as session:
        assert listing.listed(session)[1] == 0


def test_finder_and_coordinators_write_to_each_other_and_nobody_else_reads_it(
    taking: Node,
) -> None:
    taken = reported(taking)
    with taking.database.as_user(taking.host) as session:
        case = files.view(session, taken.number)[1]
        finder = next(one.id for one in case.present if one.role == "finder")
        keeping.act(session, taken.number, Said(text="Which firmware?"), [finder])
        keeping.act(session, taken.number, Said(text="between us coordinators"))
    typed = taken.code.lower().replace("-", " ")
    with taking.database.system() as session:
        said = returning.answer(session, typed, "2.1.7")
    assert [(one.is_mine, one.text) for one in said.lines] == [
        (False, "Which firmware?"), (True, "2.1.7"),
    ]  # fmt: skip
    with taking.database.as_user(taking.host) as session:
        case = files.view(session, taken.number)[1]
    last = case.timeline[-1]
    assert isinstance(last.act, Said)
    assert last.act.text == "2.1.7"
    assert last.to


def test_an_answer_comes_after_all_entries_also_those_that_do_not_hold(
    taking: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("brug.cases.entries.number_at", lambda _: 1)  # all in one moment
    taken = reported(taking)
    with taking.database.system() as session:
        file = files.find(session, taken.number)
        entries = files.entries_of(session, file)
        finder = next(one.author for one in entries if isinstance(one.act, Filled))
        refused = writing.write(session, (file.id, file.uuid), entries, finder, Renamed(title="x"))
        assert files.view(session, taken.number)[1].ignored
    with taking.database.system() as session:
        returning.answer(session, taken.code, "2.1.7")
        said = files.entries_of(session, files.find(session, taken.number))[-1]
    assert said.knows[finder.node] == refused.knows[finder.node] + 1


def test_the_code_is_stored_nowhere_and_ends_with_the_finders_part(taking: Node) -> None:
    taken = reported(taking)
    with taking.database.system() as session:
        rows = session.all("SELECT g::text FROM case_guest g")
        assert taken.code.replace("-", "") not in str(rows)
    with taking.database.as_user(taking.host) as session:
        case = files.view(session, taken.number)[1]
        finder = next(one.id for one in case.present if one.role == "finder")
        keeping.act(session, taken.number, Left(participant=finder))
    for code in (taken.code, "AAAA-AAAA", "", "\u2603" * 500):
        with pytest.raises(NoIntake):
            look(taking, code)


def test_a_finder_who_wants_no_credit_is_named_nowhere(taking: Node) -> None:
    taken = reported(taking, credit=["Anna de Vries"], no_credit=["1"])
    with taking.database.as_user(taking.host) as session:
        said = Filled(fields={"credits": ["reporter: Bert", "analyst: Carla"]})
        keeping.act(session, taken.number, said)
        case = files.view(session, taken.number)[1]
    assert [(one.kind, one.name) for one in credits_of(case)] == [("analyst", "Carla")]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"products": [" "]}, "products"),
        ({"summary": []}, "summary"),
        ({"summary": ["x" * 30_000]}, "summary"),
        ({"others_told": ["y" * 501]}, "others_told"),
    ],
)
def test_what_does_not_fit_is_named_and_nothing_is_stored(
    taking: Node, given: dict[str, list[str]], field: str
) -> None:
    with pytest.raises(Invalid) as caught:
        reported(taking, **given)
    assert caught.value.field == f"fields.{field}"
    with taking.database.system() as session:
        assert session.value("SELECT count(*) FROM case_file") == 0


def test_a_flood_is_stopped_for_all_and_a_closed_door_is_none(taking: Node) -> None:
    with taking.database.system() as session:
        settings.set_value(session, "cases.intake_hourly", 2)
    reported(taking)
    reported(taking)
    with pytest.raises(TooManyRequests):
        reported(taking)
    with taking.database.system() as session:
        settings.set_value(session, "cases.intake", False)
    with pytest.raises(NoIntake):
        reported(taking)
