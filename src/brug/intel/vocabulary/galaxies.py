# SPDX-License-Identifier: EUPL-1.2
"""Galaxies: what they are, and switching them."""

import msgspec

from brug.intel.vocabulary.templates import reference
from brug.model.errors import NotFound
from brug.store.audit import record
from brug.store.session import Session


class Galaxy(msgspec.Struct, frozen=True):
    id: int
    uuid: str
    name: str
    type: str
    description: str
    version: int
    icon: str
    namespace: str
    kill_chain_order: dict[str, list[str]] | None
    enabled: bool
    local_only: bool


def galaxies(session: Session, search: str | None = None) -> list[Galaxy]:
    """By id; `search`: part of a name, type, description or namespace."""
    rows = session.execute(
        """
        SELECT id, uuid::text, name, type, description, version, icon, namespace,
               kill_chain_order, enabled, local_only
        FROM galaxy
        WHERE %(search)s::text IS NULL OR position(lower(%(search)s) IN
            lower(concat_ws(' ', name, type, description, namespace))) > 0
        ORDER BY id
        """,
        {"search": search or None},
    )
    return [Galaxy(*row) for row in rows]


def galaxy(session: Session, ref: str | int) -> Galaxy:
    """By id, UUID or type; raises NotFound."""
    row = session.one(
        """
        SELECT id, uuid::text, name, type, description, version, icon, namespace,
               kill_chain_order, enabled, local_only
        FROM galaxy WHERE id = %(id)s OR uuid = %(uuid)s OR type = %(name)s
        ORDER BY is_default DESC, id LIMIT 1
        """,
        reference(ref),
    )
    if row is None:
        raise NotFound(f"no galaxy {ref!r}")
    return Galaxy(*row)


def by_id(session: Session, ids: set[int]) -> dict[int, Galaxy]:
    rows = session.execute(
        """
        SELECT id, uuid::text, name, type, description, version, icon, namespace,
               kill_chain_order, enabled, local_only
        FROM galaxy JOIN unnest(%s::int[]) AS wanted (id) USING (id)
        """,
        [list(ids)],
    )
    return {row[0]: Galaxy(*row) for row in rows}


def set_enabled(session: Session, galaxy_id: int, enabled: bool) -> bool:
    """False if there is no such galaxy."""
    name = session.value(
        "UPDATE galaxy SET enabled = %s WHERE id = %s RETURNING name", [enabled, galaxy_id]
    )
    if name is not None:
        record(session, "edit", "Galaxy", galaxy_id, name, {"enabled": enabled})
    return name is not None
