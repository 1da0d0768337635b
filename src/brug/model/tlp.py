# SPDX-License-Identifier: EUPL-1.2
"""Traffic Light Protocol 2.0 (FIRST, August 2022): its labels from open to closed.

TLP:WHITE of version 1 is CLEAR. Where several labels stand on an item, the strictest holds.
"""

from collections.abc import Iterable

LABELS = ("clear", "green", "amber", "amber+strict", "red")
_PREFIX = "tlp:"
_OLD = {"white": "clear", "ex:chr": "red"}


def label_of(tag: str) -> str | None:
    """The label that a tag's name is, if it is one."""
    name = tag.strip().lower()
    if not name.startswith(_PREFIX):
        return None
    label = name.removeprefix(_PREFIX)
    label = _OLD.get(label, label)
    return label if label in LABELS else None


def strictest(tags: Iterable[str], unmarked: str = "green") -> str:
    """The label that holds for what carries these tags."""
    found = [LABELS.index(label) for tag in tags if (label := label_of(tag))]
    return LABELS[max(found)] if found else unmarked


def is_above(label: str, ceiling: str) -> bool:
    """Whether a label is stricter than a ceiling."""
    return LABELS.index(label) > LABELS.index(ceiling)
