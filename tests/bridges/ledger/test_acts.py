# SPDX-License-Identifier: EUPL-1.2
"""Administrative acts are entries, in the transaction of the change; people stand by id."""

from typing import Any

import pytest
from tests.bridges.ledger.conftest import Node

from brug.bridges import identity
from brug.directory import (
    account_changes,
    keys,
    organisations,
    role_changes,
    sharing_group_changes,
    signing_in,
)
from brug.model.errors import BrugError, Conflict, Unauthenticated
from brug.store import settings


def acts(node: Node, model: str) -> list[dict[str, Any]]:
    with node.database.system() as session:
        rows = session.all(
            "SELECT payload FROM ledger_entry WHERE kind = 'act' AND payload ->> 'model' = %s"
            " ORDER BY number",
            (model,),
        )
    return [payload for (payload,) in rows]


def everything(node: Node) -> str:
    """All that entries say, to look for what must not be in it."""
    return str(node.value("SELECT string_agg(payload::text, ' ') FROM ledger_entry"))


def user(node: Node, role: int = 3) -> int:
    with node.database.as_user(1) as session:
        given = {"email": "frida@people.example", "org_id": 1, "role_id": role}
        return int(account_changes.add(session, given).account.id)


def test_a_changed_role_of_a_user_is_an_entry_that_names_nobody(node: Node) -> None:
    user_id = user(node)
    with node.database.as_user(1) as session:
        account_changes.edit(session, user_id, {"role_id": 2})
        account_changes.edit(session, user_id, {"email": "other@people.example"})
        account_changes.edit(session, user_id, {"disabled": True})
    said = acts(node, "User")
    assert [(one["action"], one["id"], one["change"]) for one in said[-3:]] == [
        ("edit", user_id, {"role_id": 2}),
        ("edit", user_id, {}),
        ("edit", user_id, {"disabled": True}),
    ]
    assert "people.example" not in everything(node)
    by = node.value("SELECT by_user FROM ledger_entry ORDER BY number DESC LIMIT 1")
    assert by == 1


def test_roles_settings_keys_groups_and_organisations_are_entries(node: Node) -> None:
    with node.database.as_user(1) as session:
        role = role_changes.add(session, {"name": "Watcher"}, frozenset())
        role_changes.edit(session, role.id, {}, more=["add"])
        settings.set_value(session, "security.sign_in_attempts", 7)
        settings.set_value(session, "mail.password", "a secret of ours")
        made = keys.add(session, 1, {"comment": "for the sensor of Frida"})
        keys.delete(session, made.key.id)
        sharing_group_changes.add(session, {"name": "The banks"})
        organisations.add(session, {"name": "Zuidland"})
    assert [one["name"] for one in acts(node, "Role")] == ["Watcher", "Watcher"]
    assert acts(node, "Role")[-1]["change"] == {"rights": ["add"]}
    assert acts(node, "Setting")[-2]["change"]["security.sign_in_attempts"][1] == 7
    assert acts(node, "SharingGroup")[-1]["name"] == "The banks"
    assert [one["action"] for one in acts(node, "AuthKey")][-2:] == ["add", "delete"]
    assert acts(node, "AuthKey")[-2]["user_id"] == 1
    assert acts(node, "Organisation")[-1]["action"] == "add"
    for hidden in ("a secret of ours", "Frida", made.text, "admin@csirt.example"):
        assert hidden not in everything(node)


def test_keys_of_the_node_are_entries(node: Node) -> None:
    with node.database.system() as session:
        old = identity.current(session).key_id
        new = identity.rotate(session).key_id
        identity.revoke(session, old)
    said = acts(node, "IdentityKey")
    assert [one["action"] for one in said] == ["rotate", "revoke"]
    assert new in said[0]["name"]
    assert said[1]["name"] == old


def test_a_change_that_is_refused_is_no_entry(node: Node) -> None:
    before = len(acts(node, "Role"))
    with pytest.raises(BrugError), node.database.as_user(1) as session:
        role_changes.add(session, {"name": "admin"}, frozenset())
    with pytest.raises(Conflict), node.database.as_user(1) as session:  # noqa: PT012
        role_changes.add(session, {"name": "Watcher"}, frozenset())
        raise Conflict("what follows fails")
    assert len(acts(node, "Role")) == before


def test_signing_in_is_none_and_a_burst_of_failures_is_one(node: Node) -> None:
    user_id = user(node)
    with node.database.as_user(1) as session:
        account_changes.edit(session, user_id, {"password": "Correct-horse-battery-1"})
        settings.set_value(session, "security.sign_in_attempts", 3)
    signing_in.sign_in(node.database, "frida@people.example", "Correct-horse-battery-1", "::1")
    assert "login" not in {one["action"] for one in acts(node, "User")}
    for _ in range(6):
        with pytest.raises(BrugError):
            signing_in.sign_in(node.database, "FRIDA@people.example", "wrong", "192.0.2.7")
    with pytest.raises(Unauthenticated):
        signing_in.sign_in(node.database, "nobody@people.example", "wrong", "192.0.2.8")
    said = acts(node, "SignIn")
    assert [(one["action"], one["id"], one["change"]) for one in said] == [
        ("burst", user_id, {"of": "account"})
    ]
    for hidden in ("people.example", "192.0.2.7"):
        assert hidden not in everything(node)


def test_what_is_no_administration_is_no_act(node: Node) -> None:
    with node.database.as_user(1) as session:
        session.execute(
            "INSERT INTO audit (user_id, org_id, action, model) VALUES (1, 1, 'add', 'Event')"
        )
    assert acts(node, "Event") == []


def test_a_fraction_in_a_change_is_kept_as_text(node: Node) -> None:
    """The record of audit takes whatever was sent; the ledger what comes back as it was."""
    with node.database.as_user(1) as session:
        session.execute(
            "INSERT INTO audit (user_id, org_id, action, model, title, change)"
            " VALUES (1, 1, 'edit', 'Setting', 'x', '{\"x\": [0.5, 1e30]}')"
        )
    assert isinstance(acts(node, "Setting")[-1]["change"], str)
    assert node.turn() > 0
