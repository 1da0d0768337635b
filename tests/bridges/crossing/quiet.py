# SPDX-License-Identifier: EUPL-1.2
"""What has to be true of three nodes: of each message that is sent, and once all is quiet."""

import hashlib
from collections import defaultdict
from typing import Any

from tests.bridges.crossing.rulebook import RECALLED, Agreed, Copy, Crosses, crosses
from tests.bridges.crossing.three_nodes import Node
from tests.bridges.crossing.wire import Request

from brug.bridges.crossing import messages
from brug.bridges.crossing.rows import Crossing
from brug.bridges.native import bodies

MUCH = 2**24


class Memory:
    """What was agreed, made and released, as the people remember it, and what was seen to cross."""

    def __init__(self, nodes: tuple[Node, ...]) -> None:
        self.nodes = {node.org: node for node in nodes}
        self.agreed: dict[tuple[frozenset[str], int], Agreed] = {}
        self.made: dict[str, Copy] = {}  # by UUID, as its creator has it
        self.gone: set[str] = set()
        self.released: set[tuple[str, int]] = set()  # organisation and crossing
        self.recalled: set[str] = set()
        self.kept: set[tuple[str, str]] = set()  # organisation and event
        self.once: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
        self.sent: set[tuple[str, str]] = set()  # and of what nothing may have been in it
        self.direct: set[tuple[str, str]] = set()  # who was sent what by its creator
        self.removed: set[str] = set()  # attributes that are gone for good
        self.named: defaultdict[tuple[str, str], set[str]] = defaultdict(set)  # to whom, ever

    def terms(self, sender: Node, receiver: Node) -> Agreed | None:
        """What the sender goes by."""
        found = sender.in_force(receiver)
        pair = frozenset({sender.org, receiver.org})
        return self.agreed[pair, found.version] if found else None

    def may(self, copy: Copy, sender: Node, receiver: Node, *, released: bool = False) -> Crosses:
        agreed = self.terms(sender, receiver)
        return crosses(copy, sender.org, receiver.org, agreed, released=released)

    def is_sent(self, sender: Node, receiver: Node, request: Request) -> None:
        """Nothing is sent but what the rules let cross now, in the form that they say."""
        if not request.path.endswith("/messages"):
            return
        found = bodies.decode(bodies.unpack(request.body, MUCH))
        for message in found if isinstance(found, list) else [found]:
            if message["kind"] == "event":
                self._event(sender, receiver, message)

    def _event(self, sender: Node, receiver: Node, message: dict[str, Any]) -> None:
        uuid = message["event_uuid"]
        copy = sender.copy(uuid)
        assert copy is not None, "what is gone is sent"
        decided = self.may(copy, sender, receiver)
        if decided.outcome == "hold":
            digest = hashlib.sha256(messages.encoded(message)).digest()
            found = [c for c in sender.crossings(event_uuid=uuid) if c.digest == digest]
            assert any((sender.org, c.id) in self.released for c in found), "nobody released it"
            decided = self.may(copy, sender, receiver, released=True)
        assert decided.goes, f"{uuid} is sent, and the rules say {decided}"
        event = message["event"]
        assert int(event["distribution"]) == decided.level
        whole = {u for u, form in decided.forms.items() if form == "whole"}
        sent = {a["uuid"]: a for a in event["Attribute"]}
        assert set(sent) & set(copy.items) == whole, "attributes as they are"
        for key in whole:
            assert sent[key]["value"] == copy.items[key].value
        others = [a for key, a in sent.items() if key not in copy.items]
        assert len(others) == sum(form == "pseudonym" for form in decided.forms.values())
        assert all(a["type"] == "text" and a["value"].startswith("pseudonym:") for a in others)
        assert message["redacted"] or all(form == "whole" for form in decided.forms.values())
        gone = message.get("gone", {}).get("Attribute", [])
        assert set(gone) <= self.named[receiver.org, uuid], "what never crossed is named"
        self.named[receiver.org, uuid] |= set(sent)
        self.once[receiver.org, uuid] |= whole
        self.sent.add((receiver.org, uuid))
        if copy.creator == sender.org:
            self.direct.add((receiver.org, uuid))

    # Once all is quiet ---------------------------------------------------------------

    def check(self) -> None:
        """Each node holds what it should and nothing that it may not."""
        for uuid, made in self.made.items():
            creator = self.nodes[made.creator]
            held = creator.copy(uuid)
            if uuid in self.gone:
                assert held is None
            else:
                assert held == made, "the creator has what its people made of it"
            others = [node for node in self.nodes.values() if node is not creator]
            for node, other in (others, others[::-1]):
                self._holds(held, creator, node, other, uuid)
        for node in self.nodes.values():
            self._agree(node)
            assert node.verified() == []

    def _holds(self, made: Copy | None, creator: Node, node: Node, other: Node, uuid: str) -> None:
        """One node that did not create an event; `other` may have passed it on."""
        there = node.copy(uuid)
        before = self.once[node.org, uuid]
        had = (node.org, uuid) in self.sent
        if there is None:
            self.once.pop((node.org, uuid))
            self.sent.discard((node.org, uuid))
        if (node.org, uuid) in self.kept and there is not None and RECALLED in there.local:
            return
        ways = [] if made is None else [(made, *self._came(made, creator, node))]
        passed = other.copy(uuid)
        if passed is not None and uuid not in self.recalled:
            ways.append((passed, *self._came(passed, other, node)))
        going = [(copy, decided) for copy, decided, _ in ways if decided.goes]
        waits = any(decided.outcome == "hold" for _, decided, _ in ways)
        if uuid in self.recalled:
            assert there is None, f"{node.name} holds what was recalled"
            return
        if there is None:
            # What its creator sent and took back nobody else has to send again.
            missed = bool(going) and (ways[0][1].goes or (node.org, uuid) not in self.direct)
            assert not missed, f"{node.name} lacks {uuid}: {going}"
            return
        assert going or (waits and had), f"{node.name} holds {uuid}: {ways}"
        allowed = set(before) if waits or going else set()
        for _, decided in going:
            allowed |= {key for key, form in decided.forms.items() if form == "whole"}
        known = {key for copy, *_ in ways for key in copy.items}
        for key, item in there.items.items():
            if key in known:
                assert key in allowed, f"{node.name} holds {item}"
            else:
                assert item.value.startswith("pseudonym:") or key in before
        if ways[0][1].goes or len(going) == len(ways):
            self._is_current(there, *going[0])

    def _is_current(self, there: Copy, copy: Copy, decided: Crosses) -> None:
        """What is held says what the copy that crossed says now."""
        lasting = [key for key in self.removed & there.items.keys() if not there.items[key].deleted]
        assert lasting == [], "it is gone for good"
        assert (there.info, there.level) == (copy.info, decided.level)
        assert there.published
        assert copy.tags <= there.tags | {"brug:redacted"}
        names = 0
        for key, form in decided.forms.items():
            item = copy.items[key]
            if form == "whole":
                assert key in there.items, f"{item} is missing"
                held = there.items[key]
                assert (held.value, held.deleted) == (item.value, item.deleted)
                assert item.tags <= held.tags
            elif form == "pseudonym" and key not in there.items:
                names += 1
        held_names = [i for i in there.items.values() if i.value.startswith("pseudonym:")]
        assert len(held_names) >= names

    def _came(self, copy: Copy, sender: Node, receiver: Node) -> tuple[Crosses, Crossing | None]:
        """What may cross a bridge, and the last crossing of it, which has to agree with that."""
        decided = self.may(copy, sender, receiver)
        bridge = sender.bridge(receiver)
        found = [
            c for c in sender.crossings(event_uuid=copy.uuid, bridge_id=bridge.id)
            if c.outward and c.kind == "event"
        ]  # fmt: skip
        last = found[0] if found else None
        # What came from the receiver, or of what it made, nothing goes back.
        back = copy.creator == receiver.org or any(
            not c.outward and c.kind == "event"
            for c in sender.crossings(event_uuid=copy.uuid, bridge_id=bridge.id)
        )
        if back:
            return Crosses("refuse"), last
        if decided.outcome == "hold" and last is not None:
            if last.state == "received":
                assert (sender.org, last.id) in self.released
                return self.may(copy, sender, receiver, released=True), last
            assert last.state in {"held", "refused", "recalled"}, last
        if decided.goes and copy.uuid not in self.recalled:
            assert last is not None
            assert last.state == "received", last
        return decided, last

    def _agree(self, node: Node) -> None:
        """Both sides of each bridge have the same crossings on record, with the same receipts."""
        for other in self.nodes.values():
            if other is node:
                continue
            mine = node.crossings(bridge_id=node.bridge(other).id)
            theirs = other.crossings(bridge_id=other.bridge(node).id)
            arrived = {(c.kind, c.digest): c for c in theirs if not c.outward}
            sent = {(c.kind, c.digest) for c in mine if c.outward and c.attempts}
            for one in mine:
                assert one.state not in {"waiting", "failed"} or not one.outward, one
                if one.outward and one.receipt:
                    receipts = [
                        c.receipt for c in theirs
                        if not c.outward and (c.kind, c.digest) == (one.kind, one.digest)
                    ]  # fmt: skip
                    assert one.receipt in receipts, "what it proves is on record there"
            assert set(arrived) <= sent, "nothing arrived that was not sent"
