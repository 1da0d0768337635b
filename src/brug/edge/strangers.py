# SPDX-License-Identifier: EUPL-1.2
"""Keys that nobody has, counted by the address that they come from.

A key has 240 random bits: nobody guesses one. What the count saves is the database's work
and the log's space. It is kept in the worker's memory, bounded, and asked before anything
else; keys that were good a moment ago pass, so that one broken client behind an address
does not shut out the others.
"""

import time
from collections import OrderedDict
from collections.abc import Callable
from hashlib import blake2b
from threading import Lock

from brug.model.errors import TooManyRequests

FAILURES = 100
WINDOW = 60.0
ADDRESSES = 10_000
KEYS = 10_000


class Strangers:
    """One per worker process; threads share it."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = Lock()
        self._failures: OrderedDict[str, tuple[float, int]] = OrderedDict()
        self._good: OrderedDict[bytes, None] = OrderedDict()

    def check(self, address: str, key: str) -> None:
        """Raises TooManyRequests for an unknown key of an address that brought many."""
        if not self._failures:  # the usual case costs nothing
            return
        with self._lock:
            begun, count = self._failures.get(address, (0.0, 0))
            many = count >= FAILURES and self._clock() - begun < WINDOW
            if many and _digest(key) not in self._good:
                raise TooManyRequests(f"{address} has brought {count} unknown keys")

    def failed(self, address: str) -> None:
        """An unknown key came from there."""
        now = self._clock()
        with self._lock:
            begun, count = self._failures.pop(address, (now, 0))
            if now - begun >= WINDOW:
                begun, count = now, 0
            self._failures[address] = (begun, count + 1)
            if len(self._failures) > ADDRESSES:
                self._failures.popitem(last=False)

    def known(self, key: str) -> None:
        """A key was somebody's."""
        digest = _digest(key)
        with self._lock:
            self._good[digest] = None
            self._good.move_to_end(digest)
            if len(self._good) > KEYS:
                self._good.popitem(last=False)


def _digest(key: str) -> bytes:
    return blake2b(key.encode("utf-8", "replace"), digest_size=16).digest()
