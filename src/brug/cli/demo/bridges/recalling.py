# SPDX-License-Identifier: EUPL-1.2
"""The source asks for it back: one partner's node follows by itself, a person does at another."""

from brug.cli.demo.bridges.crossing import crossing
from brug.cli.demo.bridges.nodes import Node, World, until
from brug.cli.demo.bridges.proving import prove
from brug.cli.demo.bridges.showing import Step
from brug.cli.demo.composing import uuid_of
from brug.cli.demo.running import NodeFailed


def recall(world: World, step: Step) -> None:
    """Asked back, deleted at every partner, and confirmed by each."""
    key = world.course.told
    source = world.nodes[world.story.event(key).org]
    partners = [node for node in world.nodes.values() if node is not source]
    because = world.course.recall_because
    duty = source.organisation.duty
    source.verb("bridge", "recall", uuid_of(key), "--because", because, "--as", duty)
    asked = {node.name: crossing(source, node, key, kind="recall") for node in partners}
    step.say("person", f"{duty}: “{because}.”")
    for node in partners:
        if asked[node.name]["receipt"]["statement"]["outcome"] == "asked":
            _follow(world, node)
            said = "a person deletes it, as agreed"
        else:
            said = "the node deletes it by itself, as agreed"
        # The event's own crossing says so once the partner has confirmed it.
        crossing(source, node, key, ("recalled",))
        if node.view(key) is not None:
            raise NodeFailed(f"{node.name} still shows what was recalled")
        step.say("there", f"{node.name}: {said}, and confirms it")
    last = asked[partners[-1].name]
    step.decided(last, "To ask something back needs no agreement.")
    step.proved(prove(world, source, last["entry"]))


def _follow(world: World, node: Node) -> None:
    """A person at the partner judges the recall."""
    waiting = until(f"the recall at {node.name}", lambda: node.verb("bridge", "recalled"))
    because = world.course.follow_because
    duty = node.organisation.duty
    node.text("bridge", "answer", str(waiting[0]["id"]), "--because", because, "--as", duty)
