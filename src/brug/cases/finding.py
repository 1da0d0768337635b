# SPDX-License-Identifier: EUPL-1.2
"""Cases by words that all stand in them: as conditions on rows of case_reading.

Where a word is rare its cases are known at once. Where all are frequent, they are looked for in
the order of the list, of which the first soon hold them.
"""

from collections.abc import Sequence
from typing import Any, LiteralString

import msgspec

from brug.cases import searching
from brug.model.errors import Invalid
from brug.store.session import Session

FEW = 5_000
RARE = 100  # entries
MOST_WORDS = 20
_NONE: LiteralString = "false"
_AND: LiteralString = " AND "
_CASES: LiteralString = "r.case_id = ANY (%(cases)s)"
_HAS: tuple[LiteralString, ...] = tuple(
    "EXISTS (SELECT 1 FROM case_word w WHERE w.case_id = r.case_id AND w.mark = %(" + mark + ")s)"
    for mark in (
        "m0", "m1", "m2", "m3", "m4", "m5", "m6", "m7", "m8", "m9", "m10", "m11", "m12", "m13",
        "m14", "m15", "m16", "m17", "m18", "m19",
    )
)  # fmt: skip


class Condition(msgspec.Struct, frozen=True):
    """`is_known`: which cases they are. Else the database finds out for each word how rare it is,
    and no plan is right for all words. `in_person`: the principal reads cases also so.
    """

    sql: LiteralString
    params: dict[str, Any] = {}
    is_known: bool = True
    in_person: bool = True


ANYTHING = Condition("")


def by_words(session: Session, text: str) -> Condition:
    """Of a text in which something stands. Raises Invalid."""
    words = list(dict.fromkeys(searching.words(text)))
    if not words:
        return Condition(_NONE)  # signs alone are no word of any case
    marks = sorted(set(session.seal.marks(words, searching.PURPOSE)))
    if len(marks) > MOST_WORDS:
        raise Invalid("text", f"at most {MOST_WORDS} words")
    # The number under which it is known here, which its entries need not say.
    number = session.value("SELECT id FROM case_file WHERE number = upper(%s)", (text.strip(),))
    also = [] if number is None else [number]
    sees_many, in_person = _reading(session)
    if sees_many and (rare := _rare(session, marks)) is not None:
        return Condition(_CASES, {"cases": sorted({*rare, *also})}, in_person=in_person)
    params: dict[str, Any] = {f"m{place}": mark for place, mark in enumerate(marks)}
    sql: LiteralString = _AND.join(_HAS[: len(marks)])
    if also:
        sql, params = "(" + _CASES + " OR " + sql + ")", params | {"cases": also}
    return Condition(sql, params, is_known=False, in_person=in_person)


def _reading(session: Session) -> tuple[bool, bool]:
    """Whether the principal takes part in more than FEW cases, or sees all; whether in person."""
    me = session.principal
    if not me.user_id:
        return True, False
    many, in_person = session.one(
        "SELECT EXISTS (SELECT 1 FROM case_reading r WHERE r.reader = ANY (%(readers)s)"
        " OFFSET %(few)s), EXISTS (SELECT 1 FROM case_reading r WHERE r.reader = %(self)s)",
        {"few": FEW, "readers": [me.org_id, -me.user_id], "self": -me.user_id},
    ) or (False, False)
    return many, in_person


def _rare(session: Session, marks: Sequence[int]) -> list[int] | None:
    """The cases of all words, if one is such that few of the reader's entries have it.

    To be asked for a reader of many cases, who soon finds so many entries of a word that is not.
    """
    for mark in marks:
        rows = session.all(
            "SELECT w.case_id FROM case_word w WHERE w.mark = %s LIMIT %s", (mark, RARE + 1)
        )
        if len(rows) <= RARE:
            others = [one for one in marks if one != mark]
            return _with_all(session, sorted({row[0] for row in rows}), others)
    return None


def _with_all(session: Session, cases: list[int], marks: Sequence[int]) -> list[int]:
    """Those of some cases in which other words stand as well; each is looked up by itself."""
    if not cases or not marks:
        return cases
    rows = session.all(
        "SELECT c FROM unnest(%(cases)s::int[]) AS c WHERE NOT EXISTS (SELECT 1"
        " FROM unnest(%(marks)s::bigint[]) AS m WHERE NOT EXISTS (SELECT 1 FROM case_word w"
        "   WHERE w.mark = m AND w.case_id = c OFFSET 0) OFFSET 0)",
        {"cases": cases, "marks": list(marks)},
    )
    return [row[0] for row in rows]
