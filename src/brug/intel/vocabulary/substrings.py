# SPDX-License-Identifier: EUPL-1.2
"""Which of many needles occur in a value, without trying each.

Needles are filed under their first four characters; a value is read once, and only needles
filed under what stands at a place are compared there.
"""

from collections.abc import Iterable

HEAD = 4


class Needles:
    """Folded entries of substring lists; `lists` gives (id of the list, entry)."""

    def __init__(self, lists: Iterable[tuple[int, str]]) -> None:
        self._by_head: dict[str, list[tuple[int, str]]] = {}
        for owner, entry in lists:
            self._by_head.setdefault(entry[:HEAD], []).append((owner, entry))
        self._widths = sorted({len(head) for head in self._by_head})

    def within(self, folded: str) -> dict[int, str]:
        """By list, the first entry that occurs in the value."""
        found: dict[int, str] = {}
        for width in self._widths:
            for at in range(len(folded) - width + 1):
                for owner, entry in self._by_head.get(folded[at : at + width], ()):
                    if owner not in found and folded.startswith(entry, at):
                        found[owner] = entry
        return found
