# SPDX-License-Identifier: EUPL-1.2
"""Three nodes that have agreed with each other, and what they do until all is quiet."""

from itertools import cycle, islice

from tests.bridges.crossing.rulebook import Agreed, Copy
from tests.bridges.crossing.three_nodes import ROUNDS, Node, Three
from tests.bridges.crossing.wire import Wire


class Triangle:
    """Three nodes and the way between them."""

    def __init__(self, three: Three) -> None:
        self.three = three
        self.wire = Wire(list(three), lambda *_: None)

    def work(self, *nodes: Node) -> None:
        """Until each of these nodes, or of all, has had nothing left to do since any had."""
        turns = nodes or self.three
        idle = 0
        for node in islice(cycle(turns), ROUNDS * len(turns)):
            busy = node.work(self.wire, [one for one in self.three if one is not node])
            idle = 0 if busy else idle + 1
            if idle == len(turns):
                return
        raise AssertionError("there is always something left to do")

    def verify(self) -> None:
        """Each has exchanged checkpoints with both others, and every ledger is whole."""
        for node in self.three:
            node.exchange(self.wire, [one for one in self.three if one is not node])
        for node in self.three:
            assert node.verified() == []

    def agree(self, one: Node, other: Node, **terms: object) -> None:
        one.propose(other, Agreed(frozenset({one.org, other.org}), **terms))  # type: ignore[arg-type]
        self.work(one)
        assert other.accept(one)
        self.work(other)


def held(node: Node, uuid: str) -> Copy:
    found = node.copy(uuid)
    assert found, f"{node.name} does not hold it"
    return found
