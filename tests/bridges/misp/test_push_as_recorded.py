# SPDX-License-Identifier: EUPL-1.2
"""A node pushes to a recorded stock MISP: what it sends, what it keeps, what answers mean."""

from typing import Any

import pytest
from tests.bridges.misp.conftest import NodeForD
from tests.bridges.misp.serving_side import Recorded, Reply, Request, Server, serving
from tests.sync.recorded import FOLDER, items, rows

pytestmark = pytest.mark.skipif(
    not FOLDER.is_dir(), reason="the recordings of two MISP are not beside the project"
)
SCENARIOS = ("03b-push-techniques", "03e-push-clusters-sightings-proposals-analyst")


class Receiving:
    """C as it answered to pushes; which of our events it wants is what it wanted of D's."""

    def __init__(self) -> None:
        self.recorded = Recorded(*SCENARIOS)
        self.held: set[str] = set()

    def __call__(self, request: Request) -> Reply:
        if request.path == "/events/filterEventIdsForPush":
            return Reply(200, [one["Event"]["uuid"] for one in request.body])
        if request.path == "/events/index":
            return Reply(200, [])
        if request.path == "/analyst_data/filterAnalystDataForPush":
            return Reply(200, request.body)
        if request.path in {"/analyst_data/pushAnalystData", "/galaxies/pushCluster"}:
            return Reply(200, {"saved": True})
        if request.path == "/galaxy_clusters/restSearch":
            return Reply(200, {"response": []})
        if request.path == "/events/add/metadata:1":
            return self._added(request)
        return self.recorded(request)

    def _added(self, request: Request) -> Reply:
        uuid = request.body["Event"]["uuid"]
        for row in self.recorded.left:
            sent = row["request_body"]
            if row["path"] == request.path and sent["Event"]["uuid"] == uuid:
                return Reply(row["status"], row["response_body"])
        return Reply(500)


def sent(c: Server) -> dict[str, dict[str, Any]]:
    """By the info of the event, what was added or edited."""
    return {
        one.body["Event"]["info"]: one.body["Event"]
        for one in c.asked
        if one.path.endswith("/metadata:1")
    }


def recorded_bodies(scenario: str) -> dict[str, dict[str, Any]]:
    return {
        row["request_body"]["Event"]["info"]: row["request_body"]["Event"]
        for row in rows(scenario)
        if row["kind"] == "wire" and row["path"].endswith("/metadata:1") and row["from"] == "D"
    }


def test_a_full_push_sends_what_was_recorded(node: NodeForD) -> None:
    node.act("03a-push-first")
    with serving(Receiving()) as c:
        server = node.add_server(c.url)
        run = node.run(server, "push", "full")
    assert (run.state, run.problem) == ("done", ""), run
    ours, theirs = sent(c), recorded_bodies("03b-push-techniques")
    wanted = {name for name in theirs if name.startswith("sync-p")}
    assert set(ours) == wanted
    for name in wanted:
        _same(ours[name], theirs[name])
    named = next(o.body for o in c.asked if o.path == "/events/filterEventIdsForPush")
    infos = {node.event(one["Event"]["uuid"])["info"] for one in named}
    # A stock MISP names the event of level 1 there, and keeps it then.
    assert infos == wanted
    assert (run.counts["events"], run.counts["events_failed"]) == (len(wanted) - 1, 1)
    assert [one.uuid for one in run.failures] == [ours["sync-p-empty"]["uuid"]]
    notes = [o.body for o in c.asked if o.path == "/analyst_data/pushAnalystData"]
    assert [one["Note"]["note"] for one in notes] == ["push note"]


def _same(ours: dict[str, Any], theirs: dict[str, Any]) -> None:
    same = ("uuid", "info", "date", "published", "timestamp", "locked", "threat_level_id",
            "extends_uuid", "protected")  # fmt: skip
    assert {n: ours[n] for n in same} | {"timestamp": 0} == {n: theirs[n] for n in same} | {
        "timestamp": 0
    }
    assert str(ours["distribution"]) == str(theirs["distribution"])
    assert ours["Orgc"]["uuid"] == theirs["Orgc"]["uuid"]
    # Whoever made it here is nobody's business there.
    assert not {"Org", "org_id", "user_id", "event_creator_email"} & ours.keys()
    kept = ("type", "category", "value", "to_ids", "deleted", "first_seen", "comment")
    wanted = {a["uuid"]: {n: a[n] for n in kept} for a in items(theirs)}
    assert {a["uuid"]: {n: a[n] for n in kept} for a in items(ours)} == wanted
    levels = {a["uuid"]: str(a["distribution"]) for a in items(theirs)}
    assert {a["uuid"]: str(a["distribution"]) for a in items(ours)} == levels
    groups = {a["uuid"]: a["SharingGroup"]["uuid"] for a in items(theirs) if "SharingGroup" in a}
    assert {a["uuid"]: a["SharingGroup"]["uuid"] for a in items(ours) if "SharingGroup" in a} == (
        groups
    )
    reports = [[r["uuid"] for r in one.get("EventReport", [])] for one in (ours, theirs)]
    assert reports[0] == reports[1]
    named = {t["name"] for t in theirs.get("Tag", []) if not t["is_galaxy"]}
    assert {t["name"] for t in ours.get("Tag", []) if not t["is_galaxy"]} == named


def test_rules_hold_numbers_and_a_name_there_lets_nothing_out(node: NodeForD) -> None:
    node.act("03a-push-first")
    named = '{"tags": {"OR": ["sync:push"], "NOT": []}, "orgs": {"OR": [], "NOT": []}}'
    with serving(Receiving()) as c:
        server = node.add_server(c.url, push_rules=named)
        node.run(server, "push", "full")
    assert sent(c) == {}
    assert "/events/filterEventIdsForPush" not in [path for _, path in c.paths()]


@pytest.mark.parametrize(
    ("head", "add", "edit", "asked", "pushed"),
    [
        (404, 200, 500, ["add"], True),
        (200, 500, 200, ["edit"], True),
        (200, 200, 404, ["edit", "add"], True),
        (403, 200, 500, ["add"], True),
        (405, 200, 500, ["add"], True),
        (500, 200, 500, ["add"], True),
        (500, 404, 200, ["add", "edit"], True),
        (404, 405, 500, ["add"], False),
        (404, 500, 500, ["add"], False),
        (200, 500, 403, ["edit"], True),  # not newer
        (404, 403, 500, ["add"], False),  # blocked
    ],
)
def test_answers_steer_the_push_as_the_table_says(
    node: NodeForD, head: int, add: int, edit: int, asked: list[str], pushed: bool
) -> None:
    made = {"info": "steered", "distribution": 3, "Attribute": [{"type": "text", "value": "x"}]}
    event = node.ask("D", "POST", "/events/add", made).body["Event"]
    node.ask("D", "POST", f"/events/publish/{event['id']}", {})
    texts = {
        "edit": "Event could not be saved: Event in the request not newer than the local copy.",
        "add": "Event blocked by event blocklist.",
    }

    def answer(request: Request) -> Reply:
        if request.path == "/servers/getVersion":
            return Reply(200, {"version": "2.5.1", "perm_sync": True})
        if request.method == "HEAD":
            return Reply(head)
        name = "add" if "/events/add/" in request.path else "edit"
        status = add if name == "add" else edit
        location = {"Location": "http://c.example/events/4711"} if status == 404 else {}
        return Reply(status, {"errors": texts[name]} if status == 403 else {}, location)

    with serving(answer) as c:
        run = node.run(node.add_server(c.url), "push", f"event {event['uuid']}")
    done = ["add" if "/add/" in path else "edit" for m, path in c.paths() if m == "POST"]
    assert done == asked
    assert (run.counts.get("events", 0), bool(run.failures)) == (int(pushed), not pushed)
    if (head, add) == (500, 404):
        assert c.paths()[-1] == ("POST", "/events/edit/4711/metadata:1")


def test_without_the_right_to_synchronise_nothing_is_sent(node: NodeForD) -> None:
    node.act("03a-push-first")
    with serving(lambda _: Reply(200, {"version": "2.5.1", "perm_sync": False})) as c:
        run = node.run(node.add_server(c.url), "push", "full")
    assert c.paths() == [("GET", "/servers/getVersion")]
    assert run.state == "failed"
    assert "synchronise" in run.problem
