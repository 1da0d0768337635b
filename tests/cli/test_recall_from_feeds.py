# SPDX-License-Identifier: EUPL-1.2
"""`brug bridge recall` of what only feeds have: it leaves them, and the verb says which."""

from pathlib import Path

import pytest
from tests.cli.conftest import Verb

from brug.cli.app import run
from brug.intel.adding import add
from brug.model.event import NewAttribute, NewEvent, NewTag
from brug.store.home import Home
from brug.store.reaching import reached
from brug.store.session import Database


@pytest.fixture
def event(home: Home) -> str:
    """In a feed for anyone."""
    with (
        reached(home, print) as node,
        Database(node.dsn(), 3, keys=home.keys) as database,
        database.as_user(1) as session,
    ):
        new = NewEvent(None, "For everyone", distribution=3, published=True)
        new.tags.append(NewTag("tlp:clear"))
        new.attributes.append(
            NewAttribute(None, "domain", "Network activity", True, "everyone.example", "")
        )
        return add(session, new).uuid


def test_it_leaves_the_feed_and_its_folder(
    home: Home, verb: Verb, event: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    verb("feed", "publish", "for-anyone", "--anyone")
    verb("feed", "write", "for-anyone", str(tmp_path))
    assert (tmp_path / f"{event}.json").is_file()
    arguments = ["--home", str(home.path), "bridge", "recall", event, "--because", "wrong"]
    assert run(arguments) == 0
    assert "It left the feed for-anyone" in capsys.readouterr().out
    verb("feed", "write", "for-anyone", str(tmp_path))
    assert not (tmp_path / f"{event}.json").exists()
    assert "nobody has" in verb("bridge", "recall", event, "--because", "again", code=1)
