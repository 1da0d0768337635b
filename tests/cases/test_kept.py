# SPDX-License-Identifier: EUPL-1.2
"""Large cases are folded once, and each reader has what the reader has of them by now."""

from collections.abc import Iterator
from contextlib import suppress
from uuid import uuid4

import pytest
from msgspec.structs import replace
from tests.cases.conftest import Node, made

from brug.cases import files, keeping, kept
from brug.cases.acts import Joined, Left, Planned, Said
from brug.cases.case import Case
from brug.cases.files import File
from brug.cases.folding import fold
from brug.cases.kinds import named
from brug.model.errors import BrugError, NotFound
from brug.store.session import Database


@pytest.fixture
def node(module_database_url: str) -> Iterator[Node]:
    with Database(module_database_url, 4) as database:
        yield made_once(database)


@pytest.fixture(autouse=True)
def shelf(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """So that small ones are kept, too."""
    monkeypatch.setattr(kept, "LEAST", 1)
    kept.SHELF.forget()
    yield
    kept.SHELF.forget()


_MADE: dict[int, Node] = {}


def made_once(database: Database) -> Node:
    if not _MADE:
        _MADE[0] = made(database)
    _MADE[0].database = database
    return _MADE[0]


def opened(node: Node, *with_it: str) -> tuple[File, dict[str, str]]:
    parts = {}
    with node.database.as_user(node.host) as session:
        file = keeping.open_case(session, "incident", "Pumps")
        for who in with_it:
            parts[who] = str(uuid4())
            doing = Joined(participant=parts[who], org=node.orgs[who], name=who, role="csirt")
            keeping.act(session, file.number, doing)
    return file, parts


def say(node: Node, who: str, file: File, text: str, *to: str) -> None:
    with node.database.as_user(getattr(node, who)) as session:
        keeping.act(session, file.number, Said(text=text), list(to))


def said(node: Node, who: str, file: File) -> list[str]:
    with node.database.as_user(getattr(node, who)) as session:
        case = files.view(session, file.number)[1]
    return [one.act.text for one in case.timeline if isinstance(one.act, Said)]


def test_each_has_what_it_has_and_no_more_whoever_asked_before(node: Node) -> None:
    file, parts = opened(node, "entity", "other")
    for n in range(3):
        say(node, "host", file, f"{n}")
        say(node, "host", file, f"{n} to the entity", parts["entity"])
        assert said(node, "other", file) == [f"{one}" for one in range(n + 1)]
        assert len(said(node, "host", file)) == len(said(node, "entity", file)) == 2 * n + 2
        assert said(node, "other", file) == [f"{one}" for one in range(n + 1)]
    assert len(kept.SHELF.of_case(file.uuid)) == 3


def test_whoever_writes_by_turns_writes_into_the_case_that_is_there(node: Node) -> None:
    file, parts = opened(node, "entity", "other")
    for n in range(2):
        for who, to in (("host", "entity"), ("entity", "host"), ("other", "entity")):
            say(node, who, file, f"{n} of {who}")
            say(node, who, file, f"{n} of {who} to {to}", *([parts[to]] if to in parts else []))
            plan = Planned(task=str(uuid4()), title=f"{n} of {who}", due="2026-12-01T10:00:00Z")
            with node.database.as_user(getattr(node, who)) as session:
                keeping.act_several(
                    session, file.number, [(plan, []), (replace(plan, is_done=True), [])]
                )
        seen = [view(node, who, file) for who in ("host", "entity", "other")]
        kept.SHELF.forget()
        assert [view(node, who, file) for who in ("host", "entity", "other")] == seen
        assert not any(case.ignored or case.conflicts for case in seen)
    with node.database.as_user(node.host) as session, files.whole(session, file.id):
        every = files.folded(session, file)
        assert every.case == fold(named(file.kind), files.entries_of(session, file))
        assert len(every.case.timeline) == 3 + 2 * 3 * 4


def view(node: Node, who: str, file: File) -> Case:
    with node.database.as_user(getattr(node, who)) as session:
        return files.view(session, file.number)[1]


def test_who_is_away_has_nothing_and_who_comes_back_has_what_is_for_all(node: Node) -> None:
    file, parts = opened(node, "entity")
    say(node, "host", file, "a")
    say(node, "host", file, "b", parts["entity"])
    assert said(node, "entity", file) == ["a", "b"]
    with node.database.as_user(node.host) as session:
        keeping.act(session, file.number, Left(participant=parts["entity"]))
    with pytest.raises(NotFound):
        said(node, "entity", file)
    with node.database.as_user(node.host) as session:
        again = Joined(participant=str(uuid4()), org=node.orgs["entity"], name="e", role="csirt")
        keeping.act(session, file.number, again)
    assert said(node, "entity", file) == ["a"]
    assert said(node, "host", file) == ["a", "b"]


def test_what_was_not_written_in_the_end_is_not_there(node: Node) -> None:
    file, _ = opened(node)
    say(node, "host", file, "a")
    assert said(node, "host", file) == ["a"]
    with suppress(RuntimeError), node.database.as_user(node.host) as session:
        keeping.act(session, file.number, Said(text="never"))
        case = files.view(session, file.number)[1]
        assert len(case.timeline) == 3
        raise RuntimeError
    assert said(node, "host", file) == ["a"]
    say(node, "host", file, "b")
    assert said(node, "host", file) == ["a", "b"]


def test_who_writes_is_asked_by_what_is_there_and_not_by_what_was_kept(node: Node) -> None:
    file, parts = opened(node, "entity")
    assert said(node, "entity", file) == []
    with node.database.as_user(node.host) as session:
        keeping.act(session, file.number, Left(participant=parts["entity"]))
    with pytest.raises(BrugError), node.database.as_user(node.entity) as session:
        keeping.act(session, file.number, Said(text="still here"))


def test_little_is_kept_and_what_was_asked_for_last(node: Node) -> None:
    several = [opened(node)[0] for _ in range(4)]
    for file in several:
        said(node, "host", file)
    first, *_ = several
    said(node, "host", first)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(kept, "MOST_ENTRIES", 2)
        say(node, "host", first, "x")
        said(node, "host", first)
    held = [one for file in several for one in kept.SHELF.of_case(file.uuid)]
    assert held == kept.SHELF.of_case(first.uuid)
    assert [len(one.entries) for one in held] == [2]
