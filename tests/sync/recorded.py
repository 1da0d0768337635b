# SPDX-License-Identifier: EUPL-1.2
"""What was recorded between two stock MISP 2.5.1, played against a node that stands for one.

The node takes the place of the recorded server C: its operator's acts are done first, with
the node's own numbers for the recorded ones, then its partner D asks as it asked.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from brug.api.misp import all as every_route
from brug.api.misp.serve import Incoming, answer
from brug.directory import account_changes, keys, organisations
from brug.directory.node import create_node
from brug.store.session import Database

FOLDER = Path(__file__).parents[2].parent / "shared" / "reference" / "misp-sync"
ORG_C, ORG_D, ORG_X = (
    "e4914148-430a-5629-8dd9-27c1ed0d6ca2", "9fb8cce0-6487-5f8e-8c9c-d919230c1ce2",
    "8752c7b5-bfda-5502-abed-b33748f6a7d6",
)  # fmt: skip
SYNC_USER = 5
# MISP's galaxies are not installed here; the paths of their clusters hold its own numbers.
_NOT_PLAYED = re.compile(r"/(servers|galaxy_clusters|galaxy_cluster_relations|shadow_attributes)/")


class Reply(msgspec.Struct):
    """An answer, decoded."""

    status: int
    body: Any
    headers: dict[str, str]
    raw: bytes


def rows(name: str) -> list[dict[str, Any]]:
    """The records of a scenario."""
    text = (FOLDER / f"{name}.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.split("\n") if line]


def asked_by_partner(name: str) -> Iterator[dict[str, Any]]:
    """What D asked of C, without what the recording itself made up."""
    for row in rows(name):
        between = row["kind"] == "wire" and (row["from"], row["to"]) == ("D", "C")
        if between and not row.get("injected"):
            yield row


def _read(content: bytes) -> Any:
    """JSON, or text as it is."""
    try:
        return msgspec.json.decode(content) if content else None
    except msgspec.DecodeError:
        return content.decode()


class NodeForC:
    """A node with the organisations of the recording and a key for its partner."""

    side = "C"

    def __init__(self, database: Database) -> None:
        every_route.load()
        self.database = database
        self.numbers: dict[tuple[str, str], str] = {}
        with database.system() as session:
            made = create_node(session, "ORG-C", "admin@admin.test", "http://node.example")
            organisations.edit(session, made.organisation_uuid, {"uuid": ORG_C})
            partner = organisations.add(session, {"name": "ORG-D", "uuid": ORG_D})
            organisations.add(session, {"name": "ORG-X", "uuid": ORG_X, "local": False})
            new = {"email": "sync-d@org-d.example", "org_id": partner.id, "role_id": SYNC_USER}
            user = account_changes.add(session, new | {"password": "Correct-horse-1"}).account
            self.keys = {"C": made.api_key, "D": keys.add(session, user.id).text}

    def ask(
        self, who: str, method: str, path: str, body: Any, headers: dict[str, str] | None = None
    ) -> Reply:
        raw = b"" if body is None else msgspec.json.encode(body)
        status, got, content = answer(
            self.database,
            Incoming(
                method=method, path=path, query="",
                headers={
                    "authorization": self.keys[who], "accept": "application/json",
                    "content-type": "application/json", "user-agent": "MISP 2.5.1",
                    **(headers or {}),
                },
                body=raw, address="192.0.2.7", base_url="http://node.example", body_limit=10**8,
            ),
        )  # fmt: skip
        whole = content if isinstance(content, bytes) else b"".join(content)
        return Reply(status, _read(whole), got, whole)

    def act(self, name: str) -> None:
        """Does what the side's operator did, as far as it is its own matter."""
        self.prepare()
        for row in rows(name):
            self.do(row)

    def prepare(self) -> None:
        """What was made before the recording began."""
        tag = {"name": "sync:not-exportable", "colour": "#123456", "exportable": False}
        self.ask(self.side, "POST", "/tags/add", tag)

    def do(self, row: dict[str, Any], **more: Any) -> Any:
        """One act of the side's operator, if it is one: the answer; `more` goes into the event."""
        if row["kind"] != "operator" or row["on"] != self.side or "path" not in row:
            return None
        if _NOT_PLAYED.match(row["path"]):
            return None
        kind, path = self._ours(row["path"])
        body = self._grouped(row["request_body"])
        if more and isinstance(body, dict) and "Event" in body:
            body = {"Event": body["Event"] | more}
        done = self.ask(self.side, row["method"], path, body)
        assert done.status == row["status"], (row["path"], done.body)
        self._learn(kind, row["response_body"], done.body)
        return done.body

    def _ours(self, path: str) -> tuple[str, str]:
        """The kind of item that a path is about, and the path with our number for it."""
        kind = path.split("/")[1]
        found = re.fullmatch(r"(/\w+/\w+/)(\d+)(.*)", path)
        if found is None:
            return kind, path
        about = "attributes" if kind == "sightings" else kind
        number = self.numbers.get((about, found[2]), found[2])
        return kind, f"{found[1]}{number}{found[3]}"

    def _grouped(self, body: Any) -> Any:
        """The same with our numbers of sharing groups."""
        text = json.dumps(body)
        for (kind, theirs), ours in self.numbers.items():
            if kind == "sharing_groups":
                text = re.sub(
                    rf'"sharing_group_id": "?{theirs}"?(?=[,}}])',
                    f'"sharing_group_id": {ours}',
                    text,
                )
        return json.loads(text)

    def _learn(self, kind: str, theirs: Any, ours: Any) -> None:
        """Which of our numbers stands for which recorded one."""
        inner = {"events": "Event", "sharing_groups": "SharingGroup"}.get(kind)
        if inner is None or inner not in theirs:
            return
        self.numbers[kind, str(theirs[inner]["id"])] = str(ours[inner]["id"])
        own = {a["uuid"]: a["id"] for a in items(ours[inner])}
        for a in items(theirs[inner]):
            if a["uuid"] in own:
                self.numbers["attributes", str(a["id"])] = str(own[a["uuid"]])


def items(event: dict[str, Any]) -> list[dict[str, Any]]:
    """The attributes of an event and of its objects."""
    inside = [a for one in event.get("Object", []) for a in one.get("Attribute", [])]
    return [*event.get("Attribute", []), *inside]
