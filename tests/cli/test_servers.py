# SPDX-License-Identifier: EUPL-1.2
"""`brug server`: pull, push and look, from the command line against a server on loopback."""

import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
from tests.bridges.misp.serving_side import Reply, Request, serving
from tests.bridges.misp.test_hostile_partner import Partner, event
from tests.cli.conftest import Verb

from brug.directory import organisations, servers
from brug.store import settings
from brug.store.home import Home
from brug.store.server import EmbeddedServer
from brug.store.session import Database

pytestmark = pytest.mark.usefixtures("as_before")


def test_a_server_is_pulled_from_and_looked_at(verb: Verb, home: Home) -> None:
    partner = Partner(event(1), event(2))

    def index(request: Request) -> Reply:
        rows: list[Any] = [{"uuid": one["uuid"], "info": one["info"]}
                           for one in partner.events.values()]  # fmt: skip
        return Reply(200, rows, {"X-Result-Count": str(len(rows))}) if request else Reply()

    partner.instead["/events/index/"] = index
    partner.instead[f"/events/{event(1)['uuid']}"] = Reply(200, {"Event": event(1)})
    with (
        serving(partner) as c,
        Database(EmbeddedServer(home).dsn(), 1, keys=home.keys) as database,
    ):
        with database.system() as session:
            settings.set_value(session, "outgoing.private_networks", ["127.0.0.0/8"])
            other = organisations.add(session, {"name": "ORG-C"})
        with database.as_user(1) as session:
            given = {"name": "C", "url": c.url, "authkey": "k" * 40, "remote_org_id": other.id}
            server = servers.add(session, given | {"pull": True, "push": True}).id
        (listed,) = verb("server", "list")
        assert (listed["server"]["name"], listed["standing"]["last_pull"]) == ("C", None)
        shown = verb("server", "preview", str(server))
        assert [one["info"] for one in shown] == ["event 1", "event 2"]
        one = verb("server", "preview", str(server), event(1)["uuid"])
        assert one["Event"]["info"] == "event 1"
        run = verb("server", "pull", str(server))
        assert (run["state"], run["counts"]["events"]) == ("done", 2)
        (listed,) = verb("server", "list")
        assert listed["standing"]["last_pull"] is not None
        assert verb("server", "retention", str(server)) == {"server": "C", "days": 0}
        assert verb("server", "retention", str(server), "--days", "30")["days"] == 30
        goes = verb("bridge", "retention")
        assert [(one["info"], one["sources"], one["kept"]) for one in goes] == [
            ("event 2", ["C"], ""), ("event 1", ["C"], ""),
        ]  # fmt: skip
        assert verb("bridge", "retention", "--run") == []
        wrong = verb("server", "retention", str(server), "--days", "-1", code=2)
        assert "days: expected 0" in wrong
        assert verb("server", "push", str(server))["state"] == "done"
        absent = "99999999-9999-4999-8999-999999999999"
        run = verb("server", "pull", str(server), absent, code=1)
        assert (run["state"], len(run["failures"])) == ("done", 1)
        said = verb("server", "push", str(server), absent, code=2)
        assert "UUID of an event here" in said
        said = verb("server", "pull", str(server), "nonsense", code=2)
        assert "pull_relevant_clusters" in said


def test_a_server_is_added_asked_changed_and_removed(
    verb: Verb, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def typing(text: str) -> None:
        monkeypatch.setattr("sys.stdin", io.StringIO(text))

    verb("settings", "set", "outgoing.private_networks", "127.0.0.0/8")
    verb("org", "add", "ORG-D", "--external")
    before = verb("server", "list")
    partner = Partner()
    partner.instead["/servers/postTest"] = lambda request: Reply(
        200, {"body": request.body, "headers": {}}
    )
    with serving(partner) as d:
        new = ("server", "add", "D", d.url, "--org", "ORG-D", "--authkey-stdin")
        for key, more, said in (
            ("short", (), "40 letters and digits"),
            ("", (), "40 characters"),
            ("k" * 40, ("--on", "everything"), "--on: expected one of pull, push"),
            ("k" * 40, ("--org", "Nobody"), "no organisation 'Nobody'"),
        ):
            typing(key)
            assert said in verb(*new, *more, code=1 if said.startswith("no ") else 2)
        typing("k" * 40)
        assert "remote_org_id" in verb(*new[:4], *new[6:], code=2)
        assert verb("server", "list") == before
        typing("k" * 40 + "\n")
        made = verb(*new, "--on", "pull", "--on", "pull-analyst-data")
        number = str(made["id"])
        assert (made["organisation"], made["key_known"]) == ("ORG-D", "yes")
        assert made["on"] == ["pull", "pull-analyst-data"]
        assert "k" * 40 not in str(made)
        assert verb("server", "test", number)["post"] == 1
        changed = verb("server", "edit", number, "--off", "pull", "--on", "push",
                       "--pull-every", "60")  # fmt: skip
        assert (changed["on"], changed["pulled_every"]) == (["push", "pull-analyst-data"], 60)
        assert "as well" in verb("server", "edit", number, "--on", "pull", "--off", "pull", code=2)
        wrong = verb("server", "edit", number, "--off", "push", "--pull-every", "-1", code=2)
        assert "0 (only when asked)" in wrong
        assert verb("server", "show", number) == changed
    rules_of(verb, number, tmp_path)
    assert verb("server", "test", number, code=1)["status"] == 2
    assert verb("server", "remove", number) == {"id": made["id"], "name": "D"}
    assert "no server" in verb("server", "remove", number, code=1)


def rules_of(verb: Verb, number: str, folder: Path) -> None:
    """What comes and what goes is narrowed, by names, as MISP keeps it."""
    asked = {"tags": {"OR": ["tlp:green"], "NOT": ["tlp:red"]}, "url_params": {"timestamp": "30d"}}
    (folder / "push.json").write_text('{"orgs": {"NOT": ["ORG-D"], "OR": []}}')
    changed = verb("server", "edit", number, "--pull-rules", json.dumps(asked),
                   "--push-rules", f"@{folder / 'push.json'}")  # fmt: skip
    assert changed["asks_for"] == {
        "tags": ["tlp:green", "!tlp:red"], "parameters": '{"timestamp":"30d"}',
    }  # fmt: skip
    assert changed["sends"] == {"organisations": ["!ORG-D"]}
    (listed,) = [one for one in verb("server", "list") if str(one["server"]["id"]) == number]
    assert re.fullmatch(r'{"orgs":{"NOT":\["\d+"\],"OR":\[\]}}', listed["server"]["push_rules"])
    for wrong, said in (
        ("no json", "a JSON object"),
        ('{"tags": {"OR": "tlp:green"}}', "tags: an object with OR and NOT"),
        ('{"tag": {"NOT": ["tlp:red"]}}', "tags, orgs, type_attributes"),
        ('{"orgs": {"NOT": ["Nobody"]}}', "the names of orgs of this node"),
        (f"@{folder / 'absent'}", "a file that can be read"),
    ):
        assert said in verb("server", "edit", number, "--push-rules", wrong, code=2), wrong
    assert verb("server", "show", number) == changed
    assert verb("server", "edit", number, "--push-rules", "{}")["sends"] == {}


def test_a_run_that_fails_says_so_and_exits_so(verb: Verb, home: Home) -> None:
    with Database(EmbeddedServer(home).dsn(), 1, keys=home.keys) as database:
        with database.system() as session:
            settings.set_value(session, "outgoing.private_networks", ["127.0.0.0/8"])
            other = organisations.add(session, {"name": "ORG-C"})
        with database.as_user(1) as session:
            given = {"name": "C", "url": "http://127.0.0.1:9", "authkey": "k" * 40, "pull": True}
            server = servers.add(session, given | {"remote_org_id": other.id}).id
    run = verb("server", "pull", str(server), code=1)
    assert run["state"] == "failed"
    assert "Connection refused" in run["problem"]
