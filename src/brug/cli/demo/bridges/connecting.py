# SPDX-License-Identifier: EUPL-1.2
"""The first steps: two nodes meet, people compare twelve digits, both sides sign an agreement."""

from datetime import UTC, datetime
from functools import partial
from typing import Any, NamedTuple

import msgspec

from brug.cli.demo.bridges.data import Bridge
from brug.cli.demo.bridges.nodes import Node, World, until
from brug.cli.demo.bridges.proving import prove
from brug.cli.demo.bridges.showing import Step
from brug.cli.demo.running import NodeFailed


class Ends(NamedTuple):
    """A bridge of the story with the node that invites and the one that accepts."""

    bridge: Bridge
    one: Node
    other: Node


def connect(world: World, step: Step) -> None:
    """Every bridge: open at both sides, and an agreement in force at both."""
    several = [Ends(one, *(world.nodes[key] for key in one.between)) for one in world.story.bridges]
    digits = [_opened(ends.one, ends.other) for ends in several]
    for bridge, one, other in several:
        _propose(world, bridge, one, other)
    for _, one, other in several:
        _accept(one, other)
    for (bridge, one, other), compared in zip(several, digits, strict=True):
        for here, there in ((one, other), (other, one)):
            until(f"the agreement at {here.name}", partial(_in_force, here, there))
        names = f"{one.organisation.nationality} and {other.organisation.nationality}"
        step.say(names, f"{compared}; {bridge.says}")
    first = several[0]
    step.proved(prove(world, first.one, _signed(first.one, first.other)))


def _opened(one: Node, other: Node) -> str:
    """Invited, accepted, compared, confirmed at both sides; the digits."""
    invited = one.verb("bridge", "invite", "--partner", other.name)
    accepted = other.verb("bridge", "accept", invited["url"], "--partner", one.name)
    here = str(one.verb("bridge", "show", other.name)["authentication_string"])
    there = str(accepted["authentication_string"])
    if here != there:
        raise NodeFailed(f"{one.name} shows {here}, {other.name} shows {there}")
    # Each side types what the other one reads out.
    other.verb("bridge", "confirm", one.name, here)
    opened = one.verb("bridge", "confirm", other.name, there)
    if opened["state"] != "open":
        raise NodeFailed(f"the bridge to {other.name} is {opened['state']}")
    return here


def _propose(world: World, bridge: Bridge, one: Node, other: Node) -> None:
    """Signed by the one who proposes; its node tells the other."""
    file = world.folder / f"agreement-{'-'.join(bridge.between)}.json"
    file.write_bytes(msgspec.json.encode(_terms(bridge, one, other)))
    one.verb("bridge", "agreement", "propose", other.name, str(file))


def _accept(one: Node, other: Node) -> None:
    """Once it has come, it is signed at the other side as well."""
    until(
        f"a proposal of {one.name} at {other.name}",
        lambda: other.verb("bridge", "agreement", "history", one.name),
    )
    other.verb("bridge", "agreement", "accept", one.name, "1")


def _terms(bridge: Bridge, one: Node, other: Node) -> dict[str, Any]:
    uuids = {node.organisation.key: node.uuid for node in (one, other)}
    return {
        "our_country": one.organisation.country,
        "their_country": other.organisation.country,
        "senders": [uuids[key] for key in bridge.senders or bridge.between],
        "valid_from": datetime.now(UTC).replace(microsecond=0).isoformat(),
        **bridge.terms,
    }


def _in_force(here: Node, there: Node) -> bool:
    history = here.verb("bridge", "agreement", "history", there.name)
    return any(one["in_force"] for one in history)


def _signed(node: Node, partner: Node) -> str:
    """The entry which says that the partner has accepted."""
    bridge = node.verb("bridge", "show", partner.name)["uuid"]
    origin = next(log["origin"] for log in node.verb("ledger", "verify") if bridge in log["origin"])
    for line in node.text("ledger", "export", "--log", origin).splitlines():
        entry = msgspec.json.decode(line).get("entry") or {}
        said = entry.get("payload", {})
        if entry.get("kind") == "agreement" and said == said | {"act": "accepted", "by": "theirs"}:
            return str(entry["id"])
    raise NodeFailed(f"no signature of {partner.name} in the ledger of {node.name}")
