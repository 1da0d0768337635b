# SPDX-License-Identifier: EUPL-1.2
"""What a coroutine yields, whatever else runs in this process.

A browser under test keeps a loop of its own in the main thread until its process ends.
"""

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

T = TypeVar("T")


def outcome_of(coroutine: Coroutine[Any, Any, T]) -> T:
    """Runs it to its end in a thread of its own."""
    with ThreadPoolExecutor(1) as apart:
        return apart.submit(asyncio.run, coroutine).result()
