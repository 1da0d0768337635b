# SPDX-License-Identifier: EUPL-1.2
"""Other countries get what was chosen, in a case of their own, without the entity."""

from pathlib import Path

import pytest
from tests.cases.authority.conftest import Authority, told

from brug.cases import files, own_folder
from brug.cases.acts import Said
from brug.cases.authority import forwarding
from brug.cases.authority.forwarding import NamesEntity, Wanted, concerned, names
from brug.cases.case import Case
from brug.cases.kinds import KINDS
from brug.model.errors import Invalid, NotFound
from brug.store import settings

BELGIUM = Wanted(countries=("BE",))


@pytest.fixture(autouse=True)
def _contacts(authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = (
        f'[[contact]]\ncountry="BE"\nname="CCB"\norganisation="{authority.node.orgs["other"]}"\n'
        '[[contact]]\ncountry="EU"\nname="ENISA"\nemail="soc@enisa.example"\n'
    )
    (tmp_path / "authorities.toml").write_text(rows)
    with authority.node.database.system() as session:
        settings.set_value(session, "cases.authority_country", "NL")
    monkeypatch.setattr(own_folder, "config_of", lambda _: tmp_path)


def forwarded(authority: Authority, number: str, wanted: Wanted) -> Case:
    """The case of the other country, as it sees it."""
    with authority.session() as session:
        made = forwarding.forward(session, number, wanted)
    with authority.session(authority.node.other) as session:
        return files.view(session, made.file.number)[1]


def test_what_was_not_chosen_is_nowhere_in_the_other_case(authority: Authority) -> None:
    data = told("nis2-notification", summary="Zuidmark's pumps", cross_border="yes")
    file = authority.take(data)
    case = forwarded(authority, file.number, BELGIUM)
    assert set(case.fields) == set(forwarding.USUAL)
    text = str(case)
    for secret in ("Zuidmark", "pumps", "+31 20", file.number, file.uuid, "two stations"):
        assert secret not in text, secret
    assert {one.role for one in case.present} == {"lead", "spoc"}
    with authority.session(authority.node.other) as session, pytest.raises(NotFound):
        files.view(session, file.number)


def test_the_entitys_case_says_what_was_told_to_whom(authority: Authority) -> None:
    node = authority.node
    data = told(summary="Cranes", cross_border="yes")
    file = authority.take(data, organisation=node.orgs["entity"])
    with authority.session() as session:
        wanted = Wanted(countries=("BE", "EU"), text="We see two more.")
        made = forwarding.forward(session, file.number, wanted)
    assert [one.name for one in made.told] == ["CCB"]
    assert [one.email for one in made.otherwise] == ["soc@enisa.example"]
    case = authority.case(file, node.entity)
    (decided,) = case.decisions
    outcome = decided.act.outcome  # type: ignore[union-attr]
    assert "To BE (CCB): " in outcome
    assert "To be told otherwise: EU (ENISA)." in outcome
    assert "without the entity's name" in outcome
    assert ("case", made.file.uuid) not in case.links, "which case that is stays the authority's"
    mine = authority.row(file).mine
    assert made.left == ["EU"]
    assert case.fact("states_informed_at", mine.id) is None, "ENISA is told otherwise"
    assert ("case", made.file.uuid) in authority.case(file).links


def test_that_all_were_told_is_recorded_once_they_are(authority: Authority, tmp_path: Path) -> None:
    """One after another, over bridges to both."""
    table = tmp_path / "authorities.toml"
    own = authority.node.orgs["entity"]
    table.write_text(table.read_text() + f'organisation="{own}"\n')
    file = authority.take(told(summary="Locks", cross_border="yes", countries=["BE"]))
    mine = authority.row(file).mine
    for country, left in (("EU", ["BE"]), ("BE", [])):
        with authority.session() as session:
            made = forwarding.forward(session, file.number, Wanted(countries=(country,)))
        assert made.left == left
        assert bool(authority.case(file).fact("states_informed_at", mine.id)) == (not left)


def test_a_text_that_names_the_entity_is_stopped_until_it_may(authority: Authority) -> None:
    file = authority.take(told(summary="At  ZUIDMARK\nit began", cross_border="yes"))
    for wanted, where in (
        (Wanted(countries=("BE",), fields=("summary",)), "summary"),
        (Wanted(countries=("BE",), title="Pumps of Zuidmark"), "title"),
        (Wanted(countries=("BE",), text="zuidmark called"), "text"),
    ):
        with authority.session() as session, pytest.raises(NamesEntity, match=where):
            forwarding.forward(session, file.number, wanted)
    assert not authority.case(file).decisions
    named = Wanted(countries=("BE",), fields=("summary",), with_name=True)
    case = forwarded(authority, file.number, named)
    assert "Zuidmark" in [one.act.text for one in case.timeline if isinstance(one.act, Said)]


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        (Wanted(countries=()), "countries"), (Wanted(countries=("FR",)), "countries"),
        (Wanted(countries=("BE",), fields=("contact",)), "fields"),
        (Wanted(countries=("BE",), title="x" * 301), "title"),
    ],
)  # fmt: skip
def test_what_cannot_be_forwarded_is_named(
    authority: Authority, wanted: Wanted, field: str
) -> None:
    file = authority.take(told(summary=f"{wanted}"))
    with pytest.raises(Invalid) as caught, authority.session() as session:
        forwarding.forward(session, file.number, wanted)
    assert caught.value.field == field
    assert not authority.case(file).decisions


def test_the_countries_concerned_are_those_of_the_case_without_ours() -> None:
    case = Case(KINDS["incident"], fields={"countries": ["NL", "BE", "NL", "DE"]})
    assert concerned(case, "NL") == ["BE", "DE", "EU"]
    case.fields = {"countries": ["NL"]}
    assert concerned(case, "NL") == []


@pytest.mark.parametrize(
    ("value", "name", "there"),
    [
        ("the ACME  corp was hit", "Acme Corp", True), (["x", "by Straße 9"], "STRASSE 9", True),
        ("acme", "Acme Corp", False), (7, "7", False), (None, "x", False),
    ],
)  # fmt: skip
def test_a_name_is_found_in_whatever_letters(value: object, name: str, there: bool) -> None:
    assert names(value, name) == there
