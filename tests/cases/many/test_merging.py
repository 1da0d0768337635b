# SPDX-License-Identifier: EUPL-1.2
"""Merging and splitting: what comes along, and that nobody sees more by it than they were given."""

import random
from io import BytesIO
from typing import Any
from uuid import uuid4

import msgspec
import pytest
from tests.cases.many.conftest import AT, World

from brug.cases import breaking, carrying, documents, files, keeping, merging, splitting
from brug.cases.act_rules import MERGED_INTO
from brug.cases.acts import LONGEST_TEXT, Embargoed, Filled, Linked, Marked, Planned, Recorded, Said
from brug.cases.case import Case
from brug.cases.entries import Author, Entry, case_of
from brug.cases.files import File
from brug.cases.folding import fold
from brug.cases.kinds import named
from brug.cases.merging import Merged, Take
from brug.cases.splitting import Cut
from brug.cases.taking_part import NotYours
from brug.model.errors import BrugError, Conflict, Forbidden, Invalid, NotFound

EVENT = "1b1b1b1b-0000-4000-8000-000000000001"


def attach(world: World, file: File, name: str, to: list[str] | None = None, **more: Any) -> str:
    with world.database.as_user(world.ids["lead"]) as session:
        told = documents.Told(name=name, **more)
        return documents.attach(session, file.uuid, BytesIO(name.encode()), told, to or []).id


def merge(world: World, a: File, b: File, who: str = "lead", **take: Any) -> Merged:
    with world.database.as_user(world.ids[who]) as session:
        return merging.merge(session, a.uuid, b.uuid, Take(**take))


def split(world: World, file: File, entries: list[str], who: str = "lead", **cut: Any) -> File:
    with world.database.as_user(world.ids[who]) as session:
        made = Cut(**{"title": "Apart", "entries": tuple(entries)} | cut)
        return splitting.split(session, file.uuid, made)


def content(world: World, file: File, name: str, who: str = "lead") -> bytes:
    with world.database.as_user(world.ids[who]) as session:
        found, case = files.view(session, file.uuid)
        return b"".join(documents.content(session, found, documents.find(case, name)))


def words(case: Case) -> str:
    return msgspec.json.encode([one.act for one in case.timeline]).decode()


@pytest.fixture
def two(world: World) -> tuple[File, File, dict[str, str]]:
    """A, with the peer; B, with the entity, of what is said to all and to some; B's parts."""
    a, b = world.open("Pumps of A"), world.open("Pumps of B", summary="secret of B")
    world.join(a, "peer", "csirt")
    parts = {"entity": world.join(b, "officer", "entity")}
    parts["observer"] = world.join(b, "never", "observer")
    world.act(a, Said(text="secret of A"))
    world.act(b, Said(text="told to all of B"), "officer")
    world.act(b, Said(text="narrow in B"), to=[parts["entity"]])
    world.act(b, Linked(kind="event", uuid=EVENT))
    world.act(b, Linked(kind="event", uuid=str(uuid4()), title="narrow in B"),
              to=[parts["entity"]])  # fmt: skip
    task = Planned(task=str(uuid4()), title="Task of B", assignee=parts["entity"])
    world.act(b, task)
    world.act(b, Planned(task=str(uuid4()), title="narrow in B"), to=[parts["entity"]])
    world.act(b, Planned(task=str(uuid4()), title="Done in B", is_done=True))
    attach(world, b, "of-b.txt")
    attach(world, b, "narrow-in-b.txt", [parts["entity"]])
    attach(world, b, "evil.exe", is_malware=True)
    world.act(b, Marked(tlp="amber+strict", pap="red"))
    world.act(b, Embargoed(until="2027-01-01T00:00:00Z", zone="UTC"))
    return a, b, parts


def test_one_goes_on_and_the_other_says_where(
    world: World, two: tuple[File, File, dict[str, str]]
) -> None:
    a, b, _ = two
    done = merge(world, a, b, because="the same pumps")
    assert (done.links, done.documents, done.tasks, done.messages, done.participants) == (
        1, 2, 1, 0, 0,
    )  # fmt: skip
    here, there = world.seen(a), world.seen(b)
    assert there.merged_into == a.uuid
    assert there.is_over
    assert not there.is_ended
    assert world.row(b).is_over
    assert not here.is_over
    assert there.decisions[-1].act.because == "the same pumps"
    assert ("event", EVENT) in here.links
    assert [one.title for one in here.tasks.values()] == ["Task of B"]
    assert content(world, a, "of-b.txt", "peer") == b"of-b.txt"
    sample = documents.find(here, "evil.exe.zip").act
    assert sample.sample == documents.find(there, "evil.exe.zip").act.sample != ""
    assert (here.marking.tlp, here.marking.pap) == ("amber+strict", "red")
    assert here.embargo is not None
    assert here.ignored == there.ignored == []
    for who in ("lead", "peer"):
        said = words(world.seen(a, who))
        assert "narrow" not in said
        assert "told to all of B" not in said


def test_nobody_learns_of_the_other_case_what_they_were_not_given(
    world: World, two: tuple[File, File, dict[str, str]]
) -> None:
    a, b, _ = two
    merge(world, a, b)
    for who, theirs, other in (("peer", a, b), ("officer", b, a), ("never", b, a)):
        with world.database.as_user(world.ids[who]) as session, pytest.raises(NotFound):
            files.find(session, other.uuid)
        case = world.seen(theirs, who)
        assert "secret of " + ("B" if theirs is a else "A") not in words(case)
        assert "Pumps of " + ("B" if theirs is a else "A") not in words(case)
    # That B came in, those of A are not told; where B goes on, those of B are, by UUID alone.
    assert b.uuid not in words(world.seen(a, "peer"))
    assert a.uuid in words(world.seen(b, "officer"))
    assert b.uuid in words(world.seen(a))


def test_what_is_asked_for_comes_along(
    world: World, two: tuple[File, File, dict[str, str]]
) -> None:
    a, b, parts = two
    world.act(a, Filled(fields={"sector": "energy"}))
    world.act(b, Filled(fields={"sector": "banking"}))
    done = merge(
        world, a, b, messages=True, fields=True, links=False, documents=False,
        participants=(parts["entity"],),
    )  # fmt: skip
    assert (done.links, done.documents, done.fields, done.messages, done.participants) == (
        0, 0, 1, 1, 1,
    )  # fmt: skip
    case = world.seen(a, "officer")
    quote = next(one.act.text for one in case.timeline
                 if isinstance(one.act, Said) and "told to all" in one.act.text)  # fmt: skip
    assert "officer, " in quote
    assert quote.endswith("told to all of B")
    assert "narrow" not in words(case)
    assert case.fields == {"sector": "energy", "summary": "secret of B"}
    (task,) = case.tasks.values()
    assert case.participants[task.assignee].name == "officer"
    assert b.uuid in words(case)
    with world.database.as_user(world.ids["never"]) as session, pytest.raises(NotFound):
        files.find(session, a.uuid)


def test_only_those_are_offered_who_can_come_along(world: World) -> None:
    a, b = world.open("Pumps of A"), world.open("Pumps of B")
    moved = world.join(b, "trainee", "handler", alone=True)
    stays = world.join(b, "peer", "csirt")
    with world.database.as_user(world.ids["admin"]) as session:
        breaking.break_glass(session, b.uuid, "The lead is away")

    def offered() -> list[str]:
        with world.database.as_user(world.ids["lead"]) as session:
            case, by = files.view(session, b.uuid)[1], keeping.author(session)
            return [one.id for one in carrying.can_come_along(session, case, by)]

    assert offered() == [moved, stays]
    with world.database.system() as session:
        was = session.value("SELECT org_id FROM account WHERE id = %s", (world.ids["trainee"],))
        session.execute(
            "UPDATE account SET org_id = (SELECT id FROM organisation WHERE uuid::text = %s)"
            " WHERE id = %s",
            (world.orgs["never"], world.ids["trainee"]),
        )
    try:
        assert offered() == [stays]
        with pytest.raises(Invalid, match="participants"):
            merge(world, a, b, participants=(moved,))
        assert merge(world, a, b, participants=tuple(offered())).participants == 1
    finally:
        with world.database.system() as session:
            session.execute(
                "UPDATE account SET org_id = %s WHERE id = %s", (was, world.ids["trainee"])
            )


def test_a_message_of_the_greatest_length_comes_along_to_its_end(world: World) -> None:
    a, b = world.open("Pumps of A"), world.open("Pumps of B")
    long = "".join(f"{number:05}" for number in range(LONGEST_TEXT // 5))
    world.act(b, Said(text=long))
    assert merge(world, a, b, messages=True).messages == 2
    said = [one.act.text for one in world.seen(a, "lead").timeline if isinstance(one.act, Said)]
    quoted = [text.removeprefix("Taken over from another case:\n\n") for text in said if text]
    assert "".join(quoted).partition(":\n")[2] == long


@pytest.mark.parametrize(
    ("who", "change", "error"),
    [
        ("officer", {}, NotFound), ("peer", {}, NotFound), ("admin", {}, NotFound),
        ("lead", {"participants": (str(uuid4()),)}, Invalid),
    ],
)  # fmt: skip
def test_who_may_not_merges_nothing(
    world: World, two: tuple[File, File, dict[str, str]], who: str, change: dict[str, Any],
    error: type[BrugError],
) -> None:  # fmt: skip
    a, b, _ = two
    before = len(world.seen(a).timeline), len(world.seen(b).timeline)
    with pytest.raises(error):
        merge(world, a, b, who, **change)
    assert (len(world.seen(a).timeline), len(world.seen(b).timeline)) == before


def test_whoever_leads_one_alone_merges_nothing(world: World) -> None:
    a, b = world.open("A"), world.open("B", "officer")
    world.join(b, "lead", "handler", "officer")
    for into, merged in ((a, b), (b, a)):
        with pytest.raises(NotYours):
            merge(world, into, merged)
    with pytest.raises(NotYours):
        world.act(b, Linked(kind=MERGED_INTO, uuid=a.uuid))
    with pytest.raises(Invalid):
        world.act(a, Linked(kind=MERGED_INTO, uuid=a.uuid))
    part = world.join(a, "officer", "entity")
    with pytest.raises(Invalid):
        world.act(a, Linked(kind=MERGED_INTO, uuid=b.uuid), to=[part])


def test_a_case_is_merged_once_and_into_one_that_goes_on(world: World) -> None:
    a, b, c = world.open("A"), world.open("B"), world.open("C")
    merge(world, a, b)
    for into, merged, error in ((c, b, Conflict), (b, c, Conflict), (a, a, Invalid)):
        with pytest.raises(error):
            merge(world, into, merged)
    with world.database.as_user(world.ids["lead"]) as session:
        assert not merging.undo(session, b.uuid, "a mistake").is_over
        with pytest.raises(Conflict):
            merging.undo(session, b.uuid)
    merge(world, c, b)
    merge(world, c, a)
    assert {world.seen(one).merged_into for one in (a, b)} == {c.uuid}


def test_the_deadlines_of_a_merged_case_run_on(world: World) -> None:
    a, b = world.open("A"), world.open("B")
    world.join(b, "officer", "entity")
    world.act(b, Recorded(fact="aware_at", **AT))
    due = world.row(b).due
    assert due is not None
    merge(world, a, b)
    assert world.row(b).due == due


def test_two_who_merge_at_once_on_their_nodes_see_the_same_conflict() -> None:
    kind, part, node = named("incident"), str(uuid4()), str(uuid4())
    me = Author(node, str(uuid4()), 1)
    other = Author(str(uuid4()), str(uuid4()), 1)
    uuid = case_of(me, "incident", part)
    one, two, three = (str(uuid4()) for _ in range(3))

    def entry(by: Author, knows: dict[str, int], **act: Any) -> Entry:
        raw = {"id": str(uuid4()), "case": uuid, "author": by, "at": "2026-11-27T08:00:00Z",
               "knows": knows, "act": act}  # fmt: skip
        return msgspec.convert(msgspec.to_builtins(raw), Entry)

    opened = entry(me, {node: 1}, what="opened", kind="incident", title="x", number="1",
                   participant=part, name="x")  # fmt: skip
    joined = entry(me, {node: 2}, what="joined", participant=str(uuid4()), org=other.org, name="y",
                   role="lead", node=other.node)  # fmt: skip
    first = entry(me, {node: 3}, what="linked", kind=MERGED_INTO, uuid=one)
    second = entry(other, {node: 2, other.node: 3}, what="linked", kind=MERGED_INTO, uuid=two)
    settles = entry(me, {node: 4, other.node: 3}, what="linked", kind=MERGED_INTO, uuid=three)
    entries = [opened, joined, first, second]
    views = []
    for seed in range(6):
        random.Random(seed).shuffle(entries)  # noqa: S311 — an order of arrival
        case = fold(kind, entries)
        views.append((case.merged_into, len(case.open_conflicts)))
    assert set(views) == {(one if first.id < second.id else two, 1)}
    settled = fold(kind, [*entries, settles])
    assert (settled.merged_into, settled.open_conflicts) == (three, [])
    narrow = msgspec.structs.replace(first, to=(part,))
    assert fold(kind, [opened, narrow]).merged_into == ""


def test_chosen_entries_begin_a_case_of_their_own(
    world: World, two: tuple[File, File, dict[str, str]]
) -> None:
    _, b, parts = two
    old = world.seen(b)
    chosen = [one.id for one in splitting.can_be_chosen(old, old.timeline[0].author)]
    made = split(world, b, chosen, participants=(parts["entity"],))
    new = world.seen(made)
    assert (new.title, new.kind.key, new.marking.tlp) == ("Apart", "incident", "amber+strict")
    assert {one.name for one in new.present} == {"CSIRT Noordland", "officer"}
    assert {one.title for one in new.tasks.values()} == {"Task of B", "narrow in B", "Done in B"}
    assert {one.act.name for one in documents.shown(new)} == {
        "of-b.txt", "narrow-in-b.txt", "evil.exe.zip",
    }  # fmt: skip
    assert content(world, made, "narrow-in-b.txt", "officer") == b"narrow-in-b.txt"
    assert ("case", b.uuid) in new.links
    old = world.seen(b)
    assert ("case", made.uuid) in old.links
    assert {one.is_done for one in old.tasks.values()} == {True}
    assert old.ignored == new.ignored == []
    # Of two whom it was for and who came along, and of nobody who comes later.
    world.join(made, "peer", "csirt")
    assert "narrow in B" in words(world.seen(made, "officer"))
    late = words(world.seen(made, "peer"))
    assert "told to all of B" in late
    assert "narrow" not in late
    assert b.uuid not in late
    assert made.uuid not in words(world.seen(b, "never"))
    assert made.uuid in words(world.seen(b, "officer"))


def test_what_is_for_one_person_stays_with_that_person(world: World) -> None:
    file = world.open("A", "officer")
    world.join(file, "lead", "csirt", "officer")
    alone = world.join(file, "lead", "handler", "officer", alone=True)
    narrow = world.act(file, Said(text="to you alone"), "officer", to=[alone])
    with pytest.raises(Invalid, match="entries"):
        split(world, file, [narrow.id])
    other = world.open("B", "officer")
    world.join(other, "lead", "handler", "officer", alone=True)
    said = world.act(other, Said(text="x"), "officer")
    with pytest.raises(NotYours):
        split(world, other, [said.id])


@pytest.mark.parametrize(
    ("who", "cut", "error"),
    [
        ("lead", {"title": " "}, Invalid), ("lead", {"kind": "lawsuit"}, Invalid),
        ("lead", {"participants": (str(uuid4()),)}, Invalid), ("never", {}, NotFound),
        ("trainee", {}, Forbidden),
    ],
)  # fmt: skip
def test_what_cannot_be_split_leaves_everything_as_it_was(
    world: World, who: str, cut: dict[str, Any], error: type[BrugError]
) -> None:
    file = world.open("A")
    world.join(file, "trainee", "handler", alone=True)
    said = world.act(file, Said(text="x"))
    with pytest.raises(error):
        split(world, file, [said.id], who, **cut)
    for entries in ([], [str(uuid4())], [world.seen(file).timeline[0].id]):
        with pytest.raises(Invalid, match="entries"):
            split(world, file, entries)
    assert len(world.seen(file).timeline) == 3
