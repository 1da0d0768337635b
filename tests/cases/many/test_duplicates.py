# SPDX-License-Identifier: EUPL-1.2
"""Which other cases share a value with one: those of the reader, by what the reader has of them."""

from uuid import uuid4

import pytest
from tests.cases.many.conftest import World

from brug.cases import duplicates, files, values
from brug.cases.acts import AnyAct, Attached, Filled, Left, Linked, Said
from brug.cases.files import File
from brug.cases.values import Shared
from brug.intel import adding
from brug.model.new_event import NewAttribute, NewEvent

DIGEST = "a" * 64


def found(world: World, file: File, who: str = "lead") -> dict[str, set[tuple[str, str]]]:
    """By number of the case, what it shares."""
    with world.database.as_user(world.ids[who]) as session:
        alike = duplicates.of_case(session, *files.view(session, file.uuid))
    return {one.file.number: {(s.kind, s.value) for s in one.shared} for one in alike}


def attached(sha256: str) -> Attached:
    return Attached(
        document=str(uuid4()), name="a.txt", size=3, sha256=sha256, media_type="text/plain"
    )


@pytest.mark.parametrize(
    ("act", "expected"),
    [
        (Said(text="see cve-2026-12345, and CVE-2026-1"), [("cve", "CVE-2026-12345")]),
        (Filled(fields={"cve": ["CVE-2026-12345"]}), [("cve", "CVE-2026-12345")]),
        (Filled(fields={"products": ["Pump  OS 4", " "]}), [("product", "pump os 4")]),
        (Said(text="from 192.0.2.7, not 192.0.2.700 or 127.0.0.1 or 1.2.3.4.5"),
         [("address", "192.0.2.7")]),
        (Said(text=f"sample {DIGEST.upper()}, {DIGEST}0"), [("digest", DIGEST)]),
        (Linked(kind="event", uuid="u"), [("event", "u")]),
        (Linked(kind="event", uuid="u", is_undone=True), []),
        (Linked(kind="case", uuid="u"), []),
        (attached("b" * 64), [("document", "b" * 64)]),
        (Said(text="pumps stopped in the harbour"), []),
    ],
)  # fmt: skip
def test_what_counts_as_a_value(act: AnyAct, expected: list[tuple[str, str]]) -> None:
    assert [(one.kind, one.value) for one in values.values_of(act)] == expected


def test_every_kind_of_value_has_a_title_and_a_weight() -> None:
    assert values.TITLES.keys() == values.WEIGHTS.keys()


def test_what_shares_most_comes_first(world: World) -> None:
    event = str(uuid4())
    a, b, c = (world.open(f"Case {n}") for n in range(3))
    for file in (a, b):
        world.act(file, Linked(kind="event", uuid=event))
    for file in (a, b, c):
        world.act(file, Said(text="CVE-2026-70001"))
    shared = found(world, a)
    assert list(shared) == [b.number, c.number]
    assert shared[b.number] == {("event", event), ("cve", "CVE-2026-70001")}
    assert shared[c.number] == {("cve", "CVE-2026-70001")}


def test_nobody_finds_a_case_that_they_take_no_part_in(world: World) -> None:
    ours, theirs = world.open("Ours"), world.open("Theirs", "officer")
    for file, who in ((ours, "lead"), (theirs, "officer")):
        world.act(file, Said(text="CVE-2026-70002"), who)
    for who in ("lead", "colleague"):
        assert found(world, ours, who) == {}
    part = world.join(theirs, "lead", "csirt", "officer")
    assert found(world, ours) == {theirs.number: {("cve", "CVE-2026-70002")}}
    world.join(ours, "admin", "csirt")
    assert found(world, ours, "admin") == {}
    world.act(theirs, Left(participant=part, because="done"), "officer")
    assert found(world, ours) == {}


@pytest.mark.parametrize("few", [0, 1000])
def test_whoever_reads_many_cases_finds_what_readers_of_few_find(
    world: World, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    said = f"CVE-2026-8{few:04}"
    first, second, hidden = world.open("A"), world.open("B"), world.open("C", "officer")
    part = world.join(second, "peer", "csirt")
    world.join(first, "peer", "csirt")
    world.act(first, Said(text=said))
    world.act(second, Said(text=said), to=[part])
    world.act(hidden, Said(text=said), "officer")
    monkeypatch.setattr(duplicates, "FEW_CASES", few)
    monkeypatch.setattr(duplicates, "_counted", {})
    assert found(world, first) == found(world, first, "peer") == {second.number: {("cve", said)}}
    with world.database.as_user(world.ids["peer"]) as session:
        assert {one.file.uuid for one in duplicates.of_new(session, said, {})} == {
            first.uuid, second.uuid,
        }  # fmt: skip


def test_what_is_said_to_others_is_shared_with_nobody(world: World) -> None:
    first, second = world.open("First"), world.open("Second")
    peer = world.join(second, "peer", "csirt")
    world.join(first, "officer", "entity")
    world.join(second, "officer", "entity")
    world.act(first, Said(text="CVE-2026-70003"))
    world.act(second, Said(text="CVE-2026-70003"), to=[peer])
    assert found(world, first) == {second.number: {("cve", "CVE-2026-70003")}}
    assert found(world, first, "officer") == {}


def test_what_is_about_to_be_opened_is_compared(world: World) -> None:
    known = world.open("Known", kind="disclosure", cve=["CVE-2026-70004"])
    with world.database.as_user(world.ids["lead"]) as session:
        alike = duplicates.of_new(session, "Again CVE-2026-70004", {"summary": "x"})
        nothing = duplicates.of_new(session, "Known", {"summary": "x"})
    assert [(one.file.number, one.shared) for one in alike] == [
        (known.number, [Shared("cve", "CVE-2026-70004")])
    ]
    assert nothing == []
    with world.database.as_user(world.ids["never"]) as session:
        assert duplicates.of_new(session, "CVE-2026-70004", {}) == []


def test_values_of_linked_events_count_as_far_as_the_reader_sees_the_events(world: World) -> None:
    evil = f"{uuid4().hex}.example"
    open_to_all, own = (_event(world, level, evil) for level in (3, 0))
    a, b, c = world.open("A"), world.open("B"), world.open("C")
    world.act(a, Linked(kind="event", uuid=_event(world, 3, evil)))
    world.act(b, Linked(kind="event", uuid=open_to_all))
    world.act(c, Linked(kind="event", uuid=own))
    shared = {("value", evil)}
    assert found(world, a) == {b.number: shared, c.number: shared}
    for file in (a, b, c):
        world.join(file, "peer", "csirt")
    assert found(world, a, "peer") == {b.number: shared}


def _event(world: World, distribution: int, value: str) -> str:
    """A published event of the lead's organisation, with one attribute that inherits."""
    new = NewEvent(None, "Domains", distribution=distribution, published=True)
    new.attributes = [
        NewAttribute(None, "domain", "Network activity", False, value, "", distribution=5)
    ]
    with world.database.as_user(world.ids["lead"]) as session:
        return adding.add(session, new).uuid
