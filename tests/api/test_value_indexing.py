# SPDX-License-Identifier: EUPL-1.2
"""The dictionary behind substring search: what is written is found at once, and later by index."""

import time
from collections.abc import Callable

import psycopg
from tests.api.conftest import World

from brug.intel.search import attributes, filters
from brug.intel.search.indexing import Indexer, index_pending

EVENT = {"info": "values", "Attribute": [
    {"type": "domain", "value": "Before-Index.example"},
    {"type": "filename|md5", "value": "Dropper.exe|" + "c" * 32},
    {"type": "domain", "value": "Bücher.example"},
]}  # fmt: skip


def _found(world: World, pattern: str) -> list[str]:
    asked = filters.read("attributes", {"value": pattern})
    with world.database.as_user(world.ids["orgadmin"]) as session:
        return [hit.value for hit in attributes.find(session, asked)[0]]


def test_a_value_is_found_before_and_after_it_is_indexed(world: World) -> None:
    assert world.ask("orgadmin", "POST", "/events/add", EVENT).status == 200
    for _ in range(2):
        assert _found(world, "%fore-ind%") == ["before-index.example"]
        assert _found(world, "dropper%") == ["Dropper.exe|" + "c" * 32]
        assert _found(world, "%cccccc") == ["Dropper.exe|" + "c" * 32]
        assert _found(world, "%nothing%") == []
        index_pending(world.database)
    assert index_pending(world.database) == 0


def test_the_indexer_takes_up_what_is_written_while_it_runs(
    world: World, as_role: Callable[[str, str], str]
) -> None:
    owner = as_role(world.dsn, "brug_owner")
    with Indexer(world.dsn):
        assert world.ask("orgadmin", "POST", "/events/add", EVENT).status == 200
        until = time.monotonic() + 30
        while not _indexed(owner, "before-index.example"):
            assert time.monotonic() < until, "not indexed in 30 s"
    assert index_pending(world.database) == 0


def _indexed(owner: str, folded: str) -> bool:
    with psycopg.connect(owner, options="-c search_path=brug") as connection:
        row = connection.execute("SELECT 1 FROM value_text WHERE folded = %s", (folded,)).fetchone()
    return row is not None
