# SPDX-License-Identifier: EUPL-1.2
"""`brug feed`: fetch, cache, compare, replay, publish and write, as an operator does it."""

import json
from pathlib import Path
from uuid import uuid4

import pytest
from tests.cli.conftest import Verb

from brug.cli.app import run
from brug.intel.feed import feeds
from brug.store import settings
from brug.store.home import Home
from brug.store.reaching import reached
from brug.store.session import Database


def prepared(home: Home, folder: Path) -> None:
    """A list in a folder that the settings allow, and the feed that reads it."""
    (folder / "list.csv").write_text("bad.example.com\n198.51.100.7\nwhat is this\nnor this\n")
    with reached(home) as node, Database(node.dsn(), keys=home.keys) as database:
        with database.system() as session:
            settings.set_value(session, "feeds.local_folders", [str(folder)])
        with database.as_user(1) as session:
            feeds.add(session, {
                "name": "Reeds", "provider": "x", "url": str(folder / "list.csv"),
                "source_format": "csv", "input_source": "local", "enabled": True,
                "caching_enabled": True, "fixed_event": True, "delta_merge": True,
            })  # fmt: skip


def test_a_feed_from_fetching_to_replaying(verb: Verb, home: Home, tmp_path: Path) -> None:
    prepared(home, tmp_path)
    assert [one["name"] for one in verb("feed", "list")] == ["Reeds"]
    fetched = verb("feed", "fetch", "reeds")[0]
    assert (fetched["values"], fetched["refused"], fetched["changed"]) == (2, 2, True)
    assert verb("feed", "fetch")[0]["changed"] is False
    assert verb("feed", "cache")[0]["values"] == 2
    assert verb("feed", "retention", "Reeds") == {"feed": "Reeds", "days": 0}
    assert verb("feed", "retention", "Reeds", "--days", "90")["days"] == 90
    compared = verb("feed", "compare")[0]
    assert (compared["values"], compared["held_here"]) == (2, 2)
    refused = verb("feed", "refusals", "Reeds")
    assert sorted(one["place"] for one in refused) == ["line 3", "line 4"]
    assert verb("feed", "replay", "Reeds", code=1) == {"tried": 2, "fit": 0, "left": 2}
    (tmp_path / "list.csv").unlink()
    assert "failed" in verb("feed", "fetch", "Reeds", code=1)[0]
    assert verb("feed", "list")[0]["fetch"]["failures"] == 1
    assert "no feed" in verb("feed", "fetch", "nothing", code=1)


def test_a_search_is_published_and_written(
    verb: Verb, home: Home, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "event.json"
    event = {
        "uuid": str(uuid4()), "info": "clear", "distribution": "3", "published": True,
        "Tag": [{"name": "tlp:clear"}], "date": "2026-01-01", "timestamp": "1700000000",
        "Attribute": [{"type": "domain", "value": "clear.example.com",
                       "category": "Network activity", "to_ids": True}],
    }  # fmt: skip
    file.write_text(json.dumps({"Event": event}))
    verb("import", str(file))
    assert "--anyone" in verb("feed", "publish", "public-indicators", code=2)
    assert "hyphen" in verb("feed", "publish", "public", "--anyone", code=2)
    assert "JSON" in verb("feed", "publish", "a-b", "--anyone", "--search", "[", code=2)
    made = verb("feed", "publish", "public-indicators", "--anyone")
    assert made["address"] == "http://127.0.0.1:8080/feeds/public-indicators/manifest.json"
    assert (made["events"], made["token"]) == (1, "")
    folder = tmp_path / "out"
    folder.mkdir()
    assert verb("feed", "write", "public-indicators", str(folder)) == {"written": 3, "removed": 0}
    assert list(json.loads((folder / "manifest.json").read_text())) == [event["uuid"]]
    assert "folder" in verb("feed", "write", "public-indicators", str(folder / "no"), code=2)
    verb("org", "add", "CERT Zuidmark")
    partner = verb("feed", "publish", "for-zuidmark", "--to", "CERT Zuidmark", "--format", "rpz")
    assert (partner["events"], len(partner["token"])) == (0, 43)
    assert verb("feed", "token", "for-zuidmark")["token"] != partner["token"]
    home_of = ["--home", str(home.path), "feed", "token"]
    for name, closes in (("public-indicators", True), ("public-indicators", False)):
        capsys.readouterr()
        assert run([*home_of, name]) == 0
        assert ("the name alone opens nothing" in capsys.readouterr().err) == closes
    listed = {one["name"]: one["format"] for one in verb("feed", "published")}
    assert listed == {"public-indicators": "misp", "for-zuidmark": "rpz"}
    assert "token" not in verb("feed", "published")[0]
    verb("feed", "unpublish", "for-zuidmark")
    assert len(verb("feed", "published")) == 1
