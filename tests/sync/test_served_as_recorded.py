# SPDX-License-Identifier: EUPL-1.2
"""A node in the place of the recorded server C, through the whole of what was recorded.

Its operator does what was done on C, and D, a stock MISP, asks what it asked, in the order of
then; the node answers as C did. What is about clusters of MISP's galaxies is left out, since
they are not installed here. Where a node means to answer otherwise it is said in `_meant`.
"""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from tests.conftest import copied
from tests.sync.recorded import FOLDER, NodeForC, Reply, items, rows
from tests.sync.test_as_recorded import NOT_HERE

from brug.store import settings
from brug.store.server import EmbeddedServer
from brug.store.session import Database

pytestmark = pytest.mark.skipif(
    not FOLDER.is_dir(), reason="the recordings of two MISP are not beside the project"
)
SCENARIOS = (
    "02a-seed", "02b-pull-rules", "02c-pull-full", "02d-pull-repeat", "02e-pull-incremental",
    "02f-pull-sightings", "02g-pull-proposals-clusters-analyst", "02h-pull-type-filter",
    "02i-pull-variants", "02j-pull-more", "03b-push-techniques", "03c-push-on-publish",
    "03d-push-updates", "03e-push-clusters-sightings-proposals-analyst", "03f-push-sightings",
    "04-preview-cherrypick-cache",
)  # fmt: skip
Json = dict[str, Any]
# What came to C, or was taken back, where nothing was recorded: an event that D sent after its
# organisation was let in again, and one that D picked before it was published.
UNSEEN = frozenset({"cffda00b-a79c-574c-b923-84cecf65668d", "d059ae10-7af2-5815-9a77-112cbb91b548"})
# Beside those: the first of a list by time, where the clock of now decides.
_NOT_ASKED = ("/events/view/28/", "/events/index/sort:timestamp/direction:desc/page:1/limit:3")


@pytest.fixture
def node(embedded: EmbeddedServer, template: str) -> Iterator[NodeForC]:
    with copied(embedded, template) as url, Database(url, size=4) as database:
        yield NodeForC(database)


class Served:
    """Asks the node what D asked of C, and says what it answers otherwise."""

    def __init__(self, node: NodeForC) -> None:
        self.node = node
        self.tags: dict[str, str] = {}  # a recorded ETag -> ours
        self.then: dict[str, Any] = {}  # by question, the list as it was sent last
        self.renamed: dict[str, str] = {}  # a UUID that C chose -> the one that the node chose
        self.asked = self.same = 0

    def live(self, *scenarios: str) -> Iterator[str]:
        self.node.prepare()
        every = [row for name in scenarios for row in rows(name)]
        for row in sorted(every, key=lambda row: float(row["t"])):
            if row["kind"] == "operator" and row["on"] == "C":
                self._act(row)
            elif _is_asked(row) and not row["path"].startswith(NOT_HERE):
                yield from self._asked(row)

    def _act(self, row: Json) -> None:
        path = str(row.get("path", ""))
        if "Plugin.Sightings_policy" in path:
            with self.node.database.system() as session:
                settings.set_value(session, "sightings.policy", row["request_body"]["value"])
        body = row.get("response_body")
        event = body.get("Event") if isinstance(body, dict) else None
        if path.startswith("/shadow_attributes/") and row["method"] == "POST":
            self._propose(row)
        elif path.startswith(("/events/add", "/events/edit")) and event:
            # By the clock of then, and with the UUIDs that were chosen then.
            then = max(int(event["timestamp"]), self._held(event["uuid"]) + 1)
            self.node.do(row, timestamp=str(then), **_named(row, event))
        else:
            done = self.node.do(row)
            if path.startswith("/sightings/add") and done is not None:
                theirs, ours = (one["Sighting"]["uuid"] for one in (body or {}, done))
                self.renamed[theirs] = ours

    def _learn(self, theirs: Any, ours: Any) -> None:
        """The UUIDs of sightings that came about together, of which C told one alone."""
        by_what = {_what(one): one["uuid"] for one in _each(ours)}
        for one in _each(theirs):
            self.renamed[one["uuid"]] = by_what[_what(one)]

    def _as_named_here(self, body: Any) -> str:
        """With the UUIDs that the node chose where C chose some."""
        text = json.dumps(body)
        for theirs, ours in self.renamed.items():
            text = text.replace(theirs, ours)
        return text

    def _let_in_again(self) -> None:
        """As C's operator did, where nothing was recorded."""
        for one in self.node.ask("C", "GET", "/orgBlocklists/index", None).body:
            inner = one.get("OrgBlocklist", one)
            done = self.node.ask("C", "POST", f"/orgBlocklists/delete/{inner['id']}", {})
            assert done.status == 200, done.body

    def _propose(self, row: Json) -> None:
        """What D's people proposed on C, and C's decided."""
        _, kind, verb, number = str(row["path"]).split("/")
        about = {"add": "events", "edit": "attributes", "delete": "attributes"}.get(verb, kind)
        named = self.node.numbers.get((about, number), number)
        who = "C" if verb in {"accept", "discard"} else "D"
        done = self.node.ask(who, "POST", f"/{kind}/{verb}/{named}", row["request_body"])
        assert done.status == row["status"], (row["path"], done.body)
        if verb in {"add", "edit"}:
            theirs = row["response_body"]["ShadowAttribute"]
            ours = done.body["ShadowAttribute"]
            self.node.numbers[kind, str(theirs["id"])] = str(ours["id"])
            self.renamed[str(theirs["uuid"])] = str(ours["uuid"])

    def _held(self, uuid: str) -> int:
        """When the node's copy was changed; 0 where it has none."""
        body = self.node.ask("C", "GET", f"/events/view/{uuid}", None).body
        return int(body["Event"]["timestamp"]) if "Event" in body else 0

    def _asked(self, row: Json) -> Iterator[str]:
        headers = {}
        known = row["request_headers"].get("If-None-Match")
        if known is not None:
            headers["if-none-match"] = self.tags.get(known, known)
        if signature := row["request_headers"].get("x-pgp-signature"):
            headers["x-pgp-signature"] = signature
        body = json.loads(self._as_named_here(row["request_body"]))
        ours = self.node.ask("D", row["method"], row["path"], body, headers)
        self.asked += 1
        if "organisation blocklist" in str(ours.body):
            self._let_in_again()
        if row["path"] == "/attributes/restSearch.json":
            # Values to compare by: a stock server has the format and answers 500.
            assert (ours.status, row["status"]) == (200, 500)
        elif ours.status in {200, 304} and row["path"] == "/events/index":
            yield from self._listed(row, ours)
        elif ours.status != row["status"]:
            yield f"{row['method']} {row['path']}: {ours.status} {ours.body}, not {row['status']}"
        else:
            then, now = _gist(row["path"], row["response_body"]), _gist(row["path"], ours.body)
            if then != now:
                yield f"{row['method']} {row['path']} {row['request_body']}: {now}, not {then}"
            if row["path"].startswith("/sightings/restSearch"):
                self._learn(row["response_body"], ours.body)

    def _listed(self, row: Json, ours: Reply) -> Iterator[str]:
        """The list, or that it is the same: then it is compared as if it had been sent."""
        whole = ours
        if ours.status == 304:
            whole = self.node.ask("D", "POST", row["path"], row["request_body"])
        if row["status"] == 200:
            self.tags[row["response_headers"]["ETag"]] = whole.headers["ETag"]
            self.then[str(row["request_body"])] = row["response_body"]
        then = {one["uuid"] for one in self.then[str(row["request_body"])]} - UNSEEN
        now = {one["uuid"] for one in whole.body} - UNSEEN
        if now != then:
            yield f"{row['path']} {row['request_body']}: {now ^ then} differ"
        self.same += (ours.status, row["status"]) == (304, 304)


def _named(row: Json, event: Json) -> Json:
    """What an event was given to hold, with the UUIDs that it got."""
    given = row["request_body"]["Event"]
    uuids = {(a["type"], a["value"]): a["uuid"] for a in items(event)}

    def named(several: list[Json]) -> list[Json]:
        return [{"uuid": uuids[a["type"], a["value"]]} | a for a in several]

    made: Json = {}
    if "Attribute" in given:
        made["Attribute"] = named(given["Attribute"])
    if "Object" in given and "/add" in row["path"]:
        made["Object"] = [
            {"uuid": stored["uuid"]} | one | {"Attribute": named(one["Attribute"])}
            for one, stored in zip(given["Object"], event["Object"], strict=True)
        ]
    return made


def _is_asked(row: Json) -> bool:
    between = row["kind"] == "wire" and (row["from"], row["to"]) == ("D", "C")
    if not between or row.get("injected"):
        return False
    seen = not any(uuid in row["path"] for uuid in UNSEEN)
    return seen and not row["path"].startswith(_NOT_ASKED)


def _event(body: Any) -> Any:
    if "Event" not in body:
        return None
    event = body["Event"]
    return {
        "info": event["info"], "level": event["distribution"],
        "published": event["published"], "orgc": event["Orgc"]["uuid"],
        "attributes": sorted((a["type"], a["value"], a["deleted"]) for a in items(event)),
        "tags": sorted(t["name"] for t in event.get("Tag", [])),
    }  # fmt: skip


def _by_kind(body: Any) -> Any:
    """PHP writes nothing of a kind as a list."""
    kinds = body.items() if isinstance(body, dict) else ()
    return {name: sorted(of) for name, of in kinds if of}


def _sightings(body: Any) -> Any:
    return sorted(_what(one) for one in _each(body))


def _each(body: Any) -> list[Json]:
    return [one["Sighting"] for one in body["response"]]


def _what(one: Json) -> tuple[str, ...]:
    return one["attribute_uuid"], one["source"], one["type"]


def _proposals(body: Any) -> Any:
    found = [one["ShadowAttribute"] for one in body]
    return sorted((one["value"], one["deleted"], one["event_uuid"]) for one in found)


# By how a path begins, what of an answer a client looks at.
_READ: tuple[tuple[str, Callable[[Any], Any]], ...] = (
    ("/events/index/", lambda body: {one["uuid"] for one in body} - UNSEEN),
    ("/events/filterEventIdsForPush", lambda body: set(body) - UNSEEN),
    ("/events/pushProposals", lambda body: (body.get("success"), body.get("counter"))),
    ("/events/", _event),
    ("/analyst_data/indexMinimal", _by_kind),
    ("/analyst_data/index/", lambda body: sorted(i["uuid"] for o in body for i in o.values())),
    ("/sightings/restSearch", _sightings),
    ("/sightings/filterSighting", len),
    ("/sightings/bulkSaveSightings", lambda body: body.get("success")),
    ("/shadow_attributes/index", _proposals),
)


def _gist(path: str, body: Any) -> Any:
    """What a client makes of an answer, without numbers and times of a server's own."""
    if body is None:
        return None
    read = next((one for begins, one in _READ if path.startswith(begins)), None)
    return read(body) if read else None


def test_a_stock_server_hears_what_it_heard(node: NodeForC) -> None:
    served = Served(node)
    found = list(served.live(*SCENARIOS))
    assert not found, "\n".join(found)
    assert served.asked > 300
    assert served.same > 20  # times that the list was the same, there and here
