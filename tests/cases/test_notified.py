# SPDX-License-Identifier: EUPL-1.2
"""To which entity it belongs what was said of whoever answers, on every node alike."""

from collections.abc import Mapping
from datetime import UTC, datetime
from itertools import permutations
from uuid import UUID

from brug.cases import notified
from brug.cases.acts import AnyAct, Attached, Joined, Opened, Recorded
from brug.cases.entries import Author, Entry, case_of
from brug.cases.folding import continued, fold
from brug.cases.kinds.incident import INCIDENT

OURS, THEIRS = (str(UUID(int=200 + n)) for n in range(2))  # nodes
LEAD, FIRST, SECOND, ANSWERS = (str(UUID(int=(n << 96) + n)) for n in range(1, 5))
ORG = {one: str(UUID(int=100 + n)) for n, one in enumerate((LEAD, FIRST, SECOND, ANSWERS))}
CASE = case_of(Author(OURS, ORG[LEAD], 1), "incident", LEAD)
CALLED = "2026-01-01T08:00:00Z"


def entry(n: int, node: str, by: str, act: AnyAct, knows: Mapping[str, int]) -> Entry:
    return Entry(
        id=str(UUID(int=1000 + n)), case=CASE, author=Author(node, ORG[by], 1),
        at=datetime(2026, 1, 1, 9, n, tzinfo=UTC).isoformat(), knows={**knows, node: n}, act=act,
    )  # fmt: skip


def joins(one: str, role: str, node: str) -> Joined:
    return Joined(participant=one, org=ORG[one], name=role, role=role, node=node)


def test_it_is_of_the_one_that_its_author_knew_whatever_comes_first() -> None:
    """The second joins and sends elsewhere before it is said, and the author has neither yet."""
    opened = Opened(kind="incident", title="Pumps", number="INC-1", participant=LEAD, name="One")
    report = Attached(document=str(UUID(int=9)), name=f"nis2-early-warning_{SECOND[:8]}_v1.json",
                      media_type="application/json", size=2, sha256="0" * 64)  # fmt: skip
    entries = [
        entry(1, OURS, LEAD, opened, {}),
        entry(2, OURS, LEAD, joins(FIRST, "entity", OURS), {}),
        entry(3, OURS, LEAD, joins(ANSWERS, "authority", THEIRS), {}),
        entry(4, OURS, LEAD, joins(SECOND, "entity", OURS), {}),
        entry(5, OURS, SECOND, report, {}),
        entry(6, THEIRS, ANSWERS, Recorded(fact=notified.RECEIVED, at=CALLED, zone="UTC",
                                           of=ANSWERS), {OURS: 3}),
    ]  # fmt: skip
    for order in permutations(entries, 6):
        had = {one.id: one for one in order[:3]}
        case = continued(fold(INCIDENT, had.values()), had, order[3:])
        assert case.ignored == []
        mine = case.participants[ANSWERS]
        first, second = (case.participants[one] for one in (FIRST, SECOND))
        told = notified.said(case, notified.RECEIVED, mine, first)
        assert told is not None
        assert told.at == CALLED
        assert notified.said(case, notified.RECEIVED, mine, second) is None
        assert notified.said_of(case, mine, first) == FIRST
        assert [one.id for one in notified.notifiers(case)] == [SECOND, FIRST]
