# SPDX-License-Identifier: EUPL-1.2
"""`brug bridge bind`, `follow`, `retention`, `hold`, `unhold`, `holds` and `tell`."""

import pytest
from tests.cli.conftest import Verb

from brug.bridges import agreements, partners
from brug.cli.app import run
from brug.intel.adding import add
from brug.model.new_event import NewAttribute, NewEvent
from brug.store.home import Home
from brug.store.reaching import reached
from brug.store.session import Database

RECEIPT = '{"statement": {"outcome": "added"}}'


@pytest.fixture(scope="module")
def came(home: Home) -> str:
    """An event that came over a bridge forty days ago, under an agreement for thirty."""
    run(["--home", str(home.path), "org", "add", "Bank ISAC"])
    run(["--home", str(home.path), "user", "add", "sync@bank.example", "--org", "Bank ISAC",
         "--role", "Sync user"])  # fmt: skip
    run(["--home", str(home.path), "key", "add", "sync@bank.example"])
    run(["--home", str(home.path), "bridge", "bind", "sync@bank.example"])
    with (
        reached(home, print) as node,
        Database(node.dsn(), 2, keys=home.keys) as database,
        database.system() as session,
    ):
        bridge, account, org = session.one(
            "SELECT b.id, b.account_id, o.uuid::text FROM bridge b JOIN partner p"
            " ON p.id = b.partner_id JOIN organisation o ON o.id = p.org_id"
        ) or (0, 0, "")
        host, _ = agreements.host(session)
        terms = agreements.draft(session, partners.view(session, bridge), {
            "our_country": "NL", "their_country": "BE", "senders": [host, org],
            "purposes": ["cyber-defence"], "legal_basis": "GDPR art. 6(1)(e)",
            "document": "Letter 1", "valid_from": "2026-01-01T00:00:00Z", "retention_days": 30,
            "tells": {"opened": True, "used": True},
        })  # fmt: skip
        made = agreements.propose(session, partners.view(session, bridge), terms)
        agreements.accept_on_paper(session, made, "Letter 2")
        with database.as_user(account) as theirs:
            new = NewEvent(None, "Sent by the bank", distribution=3, published=True)
            new.attributes.append(
                NewAttribute(None, "domain", "Network activity", True, "bank.example", "")
            )
            uuid = add(theirs, new).uuid
        session.execute(
            "INSERT INTO crossing (bridge_id, outward, kind, event_uuid, info, version, digest,"
            " outcome, state, receipt, received) VALUES (%s, false, 'event', %s, 'Sent by the"
            " bank', 1, 'x', 'pass', 'received', %s, now() - interval '40 days')",
            (bridge, uuid, RECEIPT),
        )
        session.execute(
            "INSERT INTO kept_here (bridge_id, event_uuid, opened) VALUES (%s, %s, current_date)",
            (bridge, uuid),
        )
    return uuid


def test_a_user_is_bound_once_and_those_without_a_bridge_are_listed(came: str, verb: Verb) -> None:
    assert came
    assert verb("bridge", "bind") == []
    assert "another organisation" in verb("bridge", "bind", "admin@csirt.example", code=1)
    (shown,) = verb("bridge", "list")["bridges"]
    assert (shown["transport"], shown["state"]) == ("misp", "open")


def test_what_is_due_is_listed_held_told_and_done(
    came: str, home: Home, verb: Verb, capsys: pytest.CaptureFixture[str]
) -> None:
    assert verb("bridge", "follow", came) == []
    assert run(["--home", str(home.path), "bridge", "follow", came]) == 0
    assert "sent over no bridge" in capsys.readouterr().err
    (item,) = verb("bridge", "retention")
    assert (item["event_uuid"], item["way"], item["held"]) == (came, "delete", False)
    placed = verb("bridge", "hold", came, "--because", "evidence")
    assert placed["because"] == "evidence"
    assert [one["event_uuid"] for one in verb("bridge", "holds")] == [came]
    assert [one["outcome"] for one in verb("bridge", "retention", "--run")] == ["kept"]
    assert verb("bridge", "retention")[0]["held"]
    assert verb("bridge", "tell") == []  # a MISP server cannot be told
    assert run(["--home", str(home.path), "bridge", "unhold", came]) == 0
    assert [one["outcome"] for one in verb("bridge", "retention", "--run")] == ["deleted"]
    assert verb("bridge", "retention") == []
    # It never went out, and is not here any more.
    assert "absent or hidden" in verb("bridge", "follow", came, code=1)
