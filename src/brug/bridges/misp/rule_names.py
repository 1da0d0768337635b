# SPDX-License-Identifier: EUPL-1.2
"""Names in the rules for pushing: people write names, and a record holds this node's numbers."""

import json
from collections.abc import Sequence
from typing import Any, LiteralString

import msgspec

from brug.bridges.misp.rules import Rules
from brug.directory import server_fields
from brug.directory.refusals import Refused
from brug.model.naming import is_uuid
from brug.store.session import Session

GROUPS = ("tags", "orgs")
_BY_NAME: dict[str, LiteralString] = {
    "tags": "SELECT name, id FROM tag WHERE name = ANY (%s)",
    "orgs": "SELECT name, id FROM organisation WHERE name = ANY (%(names)s)"
    " UNION ALL SELECT uuid::text, id FROM organisation WHERE uuid::text = ANY (%(names)s)",
}
_BY_NUMBER: dict[str, LiteralString] = {
    "tags": "SELECT id, name FROM tag WHERE id = ANY (%s)",
    "orgs": "SELECT id, name FROM organisation WHERE id = ANY (%s)",
}


def numbers(session: Session, field: str, group: str, words: Sequence[str]) -> list[str]:
    """This node's numbers; one that stands there already is left as it is. Raises Refused."""
    asked = [word.lower() if is_uuid(word) else word for word in words]
    given: Any = (asked,) if group == "tags" else {"names": asked}
    named = dict(session.all(_BY_NAME[group], given)) if words else {}
    for word in asked:
        if word not in named and not _is_number(word):
            raise Refused(field, "unknown", f"the names of {group} of this node", word)
    return [str(named.get(word, word)) for word in asked]


def names(session: Session, group: str, several: Sequence[str]) -> list[str]:
    """What is called by numbers; one of a thing that is gone stays as it is."""
    known = [int(one) for one in several if _is_number(one)]
    named = dict(session.all(_BY_NUMBER[group], (known,))) if known else {}
    return [str(named.get(int(one), one)) if _is_number(one) else one for one in several]


def named(session: Session, read: Rules) -> Rules:
    """Rules for pushing with names in the place of numbers."""
    pairs = {
        group: tuple(tuple(names(session, group, part)) for part in getattr(read, group))
        for group in GROUPS
    }
    return msgspec.structs.replace(read, **pairs)


def _is_number(word: str) -> bool:
    return word.isascii() and word.isdecimal() and len(word) < 10


def for_pushing(session: Session, field: str, text: str) -> str:
    """Rules as JSON in which names may stand, as a record holds them. Raises Refused."""
    read = json.loads(server_fields.rules(field, text))
    for group in GROUPS:
        for part, words in (read.get(group) or {}).items():
            read[group][part] = numbers(session, field, group, list(map(str, words or [])))
    return json.dumps(read, separators=(",", ":"), ensure_ascii=False)
