# SPDX-License-Identifier: EUPL-1.2
"""`brug bridge agreement`, `permission`, `personal-data`, `explain` and `simulate`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from tests.bridges.world import SYNC_USER
from tests.cli.conftest import Verb, original_of
from tests.putting_back import Original

from brug.cli.app import run
from brug.directory import account_changes
from brug.store.home import Home
from brug.store.reaching import reached
from brug.store.session import Database

pytestmark = pytest.mark.usefixtures("as_before")
EVENT = "5f1c7a52-3d5b-4a9e-9d0e-0d9a3a1f6c01"
TERMS: dict[str, Any] = {
    "our_country": "NL", "their_country": "BE", "purposes": ["cyber-defence"],
    "legal_basis": "GDPR art. 6(1)(e)", "valid_from": "2026-01-01T00:00:00Z",
    "document": "Letter of 1 March", "ceiling": {"tlp": "amber"},
    "personal_data": {"handling": "drop", "transfer": {"tool": "eea"}},
}  # fmt: skip


@pytest.fixture(scope="module")
def bridge(home: Home) -> str:
    """A bridge to a MISP server; the name of its partner."""
    run(["--home", str(home.path), "org", "add", "Bank ISAC"])
    with (
        reached(home, print) as node,
        Database(node.dsn(), 2, keys=home.keys) as database,
        database.system() as session,
    ):
        org = session.value("SELECT id FROM organisation WHERE name = 'Bank ISAC'")
        account = {"email": "b@bridge.example", "org_id": org, "role_id": SYNC_USER}
        made = account_changes.add(
            session, account | {"password": "Correct-horse-battery-1", "change_pw": False}
        )
        partner = session.value(
            "INSERT INTO partner (org_id, kind, name) VALUES (%s, 'misp', 'Bank ISAC')"
            " RETURNING id", (org,),
        )  # fmt: skip
        session.execute(
            "INSERT INTO bridge (partner_id, transport, account_id, state)"
            " VALUES (%s, 'misp', %s, 'open')", (partner, made.account.id),
        )  # fmt: skip
    return "Bank ISAC"


@pytest.fixture(scope="module")
def terms(home: Home, bridge: str, request: pytest.FixtureRequest) -> str:
    with (
        reached(home, print) as node,
        Database(node.dsn(), 1, keys=home.keys) as database,
        database.system() as session,
    ):
        both = [r[0] for r in session.all(
            "SELECT uuid::text FROM organisation WHERE id = 1 OR name = %s ORDER BY 1",
            (bridge,),
        )]  # fmt: skip
    path = home.path.parent / "terms.json"
    path.write_text(json.dumps(TERMS | {"senders": both}))
    return str(path)


@pytest.fixture(scope="module")
def original(home: Home, terms: str) -> Iterator[Original]:
    with original_of(home) as made:
        yield made


@pytest.fixture
def agreed(verb: Verb, bridge: str, terms: str) -> None:
    """An agreement is in force."""
    verb("bridge", "agreement", "propose", bridge, terms)
    verb("bridge", "agreement", "accept", bridge, "1", "--reference", "Letter of 2 March")


def test_an_agreement_is_proposed_and_accepted_on_paper(
    verb: Verb, bridge: str, terms: str, home: Home
) -> None:
    assert "no agreement" in verb("bridge", "agreement", "show", bridge, code=1)
    made = verb("bridge", "agreement", "propose", bridge, terms)
    assert (made["version"], made["theirs"]) == (1, None)
    refused = verb("bridge", "agreement", "propose", bridge, "nowhere.json", code=2)
    assert "terms: expected a file" in refused
    bad = home.path.parent / "bad.toml"
    bad.write_text('purposes = ["fun"]')
    said = verb("bridge", "agreement", "propose", bridge, str(bad), code=2)
    assert "purposes[0]: expected one of" in said
    bad.write_text('purposes = ["research"]')
    said = verb("bridge", "agreement", "propose", bridge, str(bad), code=2)
    assert "senders: expected a value" in said
    bad.write_text("purposes = [")
    said = verb("bridge", "agreement", "propose", bridge, str(bad), code=2)
    assert "terms: expected TOML or JSON" in said
    letter = "Letter of 2 March"
    done = verb("bridge", "agreement", "accept", bridge, "1", "--reference", letter)
    assert done["reference"] == letter
    shown = verb("bridge", "agreement", "show", bridge)
    assert shown["in_force"] is True
    assert shown["terms"]["purposes"] == ["cyber-defence"]
    (only,) = verb("bridge", "agreement", "history", bridge)
    assert only["in_force"] is True


@pytest.fixture
def event(verb: Verb, home: Home) -> None:
    event = {
        "uuid": EVENT, "info": "Campaign", "distribution": "2", "published": True,
        "Tag": [{"name": "tlp:green"}],
        "Attribute": [
            {"type": "domain", "category": "Network activity", "value": "evil.example"},
            {"type": "domain", "category": "Network activity", "value": "ours.example",
             "distribution": "0"},
            {"type": "full-name", "category": "Person", "value": "Jan de Vries"},
            {"type": "domain", "category": "Network activity", "value": "red.example",
             "Tag": [{"name": "tlp:red"}]},
        ],
    }  # fmt: skip
    path = home.path.parent / "event.json"
    path.write_text(json.dumps({"Event": event}))
    verb("import", str(path))


@pytest.mark.usefixtures("agreed", "event")
def test_what_would_cross_is_told_with_reasons_and_nothing_is_sent(
    verb: Verb, bridge: str, home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    found = verb("bridge", "explain", EVENT, "--to", bridge)
    assert (found["stage"], found["outcome"]) == ("gate", "redact")
    assert found["level"] == 1
    assert found["counts"] == {"passed": 1, "redacted": 0, "dropped": 2, "held": 1}
    told = {one["outcome"]: one for one in found["parts"]}
    assert told["hold"]["examples"] == ["domain red.example"]
    assert {r["code"] for r in told["hold"]["reasons"]} == {"above_ceiling"}
    assert told["redact"]["examples"] == ["full-name Jan de Vries"]
    assert run(["--home", str(home.path), "bridge", "explain", EVENT, "--to", bridge]) == 0
    said = capsys.readouterr().out
    assert "It passes in part." in said
    assert "TLP:RED is above the ceiling of the agreement, TLP:AMBER. (marking)" in said
    assert "no bridge" in verb("bridge", "explain", EVENT, "--to", "Nobody", code=1)
    verb("bridge", "explain", "999999", "--to", bridge, code=1)


@pytest.mark.usefixtures("agreed", "event")
def test_where_an_event_can_go_is_told_hop_by_hop(verb: Verb, bridge: str, home: Home) -> None:
    found = verb("bridge", "simulate", EVENT, "--hops", "3")
    told = [(one["hop"], one["who"], one["level"], one["attributes"]) for one in found]
    assert told == [(0, "here", 2, 4), (1, "partner", 1, 1), (2, "pullers", 0, 1)]
    assert "hops: expected a number from 1 to 10" in verb(
        "bridge", "simulate", EVENT, "--hops", "11", code=2
    )


@pytest.mark.usefixtures("event")
def test_a_permission_of_a_source_is_asked_granted_and_withdrawn(
    verb: Verb, bridge: str, home: Home
) -> None:
    asked = verb(
        "bridge", "permission", "ask", EVENT, "--label", "amber", "--to-label", "green",
        "--source", "Cert Sudland",
    )  # fmt: skip
    number = str(asked["id"])
    assert asked["state"] == "requested"
    granted = verb(
        "bridge", "permission", "grant", number, "--evidence", "Mail", "--until", "2090-01-01"
    )
    assert granted["state"] == "granted"
    said = verb("bridge", "permission", "grant", number, "--evidence", "Mail", code=1)
    assert "is granted; it does not become granted" in said
    taken_back = verb("bridge", "permission", "withdraw", number, "--evidence", "Call")
    assert taken_back["state"] == "withdrawn"
    assert [one["id"] for one in verb("bridge", "permission", "list", "--event", EVENT)] == [1]
    assert "to_label" in verb(
        "bridge", "permission", "ask", EVENT, "--label", "green", "--to-label", "red", "--source",
        "x", code=2,
    )  # fmt: skip


@pytest.mark.usefixtures("agreed", "event")
def test_the_table_of_personal_types_is_corrected_without_a_release(
    verb: Verb, bridge: str, home: Home
) -> None:
    corrected = verb("bridge", "personal-data", "set", "domain", "high", "--source", "Ruling 7")
    assert corrected["class"] == "high"
    rows = {row["type"]: row for row in verb("bridge", "personal-data", "list")}
    assert rows["domain"]["own"] is True
    assert rows["iban"]["own"] is False
    found = verb("bridge", "explain", EVENT, "--to", bridge)
    assert found["counts"]["passed"] == 0
    verb("bridge", "personal-data", "set", "domain", "odd", "--source", "x", code=2)
    later = ("bridge", "personal-data", "set", "domain", "low", "--source", "x")
    verb(*later, "--since", "2090-01-01")
    rows = {row["type"]: row for row in verb("bridge", "personal-data", "list")}
    assert rows["domain"]["class"] == "high"


def test_terms_to_fill_in_are_terms(verb: Verb, bridge: str, home: Home, capsys: Any) -> None:
    assert run(["--home", str(home.path), "bridge", "agreement", "template", bridge]) == 0
    path = home.path.parent / "filled.toml"
    terms = capsys.readouterr().out
    path.write_text(terms)
    # What only people know is theirs to say, one thing after another.
    blank = {"our_country": "nl", "their_country": "BE", "document": "Letter 3"}
    while blank:
        told = verb("bridge", "agreement", "propose", bridge, str(path), code=2)
        field = next(name for name in blank if name in told)
        terms = terms.replace(f'{field} = ""', f'{field} = "{blank.pop(field)}"')
        path.write_text(terms)
    made = verb("bridge", "agreement", "propose", bridge, str(path))
    assert made["version"] == 1
    assert made["terms"]["personal_data"]["transfer"]["tool"] == "eea"
    # What is commented out, and is no example, is what holds without it.
    path.write_text(re.sub(r"(?m)^# (?=\w+ = )", "", terms))
    spelt = verb("bridge", "agreement", "propose", bridge, str(path))
    assert spelt["terms"] | {"version": 1} == made["terms"]
