# SPDX-License-Identifier: EUPL-1.2
"""A node with two organisations that must not touch each other, and a way to ask it anything.

Everything of the second organisation carries MARK and is at level 0: no answer to the first
may hold the mark, no row of it may change. Whatever is asked is drawn from the table of
endpoints, so that a new route is asked by itself.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from uuid import uuid4

import msgspec
import psycopg
from psycopg import sql
from tests.api.conftest import World

from brug.api.misp.dispatch import ENDPOINTS, Endpoint
from brug.api.misp.serve import Incoming, answer
from brug.directory import user_settings
from brug.edge.exports import Export
from brug.formats.misp.reading import read_event
from brug.intel import delegating, proposing, sightings
from brug.intel.adding import add
from brug.model.event import NewSighting
from brug.store import settings as store_settings
from brug.store.session import Database

MARK = "zuidgeheim"
OURS, THEIRS = "Noordland Bank", "Zuidland Energie"

# Tables whose rows bookkeep and say nothing of an item.
BOOKKEEPING = {"audience_state", "audience_set", "audience", "value_batch", "sign_in_failure"}
# What a request changes of its own accord, whatever it asks.
USE = {"auth_key": {"last_used", "unique_ips"}, "account": {"last_api_access"}}

KINDS = {
    "event": "event", "attribute": "attribute", "object": "object", "report": "event_report",
    "reference": "object_reference", "sighting": "sighting", "sharing_group": "sharing_group",
    "user": "account", "key": "auth_key", "setting": "user_setting", "tag": "tag",
    "organisation": "organisation", "proposal": "proposal", "delegation": "event_delegation",
}  # fmt: skip

Rows = dict[tuple[str, str], dict[str, Any]]


@dataclass
class Wire:
    """An answer as it went over the wire."""

    status: int
    headers: Mapping[str, str]
    content: bytes

    @property
    def body(self) -> Any:
        return msgspec.json.decode(self.content) if self.content else None


@dataclass
class Ask:
    """A request: `body` is encoded, bytes go as they are."""

    method: str
    path: str
    body: Any = None
    content_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def raw(self) -> bytes:
        if isinstance(self.body, bytes):
            return self.body
        return b"" if self.body is None else msgspec.json.encode(self.body)


class Arena:
    """The node; `ids[organisation][kind]` and `uuids` name the items of each side."""

    def __init__(self, world: World, superuser_dsn: str) -> None:
        self.world = world
        self.database: Database = world.database
        self.owner_dsn = superuser_dsn
        self.app_dsn = ""
        self.ids: dict[str, dict[str, list[int]]] = {OURS: {}, THEIRS: {}}
        self.uuids: dict[str, dict[str, list[str]]] = {OURS: {}, THEIRS: {}}
        self._spread_ids()
        for organisation, who, mark in ((OURS, "publisher", "ours"), (THEIRS, "other", MARK)):
            self._fill(organisation, who, mark)
        self._delegate("orgadmin", "ours")
        self._delegate("otheradmin", MARK)
        self._note_ids()

    # -- what is there ---------------------------------------------------------------------

    def _spread_ids(self) -> None:
        """No two tables hold the same id, so that an id names one item or none."""
        statement = sql.SQL("ALTER TABLE brug.{} ALTER COLUMN id RESTART WITH {}")
        with psycopg.connect(self.owner_dsn, autocommit=True) as owner:
            for index, table in enumerate(sorted(set(KINDS.values()))):
                start = sql.Literal(100_000 * (index + 1))
                owner.execute(statement.format(sql.Identifier(table), start))

    def _fill(self, organisation: str, who: str, mark: str) -> None:
        org_id = self.world.orgs[organisation]
        with self.database.system() as session:
            group = sharing_group(session, org_id, mark)
        with self.database.as_user(self.world.ids[who]) as session:
            for number in range(2):
                add(session, read_event(raw_event(f"{mark}{number}", group if number else None)))
            user_settings.put(session, self.world.ids[who], "homepage", {"path": f"/events/{mark}"})
            found = session.all("SELECT id FROM attribute WHERE org_id = %s ORDER BY id", (org_id,))
            new = NewSighting(None, 1_700_000_000, f"{mark} sensor", 0)
            sightings.insert(session, found[0][0], new, org_id)
            proposing.propose_change(session, found[0][0], {"comment": f"{mark} proposal"})

    def _delegate(self, who: str, mark: str) -> None:
        """An event of the own organisation alone, offered to the host's."""
        with self.database.system() as session:
            store_settings.set_value(session, "events.delegation", True)
        with self.database.as_user(self.world.ids[who]) as session:
            made = add(session, read_event({"info": f"{mark} offered", "distribution": 0}))
            delegating.ask(session, made.event_id, delegating.Wanted(1, f"{mark} message"))

    def _note_ids(self) -> None:
        for (table, _), row in self.rows().items():
            kind = next((k for k, t in KINDS.items() if t == table), None)
            if kind is None or "id" not in row:
                continue
            if row.get("user_id" if kind == "key" else "id") == self.world.ids["admin"]:
                continue  # the host's administrator is neither's
            side = THEIRS if self.is_theirs(table, row) else OURS
            self.ids[side].setdefault(kind, []).append(row["id"])
            if "uuid" in row:
                self.uuids[side].setdefault(kind, []).append(row["uuid"])
        for kind in ("user", "key"):  # those who ask the most come last
            self.ids[OURS][kind].reverse()
        self.ids[OURS]["role"] = [7]  # nobody has it

    def rows(self) -> Rows:
        """Every row of every table, by table and key, without what each request bookkeeps."""
        tables = self._tables()
        every = sql.SQL(" UNION ALL ").join(
            sql.SQL("SELECT {}, to_jsonb(t) FROM brug.{} t").format(
                sql.Literal(table), sql.Identifier(table)
            )
            for table in tables
        )
        found: Rows = {}
        with psycopg.connect(self.owner_dsn) as owner:
            for table, row in owner.execute(every):
                kept = {k: v for k, v in row.items() if k not in USE.get(table, ())}
                found[table, str([row[name] for name in tables[table] or sorted(kept)])] = kept
        return found

    def _tables(self) -> dict[str, list[str]]:
        """The tables with their primary keys."""
        with psycopg.connect(self.owner_dsn) as owner:
            found = owner.execute(
                "SELECT c.relname, coalesce((SELECT array_agg(a.attname) FROM pg_index i"
                " JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY (i.indkey)"
                " WHERE i.indrelid = c.oid AND i.indisprimary), '{}')::text[]"
                " FROM pg_class c WHERE c.relnamespace = 'brug'::regnamespace"
                " AND c.relkind IN ('r', 'p') ORDER BY 1"
            ).fetchall()
        return {name: key for name, key in found if name not in BOOKKEEPING}

    @cached_property
    def columns(self) -> frozenset[str]:
        """The columns of all tables."""
        with psycopg.connect(self.owner_dsn) as owner:
            found = owner.execute(
                "SELECT DISTINCT column_name::text FROM information_schema.columns"
                " WHERE table_schema = 'brug'"
            )
            return frozenset(name for (name,) in found)

    def is_theirs(self, table: str, row: Mapping[str, Any]) -> bool:
        """Whether a row belongs to the second organisation, by itself or by its parent."""
        theirs = self.world.orgs[THEIRS]
        people = {self.world.ids["other"], self.world.ids["otheradmin"]}
        if table == "organisation":
            return bool(row["id"] == theirs)
        parents = self.ids[THEIRS]
        return (
            row.get("org_id") == theirs
            or row.get("orgc_id") == theirs
            or row.get("user_id") in people
            or (table == "account" and row["id"] in people)
            or row.get("event_id") in parents.get("event", [])
            or row.get("sharing_group_id") in parents.get("sharing_group", [])
            or MARK in str(row.get("name", ""))
        )

    def theirs(self, rows: Rows) -> Rows:
        """Rows of the second organisation; what is said of it in a log is the log's."""
        return {k: r for k, r in rows.items() if k[0] != "audit" and self.is_theirs(k[0], r)}

    # -- asking ----------------------------------------------------------------------------

    def ask(self, who: str, asked: Ask) -> Wire:
        """As a person by name, or with any other text as the key itself. Never a 500."""
        path, _, query = asked.path.partition("?")
        status, headers, content = answer(
            self.database,
            Incoming(
                method=asked.method,
                path=path,
                query=query,
                headers={
                    "authorization": self.world.keys.get(who, who),
                    "accept": "application/json",
                    "content-type": asked.content_type,
                    **asked.headers,
                },
                body=asked.raw,
                address="192.0.2.7",
                base_url="http://node.example",
                body_limit=2**21,
            ),
        )
        if isinstance(content, Export):
            with content:
                content = b"".join(content)
        assert status < 500, (asked, status, content)
        return Wire(status, headers, content)


def sharing_group(session: Any, org_id: int, mark: str) -> int:
    """A group of one organisation."""
    made = session.value(
        "INSERT INTO sharing_group (uuid, name, organisation_uuid, org_id)"
        " SELECT gen_random_uuid(), %s, uuid, id FROM organisation WHERE id = %s RETURNING id",
        (f"{mark} group", org_id),
    )
    session.execute(
        "INSERT INTO sharing_group_org (sharing_group_id, org_id) VALUES (%s, %s)", (made, org_id)
    )
    return int(made)


def raw_event(mark: str, group: int | None) -> dict[str, Any]:
    """An event with a child of each kind."""
    source, target = str(uuid4()), str(uuid4())
    level = {"distribution": 4, "sharing_group_id": group} if group else {"distribution": 0}
    return {
        "info": f"{mark} event", **level,
        "Tag": [{"name": f"{mark}:tag"}],
        "Attribute": [
            {"type": "domain", "value": f"{mark}.example.com", "comment": mark,
             "Tag": [{"name": f"{mark}:deep"}]},
            {"type": "attachment", "value": f"{mark}.txt", "data": "Z2VoZWlt", "comment": mark},
            {"type": "text", "value": "shared text", "comment": mark},
        ],
        "Object": [
            {"name": "file", "uuid": source, "comment": mark, "description": mark,
             "Attribute": [
                 {"type": "filename", "value": f"{mark}.bin", "object_relation": "filename"}],
             "ObjectReference": [
                 {"referenced_uuid": target, "relationship_type": "drops", "comment": mark}]},
            {"name": "file", "uuid": target, "comment": mark, "Attribute": [
                {"type": "filename", "value": f"{mark}.two", "object_relation": "filename"}]},
        ],
        "EventReport": [{"name": f"{mark} report", "content": mark, "distribution": 5}],
    }  # fmt: skip


# -- requests out of the table of endpoints -------------------------------------------------

ITEM_OF = {
    "events": "event", "attributes": "attribute", "objects": "object", "tags": "tag",
    "sharinggroups": "sharing_group", "users": "user", "authkeys": "key",
    "usersettings": "setting", "organisations": "organisation", "sightings": "attribute",
    "roles": "role",
    "eventreports": "report", "objectreferences": "reference", "shadowattributes": "proposal",
    "eventdelegations": "delegation",
}  # fmt: skip
# Actions that name another kind than their controller's.
PARENT_OF = {
    ("attributes", "add"): "event", ("objects", "add"): "event", ("eventreports", "add"): "event",
    ("authkeys", "add"): "user", ("objectreferences", "add"): "object",
    ("shadowattributes", "add"): "event", ("shadowattributes", "index"): "event",
    ("shadowattributes", "edit"): "attribute", ("shadowattributes", "delete"): "attribute",
    ("eventdelegations", "delegateevent"): "event",
    ("sightings", "delete"): "sighting", ("attributes", "deleteselected"): "event",
}  # fmt: skip

SAMPLES: Mapping[str, Any] = {
    "distribution": "0", "type": "domain", "category": "Network activity",
    "object_relation": "filename",
    "role_id": 3, "read_only": False, "expiration": "+30 days", "allowed_ips": ["192.0.2.0/24"],
    "password": "Correct-horse-2", "confirm_password": "Correct-horse-2",
    "current_password": "Correct-horse-1", "matching_attributes": ["domain"],
    "timezone": "Europe/Amsterdam", "limit": 10, "page": 1, "returnFormat": "json",
    "path": "/events/index", "setting": "homepage", "server_id": 0, "highlighted": True,
    "required": True, "enabled": True, "to_ids": True, "date": "2026-01-02", "colour": "#00aa00",
}  # fmt: skip


def base_path(endpoint: Endpoint) -> str:
    if endpoint.action.startswith("admin_"):
        return f"/admin/{endpoint.controller}/{endpoint.action.removeprefix('admin_')}"
    return f"/{endpoint.controller}/{endpoint.action}"


def sample(shape: Any, ids: Mapping[str, list[Any]], number: int, name: str = "") -> Any:
    """A body that an endpoint could take, from the example that its row gives."""
    if name in SAMPLES:
        return SAMPLES[name]
    if isinstance(shape, dict):
        if set(shape) == {"[]"}:
            return ["192.0.2.1"]
        return {key: sample(value, ids, number, key) for key, value in shape.items()}
    if isinstance(shape, list):
        return [sample(value, ids, number, name) for value in shape]
    if name.endswith("_id") or name in {"id", "sg_id"}:
        return item_named(name, ids, number)
    if name.endswith("uuid"):
        return str(uuid4())
    if name == "email":
        return f"person{number}@people.example"
    if name == "value":
        return f"host{number}.example.com"
    if isinstance(shape, str):
        return f"{name or 'text'} {number}"
    return shape


def item_named(name: str, ids: Mapping[str, list[Any]], number: int) -> Any:
    kind = {"sg_id": "sharing_group", "org_id": "organisation", "id": "event"}.get(
        name, name.removesuffix("_id")
    )
    found = ids.get(kind) or [number]
    return found[-1]


def item_of(endpoint: Endpoint) -> str | None:
    """The kind of item that an endpoint's first argument names."""
    controller = re.sub("_", "", endpoint.controller).lower()
    return PARENT_OF.get((controller, endpoint.action.lower())) or ITEM_OF.get(controller)


def paths(endpoint: Endpoint, ids: Mapping[str, list[Any]]) -> Iterator[str]:
    """The endpoint's address bare, and with items as its arguments."""
    base = base_path(endpoint)
    yield base
    kind = item_of(endpoint)
    for item in ids.get(kind or "", [])[:2]:
        yield f"{base}/{item}"
        for other in ("tag", "organisation"):
            if ids.get(other):
                yield f"{base}/{item}/{ids[other][-1]}"


def usual_method(endpoint: Endpoint) -> str:
    return "POST" if "POST" in endpoint.methods else endpoint.methods[0]


def endpoints() -> list[Endpoint]:
    """Each endpoint once, in a settled order; what ends things comes last."""
    ends = (("reset", "destroy", "change_pw"), ("delete",), ("remove", "disable"))
    # What ends the caller's key comes after what ends an item.
    rank = {word: len(ends) - place for place, words in enumerate(ends) for word in words}
    return sorted(
        ENDPOINTS.values(),
        key=lambda e: (
            max((r for word, r in rank.items() if word in e.action.lower()), default=0),
            # Its children go with an event, its people's keys with an account.
            e.controller == "events" or e.action == "admin_delete",
            e.controller,
            e.action,
        ),
    )


def named(endpoint: Endpoint) -> str:
    """How a test calls an endpoint."""
    return f"{endpoint.controller}-{endpoint.action}"
