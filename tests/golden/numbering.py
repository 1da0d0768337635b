# SPDX-License-Identifier: EUPL-1.2
"""Our rows get the numbers that the recorded MISP gave to its own; our UUIDs are paired.

Before an exchange the sequences are set to the first number that its recorded answer is the
first to show, so that paths, bodies and messages need no rewriting; what ours makes where
the MISP made nothing gets numbers out of the way. Vocabularies, which are installed, are
renumbered by their names.
"""

import re
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
}  # fmt: skip
UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
OUT_OF_THE_WAY = 1_000_000


def numbered(answer: Any, kind: str = "") -> Iterator[tuple[str, int]]:
    """Every (kind, id) in an answer."""
    if isinstance(answer, list):
        for item in answer:
            yield from numbered(item, kind)
    elif isinstance(answer, dict):
        own = str(answer.get("id", ""))
        if kind in TABLES and own.isdecimal() and int(own) > 0:
            yield kind, int(own)
        for name, value in answer.items():
            yield from numbered(value, name)


class Numbering:
    """The numbers and UUIDs of one replay."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self.connection = connection
        self.seen: set[tuple[str, int]] = set()
        self.ours: dict[str, str] = {}
        self.theirs: dict[str, str] = {}

    def on(self, connection: psycopg.Connection[Any]) -> "Numbering":
        """The same on a copy of the database."""
        other = Numbering(connection)
        other.seen, other.ours, other.theirs = set(self.seen), dict(self.ours), dict(self.theirs)
        return other

    def before(self, exchange: Exchange) -> None:
        """Sets the sequences to the numbers that are new in the recorded answer."""
        first: dict[LiteralString, int] = {}
        for kind, number in numbered(exchange.answer):
            table = TABLES[kind]
            if (table, number) not in self.seen:
                self.seen.add((table, number))
                first[table] = min(number, first.get(table, number))
        for table, number in first.items():
            self._start(table, number)

    def after(self, exchange: Exchange, answer: Any) -> None:
        """Pairs the UUIDs, and puts the sequences out of the way again."""
        self._pair(exchange.answer, answer)
        for table in {TABLES[kind] for kind, _ in numbered(exchange.answer)}:
            self._start(table, OUT_OF_THE_WAY)

    def _start(self, table: LiteralString, number: int) -> None:
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

    def _pair(self, theirs: Any, ours: Any) -> None:
        if isinstance(theirs, dict) and isinstance(ours, dict):
            for name in theirs.keys() & ours.keys():
                if name.endswith("uuid"):
                    self._learn(theirs[name], ours[name])
                else:
                    self._pair(theirs[name], ours[name])
        elif isinstance(theirs, list) and isinstance(ours, list):
            for a, b in paired(theirs, ours):
                self._pair(a, b)

    def _learn(self, theirs: Any, ours: Any) -> None:
        both = isinstance(theirs, str) and isinstance(ours, str)
        if both and UUID.fullmatch(theirs) and UUID.fullmatch(ours) and theirs != ours:
            self.ours.setdefault(theirs, ours)
            self.theirs.setdefault(ours, theirs)

    def to_ours(self, text: str) -> str:
        return UUID.sub(lambda match: self.ours.get(match[0], match[0]), text)

    def to_theirs(self, text: str) -> str:
        return UUID.sub(lambda match: self.theirs.get(match[0], match[0]), text)


def paired(theirs: list[Any], ours: list[Any]) -> list[tuple[Any, Any]]:
    """Items of two lists that are the same: by number, by name, else by place."""
    for field in ("id", "name", "value"):
        left, right = _by(field, theirs), _by(field, ours)
        if left and right:
            return [(left[key], right[key]) for key in left if key in right]
    return list(zip(theirs, ours, strict=False))


def _by(field: str, items: list[Any]) -> dict[str, Any]:
    """Items by a field of theirs, or of the one thing in them; {} if not all have their own."""
    found = {}
    for item in items:
        inner = item
        while isinstance(inner, dict) and field not in inner and len(inner) == 1:
            (inner,) = inner.values()
        if isinstance(inner, dict) and isinstance(inner.get(field), str):
            found[inner[field]] = item
    return found if len(found) == len(items) else {}
