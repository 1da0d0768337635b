# SPDX-License-Identifier: EUPL-1.2
"""What the interface says of one of its functions."""

import pytest
from tests.api.conftest import World
from tests.api.event_world import is_refused


def test_a_function_is_described_by_its_path(world: World) -> None:
    told = world.ask("user", "POST", "/api/getApiInfo", {"url": "/attributes/add/5"}).body
    assert (told["name"], told["url"]) == ("/attributes/add API description", "/attributes/add")
    assert {"type", "value"} <= set(told["optional_fields"])
    assert told["http_method"] == ["POST", "PUT"]
    assert told["api_info"]["description"] == told["description"]
    for same in ("/admin/users/add", "admin/users/add.json?x=1"):
        told = world.ask("readonly", "POST", "/api/getApiInfo", {"url": same}).body
        assert told["url"] == "/admin/users/add"
    told = world.ask("user", "GET", "/api/getApiInfo?url=/events/index").body
    assert told["url"] == "/events/index"


@pytest.mark.parametrize("url", ["", "/", "/nosuch/thing", "nonsense", "\u0661", None])
def test_what_is_no_function_is_an_empty_list(world: World, url: str | None) -> None:
    assert world.ask("user", "POST", "/api/getApiInfo", {"url": url}).body == []


def test_a_path_that_is_no_text_is_refused_by_name(world: World) -> None:
    reply = world.ask("user", "POST", "/api/getApiInfo", {"url": ["/attributes/add"]})
    assert is_refused(reply, 400, "url")
