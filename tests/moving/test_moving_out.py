# SPDX-License-Identifier: EUPL-1.2
"""Handing a node's content over: to an installation that speaks MISP's interface, or a folder."""

import json
import stat
from collections.abc import Iterator
from hashlib import md5
from pathlib import Path
from typing import Any

import msgspec
import pytest
from pymisp import MISPEvent
from tests.api.conftest import World, serving
from tests.conftest import copied
from tests.moving.conftest import silent

from brug.intel import loading
from brug.intel.leaving import whole
from brug.model.errors import Conflict
from brug.moving.client import Access, Misp
from brug.moving.folder import export_into
from brug.moving.normal import Normaliser, differences
from brug.moving.out import export_to
from brug.moving.report import Report
from brug.store.server import EmbeddedServer
from brug.store.session import Database


@pytest.fixture
def other(embedded: EmbeddedServer, settled: World) -> Iterator[World]:
    """A second served node, with people but no events."""
    settled.database.close()
    with (
        copied(embedded, settled.name) as url,
        Database(url, size=4) as database,
        serving(settled.on(database, url)) as node,
    ):
        yield node


def _ids(node: World) -> list[int]:
    with node.database.system() as session:
        return [row[0] for row in session.all("SELECT id FROM event ORDER BY id")]


def _handed(old: World, other: World) -> Report:
    with Misp(Access(other.url, other.keys["admin"])) as misp:
        return export_to(misp, old.database, 1, _ids(old), silent)


def _normal(node: World, uuid: str) -> dict[str, Any]:
    with node.database.as_user(1) as session:
        groups = {str(i): u for i, u in session.all("SELECT id, uuid::text FROM sharing_group")}
        event = loading.event(session, uuid, deleted=True)
        shown = msgspec.to_builtins(whole.document(session, event))
    normal = Normaliser(groups, numbers=False).event(shown)
    # Whoever takes it in holds it.
    normal.pop("org")
    return normal


def test_events_and_what_they_name_arrive_whole_and_once(old: World, other: World) -> None:
    report = _handed(old, other)
    assert report.refused == []
    assert report.kinds["event"].here == 3
    assert {lost.what for lost in report.lost} >= {"users", "servers", "settled proposals"}
    with old.database.system() as session:
        uuids = [str(u) for (u,) in session.all("SELECT uuid FROM event ORDER BY id")]
    for uuid in uuids:
        there, here = _normal(other, uuid), _normal(old, uuid)
        assert differences(there, here) == []
    with other.database.system() as session:
        assert session.value("SELECT count(*) FROM proposal WHERE NOT deleted") == 2
        counts = session.one(
            "SELECT (SELECT count(*) FROM attribute), (SELECT count(*) FROM sharing_group_org)"
        )
    again = _handed(old, other)
    assert again.refused == []
    with other.database.system() as session:
        assert counts == session.one(
            "SELECT (SELECT count(*) FROM attribute), (SELECT count(*) FROM sharing_group_org)"
        )


def test_a_folder_is_a_feed_that_its_owner_alone_can_read(old: World, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    report = export_into(folder, old.database, 1, _ids(old), silent)
    assert report.kinds["event"].here == 3
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    manifest = json.loads((folder / "manifest.json").read_bytes())
    assert len(manifest) == 3
    for uuid, said in manifest.items():
        event = MISPEvent()
        event.load_file(str(folder / f"{uuid}.json"))
        assert event.uuid == uuid
        assert event.info == said["info"]
    hashes = (folder / "hashes.csv").read_text()
    assert md5(b"198.51.100.7", usedforsecurity=False).hexdigest() in hashes
    assert md5(b"deleted.example", usedforsecurity=False).hexdigest() not in hashes
    groups = json.loads((folder / "directory" / "sharing_groups.json").read_bytes())
    assert groups[0]["name"] == "Energy sector"
    with pytest.raises(Conflict):
        export_into(folder, old.database, 1, [], silent)
