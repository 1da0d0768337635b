# SPDX-License-Identifier: EUPL-1.2
"""Statistics: of the reader's cases, the same as those cases say when each is opened."""

import csv
import io
from collections import Counter
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.cases.many.conftest import AT, PEOPLE, World

from brug.cases import counting, due, files, listing, statistics
from brug.cases.act_rules import MERGED_INTO
from brug.cases.acts import Left, Linked, Moved, Recorded, Said
from brug.cases.counting import rounded
from brug.cases.files import File
from brug.model.errors import Invalid

NOW = datetime(2026, 11, 27, 12, 30, tzinfo=UTC)


def counted(world: World, who: str) -> Counter[str]:
    with world.database.as_user(world.ids[who]) as session:
        return statistics.counted(session)


def said_by_each(world: World, who: str) -> Counter[str]:
    """What the reader would count who opens each case that is listed."""
    found: Counter[str] = Counter()
    with world.database.as_user(world.ids[who]) as session:
        by, now = due.rules_here(session), datetime.now(UTC)
        for file in listing.listed(session, limit=500)[0]:
            case = files.view(session, file.uuid)[1]
            found.update(counting.facets(case, due.clocks_of(case, by, now)))
    return found


def test_nobody_counts_more_than_they_would_by_opening_each(world: World) -> None:
    shared, alone, theirs = world.open("Shared"), world.open("Alone"), world.open("T", "officer")
    entity = world.join(shared, "officer", "entity")
    peer = world.join(shared, "peer", "csirt")
    world.join(alone, "trainee", "handler", alone=True)
    world.join(theirs, "lead", "handler", "officer", alone=True)
    world.join(theirs, "peer", "csirt", "officer")
    for file in (shared, alone):
        world.act(file, Recorded(fact="detected_at", **AT))
        world.act(file, Recorded(fact="aware_at", **AT))
        world.act(file, Moved(machine="phase", trigger="contain", leaves="detection"))
    world.act(shared, Moved(machine="phase", trigger="eradicate", leaves="containment"))
    world.act(shared, Recorded(fact="warning_submitted_at", of=entity, **AT), "officer")
    world.act(shared, Said(text="narrow"), "officer", to=[peer])
    world.act(alone, Moved(machine="phase", trigger="dismiss", leaves="containment", because="x"))
    for who in PEOPLE:
        assert counted(world, who) == said_by_each(world, who), who
    assert counted(world, "never") == counted(world, "admin") == Counter()
    assert counted(world, "trainee").total() > 0
    assert any(one.startswith("time|incident|contained|") for one in counted(world, "peer"))
    assert not any("|answer|" in one for one in counted(world, "peer"))
    # Whoever leaves counts it no more, and the others as before.
    before = counted(world, "lead")
    world.act(shared, Left(participant=peer, because="done"))
    world.act(shared, Said(text="to all"), "officer")
    for who in PEOPLE:
        assert counted(world, who) == said_by_each(world, who), who
    assert any("|answer|" in one for one in counted(world, "lead") - before)
    assert not any("contained" in one for one in counted(world, "peer"))
    with world.database.system() as session:
        assert counting.compact(session) > 0
        assert counting.compact(session) == 0
    for who in PEOPLE:
        assert counted(world, who) == said_by_each(world, who), who


def test_a_second_role_of_an_organisation_counts_no_second_time(world: World) -> None:
    file = world.open("Twice", "never", kind="assistance")
    world.join(file, "never", "helper", "never")
    world.join(file, "never", "helper", "never", alone=True)
    assert [count for facet, count in counted(world, "never").items() if "assistance" in facet] == [
        1, 1,
    ]  # fmt: skip
    assert counted(world, "never") == said_by_each(world, "never")


def test_a_case_that_goes_on_in_another_is_over(world: World) -> None:
    file: File = world.open("B", "never")
    world.act(file, Linked(kind=MERGED_INTO, uuid=str(uuid4())), "never")
    facets = [one for one in counted(world, "never") if "|incident|" in one]
    assert {one.partition("|")[0] for one in facets} == {"opened", "over"}
    assert world.row(file, "never").is_over


@given(st.integers(0, 10**9))
def test_times_are_kept_in_two_figures(minutes: int) -> None:
    kept = rounded(minutes)
    assert kept <= minutes
    assert minutes - kept <= minutes / 10
    assert len(str(kept).rstrip("0")) <= 2


@given(st.lists(st.integers(0, 50), min_size=1), st.sampled_from([1, 50, 90, 100]))
def test_percentiles_are_those_of_the_single_values(values: list[int], share: int) -> None:
    place = -(-len(values) * share // 100)
    assert statistics.percentile(Counter(values), share) == sorted(values)[place - 1]


@pytest.mark.parametrize(
    ("facets", "expected"),
    [
        ({"open|incident|detection|2026-11-27": 2, "open|incident|detection|2026-11-01": 1},
         {"open": [statistics.Open("incident", "detection", [2, 0, 1, 0, 0], 3)]}),
        ({"opened|incident|2026-10": 2, "over|incident|2026-11": 1, "opened|incident|2026-09": 9},
         {"months": [statistics.Month("2026-10", "incident", 2, 0),
                     statistics.Month("2026-11", "incident", 0, 1)]}),
        ({"time|incident|answer|2026-11|10": 1, "time|incident|answer|2026-10|30": 2,
          "time|incident|answer|2025-10|99": 2},
         {"times": [statistics.Time("incident", "answer", 3, 30, 30, 30,
                                    [("2026-10", 30), ("2026-11", 10)])]}),
        ({"term|r|met|2026-11": 3, "term|r|late|2026-10": 1, "term|r|open|2026-11-27T12": 1,
          "term|r|open|2026-11-27T11": 2, "term|r|met|2026-09": 7, "term|r|open|2026-09-01T00": 1},
         {"terms": [statistics.Term("r", 3, 1, 2, 1)]}),
        ({"open|gone|x|2020-01-01": 1},
         {"open": [statistics.Open("gone", "x", [0, 0, 0, 0, 1], 1)]}),
    ],
)  # fmt: skip
def test_figures_follow_from_facets(facets: dict[str, int], expected: dict[str, Any]) -> None:
    found = statistics.computed(facets, 2, NOW)
    assert (found.since, found.until) == ("2026-10", "2026-11")
    for name, value in expected.items():
        assert getattr(found, name) == value
    rows = list(csv.DictReader(io.StringIO(statistics.to_csv(found))))
    assert rows
    assert all(row["value"].isdecimal() for row in rows)


@pytest.mark.parametrize("months", [0, -1, 61])
def test_so_many_months(world: World, months: int) -> None:
    with world.database.as_user(world.ids["lead"]) as session, pytest.raises(Invalid):
        statistics.of(session, months)


def test_an_organisation_that_becomes_part_of_another_is_counted_with_it(world: World) -> None:
    both, one = world.open("Both", "never"), world.open("One", "peer")
    world.join(both, "admin", "handler", "never")
    world.join(one, "admin", "handler", "peer")
    with world.database.system() as session:
        ids = [
            session.value("SELECT id FROM organisation WHERE uuid::text = %s", (world.orgs[who],))
            for who in ("admin", "never")
        ]
        session.value("SELECT merge_organisation(%s, %s)", ids)
    assert counted(world, "never") == said_by_each(world, "never")
    with world.database.system() as session:
        counting.compact(session)
        session.execute("DELETE FROM case_file WHERE uuid::text = %s", (both.uuid,))
        assert session.all("SELECT 1 FROM case_tally WHERE org_id = %s", (ids[0],)) == []
    assert counted(world, "never") == said_by_each(world, "never")
    assert counted(world, "never").total() > 0
