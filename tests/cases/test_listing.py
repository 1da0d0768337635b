# SPDX-License-Identifier: EUPL-1.2
"""Lists and search say what their reader may see, and nothing else."""

import pytest
from tests.cases.conftest import Node
from tests.cases.test_keeping import joined, opened

from brug.cases import finding, keeping, listing
from brug.cases.acts import Moved, Recorded, Said
from brug.cases.listing import Wanted
from brug.model.errors import Invalid


def numbers(node: Node, user: int, **wanted: object) -> list[str]:
    with node.database.as_user(user) as session:
        found, total = listing.listed(session, Wanted(**wanted))  # type: ignore[arg-type]
    assert total == len(found)
    return [one.number for one in found]


def test_a_list_holds_what_its_reader_takes_part_in_the_last_changed_first(node: Node) -> None:
    first, second = opened(node), opened(node)
    joined(node, first, "entity", "entity")
    assert numbers(node, node.host) == [first.number, second.number]
    assert numbers(node, node.entity) == [first.number]
    assert numbers(node, node.other) == []


def test_cases_are_found_by_words_of_what_is_sealed(node: Node) -> None:
    file = opened(node, summary="Phishing from mail.evil.example, (twice) 192.0.2.7")
    opened(node, summary="Something else")
    for text in ("phishing", "MAIL.evil.example", "evil", "twice 192.0.2.7", "Pumps", file.number):
        expected = 2 if text == "Pumps" else 1
        assert len(numbers(node, node.host, text=text)) == expected, text
    assert numbers(node, node.host, text="phish") == []
    assert numbers(node, node.host, text=" !!! ") == []
    assert numbers(node, node.host, text="phishing else") == []
    assert numbers(node, node.other, text="phishing") == []


def test_a_message_to_others_finds_nothing(node: Node) -> None:
    file = opened(node)
    entity = joined(node, file, "entity", "entity")
    joined(node, file, "other", "csirt")
    with node.database.as_user(node.host) as session:
        keeping.act(session, file.number, Said(text="ransom"), to=[entity])
    assert numbers(node, node.entity, text="ransom") == [file.number]
    assert numbers(node, node.other, text="ransom") == []


def test_states_are_listed_and_counted(node: Node) -> None:
    file = opened(node)
    opened(node)
    with node.database.as_user(node.host) as session:
        keeping.act(
            session,
            file.number,
            Recorded(fact="detected_at", at="2026-01-01T00:00:00Z", zone="UTC"),
        )
        keeping.act(
            session, file.number, Moved(machine="phase", trigger="contain", leaves="detection")
        )
        counts = {one.state: one.cases for one in listing.counted(session)}
    assert counts == {"containment": 1, "detection": 1}
    assert numbers(node, node.host, kind="incident", state="containment") == [file.number]
    assert numbers(node, node.host, over=True) == []
    assert len(numbers(node, node.host, org=node.orgs["host"])) == 2


@pytest.mark.parametrize(
    ("field", "wanted", "limit"),
    [
        ("kind", Wanted(kind="lawsuit"), 10),
        ("state", Wanted(kind="incident", state="limbo"), 10),
        ("state", Wanted(state="limbo"), 10),
        ("severity: expected one of none, minor, large", Wanted(severity="bogus"), 10),
        ("severity", Wanted(severity="High" * 100), 10),
        ("limit", Wanted(), 0),
        ("limit", Wanted(), 10_000),
    ],
)
def test_what_no_list_is_of_is_refused(node: Node, field: str, wanted: Wanted, limit: int) -> None:
    with node.database.as_user(node.host) as session, pytest.raises(Invalid, match=field):
        listing.listed(session, wanted, limit)


def test_a_page_past_the_end_still_says_how_many_there_are(node: Node) -> None:
    opened(node), opened(node)
    with node.database.as_user(node.host) as session:
        assert listing.listed(session, limit=10, offset=10) == ([], 2)
        assert [one.number for one in listing.listed(session, limit=1, offset=1)[0]] == [
            listing.listed(session)[0][1].number
        ]
    with node.database.as_user(node.other) as session:
        assert listing.listed(session, limit=10, offset=10) == ([], 0)


@pytest.mark.parametrize("few", [0, 1, 5_000])
def test_whoever_sees_few_and_whoever_sees_many_see_what_is_theirs(
    node: Node, few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finding, "FEW", few)
    first, second, third = opened(node), opened(node, summary="whale"), opened(node)
    joined(node, first, "entity", "entity")
    joined(node, second, "host", "handler", node.without)
    assert set(numbers(node, node.host)) == {first.number, second.number, third.number}
    assert numbers(node, node.entity) == [first.number]
    assert numbers(node, node.without) == [second.number]
    assert numbers(node, node.without, text="whale") == [second.number]
    assert numbers(node, node.other) == []
    with node.database.as_user(node.without) as session:
        assert [one.cases for one in listing.counted(session)] == [1]


@pytest.mark.parametrize("rare", [0, 1, 200])
def test_words_find_the_same_however_rare_they_are(
    node: Node, monkeypatch: pytest.MonkeyPatch, rare: int
) -> None:
    """Of whoever sees many cases, too, for whom the rarest word is looked for first."""
    monkeypatch.setattr(finding, "FEW", 0)
    monkeypatch.setattr(finding, "RARE", rare)
    first = opened(node, summary="Phishing from mail.evil.example")
    second = opened(node, summary="Something else")
    assert numbers(node, node.host, text="phishing pumps") == [first.number]
    assert numbers(node, node.host, text="else") == [second.number]
    assert len(numbers(node, node.host, text="pumps stopped")) == 2
    assert numbers(node, node.host, text="phishing else") == []
    assert numbers(node, node.other, text="phishing") == []


@pytest.mark.parametrize(("few", "rare"), [(5_000, 100), (0, 100), (0, 0)])
def test_a_number_finds_its_case_and_those_that_name_it(
    node: Node, monkeypatch: pytest.MonkeyPatch, few: int, rare: int
) -> None:
    monkeypatch.setattr(finding, "FEW", few)
    monkeypatch.setattr(finding, "RARE", rare)
    first = opened(node)
    second = opened(node, summary=f"As in {first.number}")
    opened(node)
    joined(node, second, "entity", "entity")
    assert numbers(node, node.host, text=f" {first.number.lower()} ") == [
        second.number, first.number
    ]  # fmt: skip
    # Whoever may not see the case is not told by its number either.
    assert numbers(node, node.entity, text=first.number) == [second.number]
    assert numbers(node, node.other, text=first.number) == []


@pytest.mark.parametrize(("few", "rare"), [(5_000, 100), (0, 100), (0, 0)])
def test_whoever_reads_a_case_twice_finds_it_once_page_by_page(
    node: Node, monkeypatch: pytest.MonkeyPatch, few: int, rare: int
) -> None:
    """For an organisation and in person, when what is for the person alone came last."""
    monkeypatch.setattr(finding, "FEW", few)
    monkeypatch.setattr(finding, "RARE", rare)
    several = [opened(node, summary="whale") for _ in range(3)]
    person = joined(node, several[0], "host", "handler", node.host)
    with node.database.as_user(node.host) as session:
        keeping.act(session, several[0].number, Said(text="x"), to=[person])
    expected = [several[n].number for n in (0, 2, 1)]
    assert numbers(node, node.host) == expected
    assert numbers(node, node.host, text="whale") == expected
    assert numbers(node, node.host, text="whale", order="severity") == expected
    assert numbers(node, node.host, text="whale", kind="assistance") == []
    with node.database.as_user(node.host) as session:
        pages = [listing.listed(session, Wanted(text="whale"), 1, n) for n in range(4)]
    assert [[one.number for one in found] for found, _ in pages] == [*([n] for n in expected), []]
    assert {total for _, total in pages} == {3}
