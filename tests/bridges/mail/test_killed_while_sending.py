# SPDX-License-Identifier: EUPL-1.2
"""A sender that is killed after the mail server took a letter: it comes again, known as one."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import Any

import pytest

from brug.bridges.crossing import outbox
from brug.store.sealing import VARIABLE

from .conftest import Mailed

ROUND = (
    "import sys; from pathlib import Path; from brug.bridges.mail import rounds;"
    " from brug.store.session import Database;"
    " database = Database(sys.argv[1], 2, keys=Path(sys.argv[2])); database.open();"
    " rounds.one_bridge(database, int(sys.argv[3]), everything=True)"
)


@pytest.mark.parametrize("taken", [True, False])
def test_nothing_is_lost_and_what_comes_twice_is_one_letter(
    mailed: Mailed, monkeypatch: pytest.MonkeyPatch, *, taken: bool
) -> None:
    mailed.agree()
    uuid = mailed.event("evil.example")
    with mailed.database.system() as session:
        outbox.sequence(session)
    box, take = mailed.post.box, mailed.post.box.handle_DATA
    sender: list[subprocess.Popen[bytes]] = []

    async def kill(server: Any, session: Any, envelope: Any) -> str:
        """The server has the letter, or not; the sender hears of neither."""
        said = await take(server, session, envelope) if taken else "451 later"
        os.kill(sender[0].pid, signal.SIGKILL)
        sender[0].wait()
        return said

    monkeypatch.setattr(box, "handle_DATA", kill)
    where = [mailed.post.world.dsn, os.environ[VARIABLE], str(mailed.bridge.id)]
    sender.append(subprocess.Popen([sys.executable, "-c", ROUND, *where]))
    assert sender[0].wait(60) == -signal.SIGKILL
    monkeypatch.setattr(box, "handle_DATA", take)
    assert mailed.crossings(uuid)[0].state == "waiting"
    assert mailed.round() == []  # the lease of who was killed
    with mailed.database.system() as session:
        session.execute("UPDATE bridge_progress SET leased_until = now()")
    (again,) = mailed.round()
    assert {one["Message-ID"] for one in box.messages} == {again["Message-ID"]}
    assert len(box.messages) == (2 if taken else 1)
    assert mailed.crossings(uuid)[0].state == "sent"
    assert mailed.round() == []
