# SPDX-License-Identifier: EUPL-1.2
"""kill -9 of the sequencer between any two of its steps, all of them one after another.

A step is whatever another process could see the before and after of: a statement, a commit, a
file that is written, flushed or renamed. What is seen after one is what is seen before the next,
so that it ends before each. The next turn goes on from what is left; nothing is
lost, nothing has two places, and nothing is ever signed twice in different ways.
"""

import os
import signal
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
from tests.bridges.ledger.conftest import Node

from brug.bridges.ledger import checkpoints, sequencer, verifying
from brug.formats import signed_note
from brug.store.session import Database

MOST_STEPS = 500


class Counted:
    """Kills this process when it comes to a step for the n-th time."""

    def __init__(self, last: int) -> None:
        self._left = last

    def step(self) -> None:
        self._left -= 1
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def around(self, owner: Any, name: str) -> None:
        inner: Callable[..., Any] = getattr(owner, name)

        def counted(*arguments: Any, **named: Any) -> Any:
            self.step()
            return inner(*arguments, **named)

        setattr(owner, name, counted)


def killed_at(step: int, url: str, folder: Path) -> bool:
    """Runs a turn in a process of its own that is killed at a step; False where it came through."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        child = os.fork()
    if child == 0:
        try:
            with Database(url, size=2) as database:
                counted = Counted(step)
                for owner, name in (
                    (psycopg.Connection, "execute"), (psycopg.Connection, "commit"),
                    (os, "fsync"), (os, "open"), (os, "fdopen"), (Path, "replace"),
                ):  # fmt: skip
                    counted.around(owner, name)
                sequencer.turn(database, folder)
        except BaseException:  # noqa: BLE001 - told by the status
            os._exit(1)
        os._exit(0)
    status = os.waitpid(child, 0)[1]
    assert status in (0, signal.SIGKILL), f"step {step} ended with {status}"
    return status != 0


def seen(node: Node) -> dict[tuple[str, int], str]:
    """Every checkpoint that anybody could have read, in the database and in the folder."""
    with node.database.system() as session:
        notes = [text for (text,) in session.all("SELECT note FROM ledger_checkpoint")]
    notes += [path.read_text() for path in node.folder.glob("checkpoint-*")]
    heads = [signed_note.read_checkpoint(signed_note.parse(text).body) for text in notes]
    return {(head.origin, head.size): head.root.hex() for head in heads}


def assert_in_order(node: Node) -> None:
    found = verifying.verify(node.database, node.folder)
    problems = [text for one in found for text in one.problems]
    assert problems == []


def test_a_sequencer_that_is_killed_anywhere_leaves_what_the_next_one_goes_on_from(
    node: Node, database_url: str
) -> None:
    bridge, _ = node.bridge("Zuidland")
    recorded: list[str] = []
    ever: dict[tuple[str, int], str] = {}
    for step in range(1, MOST_STEPS):
        recorded += [f"{step} of the node", f"{step} of the bridge"]
        node.record(f"{step} of the node")
        node.record(f"{step} of the bridge", bridge=bridge)
        came_through = not killed_at(step, database_url, node.folder)
        left = seen(node)
        assert_in_order(node)
        node.turn()
        for place, root in (*left.items(), *seen(node).items()):
            assert ever.setdefault(place, root) == root
        if came_through:
            break
    else:
        raise AssertionError("a turn has no end")
    assert step > 20  # that many places to be killed at there are at least
    assert_in_order(node)
    with node.database.system() as session:
        rows = session.all(
            "SELECT e.payload ->> 'text' FROM ledger_position JOIN ledger_entry e USING (number)"
            " WHERE e.kind = 'test'"
        )
        assert sorted(text for (text,) in rows) == sorted(recorded)
        assert session.value("SELECT count(*) FROM ledger_pending") == 0
        kept = checkpoints.kept_file(node.folder, 1).read_text()
        assert session.value(
            "SELECT EXISTS (SELECT FROM ledger_checkpoint WHERE note = %s)", (kept,)
        )
