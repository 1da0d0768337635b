# SPDX-License-Identifier: EUPL-1.2
"""Handing a node's content to a MISP in a folder: the form of a MISP feed.

`manifest.json`, one file an event, `hashes.csv`; beside them the organisations, sharing
groups and tags, for scripts. A MISP fetches the folder as a feed, or takes single files in
its import. The folder holds everything: it is made for its owner's eyes alone.
"""

import csv
import hashlib
from collections.abc import Sequence
from pathlib import Path

import msgspec

from brug.directory import organisations, sharing_groups
from brug.model.errors import Conflict
from brug.moving.documents import Document, documents, group_json
from brug.moving.out import losses
from brug.moving.report import Report, Told
from brug.store.session import Database

PRIVATE = 0o700


def export_into(
    folder: Path, database: Database, user_id: int, ids: Sequence[int], told: Told
) -> Report:
    """Writes a new or empty folder; the manifest comes last. Raises Conflict."""
    folder.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise Conflict(f"{folder} is not empty")
    folder.chmod(PRIVATE)
    report = Report(str(folder))
    _write_directory(folder, database, user_id, report)
    manifest: dict[str, Document] = {}
    with (folder / "hashes.csv").open("w", newline="") as hashes:
        lines = csv.writer(hashes, lineterminator="\n")
        for done, event in enumerate(documents(database, user_id, ids)):
            told("event", done, len(ids))
            _write(folder / f"{event['uuid']}.json", {"Event": event})
            manifest[event["uuid"]] = _summary(event)
            lines.writerows((digest, event["uuid"]) for digest in _digests(event))
            report.count("event", there=1, here=1)
    _write(folder / "manifest.json", manifest)
    with database.as_user(user_id) as session:
        report.lost += losses(session)
    return report


def _write(path: Path, document: object) -> None:
    path.write_bytes(msgspec.json.encode(document))


def _write_directory(folder: Path, database: Database, user_id: int, report: Report) -> None:
    with database.as_user(user_id) as session:
        orgs = organisations.listed(session)
        groups = sharing_groups.listed(session)
        tags = session.all("SELECT name, colour, exportable, hide_tag FROM tag ORDER BY id")
    names = ("name", "colour", "exportable", "hide_tag")
    described = ("uuid", "name", "description", "type", "nationality", "sector", "local")
    directory = folder / "directory"
    directory.mkdir(mode=PRIVATE)
    for kind, listed in (
        ("organisations", [{n: getattr(o, n) for n in described} for o in orgs]),
        ("sharing_groups", [group_json(g) for g in groups]),
        ("tags", [dict(zip(names, row, strict=True)) for row in tags]),
    ):
        _write(directory / f"{kind}.json", listed)
        report.count(kind, there=len(listed), here=len(listed))


def _summary(event: Document) -> Document:
    """What a manifest says of an event."""
    wanted = ("info", "date", "analysis", "threat_level_id", "timestamp")
    tags = [{"name": t["name"], "colour": t["colour"]} for t in event.get("Tag") or []]
    orgc = {name: event["Orgc"][name] for name in ("name", "uuid")}
    return {name: event[name] for name in wanted} | {"Orgc": orgc, "Tag": tags}


def _digests(event: Document) -> list[str]:
    """MD5 of every value and of the parts of composites, as feeds' caches compare them."""
    items = [*event["Attribute"], *(a for o in event["Object"] for a in o["Attribute"])]
    values = [
        part
        for a in items
        if not a["deleted"]
        for part in (a["value"].split("|") if "|" in a["type"] else [a["value"]])
    ]
    return [hashlib.md5(v.encode(), usedforsecurity=False).hexdigest() for v in values]
