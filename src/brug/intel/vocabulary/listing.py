# SPDX-License-Identifier: EUPL-1.2
"""A warninglist's entries on disk, and what is looked up of them.

Entries lie in blocks. Networks are packed whenever the entries change; the keys of exact
values and host names are there only while the list is enabled, so that a million entries
nobody uses cost neither space nor time.
"""

from collections.abc import Iterator, Sequence

from brug.intel.vocabulary import networks
from brug.intel.vocabulary.keys import host_key, text_key
from brug.intel.vocabulary.sources.rows import Connection

BLOCK = 1000
KEYS_AT_ONCE = 20_000
# Kinds found by key; the others a process keeps while their lists are enabled.
KEYED = {"string": text_key, "hostname": host_key}


def put_entries(
    connection: Connection,
    list_id: int,
    kind: str,
    entries: Sequence[str],
    comments: Sequence[str] | None = None,
) -> None:
    """Replaces the entries, which hold no line breaks, and what is packed of them."""
    connection.execute("DELETE FROM warninglist_entry WHERE warninglist_id = %s", [list_id])
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO warninglist_entry (warninglist_id, block, entries, comments)"
            " VALUES (%s, %s, %s, %s)",
            [
                (
                    list_id,
                    number,
                    "\n".join(entries[at : at + BLOCK]),
                    "\n".join(comments[at : at + BLOCK]) if comments else None,
                )
                for number, at in enumerate(range(0, len(entries), BLOCK))
            ],
        )
    connection.execute("DELETE FROM warninglist_range WHERE warninglist_id = %s", [list_id])
    if kind == "cidr":
        connection.execute(
            "INSERT INTO warninglist_range (warninglist_id, ipv4, ipv6) VALUES (%s, %s, %s)",
            [list_id, *networks.pack(entries)],
        )


def entries_of(connection: Connection, list_id: int) -> Iterator[tuple[str, str | None]]:
    """Entry and comment, in order, one block in memory at a time."""
    block = 0
    while True:
        row = connection.execute(
            "SELECT block, entries, comments FROM warninglist_entry"
            " WHERE warninglist_id = %s AND block >= %s ORDER BY block LIMIT 1",
            [list_id, block],
        ).fetchone()
        if row is None:
            return
        entries = row[1].split("\n")
        comments = row[2].split("\n") if row[2] is not None else [None] * len(entries)
        yield from zip(entries, (comment or None for comment in comments), strict=True)
        block = row[0] + 1


def put_keys(connection: Connection, list_id: int, kind: str) -> None:
    """Makes an enabled list's entries findable."""
    drop_keys(connection, list_id)
    key_of = KEYED.get(kind)
    if key_of is None:
        return
    keys: list[int] = []
    for entry, _ in entries_of(connection, list_id):
        keys.append(key_of(entry))
        if len(keys) == KEYS_AT_ONCE:
            _insert_keys(connection, list_id, keys)
            keys.clear()
    _insert_keys(connection, list_id, keys)


def drop_keys(connection: Connection, list_id: int) -> None:
    connection.execute("DELETE FROM warninglist_key WHERE warninglist_id = %s", [list_id])


def _insert_keys(connection: Connection, list_id: int, keys: list[int]) -> None:
    connection.execute(
        "INSERT INTO warninglist_key (key, warninglist_id)"
        " SELECT key, %s FROM unnest(%s::bigint[]) AS key ON CONFLICT DO NOTHING",
        [list_id, sorted(keys)],
    )
