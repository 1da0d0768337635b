# SPDX-License-Identifier: EUPL-1.2
"""What points to something that did not cross tells of it: it does not cross either.

Where a pseudonym crossed instead, it points to that.
"""

from collections.abc import Mapping
from typing import Any

from brug.bridges.gate.hop import NOTES, rows
from brug.bridges.gate.parts import uuid_of, values_of
from brug.bridges.gate.spreading import attributes_of

Document = dict[str, Any]


def cut(event: Document, made: Document, names: Mapping[str, str]) -> None:
    """Takes off a copy of an event the references and relationships to what is not in it.

    `names` are the UUIDs of pseudonyms, by those that they stand for.
    """
    gone = _uuids(event) - _uuids(made)
    gone |= {uuid_of(one) for one in rows(event, "Object")} - {
        uuid_of(one) for one in rows(made, "Object")
    }
    if gone:
        _Cut(gone, names).off(made)


def cut_off(made: Document, gone: set[str]) -> None:
    """Takes off what points to items of these UUIDs."""
    _Cut(gone, {}).off(made)


def _uuids(event: Document) -> set[str]:
    return {uuid for one in attributes_of(event) for uuid, _ in values_of(one)}


class _Cut:
    def __init__(self, gone: set[str], names: Mapping[str, str]) -> None:
        self._gone, self._names = gone, names

    def off(self, made: Document) -> None:
        for one in rows(made, "Object"):
            one["ObjectReference"] = self._pointing(one, "ObjectReference", "referenced_uuid")
        everything = [made, *attributes_of(made), *rows(made, "Object"), *rows(made, "EventReport")]
        for one in everything:
            self._notes(one)

    def _notes(self, item: Document) -> None:
        for name in NOTES:
            if name in item:
                item[name] = self._pointing(item, name, "related_object_uuid")
                for note in item[name]:
                    self._notes(note)

    def _pointing(self, item: Document, name: str, field: str) -> list[Document]:
        """What an item lists under a name and points to something that crossed."""
        found = []
        for row in rows(item, name):
            target = str(row.get(field, "")).lower()
            if target not in self._gone:
                found.append(row)
            elif target in self._names:
                found.append({**row, field: self._names[target]})
        return found
