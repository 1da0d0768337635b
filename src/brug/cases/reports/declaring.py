# SPDX-License-Identifier: EUPL-1.2
"""How a report to an authority is declared: whom it binds, what it holds, what its sending records.

Deadline, article, addressee and whether they were checked against their source are those of its
rows in the table of deadlines, so that a node that corrects a row corrects the form.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

import msgspec

if TYPE_CHECKING:
    from brug.cases.case import Case, Participant

Answer = Literal["yes", "no", "unknown"]
Whence = Literal["field", "fact", "participant", "case", "links", "sent"]


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """Whether the report is owed at all; `about` are the fields and facts that answer it."""

    key: str
    title: str
    about: tuple[str, ...]
    answers: "Callable[[Case, Participant], Answer]"


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the form: `name` of a field, a fact, or what else `whence` has.

    `settles`: "unknown" is no answer any more.
    """

    name: str
    whence: Whence = "field"
    is_required: bool = False
    settles: bool = False
    title: str = ""  # where neither a field nor a fact has one

    @property
    def source(self) -> str:
        return f"{self.whence} {self.name}"


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """`rows` of the table of deadlines: the first whose clock counts is the report's.

    `records` is the fact that its sending is; `again`: each sending is recorded, and not only
    the first. `moves` is the machine of the sender, and the trigger that its sending is.
    `says_content`: whether the law's text on what it holds was seen.
    """

    key: str
    title: str
    law: str
    rows: tuple[str, ...]
    records: str
    questions: tuple[Question, ...]
    items: tuple[Item, ...]
    kind: str = "incident"  # of the cases in which it is owed
    moves: tuple[str, str] | None = None
    again: bool = False
    says_content: bool = True
