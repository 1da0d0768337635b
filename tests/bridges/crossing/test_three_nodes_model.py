# SPDX-License-Identifier: EUPL-1.2
"""Three nodes, each connected with the others, and people who do anything in any order.

Networks, outages, agreements, marks, releases and recalls come as they come. What is sent is
compared with the rules (`rulebook.py`) as it is sent; once everything is quiet each node holds
what it should and nothing that it may not, the two sides of each bridge have the same on
record, and the ledgers verify.

BRUG_MODEL_EXAMPLES=5000 runs it for long, each time with other examples; BRUG_MODEL_STEPS says
how many steps each has, and with BRUG_MODEL_SHRINK=1 one that fails is made small.
"""

import os
import sys

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import rule, run_state_machine_as_test
from tests.bridges.crossing.people import WHICH, WHO, People
from tests.bridges.crossing.rulebook import comes_back
from tests.bridges.crossing.three_nodes import ROUNDS, Node, Nodes
from tests.bridges.crossing.wire import WEATHERS
from tests.bridges.served import ADMIN
from tests.thorough import IS_THOROUGH

from brug.bridges import partners
from brug.bridges.crossing import judging, recalls
from brug.intel.proposal import proposing
from brug.intel.sighting.sighting_exchange import Brought, take

EXAMPLES = int(os.environ.get("BRUG_MODEL_EXAMPLES", "0"))
STEPS = int(os.environ.get("BRUG_MODEL_STEPS", "24"))
SHRINK = bool(os.environ.get("BRUG_MODEL_SHRINK"))


class Machine(People):
    """All that can happen, and what is true once it is quiet."""

    def __init__(self) -> None:
        super().__init__()
        # What was said where: of which event and attribute, and what.
        self.said: list[tuple[str, Node, str, str, str]] = []

    def teardown(self) -> None:
        with self._stack:
            if sys.exc_info()[0] is None:
                self.settle()

    # What nodes and networks do ------------------------------------------------------

    @rule(who=WHO)
    def work(self, who: int) -> None:
        here = self.three[who]
        others = self._others(here)
        if here.url not in self.wire.down and not here.work(self.wire, others):
            here.exchange(self.wire, others)

    @rule()
    def all_work(self) -> None:
        for who in range(3):
            self.work(who)

    @rule(who=WHO, weathers=st.lists(st.sampled_from(WEATHERS), min_size=1, max_size=4))
    def weather(self, who: int, weathers: list[str]) -> None:
        self.wire.ahead[self.three[who].url].extend(weathers)  # type: ignore[arg-type]

    @rule(who=WHO)
    def outage_begins_or_ends(self, who: int) -> None:
        self.wire.down ^= {self.three[who].url}

    def _others(self, here: Node) -> list[Node]:
        return [one for one in self.three if one is not here]

    # What people say of what came ----------------------------------------------------

    def _came(self, who: int, which: int) -> str | None:
        """An event that somebody else made and a node holds."""
        here, found = self.three[who], self._own(which)
        if found and found[0] is not here and here.event_id(found[1].uuid):
            return found[1].uuid
        return None

    @rule(who=WHO, which=WHICH, item=WHICH)
    def sight(self, who: int, which: int, item: int) -> None:
        here, uuid = self.three[who], self._came(who, which)
        there = here.copy(uuid) if uuid else None
        of = [i for i in there.items.values() if not i.deleted] if there else []
        if uuid and of:
            sighting, one = self._uuid(), of[item % len(of)].uuid
            brought = Brought(sighting, one, 1_790_000_000, "sensor", 0)
            with here.database.as_user(ADMIN) as session:
                take(session, uuid, [brought])
            self.said.append(("sighting", here, uuid, one, sighting))

    @rule(who=WHO, which=WHICH, item=WHICH)
    def propose_change(self, who: int, which: int, item: int) -> None:
        here, uuid = self.three[who], self._came(who, which)
        there = here.copy(uuid) if uuid else None
        of = (
            [i for i in there.items.values() if not i.deleted and i.type == "domain"]
            if there
            else []
        )
        if uuid and of:
            self.number += 1
            value, one = f"p{self.number:04d}.example", of[item % len(of)].uuid
            with here.database.as_user(ADMIN) as session:
                proposing.propose_change(session, one, {"value": value})
            self.said.append(("proposal", here, uuid, one, value))

    @rule(who=WHO, which=WHICH, release=st.booleans())
    def judge(self, who: int, which: int, release: bool) -> None:
        here = self.three[who]
        held = [c for c in here.crossings(states=["held"]) if c.releasable or not release]
        if not held:
            return
        one = held[which % len(held)]
        with here.database.as_user(ADMIN) as session:
            (judging.release if release else judging.refuse)(session, one.id, "looked at")
        if release:
            self.memory.released.add((here.org, one.id))

    @rule(which=WHICH)
    def recall(self, which: int) -> None:
        if not (found := self._own(which)):
            return
        here, made = found
        with here.database.as_user(ADMIN) as session:
            try:
                recalls.ask_all(session, made.uuid, "wrong")
            except recalls.CannotRecall:
                return
        self.memory.recalled.add(made.uuid)

    @rule(who=WHO, keep=st.booleans())
    def judge_recall(self, who: int, keep: bool) -> None:
        here = self.three[who]
        with here.database.as_user(ADMIN) as session:
            for one in recalls.asked(session)[:1]:
                recalls.follow(session, one.id, keep=keep, because="looked at")
                if keep:
                    self.memory.kept.add((here.org, one.event_uuid))

    # Quiet ---------------------------------------------------------------------------

    @rule()
    def settle(self) -> None:
        """All outages end, drafts are published, recalls followed; then nothing is left to do."""
        self.wire.clears()
        for here in self.three:
            for other in self.three:
                if other is not here and here.bridge(other).state == "paused":
                    with here.database.as_user(ADMIN) as session:
                        partners.resume(session, here.bridge(other))
        for uuid in sorted(self.drafts):
            made = self.memory.made[uuid]
            self._publish(self.memory.nodes[made.creator], made)
        self._until_quiet()
        self.memory.check()
        self._reactions_arrived()

    def _until_quiet(self) -> None:
        for _ in range(ROUNDS):
            busy = [here.work(self.wire, self._others(here)) for here in self.three]
            for who, here in enumerate(self.three):
                with here.database.as_user(ADMIN) as session:
                    waits = bool(recalls.asked(session))
                if waits:
                    busy.append(True)
                    self.judge_recall(who, keep=False)
            if not any(busy):
                for here in self.three:
                    here.exchange(self.wire, self._others(here))
                return
        raise AssertionError("there is always something left to do")

    def _reactions_arrived(self) -> None:
        """What was said of an event is with its creator, once, where that is agreed."""
        for table, here, uuid, one, what in self.said:
            if uuid in self.memory.gone:
                continue
            made = self.memory.made[uuid]
            creator = self.memory.nodes[made.creator]
            there = creator.said(table, uuid).count(what)
            mine = here.said(table, uuid).count(what)
            assert max(mine, there) <= 1
            copy, agreed = here.copy(uuid), self.memory.terms(here, creator)
            if copy is None or agreed is None or not mine or one not in copy.items:
                continue
            marks = copy.tags | copy.local | copy.items[one].tags | copy.items[one].local
            item = made.items.get(one)
            if item and comes_back(agreed, here.org, marks) and not item.deleted and item.level:
                assert there == 1, f"{creator.name} has not heard of {what}"


def test_each_of_three_nodes_holds_what_it_should_whatever_happens(nodes: Nodes) -> None:
    Machine.nodes = nodes
    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=EXAMPLES or (12 if IS_THOROUGH else 4),
            stateful_step_count=STEPS, derandomize=not EXAMPLES,
            database=None, deadline=None, suppress_health_check=list(HealthCheck),
            phases=(Phase.generate, *((Phase.shrink,) if SHRINK else ())),
            report_multiple_bugs=False,
        ),
    )  # fmt: skip
