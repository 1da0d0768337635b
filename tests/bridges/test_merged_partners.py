# SPDX-License-Identifier: EUPL-1.2
"""A partner's organisation that becomes part of another: what was signed, and what is refused."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from psycopg.types.json import Jsonb
from tests.bridges.world import ONE, World

from brug.bridges import agreements, partners
from brug.directory import organisation_merging, organisations
from brug.directory.refusals import Refused


def merge(world: World) -> str:
    with world.admin() as session:
        new = organisations.add(session, {"name": "Two became one"})
        organisation_merging.merge(session, ONE, new.uuid)
    return new.uuid


def test_the_organisation_by_which_a_node_signs_stays_while_the_bridge_is_open(
    world: World,
) -> None:
    world.agree()
    with pytest.raises(Refused, match="as long as the bridge to"):
        merge(world)
    with world.admin() as session:
        assert organisations.view(session, ONE).uuid == ONE
        partners.close(session, world.bridge)
    assert merge(world) != ONE


def test_what_was_agreed_holds_for_the_one_that_it_is_part_of(world: World) -> None:
    """Of a partner without a node of Brug, whose side stands on paper."""
    made = world.agree()
    with world.database.system() as session:
        session.execute(
            "UPDATE bridge SET transport = 'mail', filters = %s WHERE id = %s",
            (Jsonb({"orgs": [f"!{ONE}", "Nobody"], "tags": [f"!{ONE}"]}), world.bridge.id),
        )
    new = merge(world)
    with world.admin() as session:
        found = agreements.in_force(session, world.bridge.id, datetime.now(UTC))
        assert found is not None
        assert new in found.terms.senders
        assert found.terms.party(new) is not None
        assert found.terms.party(ONE) is None
        assert found.document == made.document
        kept = agreements.view(session, world.bridge.id, made.version)
        assert kept.terms.party(ONE) is not None
        bridge = partners.view(session, world.bridge.id)
        assert str(bridge.org_uuid) == new
        assert bridge.filters == {"orgs": [f"!{new}", "Nobody"], "tags": [f"!{ONE}"]}
