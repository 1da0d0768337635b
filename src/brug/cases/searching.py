# SPDX-License-Identifier: EUPL-1.2
"""Finding cases by words of what is sealed: whole words, upper and lower case alike.

A word is found by its mark under the node's key (`Seal.marks`), so that the database holds none.
What stands between spaces is a word, and so is each part of it: `ups.example`, `ups`, `example`.
"""

import re
from collections.abc import Iterator
from typing import Any

import msgspec

from brug.cases.acts import AnyAct

PURPOSE = "case word"
MOST_WORDS = 5000
LONGEST_WORD = 100
_PART = re.compile(r"\w+")
_AROUND = ".,;:!?()[]{}<>\"'`"
# What is no text: names of things of the engine, and times.
_UNSAID = frozenset({"what", "participant", "org", "user", "zone", "at", "machine", "of", "task",
    "document", "media_type", "said_type", "size",
})  # fmt: skip


def texts_of(act: AnyAct) -> Iterator[str]:
    """All that an act says in words, with its numbers."""
    return _texts(msgspec.to_builtins(act))


def words_of(act: AnyAct) -> list[str]:
    """Of all texts of an act, each word once."""
    found: dict[str, None] = {}
    for text in texts_of(act):
        found.update(dict.fromkeys(words(text)))
    return list(found)[:MOST_WORDS]


def words(text: str) -> Iterator[str]:
    """The words of a text, as they are marked."""
    for piece in text.casefold().split():
        whole = piece.strip(_AROUND)
        if whole:
            yield whole[:LONGEST_WORD]
        for part in _PART.findall(whole):
            yield part[:LONGEST_WORD]


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for name, inner in value.items():
            if name not in _UNSAID:
                yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)
    elif isinstance(value, str):
        yield value
    elif isinstance(value, int) and not isinstance(value, bool):
        yield str(value)
