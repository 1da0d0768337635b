# SPDX-License-Identifier: EUPL-1.2
"""What a partner does not take of an event is told where its crossing is shown."""

from typing import Any

import pytest
from tests.bridges.crossing.conftest import added, carry, crossings, new_event, stored
from tests.bridges.served import ADMIN, Served

from brug.bridges.crossing import receipts
from brug.intel.patterns import import_rules

Two = tuple[Served, Served]


def test_a_part_that_the_partners_rules_keep_out_is_named(agreed: Two) -> None:
    one, other = agreed
    with other.database.as_user(ADMIN) as session:
        import_rules.add(session, "/secret/", "", ["ALL"])
    uuid = added(one, new_event(("domain", "fine.example"), ("domain", "secret.example")))
    carry(one)
    assert stored(other, uuid) is not None
    (known,) = crossings(one, uuid)
    assert known.state == "received"
    assert known.problem == (
        "The partner did not take: Attribute[1]"
        " (value: This value is blocked by a regular expression in the import filters.)"
    )


@pytest.mark.parametrize(
    ("refused", "told"),
    [
        (None, ""),
        ([], ""),
        ("all of it", ""),
        ([7], ""),
        ([{}], "The partner did not take: None (no reason given)"),
        ([{"place": "Tag", "errors": {"name": "long"}}],
         "The partner did not take: Tag (name: long)"),
        ([{"place": "a\0\ud800", "errors": {"b": ["c", 1]}}],
         "The partner did not take: a? (b: c 1)"),
        ([{"place": str(n), "errors": []} for n in range(7)],
         ("The partner did not take: 0 (no reason given); 1 (no reason given);"
         " 2 (no reason given); 3 (no reason given); 4 (no reason given); and 2 more")),
    ],
)  # fmt: skip
def test_whatever_a_partner_says_of_it_can_be_shown(refused: Any, told: str) -> None:
    assert receipts._left_out(refused) == told
