# SPDX-License-Identifier: EUPL-1.2
"""What a stock MISP 2.5.1 answered, played back: moving in takes all of it, and it agrees.

The recordings lie beside the project; where they do not, this is skipped.
"""

import json
import re
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest
from tests.moving.conftest import silent
from tests.moving.test_client import Answer, answering

from brug.moving.client import Access, Misp
from brug.moving.run import Wanted, move
from brug.store.session import Database

RECORDED = Path(__file__).parents[2].parent / "shared/reference/misp-golden/transcripts"
_PAGING = re.compile(r"/(limit|page|sort|direction|deleted\[\]|all|timestamp):[^/]*")
_WHOLE = re.compile(r"^/events/(view|add|edit)(/|$)")
Raw = dict[str, Any]


def _exchanges() -> Iterator[tuple[str, str, Any]]:
    """(role, path, decoded answer) of every whole answer to a GET, and of events."""
    for file in sorted(RECORDED.glob("*.jsonl")):
        for line in file.read_text().split("\n"):
            if not line:
                continue
            one = json.loads(line)
            asked, answer = one["request"], one["response"]
            whole = answer["status"] == 200 and not answer.get("truncated")
            if whole and (asked["method"] == "GET" or _WHOLE.match(asked["path"])):
                try:
                    yield one["role"], asked["path"], json.loads(answer["body"])
                except ValueError:
                    continue


class Player:
    """The answers by path, and lists made of what was answered one by one."""

    def __init__(self) -> None:
        self.answers: dict[str, Any] = {}
        self.events: dict[str, Raw] = {}
        for role, path, body in _exchanges():
            if _WHOLE.match(path) and isinstance(body, dict) and "Event" in body:
                self._keep(body["Event"])
            elif role == "admin" and body:
                self.answers[_PAGING.sub("", path)] = body
            elif body:
                self.answers.setdefault(_PAGING.sub("", path), body)
        self._complete()

    def _keep(self, event: Raw) -> None:
        """The answer that shows most of it."""
        if isinstance(event, dict) and {"id", "uuid", "Org", "Orgc", "Attribute"} <= event.keys():
            known = self.events.get(event["id"])
            if known is None or len(str(known)) <= len(str(event)):
                self.events[event["id"]] = event

    def _complete(self) -> None:
        """Everything that events name stands in its list, as on one instance."""
        orgs: dict[str, Raw] = {}
        groups: dict[str, Raw] = {}
        for event in self.events.values():
            for item in _inside(event):
                for name in ("Org", "Orgc", "Organisation"):
                    if isinstance(item.get(name), dict) and item[name].get("uuid"):
                        orgs[item[name]["uuid"]] = item[name] | {"local": True}
                group = item.get("SharingGroup")
                if isinstance(group, dict) and len(str(group)) > len(
                    str(groups.get(group["id"], ""))
                ):
                    groups[group["id"]] = group
        self.answers |= {
            "/servers/getVersion": {"version": "2.5.1"},
            "/users/view/me": {"Role": {"perm_site_admin": True}},
            "/organisations/index/scope:all": [{"Organisation": o} for o in orgs.values()],
            "/sharing_groups/index": {"response": [{"SharingGroup": g} for g in groups.values()]},
            "/events/index": list(self.events.values()),
        }
        for number, group in groups.items():
            self.answers[f"/sharing_groups/view/{number}"] = {
                "SharingGroup": group,
                "SharingGroupOrg": group.get("SharingGroupOrg", []),
            }
            for member in group.get("SharingGroupOrg", []):
                if named := member.get("Organisation"):
                    orgs.setdefault(named["uuid"], named)
        self.answers["/organisations/index/scope:all"] = [
            {"Organisation": o} for o in orgs.values()
        ]

        self._leave_out(orgs)

    def _leave_out(self, orgs: dict[str, Raw]) -> None:
        """What names something that no recording shows."""
        known = {o["id"] for o in orgs.values()}
        events = {e["uuid"] for e in self.events.values()}
        for path, name, field, wanted in (
            ("/admin/users/index", "User", "org_id", known),
            ("/admin/users", "User", "org_id", known),
            ("/shadow_attributes/index", "ShadowAttribute", "event_uuid", events),
        ):
            self.answers[path] = [i for i in self.answers[path] if i[name][field] in wanted]

    def __call__(self, request: BaseHTTPRequestHandler) -> Answer:
        path = _PAGING.sub("", request.path)
        if found := re.match(r"^/events/view/(\d+)", path):
            body: Any = {"Event": self.events[found[1]]}
        elif path in self.answers:
            body = self.answers[path]
        else:
            return 404, {}, b'{"name":"Not Found","message":"Not Found","url":"/"}'
        return 200, {}, json.dumps(body).encode()


def _inside(item: Any) -> Iterator[Raw]:
    if isinstance(item, dict):
        yield item
        for inner in item.values():
            yield from _inside(inner)
    elif isinstance(item, list):
        for inner in item:
            yield from _inside(inner)


@pytest.mark.skipif(not RECORDED.is_dir(), reason="needs the recordings of a stock MISP")
def test_what_a_stock_misp_answered_comes_along_and_agrees(new: Database) -> None:
    player = Player()
    assert len(player.events) > 50
    with answering(player) as url, Misp(Access(url, "k")) as misp:
        report = move(misp, new, Wanted(), silent)
    # An object of a level that does not exist becomes the holder's alone.
    differs = [line.partition("]")[2] for line in report.differences]
    assert differs == [".distribution: '9' there, '0' here"]
    assert report.refused == []
    assert report.verified == len(player.events) - 1
    assert report.kinds["attribute"].here == report.kinds["attribute"].there > 100
