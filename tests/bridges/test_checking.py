# SPDX-License-Identifier: EUPL-1.2
"""What the doctor says of bridges."""

from base64 import b64encode
from collections.abc import Iterator
from datetime import timedelta

import pytest
from tests.bridges.stranger import Stranger

from brug.bridges import checking, identity
from brug.directory import account_changes, keys, organisations
from brug.directory.node import create_node
from brug.store import settings
from brug.store.session import Database, Session


@pytest.fixture
def session(database_url: str) -> Iterator[Session]:
    with Database(database_url) as database:
        with database.system() as made:
            create_node(made, "CSIRT Noordland", "admin@csirt.example", "http://node.example")
        with database.system() as made:
            yield made


def found(session: Session) -> dict[str, tuple[str, str]]:
    return {name: (state, text) for name, state, text, _ in checking.checked(session)}


def test_a_new_node_is_well(session: Session) -> None:
    assert {state for state, _ in found(session).values()} == {"ok"}


def test_who_synchronises_without_a_bridge_is_named(session: Session) -> None:
    org = organisations.add(session, {"name": "CERT Oostland"}).id
    for email, org_id in (("sync@oost.example", org), ("own@csirt.example", 1)):
        account_changes.add(session, {"email": email, "org_id": org_id, "role_id": 5})
    Stranger().connected(session, "Oost")
    state, text = found(session)["sync users"]
    assert state == "warning"
    assert "sync@oost.example" in text
    assert "own@" not in text
    assert "bridges.invalid" not in text
    # Whoever cannot come in reads nothing.
    session.execute("UPDATE account SET password_hash = NULL WHERE email = 'sync@oost.example'")
    assert found(session)["sync users"][0] == "ok"
    user = session.value("SELECT id FROM account WHERE email = 'sync@oost.example'")
    keys.add(session, user)
    assert found(session)["sync users"][0] == "warning"


def test_a_password_at_the_proxy_that_cannot_be_opened_is_told(session: Session) -> None:
    for name, value in (("host", "proxy.example"), ("user", "u"), ("password", "p")):
        settings.set_value(session, f"outgoing.proxy_{name}", value)
    assert "proxy" not in found(session)
    session.execute(
        "UPDATE setting SET value = to_jsonb(%s::text) WHERE name = 'outgoing.proxy_password'",
        (b64encode(b"x" * 40).decode(),),
    )
    state, text = found(session)["proxy"]
    assert state == "warning"
    assert "sealed with another key" in text


def test_keys_that_end_are_told_in_time(session: Session) -> None:
    bridge, _ = Stranger().connected(session, "Oost")
    assert "bridges" in found(session)
    for interval, said in (("3 days", "expires soon"), ("-1 minute", "no key")):
        session.execute(
            "UPDATE partner_key SET valid_from = now() - interval '1 year',"
            " valid_until = now() + %s::interval WHERE partner_id = %s",
            (interval, bridge.partner_id),
        )
        state, text = found(session)["bridge"]
        assert state == "warning"
        assert said in text


def test_a_partner_that_was_not_told_of_a_new_key_is_named(session: Session) -> None:
    Stranger().connected(session, "Oost")
    old = identity.current(session)
    identity.rotate(session, timedelta(days=3))
    assert "expires soon" in found(session)["bridge"][1]
    identity.revoke(session, old.key_id)
    assert "holds no valid key of this node" in found(session)["bridge"][1]


def test_a_bridge_that_nobody_compared_is_named_after_a_week(session: Session) -> None:
    bridge, _ = Stranger().connected(session, "Oost")
    session.execute("UPDATE bridge SET state = 'invited' WHERE id = %s", (bridge.id,))
    assert "bridges" in found(session)
    session.execute("UPDATE bridge SET made = now() - interval '8 days'")
    assert "compared" in found(session)["bridge"][1]
