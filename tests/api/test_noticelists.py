# SPDX-License-Identifier: EUPL-1.2
"""Noticelists: the node's own, switched and never deleted."""

from collections.abc import Callable

import psycopg
import pytest
from tests.api.conftest import World
from tests.api.event_world import is_refused

from brug.intel.vocabulary.sources import notices


@pytest.fixture
def world(world: World, as_role: Callable[[str, str], str]) -> World:
    """The node with its noticelists."""
    with psycopg.connect(as_role(world.dsn, "brug_owner")) as connection:
        connection.execute("SET search_path = brug")
        notices.install(connection)
    return world


@pytest.mark.parametrize(
    ("path", "enabled"),
    [
        ("enable/1", True),
        ("disable/1", False),
        ("enableNoticelist/1/true", True),
        ("enableNoticelist/1", False),
    ],
)
def test_a_list_is_switched(world: World, path: str, enabled: bool) -> None:
    world.ask("admin", "POST", f"/noticelists/{'disable' if enabled else 'enable'}/1")
    assert world.ask("admin", "POST", f"/noticelists/{path}").status == 200
    shown = world.ask("user", "GET", "/noticelists/view/1").body
    assert shown["Noticelist"]["enabled"] is enabled


def test_a_list_is_not_deleted(world: World) -> None:
    reply = world.ask("admin", "POST", "/noticelists/delete/1")
    assert is_refused(reply, 403, "can be disabled, not deleted")
    assert world.ask("user", "GET", "/noticelists/view/1").status == 200
    assert world.ask("admin", "POST", "/noticelists/delete/999").status == 404
