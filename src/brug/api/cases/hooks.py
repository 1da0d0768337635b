# SPDX-License-Identifier: EUPL-1.2
"""Webhooks as JSON: whose they are, what they hear of, whether they answer."""

from datetime import datetime

import msgspec

from brug.api.cases.leaving import Done
from brug.api.cases.table import Call, route
from brug.cases.hooks import keeping
from brug.cases.hooks.noting import EVENTS

_ONE = "/hooks/{hook}"


class Hooking(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An https address that is to be told; of all events where none are named."""

    url: str
    events: tuple[str, ...] = tuple(EVENTS)
    name: str = ""
    of_org: bool = False


class Hook(msgspec.Struct, frozen=True):
    """`secret` only in the answer that makes it. `why` it is paused: asked, failing or gone."""

    id: int
    name: str
    url: str
    events: list[str]
    is_of_org: bool
    made: datetime
    paused: datetime | None
    why: str
    failing: datetime | None
    waiting: int
    secret: str = ""


class Hooks(msgspec.Struct, frozen=True):
    """The key's owner's, and its organisation's where it looks after them."""

    hooks: list[Hook]


class Delivery(msgspec.Struct, frozen=True):
    """An attempt; `status` is 0 where nobody answered."""

    at: datetime
    message: str
    event: str
    number: str
    tries: int
    status: int
    said: str


class Deliveries(msgspec.Struct, frozen=True):
    """The last ones, the newest first."""

    deliveries: list[Delivery]


@route("GET", "/hooks", summary="Webhooks", answers=(Hooks,))
def listed(call: Call) -> Hooks:
    return Hooks([_told(one) for one in keeping.listed(call.session)])


def _told(one: keeping.Hook, secret: str = "") -> Hook:
    return Hook(**msgspec.structs.asdict(one), secret=secret)


@route("POST", "/hooks", summary="Have an address told", body=Hooking, answers=(Hook,), status=201,
       changes=True)  # fmt: skip
def added(call: Call) -> Hook:
    asked: Hooking = call.body
    made, secret = keeping.add(
        call.session, asked.url, asked.events, asked.name, of_org=asked.of_org
    )
    return _told(made, secret)


@route("DELETE", _ONE, summary="Forget a webhook", answers=(Done,), changes=True)
def removed(call: Call) -> Done:
    keeping.remove(call.session, call.args["hook"])
    return Done()


@route("POST", _ONE + "/pause", summary="Tell a webhook nothing", answers=(Done,), changes=True)
def paused(call: Call) -> Done:
    keeping.pause(call.session, call.args["hook"])
    return Done()


@route("POST", _ONE + "/resume", summary="Tell a webhook again", answers=(Done,), changes=True)
def resumed(call: Call) -> Done:
    keeping.resume(call.session, call.args["hook"])
    return Done()


@route("POST", _ONE + "/test", summary="Try a webhook out", answers=(Done,), changes=True)
def tried(call: Call) -> Done:
    keeping.try_out(call.session, call.args["hook"])
    return Done()


@route("GET", _ONE + "/deliveries", summary="What a webhook was told", answers=(Deliveries,))
def deliveries(call: Call) -> Deliveries:
    found = keeping.sent(call.session, call.args["hook"])
    return Deliveries([Delivery(**msgspec.structs.asdict(one)) for one in found])
