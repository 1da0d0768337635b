# SPDX-License-Identifier: EUPL-1.2
"""Our rows get the numbers that the recorded MISP gave to its own; our UUIDs are paired.

Before an exchange the sequences are set to the first number that its recorded answer is the
first to show, so that paths, bodies and messages need no rewriting; what ours makes where
the MISP made nothing gets numbers out of the way. Vocabularies, which are installed, are
renumbered by their names.
"""

import re
import time
from collections.abc import Iterator
from typing import Any, LiteralString

import psycopg
from psycopg import sql
from tests.golden.recording import Exchange

TABLES: dict[str, LiteralString] = {
    "Event": "event", "Attribute": "attribute", "Object": "object", "Tag": "tag",
    "ObjectReference": "object_reference", "Sighting": "sighting", "EventReport": "event_report",
    "User": "account", "Organisation": "organisation", "Org": "organisation",
    "Orgc": "organisation", "AuthKey": "auth_key", "Role": "role",
    "SharingGroup": "sharing_group", "SharingGroupOrg": "sharing_group_org",
    "SharingGroupServer": "sharing_group_server", "UserSetting": "user_setting",
    "EventTag": "event_tag", "AttributeTag": "attribute_tag", "Warninglist": "warninglist",
    "Galaxy": "galaxy", "GalaxyCluster": "galaxy_cluster",
    "GalaxyClusterRelation": "galaxy_cluster_relation", "Taxonomy": "taxonomy",
    "Note": "analyst_note", "Opinion": "analyst_opinion", "Relationship": "analyst_relationship",
    "Collection": "collection", "Bookmark": "bookmark",
    "ShadowAttribute": "proposal", "TagCollection": "tag_collection",
    "Server": "server", "Feed": "feed", "CryptographicKey": "cryptographic_key",
    "DecayingModel": "decaying_model", "CorrelationExclusion": "correlation_exclusion",
    "CorrelationRule": "correlation_rule",
}  # fmt: skip
# Numbers that come from a sequence of their own, of rows that share a table.
SEQUENCES: dict[LiteralString, LiteralString] = {
    "analyst_note": "kind = 0",
    "analyst_opinion": "kind = 1",
    "analyst_relationship": "kind = 2",
}
# What the MISP made of an exchange without showing it, and showed later.
UNSHOWN: dict[str, tuple[LiteralString, int]] = {
    "proposals:28": ("proposal", 37), "proposals:30": ("proposal", 38),
    "users:267": ("registration", 3), "users:268": ("registration", 4),
}  # fmt: skip
RECORDED_DAY = re.compile(r"\b17955[23]\d{4}\b")
TIMESTAMP = re.compile(r"\"timestamp\": ?\"(17955[23]\d{4})\"")
UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
# A tag's number in the text of an answer that does not show the tag.
TOLD = re.compile(r"tag .* ?\((\d+)\) successfully")
Known = set[tuple[str, int] | None]
OUT_OF_THE_WAY = 1_000_000
# What an answer shows there was made before.
OLDER = {"RelatedEvent", "RelatedAttribute"}


# Where the numbers of what comes into being beside other things stand.
MOVES: dict[str, tuple[LiteralString, ...]] = {
    "Tag": (
        "UPDATE brug.tag SET id = %(new)s WHERE id = %(old)s",
        "UPDATE brug.event_tag SET tag_id = %(new)s WHERE tag_id = %(old)s",
        "UPDATE brug.attribute_tag SET tag_id = %(new)s WHERE tag_id = %(old)s",
    ),
    "Attribute": (
        "UPDATE brug.attribute SET id = %(new)s WHERE id = %(old)s",
        "UPDATE brug.attribute_tag SET attribute_id = %(new)s WHERE attribute_id = %(old)s",
        "UPDATE brug.sighting SET attribute_id = %(new)s WHERE attribute_id = %(old)s",
        "UPDATE brug.attachment SET attribute_id = %(new)s WHERE attribute_id = %(old)s",
        (
            "UPDATE brug.object_reference SET referenced_id = %(new)s"
            " WHERE referenced_id = %(old)s AND referenced_type = 0"
        ),
    ),
    "Sighting": ("UPDATE brug.sighting SET id = %(new)s WHERE id = %(old)s",),
}


APART = {
    "Tag": ("name",),
    "Attribute": ("event_id", "type", "value", "object_id"),
    "Sighting": ("attribute_id", "org_id", "type", "source"),
}


def _told(kind: str, answer: Any, at: str = "") -> Iterator[tuple[tuple[str, ...], dict[str, Any]]]:
    """The items of a kind in an answer, by what tells them apart."""
    if isinstance(answer, list):
        for item in answer:
            yield from _told(kind, item, at)
    elif isinstance(answer, dict):
        if at == kind and str(answer.get("id", "")).isdecimal():
            yield tuple(str(answer.get(field, "")).lower() for field in APART[kind]), answer
        for name, value in answer.items():
            if name not in OLDER:
                yield from _told(kind, value, name)


def numbered(answer: Any, kind: str = "") -> Iterator[tuple[str, int]]:
    """Every (kind, id) in an answer."""
    if isinstance(answer, list):
        for item in answer:
            yield from numbered(item, kind)
    elif isinstance(answer, dict):
        if "message" in answer and (told := TOLD.search(str(answer["message"]))):
            yield "Tag", int(told[1])
        own = str(answer.get("id", "")) if kind in TABLES else ""
        if own.isdecimal() and int(own) > 0:
            yield kind, int(own)
        for name, value in answer.items():
            if name not in OLDER:
                yield from numbered(value, name)


def identity(item: Any, kind: str) -> tuple[str, int] | None:
    """What an item of a listing is: `{"Event": {"id": "7"}}`, or the bare inner map."""
    if not isinstance(item, dict) or not item:
        return None
    name, inner = next(iter(item.items()))
    if isinstance(inner, dict) and "id" in inner:
        kind, item = name, inner
    number = str(item.get("id", ""))
    return (TABLES.get(kind, kind), int(number)) if number.isdecimal() else None


class Numbering:
    """The numbers and UUIDs of one replay."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self.connection = connection
        self.seen: set[tuple[str, int]] = set()
        self.known: Known = set()
        self.spare = 2 * OUT_OF_THE_WAY
        self.clock = 0
        self.ours: dict[str, str] = {}
        self.theirs: dict[str, str] = {}

    def on(self, connection: psycopg.Connection[Any]) -> "Numbering":
        """The same on a copy of the database."""
        other = Numbering(connection)
        other.seen, other.known = set(self.seen), set(self.known)
        other.clock, other.spare = self.clock, self.spare
        other.ours, other.theirs = dict(self.ours), dict(self.theirs)
        return other

    def before(self, exchange: Exchange) -> None:
        """Sets the sequences to the numbers that are new in the recorded answer."""
        first: dict[LiteralString, int] = {}
        for kind, number in numbered(exchange.answer):
            table = TABLES[kind]
            if kind != "Sighting" and (table, number) not in self.seen:
                self.seen.add((table, number))
                first[table] = min(number, first.get(table, number))
        if exchange.name in UNSHOWN:
            table, number = UNSHOWN[exchange.name]
            self.seen.add((table, number))
            first[table] = number
        for table, number in first.items():
            self._start(table, number)

    def after(self, exchange: Exchange, answer: Any) -> None:
        """Pairs the UUIDs, and puts the sequences out of the way again."""
        self._pair(exchange.answer, answer, cut=exchange.cut)
        if exchange.method != "GET":
            asked = str(exchange.body)
            times = [int(told) for told in TIMESTAMP.findall(exchange.text) if told not in asked]
            self.clock = max([self.clock, *times])
        if exchange.method != "GET":
            both = set(numbered(exchange.answer)) & set(numbered(answer))
            self.known |= {(TABLES[kind], number) for kind, number in both}
        told = {TABLES[kind] for kind, _ in numbered(exchange.answer)}
        unshown = {UNSHOWN[exchange.name][0]} if exchange.name in UNSHOWN else set()
        for table in told | unshown | {"tag"}:
            self._start(table, OUT_OF_THE_WAY)

    def renumber(self, theirs: Any, ours: Any) -> None:
        """Gives what comes into being beside other things, in any order, its number.

        In the database and in our answer.
        """
        for kind in MOVES:
            items = list(_told(kind, theirs))
            wanted = {name: int(item["id"]) for name, item in items}
            if not wanted or len(wanted) < len({item["id"] for _, item in items}):
                continue
            for name, item in list(_told(kind, ours)):
                old, new = int(item["id"]), wanted.get(name, 0)
                if new and old != new:
                    self._move(kind, new, self.spare)
                    self._move(kind, old, new)
                    self.spare += 1
                    for _, other in _told(kind, ours):
                        if int(other["id"]) in {old, new}:
                            other["id"] = str(new if int(other["id"]) == old else self.spare - 1)

    def _move(self, kind: str, old: int, new: int) -> None:
        with self.connection.transaction():
            self.connection.execute("SET LOCAL session_replication_role = replica")
            for statement in MOVES[kind]:
                self.connection.execute(statement, {"old": old, "new": new})

    def _start(self, table: LiteralString, number: int) -> None:
        if table in SEQUENCES:
            self._start_sequence(table, number)
            return
        self.connection.execute(
            sql.SQL(
                "SELECT setval(pg_get_serial_sequence({name}, 'id'),"
                " greatest({number}, (SELECT 1 + max(id) FROM {table} WHERE id >= {number}"
                " AND {number} >= {far})), false)"
            ).format(
                name=sql.Literal(f"brug.{table}"),
                number=sql.Literal(number),
                table=sql.Identifier("brug", table),
                far=sql.Literal(OUT_OF_THE_WAY),
            )
        )

    def _start_sequence(self, name: LiteralString, number: int) -> None:
        self.connection.execute(
            sql.SQL(
                "SELECT setval({name}, greatest({number}, (SELECT 1 + max(id)"
                " FROM brug.analyst_data WHERE {which} AND id >= {number} AND {number} >= {far})),"
                " false)"
            ).format(
                name=sql.Literal(f"brug.{name}_id"),
                number=sql.Literal(number),
                which=sql.SQL(SEQUENCES[name]),
                far=sql.Literal(OUT_OF_THE_WAY),
            )
        )

    def _pair(self, theirs: Any, ours: Any, *, cut: bool = False) -> None:
        """Of an answer that is cut, the last item of a list is not whole enough to be known."""
        if isinstance(theirs, dict) and isinstance(ours, dict):
            last = next(reversed(theirs), None)
            for name in theirs.keys() & ours.keys():
                if name.endswith("uuid"):
                    self._learn(theirs[name], ours[name])
                else:
                    self._pair(theirs[name], ours[name], cut=cut and name == last)
        elif isinstance(theirs, list) and isinstance(ours, list):
            for a, b in paired(theirs[:-1] if cut else theirs, ours):
                self._pair(a, b)

    def _learn(self, theirs: Any, ours: Any) -> None:
        both = isinstance(theirs, str) and isinstance(ours, str)
        if both and UUID.fullmatch(theirs) and UUID.fullmatch(ours) and theirs != ours:
            self.ours.setdefault(theirs, ours)
            self.theirs.setdefault(ours, theirs)

    def of_now(self, text: str) -> str:
        """A request with the times of the recorded day as far from now as they were then."""
        ahead = int(time.time()) - self.clock if self.clock else 0
        return RECORDED_DAY.sub(lambda match: str(int(match[0]) + ahead), text)

    def to_ours(self, text: str) -> str:
        return UUID.sub(lambda match: self.ours.get(match[0], match[0]), text)

    def to_theirs(self, text: str) -> str:
        return UUID.sub(lambda match: self.theirs.get(match[0], match[0]), text)


def paired(theirs: list[Any], ours: list[Any]) -> list[tuple[Any, Any]]:
    """Items of two lists that are the same: by number, by name, else by place."""
    for field in ("id", "name", "value"):
        left, right = _by(field, theirs), _by(field, ours)
        if left.keys() & right.keys():
            return [(left[key], right[key]) for key in left if key in right]
    return list(zip(theirs, ours, strict=False))


def _by(field: str, items: list[Any]) -> dict[str, Any]:
    """Items by a field of theirs, or of the one thing in them; {} if not all have their own."""
    found = {}
    for item in items:
        inner = item
        while isinstance(inner, dict) and inner and field not in inner:
            inner = next(iter(inner.values()))
        if isinstance(inner, dict) and isinstance(inner.get(field), str):
            found[inner[field]] = item
    return found if len(found) == len(items) else {}
