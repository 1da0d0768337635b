# SPDX-License-Identifier: EUPL-1.2
"""A partner that lies, breaks off, sends too much or the wrong thing; pulled over real HTTP."""

import base64
import json
import threading
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest
from tests.bridges.misp.conftest import KEY, NodeForD, a_node
from tests.bridges.misp.serving_side import Answering, Reply, Request, serving
from tests.sync.recorded import ORG_C, ORG_D

from brug.bridges.misp.runs import Run
from brug.formats.openpgp_signing import new_key, sign_detached, without_whitespace
from brug.store import settings
from brug.store.server import EmbeddedServer

VERSION = {"version": "2.5.1", "perm_sync": True, "perm_analyst_data": True}
BROKEN = [
    Reply(403, {"message": "no"}), Reply(404, {"message": "no"}), Reply(405, {}), Reply(500, {}),
    Reply(200, raw=b"{broken"), Reply(200, raw=b"<html>sign in</html>"), Reply(200, []),
    Reply(200, "text"), Reply(200, 7), Reply(200, None), Reply(200, {"Event": []}),
    Reply(200, raw=b"[" * 100_000), Reply(200, raw=b'"\xff\xfe"'), Reply(200, {"response": {}}),
]  # fmt: skip


# Many more than one test has events.
EACH = 10**6


@pytest.fixture(scope="module")
def node(embedded: EmbeddedServer, template: str) -> Iterator[NodeForD]:
    """One for all tests here, each of which has events of its own and a server of its own."""
    with a_node(embedded, template) as made:
        yield made


@pytest.fixture(autouse=True)
def own_events() -> None:
    event.first += EACH


class _Events:
    """Published events of C's, numbered anew in each test."""

    first = 0

    def __call__(self, number: int, **more: Any) -> dict[str, Any]:
        return _event(self.first + number) | {"info": f"event {number}"} | more


event = _Events()


def _event(number: int) -> dict[str, Any]:
    return {
        "uuid": str(UUID(int=number, version=4)), "date": "2026-11-20",
        "distribution": "3", "published": True, "timestamp": "1795000000", "analysis": "0",
        "threat_level_id": "2", "Orgc": {"uuid": ORG_C, "name": "ORG-C"},
        "Attribute": [{
            "uuid": str(UUID(int=number + 10**9, version=4)), "type": "domain",
            "category": "Network activity", "value": f"e{number}.example", "to_ids": True,
            "timestamp": "1795000000", "distribution": "5",
        }],
    }  # fmt: skip


def listed(one: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": "1", "timestamp": one["timestamp"], "sighting_timestamp": "0", "published": True,
        "uuid": one["uuid"], "orgc_uuid": one["Orgc"]["uuid"],
    }  # fmt: skip


def why(run: Run) -> str:
    """Why the one event that failed did."""
    (failure,) = [one for one in run.failures if one.item == "event"]
    return failure.reason


class Partner:
    """Serves events; `instead` answers some paths in another way."""

    def __init__(self, *events: dict[str, Any]) -> None:
        self.events = {one["uuid"]: one for one in events}
        self.instead: dict[str, Reply | Answering] = {}

    def __call__(self, request: Request) -> Reply:
        for start, reply in self.instead.items():
            if request.path.startswith(start):
                return reply if isinstance(reply, Reply) else reply(request)
        if request.path == "/servers/getVersion":
            return Reply(200, VERSION)
        if request.path == "/events/index":
            return Reply(200, [listed(one) for one in self.events.values()])
        if request.path.startswith("/events/view/"):
            return Reply(200, {"Event": self.events[request.path.split("/")[3]]})
        return Reply(404, {})


@pytest.mark.parametrize("reply", BROKEN)
def test_one_broken_event_costs_no_other(node: NodeForD, reply: Reply) -> None:
    partner = Partner(*(event(n) for n in range(1, 4)))
    broken = event(2)["uuid"]
    partner.instead[f"/events/view/{broken}"] = reply
    with serving(partner) as c:
        server = node.add_server(c.url)
        run = node.run(server, "pull", "full")
        assert (run.state, run.counts["events"]) == ("done", 2)
        assert [one.uuid for one in run.failures if one.item == "event"] == [broken]
        # Tried again by the next pull, and fine then.
        partner.instead.clear()
        again = node.run(server, "pull", "full")
    assert (again.counts["events"], again.counts.get("events_failed", 0)) == (1, 0)


@pytest.mark.parametrize("path", ["/servers/getVersion", "/events/index"])
@pytest.mark.parametrize("reply", BROKEN[:-1])
def test_without_version_or_list_a_pull_fails_and_says_why(
    node: NodeForD, path: str, reply: Reply
) -> None:
    partner = Partner(event(1))
    partner.instead[path] = reply
    with serving(partner) as c:
        run = node.run(node.add_server(c.url), "pull", "full")
    if path == "/events/index" and reply.body == [] and reply.raw is None:
        assert (run.state, run.counts) == ("done", {})  # nothing to pull
    else:
        assert run.state == "failed"
        assert run.problem


@pytest.mark.parametrize(
    "path",
    ["/galaxy_clusters/", "/shadow_attributes/", "/sightings/", "/analyst_data/"],
)
@pytest.mark.parametrize("reply", BROKEN)
def test_what_hangs_beside_events_is_never_fatal(node: NodeForD, path: str, reply: Reply) -> None:
    partner = Partner(event(1))
    partner.instead[path] = reply
    with serving(partner) as c:
        run = node.run(node.add_server(c.url), "pull", "full")
    assert (run.state, run.counts["events"]) == ("done", 1)


def test_a_body_without_end_is_cut_off(node: NodeForD) -> None:
    with node.database.system() as session:
        usual = settings.get(session, "servers.answer_bytes")
        settings.set_value(session, "servers.answer_bytes", 2**20)
    partner = Partner(event(1), event(2))
    partner.instead[f"/events/view/{event(1)['uuid']}"] = Reply(200, raw=b" " * (3 * 2**20))
    with serving(partner) as c:
        run = node.run(node.add_server(c.url), "pull", "full")
    with node.database.system() as session:
        settings.set_value(session, "servers.answer_bytes", usual)
    assert run.counts["events"] == 1
    assert "longer than" in why(run)


def test_a_redirect_elsewhere_takes_no_key_along(node: NodeForD) -> None:
    with serving(lambda _: Reply(200, VERSION)) as other:
        partner = Partner(event(1))
        moved = Reply(302, {}, {"Location": f"{other.url}/servers/getVersion"})
        partner.instead["/servers/getVersion"] = moved
        with serving(partner) as c:
            node.run(node.add_server(c.url), "pull", "full")
    assert c.asked[0].headers["Authorization"] == KEY
    assert other.asked
    assert all("Authorization" not in one.headers for one in other.asked)


def test_what_is_pushed_follows_no_redirect_to_another_host(node: NodeForD) -> None:
    made = {"info": "ours alone", "distribution": 3, "Attribute": [{"type": "text", "value": "x"}]}
    ours = node.ask("D", "POST", "/events/add", made).body["Event"]["uuid"]
    with serving(lambda _: Reply(200, {})) as other:

        def led_away(request: Request) -> Reply:
            if request.path == "/servers/getVersion":
                return Reply(200, VERSION)
            if request.method == "HEAD":
                return Reply(302, None, {"Location": f"{other.url}/events/view/1"})
            return Reply(307, {}, {"Location": f"{other.url}{request.path}"})

        with serving(led_away) as c:
            server = node.add_server(c.url)
            node.ask("D", "POST", f"/events/publish/{ours}", {})
            run = node.run(server, "push", f"event {ours}")
    assert (run.state, other.asked) == ("failed", [])
    assert "another host" in run.problem


def test_an_endless_redirect_ends(node: NodeForD) -> None:
    def back(request: Request) -> Reply:
        return Reply(302, {}, {"Location": request.path})

    with serving(back) as c:
        run = node.run(node.add_server(c.url), "pull", "full")
    assert (run.state, len(c.asked)) == ("failed", 6)
    assert "redirects" in run.problem


def test_an_event_in_our_own_name_comes_in_only_when_somebody_chooses_it(node: NodeForD) -> None:
    forged = event(1, Orgc={"uuid": ORG_D, "name": "ORG-D"})
    with serving(Partner(forged)) as c:
        server = node.add_server(c.url)
        run = node.run(server, "pull", "full")
        assert (run.counts.get("events", 0), run.counts["events_failed"]) == (0, 1)
        assert "our own organisation" in why(run)
        assert node.ask("D", "GET", f"/events/view/{forged['uuid']}", None).status == 404
        chosen = node.run(server, "pull", forged["uuid"])
    assert chosen.counts["events"] == 1


def test_what_was_made_here_is_not_overwritten(node: NodeForD) -> None:
    mine = {"uuid": event(1)["uuid"], "info": "ours", "distribution": 1, "Attribute": []}
    assert node.ask("D", "POST", "/events/add", {"Event": mine}).status == 200
    newer = event(1, timestamp="2000000000", info="theirs", Orgc={"uuid": ORG_D, "name": "ORG-D"})
    with serving(Partner(newer)) as c:
        server = node.add_server(c.url)
        run = node.run(server, "pull", "full")
        assert not any(path.startswith("/events/view") for _, path in c.paths())
        chosen = node.run(server, "pull", mine["uuid"])
    assert "made an event" in run.losses[0].reason
    assert chosen.counts["events_failed"] == 1
    assert node.event(mine["uuid"])["info"] == "ours"


@pytest.mark.parametrize(
    "timestamp", ["99999999999999", "-5", "soon", "", None, [], {}, 1.5, True, "1e9"]
)
def test_lying_times_in_the_list_harm_nothing(node: NodeForD, timestamp: Any) -> None:
    one, other = event(1), event(2)
    rows = [listed(one) | {"timestamp": timestamp}, listed(other), None, 7, {"uuid": "x"}]
    partner = Partner(one, other)
    partner.instead["/events/index"] = Reply(200, rows)
    with serving(partner) as c:
        run = node.run(node.add_server(c.url), "pull", "full")
    assert run.state == "done"
    assert node.event(other["uuid"])["info"] == "event 2"


def test_a_list_that_promises_newer_and_does_not_keep_it_changes_nothing(node: NodeForD) -> None:
    partner = Partner(event(1))
    with serving(partner) as c:
        server = node.add_server(c.url)
        node.run(server, "pull", "full")
        promised = listed(event(1)) | {"timestamp": "1795999999"}
        partner.instead["/events/index"] = Reply(200, [promised])
        partner.events[event(1)["uuid"]]["info"] = "rewritten without a newer time"
        run = node.run(server, "pull", "full")
    assert run.counts.get("events", 0) == 0
    assert node.event(event(1)["uuid"])["info"] == "event 1"


def test_another_event_than_the_one_asked_for_is_refused(node: NodeForD) -> None:
    partner = Partner(event(1))
    partner.instead["/events/view/"] = Reply(200, {"Event": event(2)})
    with serving(partner) as c:
        run = node.run(node.add_server(c.url), "pull", "full")
    assert run.counts == {"events_failed": 1}
    assert node.ask("D", "GET", f"/events/view/{event(2)['uuid']}", None).status == 404


def test_levels_cannot_be_hidden_from_the_hop_rule(node: NodeForD) -> None:
    """Whatever shape a level or a list comes in: nothing is wider here than it may be."""
    sneaky = event(1, distribution=2.0)
    single = event(2)
    single["Attribute"] = single["Attribute"][0] | {"distribution": "1"}
    noted = event(3)
    noted["Note"] = {"uuid": str(uuid4()), "note": "x", "distribution": "2",
                     "Orgc": {"uuid": ORG_C, "name": "ORG-C"}}  # fmt: skip
    with serving(Partner(sneaky, single, noted)) as c:
        node.run(node.add_server(c.url), "pull", "full")
    found = node.ask("D", "GET", f"/events/view/{sneaky['uuid']}", None)
    assert found.status == 404 or found.body["Event"]["distribution"] in {"0", "1"}
    for attribute in node.event(single["uuid"])["Attribute"]:
        assert attribute["distribution"] == "0"
    for note in node.event(noted["uuid"]).get("Note", []):
        assert note["distribution"] in {"0", "1"}


def test_a_list_of_a_hundred_thousand_events_is_read(node: NodeForD) -> None:
    held = event(1)
    many = [listed(held)] + [
        listed(held) | {"uuid": str(UUID(int=n, version=4)), "id": str(n)}
        for n in range(2, 100_002)
    ]
    partner = Partner(held)
    partner.instead["/events/index"] = Reply(200, many)
    with serving(partner) as c:
        run = node.run(node.add_server(c.url), "pull", "update")
    assert (run.state, run.counts) == ("done", {})  # none of them is held, so none is asked for
    assert not any(path.startswith("/events/view") for _, path in c.paths())


def test_a_partner_that_goes_away_is_not_asked_for_each_of_its_events(node: NodeForD) -> None:
    partner = Partner(*(event(n) for n in range(1, 200)))
    asked = threading.Event()

    def gone(request: Request) -> Reply:
        asked.set()
        raise ConnectionAbortedError(request.path)

    partner.instead["/events/view/"] = gone
    with serving(partner) as c:
        run = node.run(node.add_server(c.url), "pull", "full")
    assert asked.is_set()
    assert run.state == "failed"
    assert sum(path.startswith("/events/view/") for _, path in c.paths()) == 3


class Signing(Partner):
    """Signs what it shows of protected events, unless told otherwise."""

    def __init__(self, *events: dict[str, Any]) -> None:
        super().__init__(*events)
        self.secret, self.public = new_key("C <c@c.example>")
        self.tamper: Callable[[bytes], bytes] = bytes
        self.signs = True

    def protected(self, number: int, **more: Any) -> dict[str, Any]:
        keys = [{"type": "pgp", "key_data": self.public.text}]
        made = event(number, protected=True, CryptographicKey=keys, **more)
        self.events[made["uuid"]] = made
        return made

    def __call__(self, request: Request) -> Reply:
        reply = super().__call__(request)
        if not request.path.startswith("/events/view/") or not self.signs:
            return reply
        raw = json.dumps(reply.body, separators=(",", ":")).encode()
        signature = sign_detached(self.secret, without_whitespace(raw))
        headers = {"x-pgp-signature": base64.b64encode(signature).decode()}
        return Reply(200, headers=headers, raw=self.tamper(raw))


def test_protected_events_are_taken_signed_and_refused_tampered_also_as_updates(
    node: NodeForD,
) -> None:
    partner = Signing()
    first = partner.protected(1)
    with serving(partner) as c:
        server = node.add_server(c.url)
        assert node.run(server, "pull", "full").counts["events"] == 1
        assert node.event(first["uuid"])["protected"] is True

        def refused(what: str) -> None:
            run = node.run(server, "pull", "full")
            assert run.counts.get("events_failed") == 1, what
            assert node.event(first["uuid"])["info"] == "event 1", what

        partner.protected(1, info="second", timestamp="1795000001")
        partner.tamper = lambda raw: raw.replace(b"second", b"tampered")
        refused("changed on the way")
        partner.tamper, partner.signs = bytes, False
        refused("unsigned")
        stripped = event(1, info="stripped", timestamp="1795000001")
        partner.events[first["uuid"]] = stripped
        refused("protection taken off")
        partner.signs = True
        other = Signing()
        partner.secret, kept = other.secret, partner.secret
        partner.events[first["uuid"]] = other.protected(1, info="x", timestamp="1795000001")
        refused("signed by another key, which it brings along")
        partner.secret = kept
        partner.protected(1, info="second", timestamp="1795000002")
        assert node.run(server, "pull", "full").counts["events"] == 1
    assert node.event(first["uuid"])["info"] == "second"
