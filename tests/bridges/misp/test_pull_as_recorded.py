# SPDX-License-Identifier: EUPL-1.2
"""A node pulls from a recorded stock MISP: it asks what was asked, and holds what was held."""

from typing import Any

import pytest
from tests.bridges.misp.conftest import NodeForD
from tests.bridges.misp.serving_side import Recorded, asked_then, serving, states
from tests.sync.recorded import FOLDER, items

pytestmark = pytest.mark.skipif(
    not FOLDER.is_dir(), reason="the recordings of two MISP are not beside the project"
)


def _same(held: dict[str, Any], then: dict[str, Any]) -> None:
    """What we hold of an event is what D held."""
    plain = ("info", "published", "timestamp", "distribution", "locked", "extends_uuid")
    assert {n: held[n] for n in plain} == {n: then[n] for n in plain}
    assert (held["Orgc"]["name"], held["Org"]["name"]) == (then["Orgc"], then["Org"])
    names = {t["name"] for t in held.get("Tag", [])}
    assert names == set(then["tags"])
    kept = ("type", "value", "distribution", "timestamp", "deleted", "to_ids")
    wanted = {a["uuid"]: {n: a[n] for n in kept} for a in then["attributes"]}
    found = {a["uuid"]: {n: a[n] for n in kept} for a in held["Attribute"] if not a["deleted"]}
    assert found == wanted
    assert {o["uuid"] for o in held["Object"]} == {o["uuid"] for o in then["objects"]}
    if "SharingGroup" in then:
        assert held["SharingGroup"]["uuid"] == then["SharingGroup"]["uuid"]
    assert len(items(held)) >= len(then["attributes"])


def test_a_full_pull_asks_and_holds_what_was_recorded(node: NodeForD) -> None:
    with serving(Recorded("02b-pull-rules", "02c-pull-full")) as c:
        server = node.add_server(c.url)
        run = node.run(server, "pull", "full")
    assert (run.state, run.problem) == ("done", "")
    asked = [one for one in c.paths() if not one[1].startswith("/galaxy_clusters/view/")]
    # Nothing was held here before, so that clusters and what D had pulled by rules come too.
    for one in asked_then("02c-pull-full"):
        assert one in asked, one
    held = {one["uuid"]: one for one in states("02c-pull-full")}
    for uuid, then in held.items():
        if any(uuid in path for _, path in asked if path.startswith("/events/view/")):
            _same(node.event(uuid), then)
    assert run.counts["events"] >= 7
    # Two came within their event, and the list of proposals brought nothing that was not here.
    listed = node.ask("D", "GET", "/shadow_attributes/index/all:1", None).body
    assert len(listed) + run.counts.get("proposals", 0) >= 3, listed
