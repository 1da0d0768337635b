# SPDX-License-Identifier: EUPL-1.2
"""Writers that meet: in opposite order, at the same item, with the same key; nobody dies of it."""

import threading
from collections.abc import Callable, Sequence
from typing import Any
from uuid import uuid4

from tests.security.arena import Arena
from tests.security.asking import Ask
from tests.security.kinds import OURS

ROUNDS = 12


def at_once(steps: Sequence[Callable[[], Any]]) -> None:
    """Runs each in a thread of its own, all starting together; what one raises is raised."""
    failures: list[BaseException] = []
    start = threading.Barrier(len(steps))

    def run(step: Callable[[], Any]) -> None:
        start.wait()
        try:
            step()
        except BaseException as failure:  # noqa: BLE001 — told below, in the test's own thread
            failures.append(failure)

    threads = [threading.Thread(target=run, args=(step,)) for step in steps]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]


def test_batches_in_opposite_order_are_all_stored(arena: Arena) -> None:
    values = [f"crossing{n}.example.com" for n in range(60)]
    tags = [f"crossing:tag{n}" for n in range(30)]

    def add(names: list[str], labels: list[str]) -> None:
        for number in range(ROUNDS):
            event = {
                "info": "crossing", "Tag": [{"name": f"{label}{number}"} for label in labels],
                "Attribute": [
                    {"type": "domain", "value": name,
                     "Tag": [{"name": f"{labels[i % 30]}{number}"}]}
                    for i, name in enumerate(names)
                ],
            }  # fmt: skip
            answered = arena.ask("publisher", Ask("POST", "/events/add", event))
            assert answered.status == 200, answered
            assert len(answered.body["Event"]["Attribute"]) == len(values)

    at_once([lambda: add(values, tags), lambda: add(values[::-1], tags[::-1])])


def test_one_uuid_from_many_at_once_is_one_event(arena: Arena) -> None:
    for _ in range(ROUNDS):
        uuid = str(uuid4())
        statuses: list[int] = []

        def add(uuid: str = uuid, statuses: list[int] = statuses) -> None:
            event = {"uuid": uuid, "info": "once", "Attribute": [{"type": "text", "value": "x"}]}
            statuses.append(arena.ask("publisher", Ask("POST", "/events/add", event)).status)

        at_once([add] * 4)
        assert statuses.count(200) == 1
        assert set(statuses) <= {200, 404, 409}


def test_events_edited_in_opposite_order_are_all_answered(arena: Arena) -> None:
    events = arena.ids[OURS]["event"]
    attributes = arena.ids[OURS]["attribute"]

    def edit(order: list[int], items: list[int]) -> None:
        for number in range(ROUNDS):
            for event in order:
                path = f"/events/edit/{event}"
                answered = arena.ask("publisher", Ask("POST", path, {"info": f"edit {number}"}))
                assert answered.status in {200, 403}, answered
            for item in items:
                asked = Ask("POST", f"/sightings/add/{item}", {"source": "sensor"})
                assert arena.ask("publisher", asked).status < 500

    at_once(
        [
            lambda: edit(events, attributes),
            lambda: edit(events[::-1], attributes[::-1]),
            lambda: edit(events, attributes[::-1]),
        ]
    )
