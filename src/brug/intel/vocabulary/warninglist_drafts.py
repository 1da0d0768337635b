# SPDX-License-Identifier: EUPL-1.2
"""A warninglist from what MISP's clients send: its form, or its project's JSON.

Entries come as a text with one a line and `#` before a comment, or as a list; the project's
JSON calls them `list`. What an edit does not say stays.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from brug.formats.misp import coercion
from brug.intel.vocabulary.warninglists import Draft, Entry, Warninglist
from brug.model.errors import Invalid


def drafted(
    data: Mapping[str, Any], old: Warninglist | None = None, known: Sequence[Entry] = ()
) -> Draft:
    """Raises Invalid where a field is not of its kind; the rest `warninglists.check` says."""
    given = data.get("entries", data.get("list"))
    types = data.get("matching_attributes", data.get("type_list"))
    kind = coercion.text("type", data.get("type"), old.kind if old else "string")
    return Draft(
        name=coercion.text("name", data.get("name"), old.name if old else ""),
        kind=kind,
        description=coercion.text(
            "description", data.get("description"), old.description if old else ""
        ),
        category=coercion.text(
            "category", data.get("category"), old.category if old else "false_positive"
        ),
        types=_types(types) if types is not None else (old.types if old else []),
        entries=_entries(given, kind) if given is not None else list(known),
        version=coercion.integer("version", data.get("version")) or 1,
    )


def _types(given: Any) -> list[str]:
    if isinstance(given, str):
        given = given.split("\n")
    if not isinstance(given, list):
        raise Invalid("matching_attributes", "a list of attribute types")
    named = [coercion.text("matching_attributes", one).strip() for one in given]
    return [one for one in named if one]


def _entries(given: Any, kind: str) -> list[Entry]:
    if isinstance(given, str):
        lines = [line for line in coercion.text("entries", given).splitlines() if line.strip()]
        # In a regular expression the mark may be part of it.
        return [Entry(one.strip(), None) if kind == "regex" else _commented(one) for one in lines]
    if not isinstance(given, list):
        raise Invalid("entries", "a text with one entry a line, or a list")
    return [Entry(coercion.text("list", one).strip(), None) for one in given]


def _commented(line: str) -> Entry:
    value, mark, comment = line.partition("#")
    if not mark or not value.strip():
        return Entry(line.strip(), None)
    return Entry(value.strip(), comment.strip() or None)
