# SPDX-License-Identifier: EUPL-1.2
"""Two nodes come to know each other, and nobody comes in between."""

import pytest

from brug.bridges import connecting, native, partners
from brug.bridges.native import client
from brug.model.errors import NotFound
from tests.bridges.served import ADMIN, Served


def test_both_sides_show_the_same_string_and_a_bridge_opens_when_people_confirm(
    connected: tuple[Served, Served],
) -> None:
    one, other = connected
    assert one.string(other.name) == other.string(one.name)
    for here, there in ((one, other), (other, one)):
        bridge = here.bridge(there.name)
        assert bridge.state == "open"
        reply = client.ping(here.database, bridge)
        assert reply.document == {"kind": "ping", "versions": [1], "state": "open"}
