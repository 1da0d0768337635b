# SPDX-License-Identifier: EUPL-1.2
"""`brug bridge parts`, and `release` and `refuse` of single parts of an event."""

import pytest
from tests.cli.conftest import Verb

from brug.bridges import agreements, partners
from brug.cli.app import run
from brug.intel.adding import add
from brug.model.new_event import NewAttribute, NewEvent, NewObject, NewTag
from brug.store.home import Home
from brug.store.reaching import reached
from brug.store.session import Database

RED = (NewTag("tlp:red"),)


def attribute(value: str, *tags: NewTag) -> NewAttribute:
    return NewAttribute(None, "domain", "Network activity", True, value, "", tags=tags)


NOWHERE = (
    "99",
    "xyz",
    "0",
    "99999999999999999999",
    "5f0a3c1e-0000-4000-8000-000000000000",
    "x\u00e9y",
)


@pytest.mark.parametrize("event", NOWHERE)
def test_of_an_event_that_is_not_there_no_parts_are_listed(verb: Verb, event: str) -> None:
    """Where there is no bridge at all, and (below) where there is one."""
    assert verb("bridge", "parts", event, code=1) == f"brug: event {event!r} is absent or hidden\n"


@pytest.fixture(scope="module")
def held(home: Home) -> str:
    """An event with RED values, two of them in an object, and a bridge that goes up to AMBER."""
    run(["--home", str(home.path), "org", "add", "Parts ISAC"])
    run(["--home", str(home.path), "user", "add", "sync@parts.example", "--org", "Parts ISAC",
         "--role", "Sync user"])  # fmt: skip
    run(["--home", str(home.path), "bridge", "bind", "sync@parts.example"])
    with (
        reached(home, print) as node,
        Database(node.dsn(), 3, keys=home.keys) as database,
        database.system() as session,
    ):
        bridge = partners.view(session, "Parts ISAC")
        host, _ = agreements.host(session)
        terms = agreements.draft(session, bridge, {
            "our_country": "NL", "their_country": "BE", "senders": [host, str(bridge.org_uuid)],
            "purposes": ["cyber-defence"], "legal_basis": "GDPR art. 6(1)(e)",
            "document": "Letter 1", "valid_from": "2026-01-01T00:00:00Z",
        })  # fmt: skip
        made = agreements.propose(session, bridge, terms)
        agreements.accept_on_paper(session, made, "Letter 2")
        with database.as_user(1) as ours:
            new = NewEvent(None, "Partly RED", distribution=3, published=True)
            new.tags.append(NewTag("tlp:green"))
            new.attributes += [
                attribute("open.example"), attribute("one.example", *RED),
                attribute("two.example", *RED),
            ]  # fmt: skip
            inside = [attribute("in.example", *RED), attribute("too.example", *RED)]
            new.objects.append(NewObject(None, "domain-ip", attributes=inside, distribution=5))
            return add(ours, new).uuid


def test_parts_are_listed_let_go_and_kept(verb: Verb, held: str) -> None:
    (found,) = verb("bridge", "parts", held)
    assert found["partner"] == "Parts ISAC"
    parts = {one["says"]: one for one in found["parts"]}
    assert parts.keys() == {f"domain {name}.example" for name in ("one", "two", "in", "too")}
    one, two = (parts[f"domain {name}.example"]["uuid"] for name in ("one", "two"))
    because = ("--because", "asked the source")
    assert "what: expected the number of a crossing" in verb(
        "bridge", "release", held, *because, code=2
    )
    assert "not held" in verb("bridge", "release", held, "--attribute", held, "--to", "Parts ISAC",
                              *because, code=1)  # fmt: skip
    (done,) = verb("bridge", "release", held, "--attribute", one, *because)
    assert (done["done"], done["uuid"], done["partner"]) == ("released", one, "Parts ISAC")
    (done,) = verb("bridge", "refuse", held, "--attribute", two, "--to", "Parts ISAC", *because)
    assert done["done"] == "refused"
    together = parts["domain in.example"]["parent"]
    assert len(verb("bridge", "release", held, "--object", together, *because)) == 2
    assert verb("bridge", "parts", held) == []
    assert "held on any bridge" in verb(
        "bridge", "release", held, "--attribute", one, *because, code=1
    )
    explained = verb("bridge", "explain", held, "--to", "Parts ISAC")
    assert "A person released it" in str(explained)
    assert "A person said that it stays here" in str(explained)


@pytest.mark.usefixtures("held")
@pytest.mark.parametrize("event", NOWHERE)
def test_nor_where_there_are_bridges(verb: Verb, event: str) -> None:
    said = f"brug: event {event!r} is absent or hidden\n"
    assert verb("bridge", "parts", event, code=1) == said
    assert verb("bridge", "parts", event, "--to", "Parts ISAC", code=1) == said
