# SPDX-License-Identifier: EUPL-1.2
"""Values that do not cross are nowhere in what does.

A value is looked for as it stands, in any capitals, as a whole and in its two parts, in every
text of a copy. Very short ones (under `SHORTEST` characters) only as whole words: "80" is in
half of all texts. An address is not found within a longer number (192.0.2.1 in 192.0.2.10).
What was rewritten (defanged, encoded) is not found.
"""

import re
from collections.abc import Iterable, Iterator

from brug.intel.vocabulary.substrings import Needles

SHORTEST = 4
LEFT_OUT = "[left out]"
_ADDRESS = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}")


class KeptOut:
    """The values that must not be in a text."""

    def __init__(self, values: Iterable[str]) -> None:
        self._values: list[str] = []
        short: list[str] = []
        for part in sorted({part for value in values for part in _parts(value)}):
            (self._values if len(part) >= SHORTEST else short).append(part)
        self._needles = Needles(enumerate(self._values))
        self._short = frozenset(short)
        words = "|".join(re.escape(word) for word in sorted(short, key=len, reverse=True))
        self._words = re.compile(rf"(?<!\w)(?:{words})(?!\w)") if short else None

    def __bool__(self) -> bool:
        return bool(self._values or self._short)

    def is_in(self, value: str) -> bool:
        """Whether a value holds one; a short one has to be all of it, or a part of two."""
        folded = value.casefold()
        if self._short and not self._short.isdisjoint(_parts(value)):
            return True
        return any(_stands(folded, self._values[n]) for n in self._needles.within(folded))

    def is_in_text(self, text: str) -> bool:
        return self.without(text) != text

    def without(self, text: str) -> str:
        """The text with each of them replaced."""
        folded = text.casefold()
        found = [self._values[n] for n in self._needles.within(folded)]
        found = [value for value in found if _stands(folded, value)]
        if found:
            text = _replaced(text, found)
        if self._words is not None and self._words.search(text.casefold()):
            text = re.sub(self._words.pattern, LEFT_OUT, text, flags=re.IGNORECASE)
        return text


def _parts(value: str) -> set[str]:
    """A value, and its two parts where it has them, folded."""
    folded = value.casefold().strip()
    return {part for part in (folded, *folded.split("|", 1)) if part}


def _stands(folded: str, value: str) -> bool:
    """Whether a value stands in a text as itself."""
    return next(_places(folded, value), None) is not None


def _places(folded: str, value: str) -> Iterator[tuple[int, int]]:
    """Where a value stands in a text, overlaps included."""
    shape = re.escape(value)
    if _ADDRESS.fullmatch(value):
        shape = rf"(?<![0-9.]){shape}(?!\.?[0-9])"
    for match in re.finditer(f"(?={shape})", folded):
        yield match.start(), match.start() + len(value)


def _replaced(text: str, values: list[str]) -> str:
    """All places of all values, the longest first. Folding may change a text's length: then
    nothing of the text is left, as no place in it is certain.
    """
    if len(text.casefold()) != len(text):
        return LEFT_OUT
    folded = text.casefold()
    spans = [place for value in values for place in _places(folded, value)]
    made, at = [], 0
    for start, end in _merged(spans):
        made += [text[at:start], LEFT_OUT]
        at = end
    return "".join([*made, text[at:]])


def _merged(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    made: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if made and start < made[-1][1]:
            made[-1] = (made[-1][0], max(end, made[-1][1]))
        else:
            made.append((start, end))
    return made
