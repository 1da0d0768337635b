# SPDX-License-Identifier: EUPL-1.2
"""Users, organisations, keys, groups, settings and the doctor, from the command line."""

import io
import json
from pathlib import Path

import psycopg
import pytest
from tests.cli.conftest import Verb
from tests.listening import free_port

from brug.cli.app import run
from brug.cli.doctor import examined
from brug.store.home import Home
from brug.store.reaching import VARIABLE
from brug.store.server import EmbeddedServer
from brug.store.session import Database


def test_organisations(verb: Verb) -> None:
    made = verb("org", "add", "Verweg", "--nationality", "Verweg", "--external")
    assert (made["name"], made["local"]) == ("Verweg", False)
    assert verb("org", "edit", "Verweg", "--sector", "energy")["sector"] == "energy"
    assert verb("org", "show", made["uuid"])["id"] == made["id"]
    assert [one["name"] for one in verb("org", "list", "--search", "energy")] == ["Verweg"]
    assert verb("org", "add", "Verweg", code=2).startswith("brug: name: expected")
    assert verb("org", "remove", "Verweg")["name"] == "Verweg"
    assert "no organisation" in verb("org", "show", "Verweg", code=1)
    assert "in use" in verb("org", "remove", "CSIRT Noordland", code=1)


def test_an_organisation_becomes_part_of_another_when_that_is_confirmed(verb: Verb) -> None:
    verb("org", "add", "Old name", "--external")
    stays = verb("org", "add", "New name")
    assert "--yes" in verb("org", "merge", "Old name", "--into", "New name", code=2)
    assert verb("org", "show", "Old name")["name"] == "Old name"
    said = verb("org", "merge", "Old name", "--into", "Nobody", "--yes", code=2)
    assert said.startswith("brug: into: expected an organisation that is here")
    host = verb("org", "merge", "CSIRT Noordland", "--into", "New name", "--yes", code=2)
    assert "it stays" in host
    done = verb("org", "merge", "Old name", "--into", stays["uuid"], "--yes")
    assert (done["gone"], done["organisation"]["name"]) == ("Old name", "New name")
    assert "no organisation" in verb("org", "show", "Old name", code=1)
    verb("org", "remove", "New name")


def test_a_role_for_people_who_work_on_cases(verb: Verb) -> None:
    assert "case" in [one["name"] for one in verb("role", "rights")]
    made = verb("role", "add", "Case worker", "--like", "User", "--right", "case")
    user = verb("role", "show", "User")
    assert set(made["rights"]) == {*user["rights"], "case"}
    assert "right: expected one of case" in verb("role", "add", "x", "--right", "king", code=2)
    assert "name: expected a name that no other" in verb("role", "add", "Case worker", code=2)
    changed = verb(
        "role", "edit", "Case worker", "--name", "Casework", "--right", "release",
        "--without", "tagger", "--default",
    )  # fmt: skip
    assert (changed["name"], changed["default_role"]) == ("Casework", True)
    assert {"case", "release"} <= set(changed["rights"])
    assert "tagger" not in changed["rights"]
    assert verb("user", "add", "x@csirt.example")["account"]["role_name"] == "Casework"
    assert "what new users get" in verb("role", "remove", "Casework", code=1)
    verb("role", "edit", "User", "--default")
    assert "users have the role" in verb("role", "remove", "Casework", code=1)
    verb("user", "remove", "x@csirt.example")
    assert verb("role", "remove", "Casework")["name"] == "Casework"
    assert "no role" in verb("role", "show", "Casework", code=1)
    assert "no site admin" in verb("role", "edit", "admin", "--without", "site_admin", code=1)


def test_users(verb: Verb, monkeypatch: pytest.MonkeyPatch) -> None:
    made = verb("user", "add", "lead@csirt.example", "--role", "Org Admin")
    assert len(made["password"]) == 24
    assert made["account"]["change_pw"] is True
    monkeypatch.setattr("sys.stdin", io.StringIO("Another-password-9\n"))
    assert verb("user", "password", "lead@csirt.example", "--password-stdin")["password"] is None
    monkeypatch.setattr("sys.stdin", io.StringIO("short\n"))
    assert "password" in verb("user", "password", "lead@csirt.example", "--password-stdin", code=2)
    edited = verb("user", "edit", "lead@csirt.example", "--disable", "--expires", "+3 days")
    assert edited["disabled"] is True
    assert edited["expiration"] is not None
    assert [one["email"] for one in verb("user", "list", "--search", "lead")] == [
        "lead@csirt.example"
    ]
    assert "last site admin" in verb("user", "remove", "admin@csirt.example", code=1)
    assert verb("user", "remove", "lead@csirt.example")["email"] == "lead@csirt.example"
    assert "no account" in verb("user", "show", "lead@csirt.example", code=1)


def test_keys(verb: Verb) -> None:
    made = verb("key", "add", "admin@csirt.example", "--read-only", "--from", "192.0.2.0/24",
                "--comment", "sensor")  # fmt: skip
    assert len(made["api_key"]) == 40
    number = str(made["key"]["id"])
    assert made["key"]["allowed_ips"] == ["192.0.2.0/24"]
    assert verb("key", "edit", number, "--read-write")["read_only"] is False
    listed = verb("key", "list", "--user", "admin@csirt.example")
    assert made["api_key"] not in json.dumps(listed)
    assert "sensor" in {one["comment"] for one in listed}
    assert "date" in verb("key", "edit", number, "--expires", "soon", code=2)
    assert verb("key", "remove", number)["id"] == int(number)


def test_groups(verb: Verb) -> None:
    verb("org", "add", "Bank")
    made = verb("group", "add", "Banks", "--org", "Bank", "--releasability", "banks")
    assert [(m["name"], m["extend"]) for m in made["members"]] == [("Bank", False)]
    assert made["org_name"] == "CSIRT Noordland"
    assert "already" not in str(verb("group", "add-org", "Banks", "CSIRT Noordland", "--extend"))
    assert len(verb("group", "show", "Banks")["members"]) == 2
    assert len(verb("group", "remove-org", "Banks", "Bank")["members"]) == 1
    edited = verb("group", "edit", "Banks", "--passive", "--all-orgs")
    assert (edited["active"], edited["servers"][0]["all_orgs"]) == (False, True)
    assert [one["name"] for one in verb("group", "list")] == ["Banks"]
    verb("group", "remove", "Banks")
    assert verb("group", "list") == []


def test_settings(verb: Verb) -> None:
    assert verb("settings", "get", "MISP.baseurl")["name"] == "node.url"
    assert verb("settings", "set", "sightings.policy", "2")["value"] == 2
    changed = {one["name"] for one in verb("settings", "list", "--changed")}
    assert "sightings.policy" in changed
    assert "events.default_distribution" not in changed
    assert "0 to 3" in verb("settings", "set", "sightings.policy", "9", code=2)
    assert "no setting" in verb("settings", "get", "nosuch", code=1)


def test_roles(verb: Verb) -> None:
    assert [one["name"] for one in verb("role", "list")][:3] == ["admin", "Org Admin", "User"]


def test_people_get_tables_and_nothing_that_moves_their_terminal(
    home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    where = ["--home", str(home.path)]
    with EmbeddedServer(home).ensure() as server, Database(server.dsn(), size=1) as database:
        with database.system() as session:
            session.execute("UPDATE organisation SET description = %s", ("a\x1b[2J\u202eb[red]",))
        assert run([*where, "org", "show", "CSIRT Noordland"]) == 0
        assert "a<1b>[2J<202e>b[red]" in capsys.readouterr().out
        assert run([*where, "org", "list"]) == 0
        assert "CSIRT Noordland" in capsys.readouterr().out
        with database.system() as session:
            session.execute("UPDATE organisation SET description = ''")


def test_the_doctor_says_what_is_wrong_and_what_to_do(verb: Verb, home: Home) -> None:
    found = {one["check"]: one for one in verb("doctor", code=1)}
    assert (found["vocabularies"]["state"], found["vocabularies"]["advice"]) == (
        "failed", "`brug upgrade` installs them",
    )  # fmt: skip
    for check in ("installation", "folder", "disk", "database", "server", "schema", "address"):
        assert found[check]["state"] == "ok", found[check]
    own = home.config / "deadlines.toml"
    own.write_text('[[row]]\nid = "nis2-final"\nperiod = "P2M"\nwhere = "a test"\n')
    deadlines = [one for one in verb("doctor", code=1) if one["check"] == "deadlines"]
    assert [(one["state"], one["found"]) for one in deadlines] == [
        ("ok", "corrected by this node: nis2-final")
    ]
    own.write_text("[[row]]\nid = 1\n")
    deadlines = [one for one in verb("doctor", code=1) if one["check"] == "deadlines"]
    assert deadlines[0]["state"] == "failed"
    assert "deadlines.toml: row 1.where" in deadlines[0]["found"]
    own.unlink()
    secret = home.keys / "secret"
    secret.touch(mode=0o644)
    secret.chmod(0o644)
    open_files = [one for one in verb("doctor", code=1) if one["check"] == "permissions"]
    assert [one["advice"] for one in open_files if one["state"] == "failed"] == [
        f"chmod go-rwx {secret}"
    ]
    secret.unlink()


def test_the_doctor_says_who_cannot_sign_in(verb: Verb) -> None:
    def found(**changes: str) -> tuple[str, str]:
        for name, value in changes.items():
            verb("settings", "set", f"sign_in.{name}", value)
        (one,) = [one for one in verb("doctor", code=1) if one["check"] == "sign-in"]
        return one["state"], one["found"]

    assert found()[0] == "ok"
    try:
        assert found(passwords="false") == (
            "failed", "nobody signs in: passwords are off, and no provider is set",
        )  # fmt: skip
        state, said = found(oidc_issuer="https://accounts.example", oidc_client_id="brug")
        assert (state, "sign_in.break_glass is 0" in said) == ("warning", True)
        assert found(break_glass="1")[0] == "ok"
        state, said = found(oidc_groups="a=User,b=Nobody,c=Org%20Admin:No%20such")
        assert (state, said) == (
            "warning",
            "sign_in.oidc_groups: no role 'Nobody'; sign_in.oidc_groups: no organisation 'No such'",
        )
    finally:
        found(passwords="true", break_glass="0", oidc_issuer="", oidc_client_id="", oidc_groups="")


def test_a_node_does_not_start_on_the_database_of_another_build_and_says_why(
    verb: Verb, home: Home, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    passwords = home.keys / "database.json"
    with psycopg.connect(EmbeddedServer(home).dsn("brug_owner"), autocommit=True) as owner:
        (made,) = owner.execute("SELECT made_of FROM brug.alembic_version").fetchall()
        owner.execute("UPDATE brug.alembic_version SET made_of = repeat('0', 64)")
        why = "the database has schema 0001 of another build, from before the first release"
        try:
            for command in (("org", "list"), ("upgrade",)):
                said = verb(*command, code=1)
                assert why in said
                assert "`brug upgrade` cannot mend it: run that build, or make a new node" in said
            found = {one["check"]: one for one in verb("doctor", code=1)}
            assert found["schema"]["state"] == "failed"
            assert found["schema"]["found"] == why.removeprefix("the database has ")
            # As a server of somebody's own: this one is served by the test already.
            monkeypatch.setenv(VARIABLE, EmbeddedServer(home).dsn())
            passwords.write_text('{"brug_owner": "", "brug_app": ""}')
            assert run(["--home", str(home.path), "serve", "--port", str(free_port())]) == 1
            assert why in capsys.readouterr().err
        finally:
            passwords.unlink(missing_ok=True)
            monkeypatch.delenv(VARIABLE, raising=False)
            owner.execute("UPDATE brug.alembic_version SET made_of = %s", made)
    assert verb("org", "list")


def test_the_doctor_looks_at_a_node_at_work_that_takes_files_away(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Path, "rglob", lambda folder, _: [folder / "gone"])
    found = [one.state for one in examined(home) if one.check == "permissions"]
    assert found == ["ok"] * 3


def test_the_doctor_of_nothing_names_the_first_step(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["--home", str(tmp_path / "none"), "doctor", "--json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert "`brug init`" in found[-1]["advice"]


@pytest.mark.parametrize(
    ("email", "org", "url"),
    [("nonsense", "Org", "http://a.example"), ("a@b.example", " ", "http://a.example"),
     ("a@b.example", "Org", "ftp://a.example")],
)  # fmt: skip
def test_init_refuses_what_does_not_fit_before_it_makes_anything(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], email: str, org: str, url: str
) -> None:
    home = tmp_path / "node"
    given = ["--org", org, "--email", email, "--url", url, "--json"]
    assert run(["--home", str(home), "init", *given]) == 2
    assert "expected" in capsys.readouterr().err
    assert not home.exists()


def test_wrong_usage_is_exit_2(home: Home) -> None:
    for arguments in (["user", "frob"], ["user", "add"], ["--nosuch"], ["settings", "set", "x"]):
        assert run(["--home", str(home.path), *arguments]) == 2
