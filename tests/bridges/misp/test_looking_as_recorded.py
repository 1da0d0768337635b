# SPDX-License-Identifier: EUPL-1.2
"""Looking at a recorded stock server: the connection test, its list, one event, its values."""

import re
import time
from typing import Any

import pytest
from tests.bridges.misp.conftest import NodeForD
from tests.bridges.misp.serving_side import (
    Answering,
    ByPath,
    Recorded,
    Reply,
    Request,
    serving,
    turns,
)
from tests.sync.recorded import FOLDER, rows

from brug.edge.partners import UNREACHABLE
from brug.store import settings

pytestmark = pytest.mark.skipif(
    not FOLDER.is_dir(), reason="the recordings of two MISP are not beside the project"
)
Json = dict[str, Any]


def echoing(answer: Answering) -> Answering:
    """C: what is posted comes back, unless the recording made up another answer."""

    def answered(request: Request) -> Reply:
        reply = answer(request)
        said = reply.body if isinstance(reply.body, dict) else {}
        echoed = request.path == "/servers/postTest" and bool(said.get("headers"))
        return Reply(200, said | {"body": request.body}) if echoed else reply

    return answered


@pytest.mark.parametrize("scenario", ["01-test-connection", "07a-errors-connection-test"])
def test_the_connection_test_concludes_what_was_recorded(node: NodeForD, scenario: str) -> None:
    tested = 0
    for row, said in turns(scenario):
        if not str(row.get("path", "")).startswith("/servers/testConnection/"):
            continue
        led = any("Location" in one["response_headers"] for one in said)
        if led and "/users/login" not in str(said):
            continue  # led to D itself, which is not played
        with serving(echoing(ByPath.of(said))) as c:
            server = node.add_server(c.url)
            ours = node.ask("D", "GET", f"/servers/testConnection/{server}", None).body
            asked = c.paths()
        then = row["response_body"]
        assert ours["status"] == then["status"], (row["note"], ours)
        # `mismatch` of equal versions is `proposal` there: a gate of old that compares 1 to 111.
        for name in ("version", "post", "request_encoding"):
            if name in then and not _is_newer(then):
                assert ours[name] == then[name], (row["note"], name)
        if not led and not _is_newer(then):
            assert asked == [(one["method"], one["path"]) for one in said]
        tested += 1
    assert tested > 15


def _is_newer(then: Json) -> bool:
    """A version above 2.5 is called too old there; a node posts its text to that, too."""
    return then.get("post") == "too old" and str(then["version"]) > "2.5"


def test_the_list_and_one_event_are_shown_as_recorded(node: NodeForD) -> None:
    shown = 0
    for row, said in turns("04-preview-cherrypick-cache"):
        path = str(row.get("path", ""))
        found = re.fullmatch(r"/servers/(previewIndex|previewEvent)/1(/.*)?", path)
        if found is None or not said:
            continue
        with serving(Recorded.of(said)) as c:
            server = node.add_server(c.url)
            ours = node.ask("D", "GET", f"/servers/{found[1]}/{server}{found[2] or ''}", None)
            asked = c.paths()
        assert asked == [(one["method"], one["path"]) for one in said], path
        assert ours.status == row["status"], (path, ours.body)
        if ours.status == 200:
            assert _uuids(ours.body) == _uuids(row["response_body"]), path
        shown += 1
    assert shown == 9


def _uuids(body: Any) -> list[str]:
    several = body if isinstance(body, list) else [body]
    return [one["Event"]["uuid"] for one in several]


def test_values_are_kept_and_correlate_as_recorded(node: NodeForD) -> None:
    wanted = next(
        row["response_body"]["Event"] for row in rows("04b-server-cache")
        if row["kind"] == "operator" and row["path"].startswith("/events/view/")
    )  # fmt: skip
    attributes = [
        {n: a[n] for n in ("uuid", "type", "category", "value")} for a in wanted["Attribute"]
    ]
    event = {"info": wanted["info"], "uuid": wanted["uuid"], "Attribute": attributes}
    event |= {"distribution": 3, "published": True}
    assert node.ask("D", "POST", "/events/add", {"Event": event}).status == 200
    with serving(Recorded("04b-server-cache")) as c:
        run = node.run(node.add_server(c.url, caching_enabled=True), "cache", "full")
        asked = c.paths()
    assert (run.state, run.problem, run.losses) == ("done", "", [])
    assert [path for _, path in asked] == ["/attributes/restSearch.json"] * 2
    lines = next(r["response_body"] for r in rows("04b-server-cache") if r["kind"] == "wire")
    assert run.counts["values"] == len(set(lines.split()))
    path = f"/events/view/{wanted['uuid']}/includeServerCorrelations:1"
    held = node.ask("D", "GET", path, None).body["Event"]
    then = {a["uuid"]: [s["event_uuids"] for s in a.get("Server", [])] for a in wanted["Attribute"]}
    now = {a["uuid"]: [s["event_uuids"] for s in a.get("Server", [])] for a in held["Attribute"]}
    assert now == then
    assert any(then.values())
    searched = {"uuid": wanted["uuid"], "includeServerCorrelations": 1}
    found = node.ask("D", "POST", "/events/restSearch", searched).body["response"]
    assert found[0]["Event"]["Server"] == held["Server"]
    node.let_in()
    shown = node.ask("C", "GET", path, None).body["Event"]
    assert shown["Attribute"][0]["uuid"] in then
    assert "Server" not in str(shown)  # whom the node exchanges with is no other's business


def _slow(said: list[Json], times: int) -> Answering:
    """C as it answered late, so many times as fast."""
    answer = ByPath.of(said)
    delays = {
        one["path"]: int(found[1]) / times
        for one in said
        if (found := re.match(r"answer delayed (\d+) s", str(one.get("injected"))))
    }

    def answered(request: Request) -> Reply:
        time.sleep(delays.get(request.path, 0))
        return answer(request)

    return answered


@pytest.mark.parametrize(("seconds", "times"), [(300, 100), (5, 25)])
def test_a_slow_partner_is_waited_for_as_long_as_the_setting_says(
    node: NodeForD, seconds: int, times: int
) -> None:
    """Of a stock MISP no limit was found; a node has one, after which the run is tried again."""
    with node.database.as_user(1) as session:
        settings.set_value(session, "servers.seconds", seconds)
    for row, said in turns("07e-timeouts"):
        if seconds == 5 and "/testConnection/" in row["path"]:
            continue  # it has a limit of its own
        with serving(_slow(said, times)) as c:
            server = node.add_server(c.url)
            if row["path"].startswith("/servers/testConnection/"):
                ours = node.ask("D", "GET", f"/servers/testConnection/{server}", None).body
                assert ours["status"] == row["response_body"]["status"] == UNREACHABLE
                continue
            run = node.run(server, "pull", "full")
        # The late list was `{}`, which a stock MISP takes for one with nothing in it.
        assert run.state == "failed"
        assert ("events/index: status 200" in run.problem) == (seconds == 300), run.problem
        assert ("Timeout" in run.problem or "took longer" in run.problem) == (seconds == 5)
