# SPDX-License-Identifier: EUPL-1.2
"""What comes of addresses that do not answer, and in which order all are told."""

import json

import pytest
from tests.cases.hooks.conftest import World

from brug.cases.acts import Filled, Said
from brug.cases.hooks import keeping as hooks
from brug.cases.hooks import sending
from brug.model.errors import Conflict
from brug.store import settings
from brug.store.session import Database


def test_what_fails_is_tried_again_later_in_its_order(world: World) -> None:
    number, _ = world.opened("entity")
    hook, _ = world.hook(world.node.entity, "message", "change")
    world.act(number, Said(text="x"))
    world.act(number, Filled(fields={"summary": "x"}))
    world.receiver.status = 500
    for _ in range(3):
        sending.send(world.database)
    (first,) = world.receiver.got
    world.receiver.got.clear()
    assert world.row(hook).failing
    assert world.row(hook).waiting == 2
    world.receiver.status = 204
    world.now(hook)
    sending.send(world.database)
    again, second = world.receiver.got
    assert again[0]["webhook-id"] == first[0]["webhook-id"] != second[0]["webhook-id"]
    assert json.loads(second[1])["type"] == "case.change"
    assert world.row(hook).failing is None
    with world.database.as_user(world.node.entity) as session:
        assert [(one.status, one.tries) for one in hooks.sent(session, str(hook.id))] == [
            (204, 1), (204, 2), (500, 1),
        ]  # fmt: skip


def test_an_address_that_is_gone_or_fails_for_days_is_paused_until_it_is_resumed(
    world: World,
) -> None:
    number, _ = world.opened("entity")
    for status, why in ((410, "gone"), (500, "failing")):
        hook, _ = world.hook(world.node.entity, "message")
        if why == "failing":
            with world.database.system() as session:
                session.execute("UPDATE case_hook SET failing = now() - interval '4 days'")
        world.receiver.status = status
        world.act(number, Said(text="x"))
        sending.send(world.database)
        assert world.row(hook).why == why
        world.receiver.got.clear()
        world.act(number, Said(text="not told"))
        with world.database.as_user(world.node.entity) as session:
            with pytest.raises(Conflict):
                hooks.try_out(session, str(hook.id))
            hooks.resume(session, str(hook.id))
            hooks.try_out(session, str(hook.id))
        world.now(hook)
        world.receiver.status = 200
        sending.send(world.database)
        assert [one["type"] for one in world.receiver.told()] == ["case.test"]
        with world.database.as_user(world.node.entity) as session:
            hooks.remove(session, str(hook.id))


def test_a_redirect_is_not_followed(world: World) -> None:
    number, _ = world.opened("entity")
    hook, _ = world.hook(world.node.entity)
    world.receiver.status = 302
    world.act(number, Said(text="x"))
    sending.send(world.database)
    assert len(world.receiver.got) == 1
    assert world.row(hook).failing


def test_an_answer_that_cannot_be_unpacked_is_a_failure_like_any_other(world: World) -> None:
    number, _ = world.opened("entity", "other")
    odd, _ = world.hook(world.node.entity)
    world.act(number, Said(text="x"))
    world.receiver.packed = b"\x1f\x8bnot packed"
    sending.send(world.database)
    assert world.row(odd).failing
    with world.database.as_user(world.node.entity) as session:
        (sent,) = hooks.sent(session, str(odd.id))
    assert (sent.status, sent.tries) == (0, 1)
    world.receiver.packed = b""


def test_what_may_not_be_asked_any_more_is_not(world: World) -> None:
    number, _ = world.opened("entity")
    hook, _ = world.hook(world.node.entity)
    world.act(number, Said(text="x"))
    with world.database.system() as session:
        settings.set_value(session, "outgoing.private_networks", [])
    sending.send(world.database)
    with world.database.system() as session:
        settings.set_value(session, "outgoing.private_networks", ["127.0.0.0/8"])
    assert world.receiver.got == []
    with world.database.as_user(world.node.entity) as session:
        (sent,) = hooks.sent(session, str(hook.id))
    assert sent.status == 0


def test_only_the_last_deliveries_are_kept(world: World) -> None:
    number, _ = world.opened("entity")
    hook, _ = world.hook(world.node.entity, "message")
    with world.database.system() as session:
        session.execute(
            "INSERT INTO case_hook_sent (hook_id, message, event, tries, status)"
            " SELECT %s, gen_random_uuid(), 'message', 1, 200 FROM generate_series(1, 80)",
            (hook.id,),
        )
    world.act(number, Said(text="x"))
    sending.send(world.database)
    with world.database.system() as session:
        assert session.value("SELECT count(*) FROM case_hook_sent") == hooks.KEPT


def test_what_was_mended_is_tried_at_once_and_not_when_it_would_be_by_itself(world: World) -> None:
    hook, _ = world.hook(world.node.entity)
    tomorrow = "UPDATE case_hook SET next = now() + interval '1 day' WHERE id = %s"
    with world.database.system() as session:
        session.execute(tomorrow, (hook.id,))
    with world.database.as_user(world.node.entity) as session:
        hooks.try_out(session, str(hook.id))
    sending.send(world.database)
    assert [one["type"] for one in world.receiver.told()] == ["case.test"]
    with world.database.as_user(world.node.entity) as session:
        hooks.pause(session, str(hook.id))
        hooks.resume(session, str(hook.id))
    with world.database.system() as session:
        assert session.value("SELECT next <= now() FROM case_hook WHERE id = %s", (hook.id,))


def test_an_address_of_which_something_unforeseen_happens_keeps_no_other_waiting(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    several = [world.hook(world.node.entity)[0] for _ in range(2)]
    with world.database.as_user(world.node.entity) as session:
        for hook in several:
            hooks.try_out(session, str(hook.id))
    tell = sending._tell

    def failing(database: Database, hook_id: int) -> None:
        if hook_id == several[0].id:
            raise RuntimeError("unforeseen")
        tell(database, hook_id)

    monkeypatch.setattr(sending, "_tell", failing)
    sending.send(world.database)
    assert [one["type"] for one in world.receiver.told()] == ["case.test"]


def test_an_address_is_taken_when_its_turn_has_come(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    several = [world.hook(world.node.entity)[0] for _ in range(3)]
    with world.database.as_user(world.node.entity) as session:
        for hook in several:
            hooks.try_out(session, str(hook.id))
    taken = list[int]()

    def told(database: Database, _: int) -> None:
        with database.system() as session:
            held = session.value("SELECT count(*) FROM case_hook WHERE next > now()")
        taken.append(int(held))

    monkeypatch.setattr(sending, "_tell", told)
    sending.send(world.database)
    assert taken == [1, 2, 3]
