# SPDX-License-Identifier: EUPL-1.2
"""The life of the recorded server D, lived by a node: its operator's acts, in their order.

C answers each request as it did then. Numbers are D's own, so items are named by UUID here,
and a tag or a sharing group by the number that the node has for it.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

import msgspec
from tests.bridges.misp.conftest import NodeForD
from tests.bridges.misp.serving_side import (
    Answering,
    ByPath,
    Recorded,
    Reply,
    Request,
    Server,
    plain,
    turns,
)

from brug.bridges.misp.runs import Run
from brug.directory import node_keys, servers
from brug.store import settings

Json = dict[str, Any]
Step = tuple[str, str]
# Which of MISP's flags of a record the recordings change.
_FLAGS = ("unpublish_event", "remove_missing_tags", "internal", "push", "pull", "push_sightings",
          "publish_without_email", "pull_rules", "push_rules")  # fmt: skip
# Of a sort that is about an item of another sort.
_ABOUT = {"sightings": "attributes", "cryptographicKeys": "events"}
_NUMBERED = re.compile(r"(/(\w+)/(\w+)(?:/Event)?/)(\d+)(.*)")


class Turn(msgspec.Struct):
    """An act of the operator, what was said meanwhile, and what the node did at that."""

    act: Json
    said: list[Json]
    asked: list[Step]
    run: Run | None = None

    @property
    def path(self) -> str:
        return str(self.act["path"])

    @property
    def then(self) -> list[Step]:
        steps = [(one["method"], plain(one["path"])) for one in self.said]
        if "/servers/pull/" in self.path:
            # Before the last beginning D passed on sightings that C had brought.
            begun = [at for at, step in enumerate(steps) if step[1] == "/servers/getVersion"]
            return steps[begun[-1] if begun else 0 :]
        return steps

    @property
    def answered(self) -> str:
        return str(self.act["response_body"].get("name", ""))


class Life:
    """Plays D; C is `c`."""

    def __init__(self, node: NodeForD, c: Server) -> None:
        self.node, self.c = node, c
        self.server = node.add_server(c.url, push=False)
        node.let_in()
        self.uuids: dict[tuple[str, str], str] = {}  # D's number of an item -> its UUID
        self.tags: dict[str, str] = {}  # D's number of a tag -> its name
        self.renamed: dict[str, str] = {}  # a UUID that D chose -> the one that the node chose

        self.listed_key = False

    def live(self, *scenarios: str) -> Iterator[Turn]:
        """Gives each turn in which D asked C, or would have."""
        for row, said in turns(*scenarios):
            if row["kind"] == "state":
                self._learn(row["event"])
                continue
            if row["kind"] == "wire":
                self.node.ask("C", row["method"], row["path"], row["request_body"])
                continue
            self._learn(row.get("response_body"))
            turn = self._turn(row, said) if "path" in row else None
            if turn is not None:
                yield turn

    def _learn(self, value: Any) -> None:
        """The UUIDs and names behind D's numbers, wherever they are told."""
        for kind, name in (("events", "Event"), ("attributes", "Attribute")):
            for one in _all_of(value, name):
                if "uuid" in one and "id" in one:
                    self.uuids[kind, str(one["id"])] = str(one["uuid"])
        for one in _all_of(value, "ShadowAttribute"):
            if str(one.get("old_id", "0")) != "0":
                self.uuids["attributes", str(one["old_id"])] = str(one["uuid"])
        for one in _all_of(value, "Tag"):
            if "name" in one:
                self.tags[str(one["id"])] = str(one["name"])
        if isinstance(value, dict) and "uuid" in value and "info" in value:
            self.uuids["events", str(value["id"])] = str(value["uuid"])

    def _turn(self, row: Json, said: list[Json]) -> Turn | None:
        path = str(row["path"])
        self.c.asked.clear()
        is_exchange = re.match(r"/servers/(pull|push|cache)/", path)
        said_again = msgspec.json.decode(self._as_named_here(said))
        by_body = "/pull/" in path and all(one["status"] != 302 for one in said)
        self.c.answer = _with_none((Recorded if by_body else ByPath).of(said_again))
        if is_exchange:
            self._as_its_record_was(said)
            return self._asked_for(row, said)
        if path.startswith("/servers/edit/"):
            self._edit(row["response_body"]["Server"])
        elif "Plugin.Sightings_policy" in path:
            with self.node.database.as_user(1) as session:
                settings.set_value(session, "sightings.policy", row["request_body"]["value"])
        if path.startswith(("/servers/", "/feeds/", "/galaxy")) or row["method"] != "POST":
            return None
        self._do(row)
        found = re.fullmatch(r"/events/(publish|publishSightings)/(\d+)", path)
        if found is None or not self._pushes():
            return None
        what = "event" if found[1] == "publish" else "sightings"
        run = self.node.run(self.server, "push", f"{what} {self.uuids['events', found[2]]}")
        return self._ended(row, said, run)

    def _as_named_here(self, value: Any) -> bytes:
        text = json.dumps(value)
        for theirs, ours in self.renamed.items():
            text = text.replace(theirs, ours)
        return text.encode()

    def _asked_for(self, row: Json, said: list[Json]) -> Turn:
        """Asks the node over its interface for what the operator asked D for."""
        _, _, kind, _, *technique = str(row["path"]).split("/")
        address = "/".join(["/servers", kind, str(self.server), *technique])
        if self.node.ask("D", "POST", address, row["request_body"]).status != 200:
            return Turn(row, said, [])
        done = self.node.work()
        return self._ended(row, said, done[-1])

    def _ended(self, row: Json, said: list[Json], run: Run) -> Turn:
        asked = [(one.method, plain(one.path)) for one in self.c.asked]
        return Turn(row, said, asked, run)

    def _as_its_record_was(self, said: list[Json]) -> None:
        """Rules that were taken away where no recording shows it: D asked without them."""
        asked = [one["request_body"] for one in said if one["path"] == "/events/index"]
        if asked and all(set(one or {"minimal"}) <= {"minimal", "published"} for one in asked):
            self._edit({"pull_rules": "{}"})

    def _pushes(self) -> bool:
        with self.node.database.system() as session:
            return bool(servers.view(session, self.server).push)

    def _edit(self, given: Json) -> None:
        body = {n: v for n, v in given.items() if n in _FLAGS}
        if "push_rules" in body:
            body["push_rules"] = self._renumbered(body["push_rules"])
        done = self.node.ask("D", "POST", f"/servers/edit/{self.server}", body)
        assert done.status == 200, done.body

    def _renumbered(self, rules: str) -> str:
        """Rules of pushing with the node's numbers for D's tags."""
        found = json.loads(rules or "{}")
        if not found.get("tags"):
            return rules
        listed = self.node.ask("D", "GET", "/tags/index", None).body["Tag"]
        ours = {one["name"]: str(one["id"]) for one in listed}
        for part in ("OR", "NOT"):
            several = found["tags"][part]
            found["tags"][part] = [ours[self.tags[n]] if n in self.tags else n for n in several]
        return json.dumps(found)

    def _do(self, row: Json) -> None:
        path = self._ours(str(row["path"]))
        body = self.node._grouped(row["request_body"])
        if path.startswith("/cryptographicKeys/add/"):
            body = self._with_key(body)
        if path.startswith("/events/edit/"):
            # The clock of then: what C changes afterwards is newer.
            told = int(row["response_body"]["Event"]["timestamp"])
            uuid = row["response_body"]["Event"]["uuid"]
            newer = max(told, int(self.node.event(uuid)["timestamp"]) + 1)
            body = {"Event": body["Event"] | {"timestamp": newer}}
        done = self.node.ask("D", row["method"], path, body)
        published = path.startswith("/events/publish/")
        assert published or done.status == row["status"], (path, done.body)
        for name in ("Sighting", "ShadowAttribute"):
            for theirs, ours in zip(
                _all_of(row["response_body"], name), _all_of(done.body, name), strict=False
            ):
                self.renamed[str(theirs["uuid"])] = str(ours["uuid"])
        if path.startswith("/sharing_groups/"):
            self.node._learn("sharing_groups", row["response_body"], done.body)

    def _with_key(self, body: Json) -> Json:
        """The node's own key where D listed its own, which was the first that it listed."""
        if self.listed_key:
            return body
        self.listed_key = True
        with self.node.database.system() as session:
            if not node_keys.exists(session):
                node_keys.make(session, "ORG-D <misp@org-d.example>")
            key = node_keys.own(session).text
        return body | {"key_data": key}

    def _ours(self, path: str) -> str:
        found = _NUMBERED.fullmatch(path)
        if found is None:
            return path
        kind = _ABOUT.get(found[2], found[2])
        if found[2] == "shadow_attributes":
            kind = "events" if found[3] == "add" else "attributes"
        uuid = self.uuids[kind, found[4]]
        held = self.node.ask("D", "GET", f"/{kind}/view/{uuid}", None).body
        inner = held["Event" if kind == "events" else "Attribute"]
        return f"{found[1]}{inner['id']}{found[5]}"


def _with_none(answer: Answering) -> Answering:
    """With no sightings where D did not ask for any: a node asks each server once of its own."""

    def answered(request: Request) -> Reply:
        reply = answer(request)
        if reply.status == 404 and request.path == "/sightings/restSearch/event":
            return Reply(200, {"response": []})
        return reply

    return answered


def _all_of(value: Any, name: str) -> Iterator[Json]:
    """Every item of a name, however deep."""
    if isinstance(value, list):
        for one in value:
            yield from _all_of(one, name)
    elif isinstance(value, dict):
        for key, inner in value.items():
            if key == name:
                yield from (o for o in _several(inner) if isinstance(o, dict))
            yield from _all_of(inner, name)


def _several(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
