# SPDX-License-Identifier: EUPL-1.2
"""Installs vocabularies, and gives them the numbers that the recorded MISP's have."""

import json
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from functools import cache
from typing import Any, LiteralString, TypeVar

import msgspec
import psycopg
import pytest
from psycopg import sql
from tests.golden.recording import FOLDER, mended

from brug.intel.vocabulary.install import install
from brug.intel.vocabulary.listing import BLOCK, KEYED
from brug.intel.vocabulary.sources import files, galaxies
from brug.intel.vocabulary.sources.warninglist_choice import Warninglist

T = TypeVar("T")


class Vocabulary(msgspec.Struct, frozen=True):
    """A table, what names its rows in JSON and in SQL, and the columns that point to them."""

    kind: str
    table: LiteralString
    field: str
    column: LiteralString
    children: tuple[tuple[LiteralString, LiteralString], ...]


VOCABULARIES = (
    Vocabulary("ObjectTemplate", "object_template", "uuid", "uuid", (
        ("object_template_element", "object_template_id"),)),
    Vocabulary("Taxonomy", "taxonomy", "namespace", "namespace", (
        ("taxonomy_predicate", "taxonomy_id"),)),
    Vocabulary("Galaxy", "galaxy", "uuid", "uuid", (("galaxy_cluster", "galaxy_id"),)),
    Vocabulary("GalaxyCluster", "galaxy_cluster", "uuid", "uuid", (
        ("galaxy_element", "galaxy_cluster_id"),
        ("galaxy_cluster_relation", "galaxy_cluster_id"))),
    Vocabulary("Warninglist", "warninglist", "name", "name", (
        ("warninglist_type", "warninglist_id"), ("warninglist_entry", "warninglist_id"),
        ("warninglist_key", "warninglist_id"), ("warninglist_range", "warninglist_id"))),
)  # fmt: skip


def _found(answer: Any, kind: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    if isinstance(answer, list):
        for item in answer:
            yield from _found(item, kind)
    elif isinstance(answer, dict):
        if "id" in answer:
            yield kind, answer
        for name, value in answer.items():
            yield from _found(value, name)


@cache
def recorded() -> dict[str, dict[str, int]]:
    """By kind: the numbers of all vocabulary items that any recorded answer shows, by name."""
    by_kind = {vocabulary.kind: vocabulary.field for vocabulary in VOCABULARIES}
    numbers: dict[str, dict[str, int]] = {kind: {} for kind in by_kind}
    for path in sorted(FOLDER.glob("*.jsonl")):
        for line in path.read_text().splitlines():
            if not any(kind in line for kind in by_kind):
                continue
            response = json.loads(line)["response"]
            text = response["body"] or ""
            try:
                answer = json.loads(mended(text) if response.get("truncated") else text)
            except ValueError:
                continue
            for kind, item in _found(answer):
                name = item.get(by_kind.get(kind, ""))
                if isinstance(name, str) and name and str(item["id"]).isdecimal():
                    numbers[kind].setdefault(name, int(item["id"]))
    return numbers


# Of what no recorded answer shows and what does not lead there, so many clusters of each galaxy
# are installed; of each list so many entries.
FEW = 20
ENTRIES = 2000


class Shortened(files.SourceFile, frozen=True):
    """A published file without most of what no recording shows."""

    shown: AbstractSet[str]

    def decode(self, decoder: msgspec.json.Decoder[T]) -> T:
        whole = super().decode(decoder)
        if isinstance(whole, galaxies.Collection):
            whole.values = [
                cluster
                for place, cluster in enumerate(whole.values)
                if place < FEW or self._leads_to_shown(cluster)
            ]
        elif isinstance(whole, Warninglist) and whole.type in KEYED:
            del whole.entries[ENTRIES:]
        return whole

    def _leads_to_shown(self, cluster: galaxies.Cluster) -> bool:
        there = {cluster.uuid, *(relation.uuid for relation in cluster.related)}
        return not self.shown.isdisjoint(map(str.lower, there))


def install_few(connection: psycopg.Connection[Any]) -> None:
    """Installs the vocabularies so far as recordings show them: copies and whole answers are
    small. `connection` is the owner's."""
    shown, read = recorded()["GalaxyCluster"].keys(), files.read

    def few(vocabulary: str, pattern: str) -> Iterator[files.SourceFile]:
        for file in read(vocabulary, pattern):
            yield Shortened(file.slug, file.path, file.raw, file.digest, shown)

    # What no recording shows comes after what one shows, as in MISP's order most of it does.
    connection.execute(
        "SELECT setval(pg_get_serial_sequence('brug.galaxy_cluster', 'id'), 10000000)"
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(files, "read", few)
        install(connection)
    # Of networks all are found, and few are shown.
    connection.execute("DELETE FROM brug.warninglist_entry WHERE block >= %s", (ENTRIES // BLOCK,))


def renumber(connection: psycopg.Connection[Any]) -> None:
    """Renumbers every vocabulary; what the MISP did not show moves out of the way.

    For the superuser: keys to other tables are not checked meanwhile.
    """
    numbers = recorded()
    connection.execute("SET search_path = brug")
    connection.execute("SET session_replication_role = replica")
    for vocabulary in VOCABULARIES:
        wanted = numbers[vocabulary.kind]
        connection.execute("CREATE TEMP TABLE number (old int PRIMARY KEY, new int)")
        connection.execute(
            sql.SQL(
                "INSERT INTO number SELECT id, CASE WHEN place = 1 AND new IS NOT NULL THEN new"
                " ELSE id + 10000000 END FROM (SELECT t.id, w.new, row_number() OVER"
                " (PARTITION BY w.new ORDER BY t.id) AS place FROM {table} t"
                " LEFT JOIN unnest(%s::text[], %s::int[]) AS w (name, new)"
                " ON w.name = t.{column}::text) WHERE new IS NOT NULL OR id = ANY(%s::int[])"
            ).format(
                table=sql.Identifier(vocabulary.table), column=sql.Identifier(vocabulary.column)
            ),
            (list(wanted), list(wanted.values()), list(wanted.values())),
        )
        for table, column in ((vocabulary.table, "id"), *vocabulary.children):
            names = {"table": sql.Identifier(table), "column": sql.Identifier(column)}
            # By way of negative numbers, so that none is taken while it is still another's.
            connection.execute(
                sql.SQL(
                    "UPDATE {table} SET {column} = -new FROM number WHERE {column} = old"
                ).format(**names)
            )
            connection.execute(
                sql.SQL("UPDATE {table} SET {column} = -{column} WHERE {column} < 0").format(
                    **names
                )
            )
        connection.execute("DROP TABLE number")
    connection.execute("SET session_replication_role = origin")


# The tags that the MISP held before the first recording: its later ones have higher numbers.
OLDEST = 34
_BEFORE: tuple[LiteralString, ...] = (
    "UPDATE taxonomy SET enabled = false",
    "UPDATE warninglist SET enabled = false",
    "UPDATE galaxy_cluster_relation SET id = id + 10000000",
    (
        "UPDATE organisation SET type = 'ADMIN',"
        " description = 'Automatically generated admin organisation' WHERE id = 1"
    ),
)


def furnish(connection: psycopg.Connection[Any]) -> None:
    """What the recorded MISP's makers had in it and switched off before they began."""
    for statement in _BEFORE:
        connection.execute(statement)
    tags = {}
    for line in (FOLDER / "pymisp.jsonl").read_text().splitlines():
        recorded_one = json.loads(line)
        if recorded_one["request"]["path"] == "/tags/index":
            for tag in json.loads(recorded_one["response"]["body"])["Tag"]:
                tags[int(tag["id"])] = tag
    for number in sorted(tags):
        if number <= OLDEST:
            tag = tags[number]
            connection.execute(
                "INSERT INTO tag (id, name, colour, exportable, hide_tag, org_id, user_id,"
                " numerical_value) VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
                (number, tag["name"], tag["colour"], tag["exportable"], tag["hide_tag"],
                 int(tag["org_id"]), int(tag["user_id"]), tag["numerical_value"]),
            )  # fmt: skip
