# SPDX-License-Identifier: EUPL-1.2
"""What stands beside a message, a decision or a document: whether it asks to be read, and by whom.

Who has said so is shown to whoever wrote it, asked for it or leads the case; others see what they
themselves still owe.
"""

from functools import cached_property

import msgspec

from brug.cases import taking_part
from brug.cases.crisis import receipts
from brug.cases.crisis.receipts import Reading
from brug.cases.entries import Author, Entry
from brug.web.cases.view import View


class Mark(msgspec.Struct, frozen=True, kw_only=True):
    """`asks`: it asks to be read; `owes`: by the reader; `waiting` of `all` have not said so."""

    asks: bool = False
    owes: bool = False
    may_ask: bool = False
    may_look: bool = False
    waiting: int = 0
    all: int = 0


class Marks:
    """For the templates of one case."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._askable: dict[Author, bool] = {}

    @cached_property
    def readings(self) -> dict[str, Reading]:
        return {one.entry.id: one for one in receipts.readings(self._view.case)}

    @cached_property
    def owed(self) -> list[Entry]:
        """What waits for the reader."""
        return receipts.owed(self._view.case, self._view.author)

    def may_look(self, one: Reading) -> bool:
        by = (one.entry, one.asked)
        return self._view.leads or any(self._view.author.is_of(each.author.org) for each in by)

    def of(self, entry: Entry) -> Mark:
        found = self.readings.get(entry.id)
        if found is None:
            return Mark(may_ask=self._may_ask(entry))
        return Mark(
            asks=True,
            owes=entry.id in {one.id for one in self.owed},
            may_look=self.may_look(found),
            waiting=len(found.waiting),
            all=len(found.rows),
        )

    def _may_ask(self, entry: Entry) -> bool:
        """There has to be somebody who could read it. It is so of all that one author wrote."""
        if entry.author not in self._askable:
            case, author = self._view.case, self._view.author
            others = {one.id for one in case.present} - {
                one.id for one in taking_part.parts_of(case, entry.author)
            }
            may = bool(others) and receipts.may_ask(case, author, entry)
            self._askable[entry.author] = may
        return self._askable[entry.author]
