# SPDX-License-Identifier: EUPL-1.2
"""Which addresses and events a webhook may have, and that both stay sealed."""

import pytest
from tests.cases.hooks.conftest import World

from brug.cases.hooks import keeping as hooks
from brug.cases.hooks.noting import EVENTS
from brug.model.errors import Invalid


def test_address_and_secret_are_sealed(world: World) -> None:
    _, secret = world.hook(world.node.entity)
    with world.database.system() as session:
        rows = session.all("SELECT h::text FROM case_hook h UNION ALL SELECT a::text FROM audit a")
    for row in rows:
        assert "token=x" not in row[0]
        assert secret.removeprefix("whsec_") not in row[0]


@pytest.mark.parametrize(
    "url",
    ["", "x", "ftp://a.example/", "http://a.example/", "https://", "https://user:pw@a.example/",
     "https://a.example/#part", "https://a.example/" + "x" * 2000, "https://[::1", "https://a:x/",
     "http://192.0.2.1/", "https://10.0.0.1/", "https://169.254.169.254/latest", "https://[::1]/",
     "https://a.example/\r\nX: y", "https://ä.example/", "https://a b.example/", "\0"],
)  # fmt: skip
def test_an_address_that_is_none_is_refused(world: World, url: str) -> None:
    with (
        world.database.as_user(world.node.entity) as session,
        pytest.raises(Invalid) as found,
    ):
        hooks.add(session, url, EVENTS)
    assert found.value.field == "url"


@pytest.mark.parametrize("events", [[], ["x"], ["message", "x"]])
def test_events_are_of_the_list(world: World, events: list[str]) -> None:
    with world.database.as_user(world.node.entity) as session, pytest.raises(Invalid):
        hooks.add(session, world.receiver.url, events)
