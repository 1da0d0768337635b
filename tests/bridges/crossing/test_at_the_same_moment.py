# SPDX-License-Identifier: EUPL-1.2
"""Two people who judge the same thing at the same moment, each in a session of their own."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from types import ModuleType
from typing import Any

import pytest
from tests.bridges.crossing.conftest import added, agree, carry, crossings, new_event, stored
from tests.bridges.crossing.test_judging_parts import event_with_red_parts, held, judged, values
from tests.bridges.served import ADMIN, Served
from tests.locked_out import until_somebody_waits

from brug.bridges import judging_parts
from brug.bridges.crossing import judging, recalls
from brug.bridges.crossing.judging import SecondPerson
from brug.directory import account_changes
from brug.model.errors import NotFound

Two = tuple[Served, Served]


def person(node: Served, name: str) -> int:
    with node.database.as_user(ADMIN) as session:
        return account_changes.add(
            session, {"email": f"{name}@noordland.example", "org_id": 1, "role_id": 1,
                      "password": "Correct-horse-battery-1", "change_pw": False},
        ).account.id  # fmt: skip


@pytest.fixture(scope="module")
def second(noordland: Served) -> int:
    return person(noordland, "second")


@pytest.fixture
def red(agreed: Two) -> str:
    """An event with parts that each need two people."""
    one, other = agreed
    agree(one, other, release={"when": ["red"], "four_eyes": True})
    uuid = added(one, event_with_red_parts())
    carry(one)
    return uuid


def crossed(
    node: Served,
    monkeypatch: pytest.MonkeyPatch,
    one: Callable[[], Any],
    other: Callable[[], Any],
    storing: tuple[ModuleType, str] = (judging_parts, "_store"),
) -> list[Any]:
    """What comes of two: the first has looked and stores nothing until the other waits for it.

    What is raised is given back. `storing` is what stores.
    """
    store, first = getattr(*storing), threading.Event()

    def slowly(*args: Any) -> None:
        if not first.is_set():
            first.set()
            until_somebody_waits(node.database)
        store(*args)

    monkeypatch.setattr(*storing, slowly)
    with ThreadPoolExecutor(2) as pool:
        begun = pool.submit(outcome, one)
        assert first.wait(20)
        later = pool.submit(outcome, other)
        return [begun.result(), later.result()]


def outcome(doing: Callable[[], Any]) -> Any:
    try:
        return doing()
    except (NotFound, SecondPerson) as error:
        return type(error)


def people(node: Served, uuid: str, part: str) -> list[int]:
    with node.database.system() as session:
        found: list[int] = session.value(
            "SELECT people FROM part_judged WHERE event_uuid = %s AND key = %s", (uuid, part)
        )
    return found


def test_two_first_yeses_to_a_part_at_once_are_both_counted(
    agreed: Two, red: str, second: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = agreed
    part = held(one, other, red)["one.example"].uuid
    said = crossed(
        one, monkeypatch,
        lambda: judged(one, other, red, part),
        lambda: judged(one, other, red, part, user=second),
    )  # fmt: skip
    assert said == [["first yes"], ["released"]]
    assert people(one, red, part) == [ADMIN, second]
    carry(one)
    assert "one.example" in values(other, red)


def test_one_person_in_two_windows_is_one_person(
    agreed: Two, red: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = agreed
    part = held(one, other, red)["one.example"].uuid
    said = crossed(
        one, monkeypatch,
        lambda: judged(one, other, red, part),
        lambda: judged(one, other, red, part),
    )  # fmt: skip
    assert said == [["first yes"], SecondPerson]
    assert people(one, red, part) == [ADMIN]
    carry(one)
    assert "one.example" not in values(other, red)


def test_a_yes_does_not_undo_a_no_of_the_same_moment(
    agreed: Two, red: str, second: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = agreed
    part = held(one, other, red)["two.example"].uuid
    said = crossed(
        one, monkeypatch,
        lambda: judged(one, other, red, part, release=False),
        lambda: judged(one, other, red, part, user=second),
    )  # fmt: skip
    assert said == [["refused"], NotFound]
    carry(one)
    assert "two.example" not in values(other, red)


@pytest.fixture
def whole(agreed: Two) -> Iterator[str]:
    """An event that is held whole, for two people."""
    one, other = agreed
    agree(one, other, release={"when": ["always"], "four_eyes": True})
    uuid = added(one, event_with_red_parts())
    carry(one)
    yield uuid
    with one.database.system() as session:
        session.execute("UPDATE crossing SET state = 'refused' WHERE state = 'held'")


def test_two_first_yeses_to_a_whole_crossing_at_once_are_both_counted(
    agreed: Two, whole: str, second: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, _ = agreed
    number = crossings(one, whole)[0].id

    def release(who: int) -> str:
        with one.database.as_user(who) as session:
            return str(judging.release(session, number, "looked at").state)

    said = crossed(
        one,
        monkeypatch,
        partial(release, ADMIN),
        partial(release, second),
        (judging, "_note"),
    )
    assert said == ["held", "waiting"]


def test_of_two_answers_to_a_recall_the_first_counts(
    agreed: Two, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = agreed
    uuid = added(one, new_event(("domain", "twice.example")))
    carry(one)
    with one.database.as_user(ADMIN) as session:
        recalls.ask(session, one.bridge(other.name), uuid, "it names a victim")
    carry(one)
    with other.database.as_user(ADMIN) as session:
        (asked,) = [r for r in recalls.asked(session) if r.event_uuid == uuid]
    somebody = person(other, "third")

    def answered(user: int, *, keep: bool) -> str:
        with other.database.as_user(user) as session:
            return recalls.follow(session, asked.id, keep=keep, because="looked at")

    said = crossed(
        other, monkeypatch,
        lambda: answered(ADMIN, keep=True),
        lambda: answered(somebody, keep=False),
        (recalls, "_tell"),
    )  # fmt: skip
    assert said == ["kept", NotFound]
    assert stored(other, uuid) is not None
    assert [c.kind for c in crossings(other, uuid)].count("recall_followed") == 1
