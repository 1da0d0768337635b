# SPDX-License-Identifier: EUPL-1.2
"""A request for assistance as its people go through it; and the page that shows how it was made."""

import re
from pathlib import Path
from uuid import uuid4

import pytest
from tests.cases.conftest import Node

from brug.cases import files, keeping
from brug.cases.act_rules import Blocked
from brug.cases.acts import AnyAct, Filled, Joined, Moved, Recorded
from brug.cases.kinds import assistance
from brug.cases.taking_part import NotYours

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "add-a-case-kind.md"


def test_one_asks_two_answer_and_one_helps(node: Node) -> None:
    helpers = {"entity": str(uuid4()), "other": str(uuid4())}
    with node.database.as_user(node.host) as session:
        number = keeping.open_case(session, "assistance", "Who hosts this?").number
    ask = Moved(machine="request", trigger="ask", leaves="draft")
    wanted = {"wanted": "contact", "question": "192.0.2.7", "contact": "+31 20 000 0000"}

    def act(user: int, *several: AnyAct) -> None:
        with node.database.as_user(user) as session:
            for one in several:
                keeping.act(session, number, one)

    act(node.host, Filled(fields=wanted))
    with pytest.raises(Blocked, match="a helper"):
        act(node.host, ask)
    for name, part in helpers.items():
        act(node.host, Joined(participant=part, org=node.orgs[name], name=name, role="helper"))
    act(node.host, ask)
    mine, theirs = helpers["entity"], helpers["other"]
    decline = Moved(machine="help", trigger="decline", leaves="open", of=theirs, because="not ours")
    with pytest.raises(NotYours):
        act(node.entity, decline)
    act(node.other, decline)
    act(
        node.entity,
        Moved(machine="help", trigger="accept", leaves="open", of=mine),
        Recorded(fact="helped_at", at="2026-11-27T10:00:00Z", zone="UTC"),
        Moved(machine="help", trigger="give", leaves="accepted", of=mine),
    )
    act(
        node.host,
        Filled(fields={"result": "Their abuse desk took it down"}),
        Moved(machine="request", trigger="close", leaves="asked"),
    )
    with node.database.as_user(node.other) as session:
        case = files.view(session, number)[1]
    assert case.is_over
    assert (case.positions["help", mine].state, case.positions["help", theirs].state) == (
        "given", "declined",
    )  # fmt: skip
    assert case.ignored == []


def test_the_page_shows_the_module_as_it_is() -> None:
    module = Path(assistance.__file__).read_text("utf-8")
    shown = re.findall(r"```python\n(.*?)\n```", PAGE.read_text("utf-8"), re.DOTALL)
    assert len(shown) == 8
    for block in shown:
        assert block in module
    rest = module
    for block in shown:
        rest = rest.replace(block, "")
    # What is not shown: licence and docstring.
    assert len([line for line in rest.splitlines() if line.strip()]) == 5
    assert len(module.splitlines()) < 150
