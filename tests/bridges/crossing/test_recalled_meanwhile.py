# SPDX-License-Identifier: EUPL-1.2
"""An event that is recalled in the moment in which a change of it is decided on."""

from threading import Thread
from typing import Any

import pytest
from tests.bridges.crossing.conftest import added, agree, carry, crossings, new_event, stored
from tests.bridges.served import ADMIN, Served
from tests.locked_out import until_somebody_waits

from brug.bridges.crossing import recalls
from brug.formats.misp.reading import read_event
from brug.intel.changing import edit

Two = tuple[Served, Served]


def test_what_is_recalled_while_it_is_decided_on_does_not_cross_afterwards(
    connected: Two, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = connected
    agree(one, other, recall={"by": "itself", "most_an_hour": 2})
    uuid = added(one, new_event(("domain", "meanwhile.example")))
    carry(one)
    asked = recalls.recalled
    recalling = Thread(target=recall, args=(one, uuid))

    def asked_first(*known: Any) -> dict[str, int]:
        found = asked(*known)
        if recalling.ident is None:
            recalling.start()
            until_somebody_waits(one.database)
        return found

    edited(one, uuid)
    monkeypatch.setattr(recalls, "recalled", asked_first)
    carry(one)
    recalling.join()
    carry(one)
    assert stored(other, uuid) is None
    assert [(c.kind, c.state) for c in crossings(one, uuid)] == [
        ("recall", "received"), ("event", "recalled"), ("event", "recalled"),
    ]  # fmt: skip


def recall(node: Served, uuid: str) -> None:
    with node.database.as_user(ADMIN) as session:
        recalls.ask_all(session, uuid, "wrong")


def edited(node: Served, uuid: str) -> None:
    here = stored(node, uuid)
    assert here
    raw = {"info": "Campaign of Noordland, more of it", "published": True}
    with node.database.as_user(ADMIN) as session:
        edit(session, here["id"], read_event(dict(raw), partial=True), raw)
