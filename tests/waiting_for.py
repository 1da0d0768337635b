# SPDX-License-Identifier: EUPL-1.2
"""What a coroutine yields, whatever else runs in this process; and what another process does.

A browser under test keeps a loop of its own in the main thread until its process ends.
"""

import asyncio
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

T = TypeVar("T")


def outcome_of(coroutine: Coroutine[Any, Any, T]) -> T:
    """Runs it to its end in a thread of its own."""
    with ThreadPoolExecutor(1) as apart:
        return apart.submit(asyncio.run, coroutine).result()


def until(look: Callable[[], T | None], seconds: float = 30) -> T:
    """What is found once another process has done it, which tells nobody of it."""
    ends = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < ends, "it did not happen"
        time.sleep(0.02)
    return found
