# SPDX-License-Identifier: EUPL-1.2
"""An address that hangs holds up no other, and is told one thing after another itself."""

from tests.cases.hooks.conftest import HANGS, World

from brug.cases.acts import Said
from brug.cases.hooks.sending import AT_ONCE, Hooks

PATIENCE = 30


def test_addresses_that_hang_hold_up_no_other(world: World) -> None:
    number, _ = world.opened("entity", "other")
    for n in range(AT_ONCE + 2):
        world.hook(world.node.entity, "message", path=f"{HANGS}/{n}")
    with world.database.system() as session:
        session.execute("UPDATE case_hook SET failing = now(), next = now() - interval '1 day'")
    world.hook(world.node.other, "message", path="/answers")
    world.act(number, Said(text="x"))
    paths = []
    with Hooks(world.dsn, None):
        try:
            while "/answers" not in paths:
                paths.append(world.receiver.arrived.get(timeout=PATIENCE)[0])
        finally:
            world.receiver.let_go.set()
    assert 1 < len(paths) <= AT_ONCE


def test_an_address_that_hangs_is_told_the_next_after_the_first(world: World) -> None:
    number, _ = world.opened("entity", "other")
    world.hook(world.node.entity, "message", path=f"{HANGS}/one")
    world.hook(world.node.other, "message", path="/answers")
    entries = [world.act(number, Said(text=text)) for text in ("first", "second")]
    told: dict[str, list[str]] = {}
    with Hooks(world.dsn, None) as hooks:
        try:
            while len(told.get("/answers", ())) < 3:
                path, said = world.receiver.arrived.get(timeout=PATIENCE)
                told.setdefault(path, []).append(said["data"]["entry"])
                if len(told.get("/answers", ())) == 2 and len(entries) == 2:
                    # Others look for what is due while it hangs.
                    entries.append(world.act(number, Said(text="third")))
                    hooks.wake()
            assert told[f"{HANGS}/one"] == entries[:1]
        finally:
            world.receiver.let_go.set()
        while len(told[f"{HANGS}/one"]) < 3:
            path, said = world.receiver.arrived.get(timeout=PATIENCE)
            told[path].append(said["data"]["entry"])
    assert told == {"/answers": entries, f"{HANGS}/one": entries}
