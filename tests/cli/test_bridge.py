# SPDX-License-Identifier: EUPL-1.2
"""Bridges from the command line, towards a node that is served."""

import json
import stat
from pathlib import Path

import pytest
from tests.bridges.conftest import zuidmark
from tests.bridges.served import ADMIN, Served
from tests.bridges.stranger import Stranger
from tests.cli.conftest import Verb

from brug.bridges import connecting, partners
from brug.store.home import Home
from brug.store.server import EmbeddedServer
from brug.store.session import Database

__all__ = ["zuidmark"]


def test_an_invitation_is_accepted_compared_and_then_pinged(
    verb: Verb,
    zuidmark: Served,
    home: Home,
) -> None:
    verb("settings", "set", "outgoing.private_networks", "127.0.0.0/8")
    with zuidmark.database.as_user(ADMIN) as session:
        invited = connecting.invite(session, "From the shell")
    made = verb("bridge", "accept", invited.url, "--partner", "Zuid")
    assert (made["state"], made["organisation"]) == ("invited", "CERT Zuidmark")
    assert verb("bridge", "show", "Zuid")["uuid"] == made["uuid"]
    shown = zuidmark.string("From the shell")
    assert made["authentication_string"] == shown
    said = verb("bridge", "confirm", "Zuid", "0000 0000 0000", code=2)
    assert "Somebody may be in between" in said
    assert verb("bridge", "confirm", "Zuid", shown)["state"] == "open"
    assert "bridge_not_open" in verb("bridge", "ping", "Zuid", code=1)
    with zuidmark.database.as_user(ADMIN) as session:
        connecting.confirm(session, partners.view(session, "From the shell"), shown)
    assert verb("bridge", "ping", "Zuid")["state"] == "open"
    assert verb("bridge", "pause", "Zuid")["state"] == "paused"
    assert "is paused" in verb("bridge", "pause", "Zuid", code=1)
    assert verb("bridge", "resume", str(made["id"]))["state"] == "open"
    assert verb("bridge", "edit", "Zuid", "--relation", "client")["relation"] == "client"
    assert "client" in verb("bridge", "edit", "Zuid", "--relation", "friend", code=2)
    before = {key["key_id"] for key in verb("bridge", "keys", "list")}
    after = {key["key_id"] for key in verb("bridge", "keys", "rotate", "--days", "3")}
    assert len(after - before) == 1
    with zuidmark.database.system() as session:
        bridge = partners.view(session, "From the shell")
        assert after == {key.key_id for key in partners.keys_of(session, bridge.partner_id)}
    (old,) = before
    revoked = {key["key_id"]: key for key in verb("bridge", "keys", "revoke", old)}
    assert "revoked" in revoked[old]
    assert verb("bridge", "ping", "Zuid")["state"] == "open"
    assert "revoked already" in verb("bridge", "keys", "revoke", old, code=1)
    assert "--yes" in verb("bridge", "close", "Zuid", code=2)
    assert verb("bridge", "close", "Zuid", "--yes")["state"] == "closed"
    assert "closed" in verb("bridge", "ping", "Zuid", code=1)


def test_an_invitation_is_a_file_for_one_person(verb: Verb, home: Home, tmp_path: Path) -> None:
    path = tmp_path / "invitation.json"
    made = verb("bridge", "invite", "--partner", "Oost", "--out", str(path), "--days", "2")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert json.loads(path.read_bytes())["signed"]["bridge"] == made["bridge"]
    assert made["url"].startswith("http://127.0.0.1:8080/native/v1/invitations#")
    again = verb("bridge", "invite", "--partner", "Oost", "--out", str(path), code=2)
    assert "--out" in again
    waiting = verb("bridge", "list")["invitations"]
    assert made["bridge"] in {one["bridge"] for one in waiting}
    dsn = EmbeddedServer(home).dsn()
    with Database(dsn, keys=home.keys) as database, database.system() as session:
        connecting.accepted(session, Stranger().acceptance(path.read_bytes()))
    assert verb("bridge", "show", "Oost")["state"] == "invited"
    assert "no open invitation" in verb("bridge", "withdraw", made["bridge"], code=1)
    other = verb("bridge", "invite", "--partner", "West")
    assert verb("bridge", "withdraw", other["bridge"]) == {"withdrawn": other["bridge"]}


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("invite", "--partner", ""), 2, "partner"),
        (("invite", "--partner", "P", "--days", "0"), 2, "days"),
        (("invite", "--partner", "P", "--org", "Nobody"), 1, "no organisation"),
        (("invite", "--partner", "P", "--ca", "/nowhere"), 2, "file"),
        (("accept", "/nowhere"), 2, "file"),
        (("accept", "https://x.example/"), 2, "invitation"),
        (("show", "Nobody"), 1, "no bridge"),
        (("show", "999"), 1, "no bridge"),
        (("withdraw", "x"), 2, "invitation"),
        (("keys", "revoke", "x"), 1, "no key"),
        (("keys", "rotate", "--days", "0"), 2, "days"),
    ],
)
def test_what_is_wrong_is_said(
    verb: Verb, arguments: tuple[str, ...], code: int, said: str
) -> None:
    assert said in verb("bridge", *arguments, code=code)
