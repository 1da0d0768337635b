# SPDX-License-Identifier: EUPL-1.2
"""Warninglists: what they are, switching them, and a node's own.

Which values are on them is `matching`'s to say. Changing needs the right `warninglist`,
which the database checks; published lists are switched, never edited.
"""

from collections.abc import Iterator, Sequence

import msgspec

from brug.intel.vocabulary import listing, patterns
from brug.intel.vocabulary.networks import range_of
from brug.model.errors import Invalid, NotFound
from brug.store.audit import record
from brug.store.session import Session

KINDS = ("string", "substring", "hostname", "cidr", "regex")
CATEGORIES = ("false_positive", "known")

# A process keeps networks, substrings and regular expressions of enabled lists.
MOST_ENTRIES = {
    "string": 5_000_000,
    "hostname": 5_000_000,
    "cidr": 500_000,
    "substring": 20_000,
    "regex": 200,
}


class Warninglist(msgspec.Struct, frozen=True):
    id: int
    name: str
    kind: str
    description: str
    version: int
    enabled: bool
    is_default: bool
    category: str
    entry_count: int
    types: list[str]


class Entry(msgspec.Struct, frozen=True):
    value: str
    comment: str | None


class Draft(msgspec.Struct):
    """An own list, as it is to be."""

    name: str
    kind: str
    description: str
    category: str
    types: list[str]
    entries: list[Entry]
    version: int = 1


def warninglists(
    session: Session, search: str | None = None, enabled: bool | None = None
) -> list[Warninglist]:
    """The newest first, as MISP shows them; `search`: part of a name, description or kind."""
    rows = session.execute(
        """
        SELECT w.id, w.name, w.kind, w.description, w.version, w.enabled, w.is_default,
               w.category, w.entry_count,
               coalesce(array_agg(t.type ORDER BY t.id) FILTER (WHERE t.id IS NOT NULL), '{}')
        FROM warninglist w LEFT JOIN warninglist_type t ON t.warninglist_id = w.id
        WHERE (%(enabled)s::boolean IS NULL OR w.enabled = %(enabled)s)
          AND (%(search)s::text IS NULL OR position(lower(%(search)s)
               IN lower(w.name || ' ' || w.description || ' ' || w.kind)) > 0)
        GROUP BY w.id ORDER BY w.id DESC
        """,
        {"enabled": enabled, "search": search or None},
    )
    return [Warninglist(*row) for row in rows]


def warninglist(session: Session, list_id: int) -> Warninglist:
    row = session.one(
        """
        SELECT w.id, w.name, w.kind, w.description, w.version, w.enabled, w.is_default,
               w.category, w.entry_count,
               coalesce(array_agg(t.type ORDER BY t.id) FILTER (WHERE t.id IS NOT NULL), '{}')
        FROM warninglist w LEFT JOIN warninglist_type t ON t.warninglist_id = w.id
        WHERE w.id = %s GROUP BY w.id
        """,
        [list_id],
    )
    if row is None:
        raise NotFound(f"no warninglist {list_id}")
    return Warninglist(*row)


def entries(session: Session, list_id: int) -> Iterator[Entry]:
    for value, comment in listing.entries_of(session.connection, list_id):
        yield Entry(value, comment)


def not_run(session: Session, chosen: Warninglist) -> list[tuple[str, str]]:
    """The entries of a list that hit nothing since they cannot be run, and why."""
    if chosen.kind != "regex":
        return []
    found = [(entry.value, patterns.problem(entry.value)) for entry in entries(session, chosen.id)]
    return [(value, why) for value, why in found if why]


def find(session: Session, ids: Sequence[int], names: Sequence[str]) -> list[Warninglist]:
    """Lists by id, and by name with % for any text, case ignored."""
    found = session.execute(
        "SELECT id FROM warninglist WHERE id = ANY(%s) OR name ILIKE ANY(%s) ORDER BY id",
        [list(ids), list(names)],
    )
    return [warninglist(session, list_id) for (list_id,) in found.fetchall()]


def set_enabled(session: Session, chosen: Warninglist, enabled: bool) -> None:
    """From the commit on every process matches by it; a million entries take seconds."""
    changed = session.execute(
        "UPDATE warninglist SET enabled = %s WHERE id = %s AND enabled <> %s",
        [enabled, chosen.id, enabled],
    )
    if changed.rowcount == 0:
        return
    if enabled:
        listing.put_keys(session.connection, chosen.id, chosen.kind)
    else:
        listing.drop_keys(session.connection, chosen.id)
    record(session, "edit", "Warninglist", chosen.id, chosen.name, {"enabled": enabled})


def add(session: Session, draft: Draft) -> Warninglist:
    """A list of this node's own, not yet enabled; raises Invalid."""
    check(draft)
    list_id = session.value(
        """
        INSERT INTO warninglist (name, kind, description, category, version, entry_count)
        VALUES (%s, %s, %s, %s, %s, %s) RETURNING id
        """,
        [
            draft.name,
            draft.kind,
            draft.description,
            draft.category,
            draft.version,
            len(draft.entries),
        ],
    )
    _put(session, list_id, draft)
    record(session, "add", "Warninglist", list_id, draft.name)
    return warninglist(session, list_id)


def edit(session: Session, old: Warninglist, draft: Draft) -> Warninglist:
    """Replaces an own list's content; its version counts up. Raises Invalid for a published one."""
    if old.is_default:
        raise Invalid("id", "a warninglist of this node's own; published ones can only be switched")
    check(draft)
    session.execute(
        """
        UPDATE warninglist SET name = %s, kind = %s, description = %s, category = %s,
                               entry_count = %s, version = version + 1
        WHERE id = %s
        """,
        [draft.name, draft.kind, draft.description, draft.category, len(draft.entries), old.id],
    )
    _put(session, old.id, draft)
    if old.enabled:
        listing.put_keys(session.connection, old.id, draft.kind)
    record(session, "edit", "Warninglist", old.id, draft.name)
    return warninglist(session, old.id)


def delete(session: Session, list_id: int) -> bool:
    """False if there is none. A published list comes back with the next update."""
    name = session.value("DELETE FROM warninglist WHERE id = %s RETURNING name", [list_id])
    if name is not None:
        listing.drop_keys(session.connection, list_id)
        record(session, "delete", "Warninglist", list_id, name)
    return name is not None


def check(draft: Draft) -> None:
    if not draft.name.strip():
        raise Invalid("name", "a name")
    if draft.kind not in KINDS:
        raise Invalid("type", f"one of {', '.join(KINDS)}", draft.kind)
    if draft.category not in CATEGORIES:
        raise Invalid("category", f"one of {', '.join(CATEGORIES)}", draft.category)
    if not 1 <= len(draft.entries) <= MOST_ENTRIES[draft.kind]:
        raise Invalid("entries", f"1 to {MOST_ENTRIES[draft.kind]} entries")
    for entry in draft.entries:
        _check_entry(draft.kind, entry)


def _check_entry(kind: str, entry: Entry) -> None:
    text = f"{entry.value}{entry.comment or ''}"
    if not entry.value.strip() or "\n" in text or "\x00" in text:
        raise Invalid("entries", "entries of one line", entry.value)
    if kind == "regex" and (why := patterns.problem(entry.value)):
        raise Invalid("entries", f"regular expressions that can be run ({why})", entry.value)
    if kind == "cidr" and range_of(entry.value) is None:
        raise Invalid("entries", "addresses and networks", entry.value)


def _put(session: Session, list_id: int, draft: Draft) -> None:
    session.execute("DELETE FROM warninglist_type WHERE warninglist_id = %s", [list_id])
    session.execute(
        "INSERT INTO warninglist_type (warninglist_id, type)"
        " SELECT %s, type FROM unnest(%s::text[]) AS type ON CONFLICT DO NOTHING",
        [list_id, draft.types],
    )
    commented = any(entry.comment for entry in draft.entries)
    listing.put_entries(
        session.connection,
        list_id,
        draft.kind,
        [entry.value for entry in draft.entries],
        [entry.comment or "" for entry in draft.entries] if commented else None,
    )
