# SPDX-License-Identifier: EUPL-1.2
"""Several things at once, each by itself."""

import threading

from brug.model.errors import BrugError
from brug.store.side_by_side import SideBySide

LONG = 20.0


def test_one_that_hangs_holds_up_no_other_and_is_not_begun_twice() -> None:
    several, hanging, done = SideBySide("test", 2), threading.Event(), threading.Event()
    assert several.begin("slow", lambda: hanging.wait(LONG))
    assert not several.begin("slow", done.set)
    assert several.begin("quick", done.set)
    assert done.wait(LONG)
    assert not several.finish(0.01)
    hanging.set()
    assert several.finish(LONG)
    assert several.begin("slow", done.set)
    assert several.finish(LONG)


def test_no_more_at_once_than_allowed() -> None:
    several, lock = SideBySide("test", 3), threading.Lock()
    now, most = [0], [0]
    together = threading.Barrier(3)

    def work() -> None:
        with lock:
            now[0] += 1
            most[0] = max(most[0], now[0])
        together.wait(LONG)
        with lock:
            now[0] -= 1

    for number in range(9):
        assert several.begin(number, work)
    assert several.finish(LONG)
    assert most == [3]


def test_what_fails_leaves_its_place() -> None:
    several = SideBySide("test", 1)

    def fail() -> None:
        raise BrugError("as expected")

    def fail_unforeseen() -> None:
        raise ZeroDivisionError

    for do in (fail, fail_unforeseen):
        assert several.begin("one", do)
        assert several.finish(LONG)
