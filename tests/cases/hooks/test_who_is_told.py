# SPDX-License-Identifier: EUPL-1.2
"""Who is told by a webhook: nobody more than reads it, from when to when."""

import pytest
from tests.cases.hooks.conftest import World

from brug.cases.acts import Left, Said
from brug.cases.hooks import keeping as hooks
from brug.cases.hooks import sending
from brug.model.errors import Forbidden, NotFound


def test_nobody_is_told_of_cases_of_others(world: World) -> None:
    number, _ = world.opened("entity")
    for user in (world.node.other, world.node.without):
        world.hook(user)
    world.act(number, Said(text="x"))
    sending.send(world.database)
    assert world.receiver.told() == []
    with world.database.system() as session:
        assert session.value("SELECT count(*) FROM case_hook_due") == 0


def test_whoever_was_removed_meanwhile_is_told_nothing(world: World) -> None:
    number, parts = world.opened("entity")
    hook, _ = world.hook(world.node.entity)
    world.act(number, Said(text="x"))
    world.act(number, Left(participant=parts["entity"]))
    sending.send(world.database)
    assert world.receiver.told() == []
    with world.database.as_user(world.node.entity) as session:
        assert hooks.sent(session, str(hook.id)) == []


def test_what_is_for_others_is_not_told(world: World) -> None:
    number, parts = world.opened("entity", "other")
    world.hook(world.node.other, "message")
    world.hook(world.node.entity, "message")
    world.act(number, Said(text="x"), (parts["entity"],))
    sending.send(world.database)
    assert len(world.receiver.told()) == 1


def test_whose_account_ended_is_told_nothing(world: World) -> None:
    number, _ = world.opened("entity")
    world.hook(world.node.entity)
    world.act(number, Said(text="x"))
    change = "UPDATE account SET disabled = %s WHERE id = %s"
    with world.database.system() as session:
        session.execute(change, (True, world.node.entity))
    sending.send(world.database)
    with world.database.system() as session:
        session.execute(change, (False, world.node.entity))
    assert world.receiver.told() == []


def test_whoever_goes_to_another_organisation_is_told_of_its_cases(world: World) -> None:
    number, _ = world.opened("other")
    hook, _ = world.hook(world.node.entity, "message")
    move = "UPDATE account SET org_id = (SELECT id FROM organisation WHERE uuid = %s) WHERE id = %s"
    with world.database.system() as session:
        session.execute(move, (world.node.orgs["other"], world.node.entity))
    world.act(number, Said(text="x"))
    sending.send(world.database)
    assert len(world.receiver.told()) == 1
    with world.database.as_user(world.node.entity) as session:
        hooks.pause(session, str(hook.id))
        hooks.resume(session, str(hook.id))
    with world.database.system() as session:
        session.execute(move, (world.node.orgs["entity"], world.node.entity))


def test_an_organisation_has_hooks_that_whoever_administers_it_looks_after(world: World) -> None:
    with pytest.raises(Forbidden):
        world.hook(world.node.entity, of_org=True)
    with world.database.system() as session:
        session.execute(
            "UPDATE role SET rights = array_append(rights, 'admin') WHERE id ="
            " (SELECT role_id FROM account WHERE id = %s)",
            (world.node.other,),
        )
    number, parts = world.opened("other", "entity")
    hook, _ = world.hook(world.node.other, "message", of_org=True)
    world.act(number, Said(text="x"))
    world.act(number, Said(text="x"), (parts["entity"],))
    sending.send(world.database)
    assert len(world.receiver.told()) == 1
    world.act(number, Said(text="x"))
    world.act(number, Left(participant=parts["other"]))
    sending.send(world.database)
    assert world.receiver.told() == []
    with world.database.as_user(world.node.entity) as session, pytest.raises(NotFound):
        hooks.remove(session, str(hook.id))
