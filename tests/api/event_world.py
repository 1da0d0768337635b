# SPDX-License-Identifier: EUPL-1.2
"""Short hands for tests that add events and change what hangs on them."""

from typing import Any

from tests.api.conftest import Reply, World

FILE_TEMPLATE = "688c46fb-5edb-40a3-8273-1af7923e2215"


def event(world: World, who: str = "orgadmin", **fields: Any) -> dict[str, Any]:
    """An added event."""
    reply = world.ask(who, "POST", "/events/add", {"info": "Phishing wave", **fields})
    assert reply.status == 200, reply.body
    return dict(reply.body["Event"])


def viewed(world: World, event_id: Any, who: str = "orgadmin", path: str = "") -> dict[str, Any]:
    """An event as somebody sees it."""
    reply = world.ask(who, "GET", f"/events/view/{event_id}{path}")
    assert reply.status == 200, reply.body
    return dict(reply.body["Event"])


def edited(world: World, event_id: Any, body: Any, who: str = "orgadmin") -> dict[str, Any]:
    """An event after an edit that has to succeed."""
    reply = world.ask(who, "POST", f"/events/edit/{event_id}", body)
    assert reply.status == 200, reply.body
    return dict(reply.body["Event"])


def attribute(world: World, event_id: Any, who: str = "orgadmin", **fields: Any) -> dict[str, Any]:
    """An attribute added to an event."""
    body = {"type": "ip-dst", "value": "192.0.2.10", **fields}
    reply = world.ask(who, "POST", f"/attributes/add/{event_id}", body)
    assert reply.status == 200, reply.body
    return dict(reply.body["Attribute"])


def published(world: World, event_id: Any, who: str = "orgadmin") -> None:
    reply = world.ask(who, "POST", f"/events/publish/{event_id}")
    assert reply.status == 200, reply.body


def an_object(**fields: Any) -> dict[str, Any]:
    """An object that says itself what it is."""
    return {
        "name": "file",
        "meta-category": "file",
        "description": "A file",
        "template_uuid": FILE_TEMPLATE,
        "template_version": "1",
        "Attribute": [{"type": "filename", "object_relation": "filename", "value": "a.exe"}],
        **fields,
    }


def add_object(world: World, event_id: Any, who: str = "orgadmin", **fields: Any) -> dict[str, Any]:
    """An object added to an event."""
    reply = world.ask(who, "POST", f"/objects/add/{event_id}", {"Object": an_object(**fields)})
    assert reply.status == 200, reply.body
    return dict(reply.body["Object"])


def values(event: dict[str, Any]) -> list[str]:
    """The values of an event's own attributes."""
    return [a["value"] for a in event["Attribute"]]


def is_refused(reply: Reply, status: int, text: str) -> bool:
    """Whether an answer says no with this text somewhere."""
    return reply.status == status and text in str(reply.body)


def rows(world: World, query: Any, *params: Any) -> list[tuple[Any, ...]]:
    """What the database holds, seen by the system."""
    with world.database.system() as session:
        return session.all(query, params)
