# SPDX-License-Identifier: EUPL-1.2
"""The process in which a node does what is due, beside the web server's workers.

Its threads are not of the process that starts the workers: a worker is a copy of that one, and
whatever lock some thread held at the moment of copying would stay closed in it for ever.
"""

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from multiprocessing.context import ForkProcess
from types import FrameType
from typing import Self

import structlog

from brug.store.dozing import Doze
from brug.store.repeating import LAST_ROUND_SECONDS, Repeating

log = structlog.get_logger("brug.jobs")

LOOK_SECONDS = 1.0
AGAIN_SECONDS = 1.0
PATIENCE_SECONDS = 2 * LAST_ROUND_SECONDS
_FORKS = multiprocessing.get_context("fork")


class _Told(BaseException):
    """To stop."""


class Jobs:
    """Runs what `made` makes until the block ends; begun anew where it ends before."""

    def __init__(self, dsn: str, made: Callable[[], Sequence[Repeating]]) -> None:
        self._dsn, self._made = dsn, made
        self._ends = threading.Event()
        self._process = self._begun()
        self._watch = threading.Thread(target=self._keep, name="brug-jobs", daemon=True)

    def __enter__(self) -> Self:
        self._watch.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ends.set()
        until = time.monotonic() + PATIENCE_SECONDS
        # One that has just been begun hears nothing yet; it is told again.
        while self._watch.is_alive() and time.monotonic() < until:
            self._process.terminate()
            self._watch.join(LOOK_SECONDS)
        self._process.kill()

    def _begun(self) -> ForkProcess:
        process = _FORKS.Process(
            target=_run, args=(self._dsn, self._made, os.getpid()), daemon=True
        )
        process.start()
        return process

    def _keep(self) -> None:
        while True:
            self._process.join()
            if self._ends.wait(AGAIN_SECONDS):
                return
            log.error("jobs ended and are begun anew", exit=self._process.exitcode)
            self._process = self._begun()


def _run(dsn: str, made: Callable[[], Sequence[Repeating]], parent: int) -> None:
    """In the process: until it is told to stop, or whoever began it is gone."""
    signal.signal(signal.SIGTERM, _told)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal tells all; the parent decides
    try:
        with ExitStack() as running:
            threads = made()
            for one in (*threads, Doze(dsn, threads)):
                running.enter_context(one)
            while os.getppid() == parent:
                time.sleep(LOOK_SECONDS)
    except _Told:
        pass


def _told(_: int, __: FrameType | None) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # once is enough
    raise _Told
