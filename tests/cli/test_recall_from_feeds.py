# SPDX-License-Identifier: EUPL-1.2
"""`brug bridge recall` of what only feeds have: it leaves them, and the verb says which."""

from pathlib import Path

import pytest
from tests.cli.conftest import Verb

from brug.bridges import agreements
from brug.bridges.feeds import published, publishing, readers
from brug.cli.app import run
from brug.directory import organisations
from brug.intel.adding import add
from brug.model.new_event import NewAttribute, NewEvent, NewTag
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


@pytest.fixture
def partly(home: Home) -> str:
    """In a feed for an organisation, all but a part of it."""
    with (
        reached(home, print) as node,
        Database(node.dsn(), 3, keys=home.keys) as database,
    ):
        with database.as_user(1) as session:
            org = organisations.add(session, {"name": "Feed ISAC", "local": False})
            to = readers.bridge_to(session, org.uuid, "community")
            given = {
                "our_country": "NL", "their_country": "NL", "purposes": ["cyber-defence"],
                "senders": [agreements.host(session)[0]], "legal_basis": "NIS2 art. 29",
                "document": "on paper", "valid_from": "2020-01-01T00:00:00Z",
                "ceiling": {"tlp": "green", "pap": "red"},
            }  # fmt: skip
            made = agreements.propose(session, to, agreements.draft(session, to, given))
            agreements.accept_on_paper(session, made, "letter 1")
            feed, _ = published.add(session, {"name": "for-isac", "bridge_id": to.id})
            new = NewEvent(None, "Partly for them", distribution=3, published=True)
            new.tags.append(NewTag("tlp:green"))
            new.attributes += [
                NewAttribute(None, "domain", "Network activity", True, value, "", tags=tags)
                for value, tags in (("a.example", ()), ("b.example", (NewTag("tlp:red"),)))
            ]
            uuid = add(session, new).uuid
        publishing.refreshed(database, feed, now=True)
    return uuid


def test_parts_that_wait_beside_what_is_in_a_feed_are_listed(
    home: Home, verb: Verb, partly: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (waits,) = [one for one in verb("bridge", "crossings", "--held") if one["event_uuid"] == partly]
    assert (waits["partner"], waits["waiting_parts"], waits["id"]) == ("Feed ISAC", 1, None)
    assert run(["--home", str(home.path), "bridge", "crossings", "--held"]) == 0
    assert "Partly for them" in capsys.readouterr().out
    assert verb("bridge", "crossings", "--event", partly) == []
    (held,) = verb("bridge", "parts", partly)
    (part,) = held["parts"]
    verb("bridge", "release", partly, "--attribute", part["uuid"], "--because", "asked")
    assert partly not in str(verb("bridge", "crossings", "--held"))
