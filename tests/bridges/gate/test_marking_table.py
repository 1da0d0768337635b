# SPDX-License-Identifier: EUPL-1.2
"""TLP x ceiling x origin, written out from TLP 2.0 and the agreement's rules.

Rows are labels, columns ceilings: clear, green, amber, amber+strict, red.
p passes, h is held for a person, r is refused.
"""

from __future__ import annotations

import pytest
from tests.bridges.gate.worlds import OTHER, attribute, event, made, outcome

CEILINGS = ("clear", "green", "amber", "amber+strict", "red")
OUTCOMES = {"p": "pass", "h": "hold", "r": "refuse"}

# What the host made is its own to release, whoever is at the other end; the public is held.
OWN = {
    ("client", "community"): """
        clear         p p p p p
        green         h p p p p
        amber         h h p p p
        amber+strict  h h h p p
        red           h h h h p
    """,
    ("public",): """
        clear         p p p p p
        green         h h h h h
        amber         h h h h h
        amber+strict  h h h h h
        red           h h h h h
    """,
}
# What was received goes as far as its label says: CLEAR to anyone, GREEN to the community,
# AMBER to clients, AMBER+STRICT and RED nowhere; the ceiling only ever narrows that.
RECEIVED = {
    ("client",): """
        clear         p p p p p
        green         r p p p p
        amber         r r p p p
        amber+strict  r r r r r
        red           r r r r r
    """,
    ("community",): """
        clear         p p p p p
        green         r p p p p
        amber         r r r r r
        amber+strict  r r r r r
        red           r r r r r
    """,
    ("public",): """
        clear         p p p p p
        green         r r r r r
        amber         r r r r r
        amber+strict  r r r r r
        red           r r r r r
    """,
}
CASES = [
    (own, relation, label, ceiling, OUTCOMES[cell])
    for own, tables in ((True, OWN), (False, RECEIVED))
    for relations, table in tables.items()
    for relation in relations
    for line in table.strip().splitlines()
    for label, *cells in [line.split()]
    for ceiling, cell in zip(CEILINGS, cells, strict=True)
]


@pytest.mark.parametrize(("own", "relation", "label", "ceiling", "expected"), CASES)
def test_a_marking_crosses_as_the_table_says(
    own: bool, relation: str, label: str, ceiling: str, expected: str
) -> None:
    creator = {} if own else {"Orgc": {"uuid": OTHER, "name": "Other"}}
    for document in (
        event(tags=(f"tlp:{label}",)) | creator,
        event(attribute(1, "evil.example"), tags=(f"TLP:{label.upper()}", "tlp:clear")) | creator,
    ):
        assert outcome(document, made(ceiling__tlp=ceiling), relation=relation) == expected


def test_the_table_is_whole() -> None:
    assert len(CASES) == 2 * 3 * 5 * 5
