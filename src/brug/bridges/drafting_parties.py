# SPDX-License-Identifier: EUPL-1.2
"""The parties of a version that somebody here drafts: ours and theirs, as people type them."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from brug.bridges.parties import NodeUser
from brug.bridges.terms import Terms
from brug.directory import organisations
from brug.model.errors import Invalid, NotFound
from brug.store.session import Session

SIDES = ("our", "their")
FIELDS = frozenset(f"{side}_{name}" for side in SIDES for name in ("country", "node_users"))
_PLACE = re.compile(r"parties\[([01])\]\.(country|node_users)")
Party = dict[str, Any]


def of_sides(
    session: Session, ours: tuple[str, str], theirs: tuple[str, str], given: Mapping[str, Any],
    before: Sequence[Terms],
) -> list[Party]:  # fmt: skip
    """Of both, by UUID and name, in the order of a document. Raises Invalid."""
    made: list[Party] = []
    for side, (uuid, name) in zip(SIDES, (ours, theirs), strict=True):
        country = str(given.get(f"{side}_country", "")).upper()
        party: Party = {"organisation": uuid, "name": name, "country": country}
        if users := given.get(field := f"{side}_node_users"):
            party["node_users"] = _resolved(session, field, users, before)
        made.append(party)
    return sorted(made, key=lambda party: str(party["organisation"]))


def _resolved(
    session: Session, field: str, named: Any, before: Sequence[Terms]
) -> list[dict[str, str]]:
    """Organisations by name, UUID or id, of the directory or of versions `before`.

    Raises Invalid.
    """
    if not isinstance(named, list) or not all(isinstance(one, str) for one in named):
        raise Invalid(field, "a list of names or UUIDs of organisations")
    known = {
        name: user
        for one in reversed(before) for party in one.parties for user in party.node_users
        for name in (user.name, user.organisation)
    }  # fmt: skip
    found = {}
    for one in filter(None, (name.strip() for name in named)):
        try:
            org = organisations.view(session, one)
            user = NodeUser(organisation=org.uuid, name=org.name)
        except NotFound as error:
            if one not in known:
                raise Invalid(field, "organisations that are known here", one) from error
            user = known[one]
        found[user.organisation] = {"organisation": user.organisation, "name": user.name}
    return [found[uuid] for uuid in sorted(found)]


def as_typed(error: Invalid, both: Sequence[Party], ours: str) -> Invalid:
    """What is wrong with a party, said of the field that was typed."""
    place = _PLACE.match(error.field)
    if place is None:
        return error
    party = both[int(place[1])]
    side = SIDES[party["organisation"] != ours]
    said = party["country"] if place[2] == "country" else ""
    return Invalid(f"{side}_{place[2]}", error.expected, said)
