# SPDX-License-Identifier: EUPL-1.2
"""Texts of an event without what may not cross in them: values that are kept out, and what
identifies people where the terms drop that. Pure; cleaning twice is cleaning once.
"""

from typing import Any

from brug.bridges.gate import fields
from brug.bridges.gate.keeping_out import KeptOut
from brug.formats import personal_identifiers as detectors


class Texts:
    """Those of one copy. `indicators`, folded, are values that cross and so may be said.

    `removed` is whether anything was taken out so far.
    """

    def __init__(self, gone: KeptOut, indicators: frozenset[str], *, scrub: bool) -> None:
        self.cleans = bool(gone) or scrub
        self.removed = False
        self._gone, self._indicators, self._scrub = gone, indicators, scrub

    def names(self, text: str) -> bool:
        """Whether a text names what is kept out."""
        return bool(self._gone and self._gone.is_in_text(text))

    def clean(self, value: Any) -> Any:
        return self._clean(value, scrub=self._scrub)

    def of_everybody(self, value: Any) -> Any:
        """Of what was published for all: whom it names is no secret of this event."""
        return self._clean(value, scrub=False) if self._gone else value

    def _clean(self, value: Any, *, scrub: bool) -> Any:
        if isinstance(value, str):
            if not value:
                return value
            text = self._gone.without(value) if self._gone else value
            if scrub:
                text = detectors.without(text, self._indicators)
            if text != value:
                self.removed = True
            return text
        if isinstance(value, list):
            return [self._clean(one, scrub=scrub) for one in value]
        if isinstance(value, dict):
            return {
                name: one if name in fields.CODES else self._clean(one, scrub=scrub)
                for name, one in value.items()
                if isinstance(name, str) and not self.names(name)
            }
        return value
