# SPDX-License-Identifier: EUPL-1.2
"""What people do at three nodes: they agree, make events, edit, mark, publish and take back."""

from contextlib import ExitStack
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule
from tests.bridges.crossing.quiet import Memory
from tests.bridges.crossing.rulebook import Agreed, Copy, Item
from tests.bridges.crossing.three_nodes import Node, Nodes
from tests.bridges.crossing.wire import Request, Wire
from tests.bridges.served import ADMIN

from brug.bridges import partners
from brug.intel import publishing
from brug.intel.adding import add
from brug.intel.deleting import delete_attribute, delete_event
from brug.model.new_event import GroupRef, NewAttribute, NewEvent, NewTag

WHO = st.integers(0, 2)
WHICH = st.integers(0, 7)
TLP = st.sampled_from(["tlp:green", "tlp:clear", "", "tlp:amber", "tlp:red"])
MARK = st.sampled_from(
    ["tlp:green", "tlp:amber", "tlp:amber+strict", "tlp:red", "pap:amber", "pap:red",
     'brug:purpose="research"', "brug:embargo", "brug:export-control"]
)  # fmt: skip
LEVEL = st.sampled_from([3, 3, 3, 2, 4, 1, 0])
ITEM_LEVEL = st.sampled_from([5, 5, 5, 0, 1, 2, 3])
KIND = st.sampled_from(["domain", "domain", "target-user"])
ITEMS = st.lists(st.tuples(KIND, ITEM_LEVEL, TLP), min_size=1, max_size=3)
TERMS = st.fixed_dictionaries(
    {
        "senders": st.sampled_from(["both", "both", "both", "both", "one", "other"]),
        "ceiling": st.sampled_from(["amber", "amber", "green", "red"]),
        "pap": st.sampled_from(["red", "red", "green"]),
        "unmarked": st.sampled_from(["green", "green", "refuse", "hold"]),
        "handling": st.sampled_from(["share", "drop", "pseudonymise"]),
        "when": st.sampled_from([(), (), (), ("always",), ("received",), ("amber",)]),
        "research": st.booleans(),
        "by_itself": st.booleans(),
    }
)


class People(RuleBasedStateMachine):
    """Events and agreements. `work` is what the nodes do by themselves."""

    nodes: Nodes

    def __init__(self) -> None:
        super().__init__()
        self._stack = ExitStack()
        self.three = self._stack.enter_context(self.nodes.fresh())
        self.memory = Memory(self.three)
        self.wire = Wire(list(self.three), self._sees)
        self.drafts: set[str] = set()  # edited, and to be published again
        self.proposed: dict[frozenset[str], Agreed] = {}
        self.groups: dict[str, int] = {}  # of events, as their creators number them
        self.number = 0

    def _sees(self, there: Node, request: Request) -> None:
        (speaker,) = (node for node in self.three if node.url == self.wire.speaking)
        self.memory.is_sent(speaker, there, request)

    def work(self, who: int) -> None:
        raise NotImplementedError

    # Agreements and bridges ----------------------------------------------------------

    @initialize(
        first=TERMS, second=TERMS, third=TERMS,
        begun=st.lists(st.tuples(WHO, LEVEL, TLP, ITEMS), min_size=2, max_size=4),
    )  # fmt: skip
    def begin(self, first: Any, second: Any, third: Any, begun: Any) -> None:
        """Each pair has agreed, and some events are on their way."""
        several = ((0, 1, first), (0, 2, second), (1, 2, third))
        for one, other, terms in several:
            self.propose_terms(one, other, terms)
            self.work(one)
            self.accept_terms(other, one)
            self.work(other)
        for who, level, tag, items in begun:
            self.add(who, level, tag, items, 3, now=True)
        for who in range(3):
            self.work(who)

    @rule(one=WHO, other=WHO, terms=TERMS)
    def propose_terms(self, one: int, other: int, terms: Any) -> None:
        here, there = self.three[one], self.three[other]
        pair = frozenset({here.org, there.org})
        if one == other or pair in self.proposed:
            return
        senders = {"both": pair, "one": {here.org}, "other": {there.org}}[terms["senders"]]
        agreed = Agreed(
            frozenset(senders), terms["ceiling"], terms["pap"], terms["unmarked"],
            terms["handling"], frozenset(terms["when"]),
            frozenset({"cyber-defence", *(["research"] if terms["research"] else [])}),
            terms["by_itself"],
        )  # fmt: skip
        version = here.propose(there, agreed)
        self.memory.agreed[pair, version] = self.proposed[pair] = agreed

    @rule(one=WHO, other=WHO)
    def accept_terms(self, one: int, other: int) -> None:
        here, there = self.three[one], self.three[other]
        if one != other and here.accept(there):
            self.proposed.pop(frozenset({here.org, there.org}))

    @rule(one=WHO, other=WHO)
    def pause_or_resume(self, one: int, other: int) -> None:
        if one == other:
            return
        here = self.three[one]
        bridge = here.bridge(self.three[other])
        with here.database.as_user(ADMIN) as session:
            (partners.pause if bridge.state == "open" else partners.resume)(session, bridge)

    # Events --------------------------------------------------------------------------

    def _uuid(self) -> str:
        self.number += 1
        return f"00000000-0000-4000-8000-{self.number:012d}"

    def _own(self, which: int) -> tuple[Node, Copy] | None:
        """One of the events that are there, and its creator."""
        there = [u for u in self.memory.made if u not in self.memory.gone]
        if not there:
            return None
        made = self.memory.made[there[which % len(there)]]
        return self.memory.nodes[made.creator], made

    def _item(self, kind: str, level: int, tag: str) -> tuple[Item, NewAttribute]:
        uuid = self._uuid()
        value = (
            f"jan{self.number:04d}.user" if kind == "target-user" else f"h{self.number:04d}.example"
        )
        category = "Targeting data" if kind == "target-user" else "Network activity"
        new = NewAttribute(uuid, kind, category, False, value, "", distribution=level)
        new.tags = (NewTag(tag),) if tag else ()
        return Item(uuid, kind, value, level, tags={tag} - {""}), new

    @rule(who=WHO, level=LEVEL, tag=TLP, items=ITEMS, members=st.integers(0, 3), now=st.booleans())
    def add(self, who: int, level: int, tag: str, items: Any, members: int, now: bool) -> None:
        here = self.three[who]
        uuid = self._uuid()
        others = [self.three[(who + 1 + n) % 3] for n in range(2) if members >> n & 1]
        new = NewEvent(uuid, f"Case {self.number}", distribution=level, published=now)
        new.tags = [NewTag(tag)] if tag else []
        made = Copy(uuid, here.org, new.info, level, now, tags={tag} - {""})
        if level == 4:
            self.groups[uuid] = here.group(self._uuid(), others)
            new.group = GroupRef(self.groups[uuid])
            made.members = frozenset({here.org, *(other.org for other in others)})
        for kind, of, label in items:
            item, attribute = self._item(kind, of, label)
            new.attributes.append(attribute)
            made.items[item.uuid] = item
        with here.database.as_user(ADMIN) as session:
            add(session, new)
        self.memory.made[uuid] = made

    def _edited(self, here: Node, made: Copy, now: bool, **raw: Any) -> None:
        here.edit(made.uuid, **raw, **({"published": True} if now else {}))
        self._changed(made, published=now)

    def _changed(self, made: Copy, *, published: bool) -> None:
        if published:
            self.drafts.discard(made.uuid)
            self.memory.recalled.discard(made.uuid)
        elif made.published:
            self.drafts.add(made.uuid)
        made.published = published

    @rule(which=WHICH, now=st.booleans())
    def edit_info(self, which: int, now: bool) -> None:
        if found := self._own(which):
            here, made = found
            self.number += 1
            made.info = f"Case {self.number}"
            self._edited(here, made, now, info=made.info)

    @rule(which=WHICH, level=st.sampled_from([0, 1, 2, 3]), now=st.booleans())
    def edit_level(self, which: int, level: int, now: bool) -> None:
        if found := self._own(which):
            here, made = found
            made.level, made.members = level, frozenset()
            self._edited(here, made, now, distribution=str(level))

    @rule(which=WHICH, who=WHO)
    def change_group(self, which: int, who: int) -> None:
        """Somebody joins the group that an event is shared with, or leaves it."""
        found, member = self._own(which), self.three[who]
        if found is None or found[1].level != 4 or found[0] is member:
            return
        here, made = found
        here.change_group(self.groups[made.uuid], member, leaves=member.org in made.members)
        made.members ^= {member.org}

    @rule(which=WHICH, item=WHICH, now=st.booleans())
    def edit_value(self, which: int, item: int, now: bool) -> None:
        if (found := self._own(which)) and (one := self._alive(found[1], item)):
            self.number += 1
            one.value = f"h{self.number:04d}." + one.value.partition(".")[2]
            raw = [{"uuid": one.uuid, "value": one.value}]
            self._edited(*found, now, Attribute=raw)

    @rule(which=WHICH, item=WHICH, level=ITEM_LEVEL, now=st.booleans())
    def edit_item_level(self, which: int, item: int, level: int, now: bool) -> None:
        if (found := self._own(which)) and (one := self._alive(found[1], item)):
            one.level = level
            raw = [{"uuid": one.uuid, "distribution": str(level)}]
            self._edited(*found, now, Attribute=raw)

    @rule(which=WHICH, kind=KIND, level=ITEM_LEVEL, now=st.booleans())
    def add_item(self, which: int, kind: str, level: int, now: bool) -> None:
        if found := self._own(which):
            item, new = self._item(kind, level, "")
            found[1].items[item.uuid] = item
            raw = {
                "uuid": item.uuid, "type": kind, "category": new.category, "value": item.value,
                "to_ids": False, "distribution": str(level),
            }  # fmt: skip
            self._edited(*found, now, Attribute=[raw])

    @rule(which=WHICH, item=WHICH)
    def delete_item(self, which: int, item: int) -> None:
        if (found := self._own(which)) and (one := self._alive(found[1], item)):
            with found[0].database.as_user(ADMIN) as session:
                delete_attribute(session, one.uuid, hard=False)
            one.deleted = True
            self._changed(found[1], published=False)

    @rule(which=WHICH, item=WHICH)
    def remove_item_for_good(self, which: int, item: int) -> None:
        found = self._own(which)
        if found and len(found[1].items) > 1 and (one := self._alive(found[1], item)):
            with found[0].database.as_user(ADMIN) as session:
                delete_attribute(session, one.uuid, hard=True)
            del found[1].items[one.uuid]
            self.memory.removed.add(one.uuid)
            self._changed(found[1], published=False)

    @staticmethod
    def _alive(made: Copy, which: int) -> Item | None:
        alive = [item for item in made.items.values() if not item.deleted]
        return alive[which % len(alive)] if alive else None

    @rule(which=WHICH, item=WHICH, tag=MARK, on_item=st.booleans(), local=st.booleans())
    def mark(self, which: int, item: int, tag: str, on_item: bool, local: bool) -> None:
        if not (found := self._own(which)):
            return
        here, made = found
        one = self._alive(made, item) if on_item else None
        target = one or made
        if tag in target.tags | target.local:
            return
        here.mark(made.uuid, tag, one.uuid if one else "", local=local)
        (target.local if local else target.tags).add(tag)
        if one is None and not local:
            self._changed(made, published=False)

    @rule(who=WHO, which=WHICH, tag=MARK)
    def mark_what_came(self, who: int, which: int, tag: str) -> None:
        """A holder's own local tag."""
        here, found = self.three[who], self._own(which)
        if found and found[0] is not here and here.event_id(found[1].uuid):
            here.mark(found[1].uuid, tag, local=True)

    @rule(which=WHICH)
    def publish(self, which: int) -> None:
        if found := self._own(which):
            self._publish(*found)

    def _publish(self, here: Node, made: Copy) -> None:
        with here.database.as_user(ADMIN) as session:
            publishing.publish(session, made.uuid)
        self._changed(made, published=True)

    @rule(which=WHICH)
    def unpublish(self, which: int) -> None:
        if found := self._own(which):
            with found[0].database.as_user(ADMIN) as session:
                publishing.unpublish(session, found[1].uuid)
            found[1].published = False
            self.drafts.discard(found[1].uuid)

    @rule(which=WHICH)
    def delete(self, which: int) -> None:
        if found := self._own(which):
            with found[0].database.as_user(ADMIN) as session:
                delete_event(session, found[1].uuid)
            self.memory.gone.add(found[1].uuid)
            self.drafts.discard(found[1].uuid)
