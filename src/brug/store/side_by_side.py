# SPDX-License-Identifier: EUPL-1.2
"""Several things at once, each by itself: one that hangs holds up none of the others.

What is under way under a name is not begun a second time, so each keeps its own order. The
threads are daemons: a process that ends does not wait for a partner that never answers.
"""

import threading
from collections.abc import Callable, Hashable

import psycopg
import structlog

from brug.model.errors import BrugError

log = structlog.get_logger("brug.side_by_side")


class SideBySide:
    """At most `most` at once; whatever else is begun waits for its turn."""

    def __init__(self, name: str, most: int) -> None:
        self._name = name
        self._turns = threading.Semaphore(most)
        self._lock = threading.Lock()
        self._under_way: set[Hashable] = set()
        self._idle = threading.Condition(self._lock)

    def begin(self, key: Hashable, do: Callable[[], object]) -> bool:
        """Begins something, unless the same is under way still; whether it did."""
        with self._lock:
            if key in self._under_way:
                return False
            self._under_way.add(key)
        name = f"brug-{self._name}-{key}"
        threading.Thread(target=self._run, args=(key, do), name=name, daemon=True).start()
        return True

    def finish(self, seconds: float) -> bool:
        """Waits until nothing is under way; whether that is so."""
        with self._lock:
            return self._idle.wait_for(lambda: not self._under_way, seconds)

    def _run(self, key: Hashable, do: Callable[[], object]) -> None:
        try:
            with self._turns:
                do()
        except (psycopg.Error, BrugError) as error:
            log.warning("failed", of=self._name, which=key, reason=str(error))
        except Exception:
            log.exception("failed, unforeseen", of=self._name, which=key)
        finally:
            with self._lock:
                self._under_way.discard(key)
                self._idle.notify_all()
