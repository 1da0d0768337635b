# SPDX-License-Identifier: EUPL-1.2
"""A warninglist's entries and types, as MISP shows and exchanges them."""

from typing import Any

from brug.intel.vocabulary import warninglists
from brug.intel.vocabulary.warninglists import Warninglist
from brug.store.session import Session

# An entry has no id of its own; MISP's clients get one that is stable and unique.
IDS_A_LIST = 10_000_000


def entries_json(session: Session, list_id: int) -> list[dict[str, Any]]:
    return [
        {
            "id": str(list_id * IDS_A_LIST + number),
            "value": entry.value,
            "warninglist_id": str(list_id),
            "comment": entry.comment,
        }
        for number, entry in enumerate(warninglists.entries(session, list_id))
    ]


def types_json(session: Session, list_id: int) -> list[dict[str, Any]]:
    rows = session.execute(
        "SELECT id, type FROM warninglist_type WHERE warninglist_id = %s ORDER BY id", [list_id]
    )
    return [
        {"id": str(number), "type": type_, "warninglist_id": str(list_id)} for number, type_ in rows
    ]


def export(session: Session, chosen: Warninglist) -> dict[str, Any]:
    return {
        "name": chosen.name,
        "type": chosen.kind,
        "version": str(chosen.version),
        "description": chosen.description,
        "matching_attributes": chosen.types,
        "list": [entry.value for entry in warninglists.entries(session, chosen.id)],
    }
