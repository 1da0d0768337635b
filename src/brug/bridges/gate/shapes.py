# SPDX-License-Identifier: EUPL-1.2
"""Which fields of an item cross: asked once for all items that have the same ones."""

from functools import lru_cache

import msgspec

from brug.bridges.gate import fields
from brug.bridges.gate.alike import ALIKE
from brug.bridges.gate.hop import NOTES

# What hangs on an item: its kind, and the fields of it that cross.
BESIDE = (
    ("Sighting", "sighting", fields.SIGHTING),
    ("ShadowAttribute", "proposal", fields.PROPOSAL),
    *((note, "note", fields.NOTE) for note in NOTES),
)
_LISTS = frozenset({"Tag", "Galaxy", *(name for name, _, _ in BESIDE)})


class Shape(msgspec.Struct, frozen=True):
    """What becomes of the fields of an attribute, by their names."""

    gone: tuple[str, ...]
    lists: tuple[str, ...]  # of what hangs on it, which is decided on one by one
    texts: tuple[str, ...]  # in which may stand what does not cross


@lru_cache(256)
def shape_of(names: tuple[str, ...], wanted: frozenset[str]) -> Shape:
    """Of an item with fields of these names, of which some are wanted."""
    kept = [name for name in names if name in wanted]
    known = wanted | _LISTS | {ALIKE}
    return Shape(
        gone=tuple(name for name in names if name not in known),
        lists=tuple(name for name in names if name in _LISTS),
        texts=tuple(name for name in kept if name not in fields.CODES),
    )
