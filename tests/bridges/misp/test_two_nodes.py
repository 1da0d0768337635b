# SPDX-License-Identifier: EUPL-1.2
"""Two nodes, each behind a real web server, that know each other as MISP servers."""

from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from itertools import count
from typing import Any

import httpx
import psycopg
import pytest
from psycopg.conninfo import make_conninfo
from tests.bridges.served import Served, node
from tests.conftest import copied
from tests.listening import NO_TLS
from tests.putting_back import Spare, put_back_of
from tests.spares import lent

from brug.bridges.misp import runs, standing
from brug.bridges.misp.runs import Run
from brug.bridges.misp.working import work_once
from brug.directory import account_changes, keys, organisations, servers
from brug.directory.organisations import Organisation
from brug.store import settings
from brug.store.server import SUPERUSER, EmbeddedServer
from brug.store.session import Session

SYNC_USER = 5


def _known(session: Session, organisation: Organisation) -> int:
    """The number that an organisation has on a node."""
    named = [one for one in organisations.listed(session) if one.uuid == organisation.uuid]
    given = {"name": organisation.name, "uuid": organisation.uuid}
    return (named or [organisations.add(session, given)])[0].id


class Side:
    """A node, what it is called, and the server that it knows."""

    def __init__(self, served: Served, name: str) -> None:
        self.served, self.name = served, name
        self.server = 0
        with served.database.system() as session:
            self.org = organisations.view(session, settings.get(session, "node.host_org_id"))

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        answered = httpx.request(
            method, self.served.url + path, json=body, timeout=30,
            headers={"Authorization": self.served.key, "Accept": "application/json"},
            verify=NO_TLS,
        )  # fmt: skip
        return answered.json() if answered.content else answered.status_code

    def knows(self, other: "Side") -> None:
        """The other side made a user for us; we add it as a server."""
        with other.served.database.system() as session:
            ours = _known(session, self.org)
            new = {"email": "sync@partner.example", "org_id": ours, "role_id": SYNC_USER}
            user = account_changes.add(session, new | {"password": "Correct-horse-1"}).account
            key = keys.add(session, user.id).text
        with self.served.database.as_user(1) as session:
            flags = dict.fromkeys(
                ("push", "pull", "push_sightings", "push_galaxy_clusters", "push_analyst_data",
                 "pull_galaxy_clusters", "pull_analyst_data"), True,
            )  # fmt: skip
            given = {"name": other.name, "url": other.served.url, "authkey": key}
            self.server = servers.add(
                session, given | flags | {"remote_org_id": _known(session, other.org)}
            ).id

    def add(self, info: str, **more: Any) -> dict[str, Any]:
        new = {"info": info, "distribution": 3,
               "Attribute": [{"type": "domain", "value": f"{info}.example",
                              "timestamp": "1795000000"}]} | more  # fmt: skip
        made = self.ask("POST", "/events/add", new)["Event"]
        return dict(made)

    def publish(self, event: dict[str, Any]) -> None:
        said = self.ask("POST", f"/events/publish/{event['id']}", {})
        assert said["saved"], said

    def held(self, event: dict[str, Any]) -> dict[str, Any] | None:
        found = self.ask("GET", f"/events/view/{event['uuid']}/deleted[]:0/deleted[]:1")
        shown: dict[str, Any] | None = found.get("Event")
        return shown

    def work(self) -> list[Run]:
        """Does what is due, as the thread beside the web server does."""
        done = []
        while (number := work_once(self.served.database)) is not None:
            with self.served.database.system() as session:
                done.append(runs.view(session, number))
        return done

    def pull(self, technique: str = "full") -> Run:
        said = self.ask("POST", f"/servers/pull/{self.server}/{technique}", {})
        assert "Job ID" in said["name"], said
        return self.work()[-1]

    def push(self, technique: str = "full") -> Run:
        said = self.ask("POST", f"/servers/push/{self.server}/{technique}", {})
        assert "Job ID" in said["name"], said
        return self.work()[-1]


Sides = tuple[Side, Side]


def _pair(server: EmbeddedServer, template: str, until: ExitStack) -> tuple[Sides, Any]:
    """Two that know each other, and what puts both back."""
    made, owners = [], []
    for name, called in (("CSIRT Noordland", "A"), ("CERT Zuidland", "B")):
        dsn = until.enter_context(copied(server, template))
        made.append(Side(until.enter_context(node(name, dsn)), called))
        owner = make_conninfo(dsn, user=SUPERUSER)
        owners.append(until.enter_context(psycopg.connect(owner, autocommit=True)))
    a, b = made
    a.knows(b)
    b.knows(a)
    put_backs = [put_back_of(until, one.info.dsn) for one in owners]
    rounds = count(1)

    def put_back() -> bool:
        if not all(one() for one in put_backs):
            return False
        # The web servers remember whose key one is for as long as this stands still.
        ahead = 1000 * next(rounds)
        for one in owners:
            one.execute("UPDATE brug.principal_state SET version = version + %s", (ahead,))
        return True

    return (a, b), put_back


@pytest.fixture(scope="session")
def spare_sides(embedded: EmbeddedServer, template: str) -> Iterator[Spare]:
    several = Spare(partial(_pair, embedded, template))
    yield several
    several.close()


@pytest.fixture
def sides(spare_sides: Spare) -> Iterator[Sides]:
    """For one test after another: nothing has crossed yet."""
    with lent(spare_sides) as found:
        yield found


def test_what_one_publishes_the_other_holds_at_the_level_of_the_hop_rule(
    sides: Sides,
) -> None:
    a, b = sides
    made = {level: a.add(f"level-{level}", distribution=level) for level in range(4)}
    inner = a.add("inner", Attribute=[
        {"type": "domain", "value": f"l{n}.example", "distribution": n} for n in (0, 1, 2, 3, 5)
    ])  # fmt: skip
    for one in (*made.values(), inner):
        a.publish(one)
    done = a.work()
    assert {run.state for run in done} == {"done"}
    levels = {level: held["distribution"] if (held := b.held(one)) else None
              for level, one in made.items()}  # fmt: skip
    assert levels == {0: None, 1: None, 2: "1", 3: "3"}
    held = b.held(inner)
    assert held is not None
    assert {a["value"]: a["distribution"] for a in held["Attribute"]} == {
        "l2.example": "1", "l3.example": "3", "l5.example": "5",
    }  # fmt: skip
    assert (held["locked"], held["Orgc"]["uuid"]) == (True, a.org.uuid)
    # B, which takes these in for A's organisation, has nothing to send back.
    assert b.work() == []
    assert sum(run.counts.get("events", 0) for run in done) == 3
    assert b.push().counts.get("events", 0) == 0


def test_a_pull_lowers_and_an_update_follows(sides: tuple[Side, Side]) -> None:
    a, b = sides
    with a.served.database.as_user(1) as session:
        servers.edit(session, a.server, {"push": False})
    made = {level: a.add(f"level-{level}", distribution=level) for level in range(4)}
    for one in made.values():
        a.publish(one)
    run = b.pull()
    assert (run.state, run.counts["events"]) == ("done", 3)
    levels = {level: held["distribution"] if (held := b.held(one)) else None
              for level, one in made.items()}  # fmt: skip
    assert levels == {0: None, 1: "0", 2: "1", 3: "3"}
    held = b.held(made[3])
    assert held is not None
    assert (held["Org"]["uuid"], held["locked"], held["published"]) == (b.org.uuid, True, True)
    assert b.pull().counts == {}
    gone = held["Attribute"][0]["uuid"]
    edited = {"info": "again", "Attribute": [{"type": "ip-dst", "value": "192.0.2.1"}],
              "timestamp": str(int(made[3]["timestamp"]) + 60)}  # fmt: skip
    a.ask("POST", f"/attributes/delete/{gone}", {})
    a.ask("POST", f"/events/edit/{made[3]['id']}", edited)
    a.publish(made[3])
    assert b.pull("update").counts["events"] == 1
    held = b.held(made[3])
    assert held is not None
    assert held["info"] == "again"
    marks = {one["value"]: one["deleted"] for one in held["Attribute"]}
    assert marks == {"level-3.example": True, "192.0.2.1": False}


def test_sightings_proposals_and_notes_come_back(sides: tuple[Side, Side]) -> None:
    a, b = sides
    for side in sides:
        with side.served.database.system() as session:
            settings.set_value(session, "sightings.policy", 2)
    event = a.add("shared")
    a.publish(event)
    a.work()
    held = b.held(event)
    assert held is not None
    value = held["Attribute"][0]
    b.ask("POST", f"/sightings/add/{value['id']}", {"source": "sensor of B"})
    b.ask("POST", f"/events/publishSightings/{held['id']}", {})
    done = b.work()
    assert [(run.technique.split()[0], run.counts) for run in done] == [
        ("sightings", {"sightings": 1})
    ]
    told = a.ask("GET", f"/sightings/listSightings/{event['id']}/event")
    assert [one["Sighting"]["source"] for one in told] == ["sensor of B"]
    assert told[0]["Organisation"]["name"] == b.org.name
    proposed = {"type": "domain", "value": "proposed.example"}
    b.ask("POST", f"/shadow_attributes/add/{held['id']}", proposed)
    note = {"note": "seen here, too", "distribution": 3, "object_uuid": event["uuid"],
            "object_type": "Event"}  # fmt: skip
    b.ask("POST", f"/analystData/add/Note/{event['uuid']}/Event", note)
    run = b.push()
    assert (run.counts.get("proposals"), run.counts.get("analyst_data")) == (1, 1), run
    mine = a.held(event)
    assert mine is not None
    assert [one["value"] for one in mine["ShadowAttribute"]] == ["proposed.example"]
    assert mine["ShadowAttribute"][0]["Org"]["name"] == b.org.name
    assert [one["note"] for one in mine["Note"]] == ["seen here, too"]


def test_what_was_seen_of_a_copy_for_the_own_organisation_alone_stays_and_a_proposal_goes(
    sides: tuple[Side, Side],
) -> None:
    """A level 1 that is pulled is a level 0 here: the maker sees neither copy nor sightings."""
    a, b = sides
    for side in sides:
        with side.served.database.system() as session:
            settings.set_value(session, "sightings.policy", 2)
    event = a.add("near", distribution=1)
    a.publish(event)
    b.pull()
    held = b.held(event)
    assert held is not None
    assert held["distribution"] == "0"
    value = held["Attribute"][0]
    b.ask("POST", f"/sightings/add/{value['id']}", {"source": "sensor of B"})
    b.ask("POST", f"/events/publishSightings/{held['id']}", {})
    (run,) = b.work()
    assert run.counts.get("sightings", 0) == 0
    assert "their event stays here by its level" in str(run.losses)
    assert a.ask("GET", f"/sightings/listSightings/{event['id']}/event") == []
    b.ask("POST", f"/shadow_attributes/add/{held['id']}", {"type": "domain", "value": "p.example"})
    assert b.push().counts.get("proposals") == 1


def test_a_sharing_group_goes_along_and_lets_nobody_else_in(sides: tuple[Side, Side]) -> None:
    a, b = sides
    groups = {}
    for name, member in (("with", True), ("without", False)):
        made = a.ask("POST", "/sharing_groups/add", {"name": name, "releasability": "x"})
        groups[name] = made["SharingGroup"]["id"]
        if member:
            a.ask("POST", f"/sharing_groups/addOrg/{groups[name]}/{b.org.uuid}", {})
    with_b = a.add("with-b", distribution=4, sharing_group_id=groups["with"])
    without = a.add("without-b", distribution=4, sharing_group_id=groups["without"])
    for one in (with_b, without):
        a.publish(one)
    a.work()
    held = b.held(with_b)
    assert held is not None
    assert (held["distribution"], held["SharingGroup"]["name"]) == ("4", "with")
    members = held["SharingGroup"]["SharingGroupOrg"]
    assert [one["Organisation"]["uuid"] for one in members] == [b.org.uuid]
    assert b.held(without) is None
    named = [one for loss in a.push().losses for one in loss.examples]
    assert without["uuid"] not in named


def test_preview_and_cherry_pick_a_draft(sides: tuple[Side, Side]) -> None:
    a, b = sides
    draft = a.add("a draft")
    shown = b.ask("GET", f"/servers/previewIndex/{b.server}/searcheventinfo:draft")
    assert [one["Event"]["uuid"] for one in shown] == [draft["uuid"]]
    one = b.ask("GET", f"/servers/previewEvent/{b.server}/{draft['uuid']}")
    assert one["Event"]["info"] == "a draft"
    absent = b.ask("GET", f"/servers/previewEvent/{b.server}/4711")
    assert "not found" in absent["message"]
    assert b.held(draft) is None
    run = b.pull(draft["id"])
    assert run.counts["events"] == 1
    held = b.held(draft)
    assert held is not None
    assert held["published"] is False
    assert b.pull(draft["id"]).counts == {"events_failed": 1}


def test_values_of_a_server_are_cached_and_compared(sides: tuple[Side, Side]) -> None:
    a, b = sides
    for name in ("one", "two"):
        a.publish(a.add(name))
    b.add("one")
    b.ask("POST", f"/servers/cache/{b.server}", {})
    (run,) = b.work()
    assert (run.state, run.counts["values"]) == ("done", 2), run
    (compared,) = b.ask("GET", "/servers/compareServers")
    assert (compared["Server"]["values"], compared["Server"]["values_here"]) == (2, 1)
    (listed,) = b.ask("GET", "/servers/index")
    assert listed["Server"]["cache_timestamp"]


def test_an_unreachable_partner_gets_what_was_published_later(sides: tuple[Side, Side]) -> None:
    a, b = sides
    with a.served.database.as_user(1) as session:
        servers.edit(session, a.server, {"url": "http://127.0.0.1:9"})
    event = a.add("later")
    a.publish(event)
    (run,) = a.work()
    assert (run.state, run.attempts) == ("queued", 1)
    assert run.problem
    assert a.work() == []  # it is not tried again at once
    with a.served.database.system() as session:
        assert standing.standing(session, a.server).failures == 1
        session.execute("UPDATE server SET url = %s", (b.served.url,))
        session.execute("UPDATE server_run SET due = now()")
        session.execute("UPDATE server_work SET not_before = now()")
    (run,) = a.work()
    assert run.state == "done"
    assert b.held(event) is not None
    with a.served.database.system() as session:
        assert standing.standing(session, a.server).failures == 0


def test_clusters_go_along_with_events_and_by_their_own_publication(
    sides: tuple[Side, Side],
) -> None:
    a, b = sides
    galaxy = {"name": "Threat Actor", "type": "threat-actor",
              "uuid": "698774c7-8022-42c4-917f-8d6e4f06ada3", "namespace": "misp",
              "description": "", "version": 3, "icon": "user-secret"}  # fmt: skip
    uuid = "0b0e4e1a-0000-4000-8000-0000000000aa"
    cluster = {"uuid": uuid, "value": "Silver Heron", "type": "threat-actor", "version": 1,
               "description": "", "source": "us", "authors": [], "distribution": 2,
               "Galaxy": galaxy, "published": True,
               "GalaxyElement": [{"key": "country", "value": "ZZ"}]}  # fmt: skip
    said = a.ask("POST", "/galaxies/import", [{"GalaxyCluster": cluster}])
    assert "1 imported" in said["name"], said
    event = a.add("tagged", Tag=[{"name": f'misp-galaxy:threat-actor="{uuid}"'}])
    a.publish(event)
    a.work()
    there = b.ask("GET", f"/galaxy_clusters/view/{uuid}")["GalaxyCluster"]
    assert (there["value"], there["distribution"], there["locked"]) == ("Silver Heron", "1", True)
    assert [(e["key"], e["value"]) for e in there["GalaxyElement"]] == [("country", "ZZ")]
