# SPDX-License-Identifier: EUPL-1.2
"""Warninglists (the MISP warninglists project), and Brug's own few.

A list that is new is switched on if `ENABLED_AT_FIRST` says so; later versions of it keep
what the node chose.
"""

import hashlib
from collections.abc import Iterator

import msgspec

from brug.intel.vocabulary import listing
from brug.intel.vocabulary.sources import files, rows
from brug.intel.vocabulary.sources.warninglist_choice import ENABLED_AT_FIRST, OWN, Warninglist

_LIST = msgspec.json.Decoder(Warninglist)


def install(connection: rows.Connection) -> int:
    """The number of lists that are new or changed."""
    known = dict(
        connection.execute(
            "SELECT slug, source_digest FROM warninglist WHERE is_default"
        ).fetchall()
    )
    changed = 0
    for slug, digest, source in _published():
        if known.get(slug) != digest:
            published = source if isinstance(source, Warninglist) else source.decode(_LIST)
            _put(connection, slug, digest, published)
            changed += 1
    return changed


def _published() -> Iterator[tuple[str, bytes, Warninglist | files.SourceFile]]:
    for slug, own in OWN.items():
        raw = msgspec.json.encode(own)
        yield slug, hashlib.blake2b(raw, digest_size=16).digest(), own
    for file in files.read("warninglists", "*/list.json"):
        yield file.slug, file.digest, file


def _put(connection: rows.Connection, slug: str, digest: bytes, published: Warninglist) -> None:
    entries = _lines(published.entries)
    row = connection.execute(
        """
        INSERT INTO warninglist (slug, name, kind, description, version, entry_count, enabled,
                                 is_default, source_digest)
        VALUES (%s, %s, %s, %s, %s, %s, %s, true, %s)
        ON CONFLICT (slug) DO UPDATE SET
            name = excluded.name, kind = excluded.kind, description = excluded.description,
            version = excluded.version, entry_count = excluded.entry_count,
            source_digest = excluded.source_digest
        RETURNING id, enabled
        """,
        [
            slug,
            published.name,
            published.type,
            published.description,
            published.version,
            len(entries),
            slug in ENABLED_AT_FIRST,
            digest,
        ],
    ).fetchone()
    if row is None:
        return
    list_id, enabled = row
    connection.execute("DELETE FROM warninglist_type WHERE warninglist_id = %s", [list_id])
    connection.execute(
        "INSERT INTO warninglist_type (warninglist_id, type) SELECT %s, type"
        " FROM unnest(%s::text[]) WITH ORDINALITY AS given (type, n) ORDER BY n"
        " ON CONFLICT DO NOTHING",
        [list_id, published.matching_attributes],
    )
    listing.put_entries(connection, list_id, published.type, entries)
    if enabled:
        listing.put_keys(connection, list_id, published.type)


def _lines(entries: list[str]) -> list[str]:
    """Each once, without line breaks and superfluous spaces.

    Most lists are a million words at most, in which there is nothing to change.
    """
    if "\n".join(entries).split() != entries:
        entries = [line for entry in entries if (line := " ".join(entry.split()))]
    return list(dict.fromkeys(entries))
