# SPDX-License-Identifier: EUPL-1.2
"""Several things that one request names: in each form that clients send, and never cut off."""

from typing import Any

import pytest
from tests.api.conftest import World
from tests.api.event_world import event

FORMS = (
    lambda ids: ids,
    lambda ids: [int(one) for one in ids],
    lambda ids: "[" + ",".join(ids) + "]",
    lambda ids: '["' + '", "'.join(ids) + '"]',
)


@pytest.mark.parametrize("form", FORMS, ids=("texts", "numbers", "json", "json of texts"))
def test_a_list_comes_in_several_forms(world: World, form: Any) -> None:
    values = [{"type": "text", "value": f"value {n}"} for n in range(3)]
    added = event(world, Attribute=values)
    ids = [one["id"] for one in added["Attribute"]]
    body = {"attribute_ids": form(ids[:2]), "comment": "changed"}
    path = f"/attributes/editSelected/{added['id']}"
    assert world.ask("orgadmin", "POST", path, body).status == 200
    shown = world.ask("orgadmin", "GET", f"/events/view/{added['id']}").body["Event"]
    assert [one["comment"] for one in shown["Attribute"]] == ["changed", "changed", ""]


TOO_MANY: tuple[tuple[str, str, str, dict[str, Any]], ...] = (
    ("orgadmin", "/attributes/editSelected/{event}", "attribute_ids", {"comment": "x"}),
    ("orgadmin", "/attributes/deleteSelected/{event}", "id", {}),
    ("orgadmin", "/sightings/add", "values", {}),
    ("admin", "/eventBlocklists/add", "uuids", {}),
    ("admin", "/feeds/toggleSelected/1", "feed_ids", {}),
    ("admin", "/admin/users/massToggleField/disabled/1", "user_ids", {}),
    ("user", "/tags/search", "tag", {}),
    ("orgadmin", "/collectionElements/addElementToCollection/Event/x", "collection_id", {}),
)


@pytest.mark.parametrize(("who", "path", "field", "more"), TOO_MANY, ids=lambda one: str(one)[:50])
def test_a_list_that_is_too_long_is_refused_as_a_whole(
    world: World, who: str, path: str, field: str, more: dict[str, Any]
) -> None:
    added = event(world)
    body = {field: [str(n) for n in range(10_001)], **more}
    reply = world.ask(who, "POST", path.format(event=added["id"]), body)
    assert reply.status in {400, 403}, reply.body
    assert field in str(reply.body)
