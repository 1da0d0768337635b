# SPDX-License-Identifier: EUPL-1.2
"""A stock MISP that pulls from a node and pushes to it asks, and hears, what was recorded."""

from collections.abc import Iterator
from typing import Any

import pytest
from tests.conftest import copied
from tests.sync.recorded import FOLDER, NodeForC, asked_by_partner, items

from brug.store.server import EmbeddedServer
from brug.store.session import Database

pytestmark = pytest.mark.skipif(
    not FOLDER.is_dir(), reason="the recordings of two MISP are not beside the project"
)
# What rests on clusters of MISP's galaxies, which are not installed here.
NOT_HERE = ("/galaxy_clusters/", "/galaxies/")


@pytest.fixture
def node(embedded: EmbeddedServer, template: str) -> Iterator[NodeForC]:
    with copied(embedded, template) as url, Database(url, size=4) as database:
        yield NodeForC(database)


def test_a_partner_tests_the_connection(node: NodeForC) -> None:
    for row in asked_by_partner("01-test-connection"):
        theirs = row["response_body"]
        ours = node.ask("D", row["method"], row["path"], row["request_body"])
        assert ours.status == row["status"], row["path"]
        if row["path"].endswith("getVersion"):
            gates = ("perm_sync", "perm_sighting", "perm_galaxy_editor", "perm_analyst_data",
                     "request_encoding", "filter_sightings")  # fmt: skip
            assert {n: ours.body[n] for n in gates} == {n: theirs[n] for n in gates}
            assert ours.body["version"].startswith("2.5.")
        elif row["path"].endswith("postTest"):
            assert ours.body == theirs
        else:
            assert set(theirs["User"]) <= set(ours.body["User"])
            assert ours.body["Role"]["perm_sync"] is True


def _compare_event(theirs: dict[str, Any], ours: dict[str, Any]) -> None:
    """The same event as a puller reads it: whatever it does not renumber."""
    same = ("uuid", "info", "date", "distribution", "published", "analysis", "threat_level_id",
            "locked", "extends_uuid", "protected")  # fmt: skip
    assert {n: ours[n] for n in same} == {n: theirs[n] for n in same}
    assert ours["Orgc"]["uuid"] == theirs["Orgc"]["uuid"]
    assert {t["name"] for t in ours.get("Tag", [])} == {t["name"] for t in theirs.get("Tag", [])}
    if "SharingGroup" in theirs:
        assert ours["SharingGroup"]["uuid"] == theirs["SharingGroup"]["uuid"]
    kept = ("type", "category", "value", "to_ids", "distribution", "deleted", "comment",
            "first_seen", "last_seen", "disable_correlation", "object_relation")  # fmt: skip
    wanted = {a["uuid"]: {n: a[n] for n in kept} for a in items(theirs)}
    assert {a["uuid"]: {n: a[n] for n in kept} for a in items(ours)} == wanted
    files = {a["uuid"]: a["data"] for a in items(theirs) if a["type"] == "attachment"}
    assert {a["uuid"]: a["data"] for a in items(ours) if a["type"] == "attachment"} == files
    objects = {o["uuid"]: o["template_uuid"] for o in theirs["Object"]}
    assert {o["uuid"]: o["template_uuid"] for o in ours["Object"]} == objects
    reports = {r["uuid"]: r["name"] for r in theirs["EventReport"]}
    assert {r["uuid"]: r["name"] for r in ours["EventReport"]} == reports


@pytest.mark.parametrize("scenario", ["02b-pull-rules", "02c-pull-full"])
def test_a_partner_pulls(node: NodeForC, scenario: str) -> None:
    node.act("02a-seed")
    tags: dict[str, str] = {}  # a recorded ETag -> ours
    seen = 0
    for row in asked_by_partner(scenario):
        if row["path"].startswith(NOT_HERE):
            continue
        known = row["request_headers"].get("If-None-Match")
        headers = {"if-none-match": tags.get(known, known)} if known is not None else {}
        ours = node.ask("D", row["method"], row["path"], row["request_body"], headers)
        assert ours.status == row["status"], (row["path"], row["request_body"], ours.body)
        if row["path"] == "/events/index" and ours.status == 200:
            tags[row["response_headers"]["ETag"]] = ours.headers["ETag"]
            wanted = {one["uuid"] for one in row["response_body"]}
            assert {one["uuid"] for one in ours.body} == wanted
            assert set(ours.body[0]) == set(row["response_body"][0])
        elif row["path"].startswith("/events/view/"):
            _compare_event(row["response_body"]["Event"], ours.body["Event"])
            seen += 1
        elif ours.status == 304:
            assert ours.raw == b""
    assert seen > 2


def test_a_partner_pushes_what_it_publishes(node: NodeForC) -> None:
    pushed: set[str] = set()
    for row in [*asked_by_partner("03c-push-on-publish"), *asked_by_partner("03d-push-updates")]:
        if row["status"] in {304, 403} or not row["path"].startswith("/events/"):
            # What hung on what C's own operator had done meanwhile.
            continue
        sent = row["request_body"]["Event"] if "/metadata:1" in row["path"] else {}
        uuid = sent.get("uuid", "")
        if row["method"] == "HEAD":
            known = row["path"].rsplit("/", 1)[1] in pushed
            if known != (row["status"] == 200):
                continue
        if "/events/edit/" in row["path"] and uuid not in pushed:
            continue
        ours = node.ask("D", row["method"], row["path"], row["request_body"])
        assert ours.status == row["status"], (row["path"], ours.body)
        if uuid and ours.status == 200:
            pushed.add(uuid)
            held = node.ask("D", "GET", f"/events/view/{uuid}", None).body["Event"]
            assert (held["info"], held["locked"]) == (sent["info"], True)
            assert held["Orgc"]["uuid"] == sent["Orgc"]["uuid"]
            assert held["distribution"] == str(sent["distribution"])
    assert len(pushed) > 3


@pytest.mark.parametrize("scenario", ["05b-protected-push"])
def test_protected_events_are_judged_as_recorded(node: NodeForC, scenario: str) -> None:
    """By the keys and signatures that were recorded: the very bytes that a stock MISP signed."""
    judged = 0
    for row in asked_by_partner(scenario):
        signature = row["request_headers"].get("x-pgp-signature")
        if signature is None or row["request_body"]["Event"]["info"].endswith("hacked on D"):
            continue
        ours = node.ask(
            "D", row["method"], row["path"], row["request_body"], {"x-pgp-signature": signature}
        )
        assert ours.status == row["status"], ours.body
        judged += 1
    assert judged == 3
