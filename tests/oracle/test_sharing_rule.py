# SPDX-License-Identifier: EUPL-1.2
"""Every route that returns data, compared with the sharing rule written a second time.

Routes register themselves: whatever stands in the table of endpoints with `probes` is
asked here, with the ids of all items, visible and hidden, by a reader of every
organisation. Nothing hidden may stand in any answer; nothing visible may be missing from
the answers that show everything of a kind.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import chain
from typing import Any

import httpx
import msgspec
import pytest
from hypothesis import given
from tests.conftest import copied
from tests.oracle.rule import World, everything, related, sees_event, visible
from tests.oracle.thoroughness import of_worlds
from tests.oracle.worlds import Built, build, work_together, worlds
from tests.thorough import share
from tests.waiting_for import outcome_of
from tests.whole import application

from brug.api.misp import all as listed
from brug.api.misp.dispatch import ENDPOINTS, Endpoint
from brug.api.misp.serve import Incoming, answer
from brug.directory import signing_in
from brug.edge.exports import Export
from brug.store.server import EmbeddedServer
from brug.store.session import Database
from brug.web.pages import PROBES

listed.load()
KINDS = {"event": "event", "attr": "attribute", "obj": "object", "rep": "report", "tag": "tag",
         "sight": "sighting", "note": "note", "prop": "proposal"}  # fmt: skip
# What every marker ends with, its kind before it.
MARK = re.compile(rb"mark\d{3}z")
MARK_LENGTH, KIND_LENGTH = 8, max(map(len, KINDS))


@pytest.fixture
def fresh(embedded: EmbeddedServer, template: str) -> Callable[[], Any]:
    """A context that gives an empty database, for each example anew."""

    @contextmanager
    def make() -> Iterator[Database]:
        with copied(embedded, template) as url, Database(url, size=2) as database:
            yield database

    return make


def ask(built: Built, key: str, method: str, path: str, body: Any) -> bytes:
    incoming = Incoming(
        method=method,
        path=path,
        query="",
        headers={
            "authorization": key,
            "accept": "application/json",
            "content-type": "application/json",
        },
        body=b"" if body is None else msgspec.json.encode(body),
        address="127.0.0.1",
        base_url="http://127.0.0.1",
        body_limit=10**8,
    )
    status, headers, content = answer(built.database, incoming)
    assert status < 500, (path, status, content)
    if isinstance(content, Export):
        with content:
            content = b"".join(content)
    return content + b"\n" + repr(sorted(headers.items())).encode()


# Every form in which a search answers, beside those that its own probes ask for.
FORMS = ("json", "xml", "csv", "text", "values", "hashes", "cache")
EXPORTS: list[tuple[str, str, Any]] = [
    ("POST", f"/{what}/restSearch", {"returnFormat": form, "published": [0, 1]})
    for what in ("attributes", "events")
    for form in FORMS
]


VIEW = "/events/view/"  # what shows everything of an event
SAID = "analystdata"


def asked(built: Built, world: World, org: int) -> Iterator[tuple[str, str, Any]]:
    """What the machine interface is asked by a reader: of every event, and of notes, all; of all
    others half, the other half by the next reader. Which half, differs from world to world.
    """
    probes = {key: list(filled(one, built)) for key, one in ENDPOINTS.items()}
    others = [*EXPORTS, *chain.from_iterable(probes[key] for key in probes if key[0] != SAID)]
    yield from (("GET", f"{VIEW}{number}", None) for number in built.ids["event"])
    # What somebody says of what they do not see is shown nowhere else.
    yield from chain.from_iterable(probes[key] for key in probes if key[0] == SAID)
    yield from share(others, repr(world), 2, org)


def filled(endpoint: Endpoint, built: Built) -> Iterator[tuple[str, str, Any]]:
    """Each probe of an endpoint with each id of the kind that it names."""
    for method, path, body in endpoint.probes:
        names = re.findall(r"\{(\w+)\}", path + msgspec.json.encode(body).decode())
        if not names:
            yield method, path, body
            continue
        kind = names[0]
        for item in built.ids[kind]:
            text = msgspec.json.encode(body).decode().replace("{" + kind + "}", str(item))
            filled_body = None if body is None else msgspec.json.decode(text)
            yield method, path.replace("{" + kind + "}", str(item)), filled_body


def chosen(built: Built, world: World, org: int) -> list[str]:
    """The pages of events, all of them; of all others half, as `asked`."""
    every = list(filled_pages(built))
    others = [path for kind, path in every if kind != "event"]
    return [
        *(path for kind, path in every if kind == "event"),
        *share(others, repr(world), 2, org),
    ]


def filled_pages(built: Built) -> Iterator[tuple[str, str]]:
    """Each probe of a page with each id of the kind that it names, and with searches."""
    values = ["shared0.example.com", "shared1.example.com", "mark", "mark00"]
    for probe in PROBES:
        names = re.findall(r"\{(\w+)\}", probe.path)
        if not names:
            yield "", probe.path
            continue
        (kind,) = names
        for item in values if kind == "value" else built.ids[kind]:
            yield kind, probe.path.replace("{" + kind + "}", str(item))


def browse(
    built: Built, transport: httpx.ASGITransport, reader: int, paths: list[str]
) -> list[bytes]:
    """What a signed-in reader's browser gets of some addresses."""
    with built.database.as_user(reader) as session:
        signed_in = signing_in.begin(session, "127.0.0.1")

    async def read() -> list[bytes]:
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            client.cookies.set("brug", signed_in.cookie)
            found = []
            for path in paths:
                answered = await client.get(path)
                assert answered.status_code < 500, path
                assert answered.headers.get("location") is None, path
                found.append(answered.content)
            return found

    return outcome_of(read())


def by_kind(content: bytes) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {kind: set() for kind in KINDS.values()}
    places = ((mark.start(), mark.end()) for mark in MARK.finditer(content))
    for text in {content[max(begin - KIND_LENGTH, 0) : end] for begin, end in places}:
        before, mark = text[:-MARK_LENGTH].decode("latin-1"), text[-MARK_LENGTH:].decode()
        for name, kind in KINDS.items():
            if before.endswith(name):
                found[kind].add(name + mark)
    return found


def relating(content: bytes) -> set[str]:
    """The events that a view names as related, by their markers."""
    answered = msgspec.json.decode(content.rpartition(b"\n")[0])
    return {r["Event"]["info"] for r in answered["Event"]["RelatedEvent"]}


@given(world=worlds())
@of_worlds(8)
def test_no_route_shows_what_is_hidden_and_views_show_all_that_is_visible_and_what_it_relates_to(
    fresh: Callable[[], Any], world: World
) -> None:
    """An event relates to just those that share a value the reader sees on both sides."""
    with fresh() as database:
        built = build(database, world)
        whole = everything(world)
        views = {
            f"{VIEW}{number}": event
            for event, number in zip(world.events, sorted(built.ids["event"]), strict=True)
        }
        for org, key in enumerate(built.keys):
            may_see, viewed = visible(world, org), set()
            shown: dict[str, set[str]] = {kind: set() for kind in KINDS.values()}
            for method, path, body in asked(built, world, org):
                content = ask(built, key, method, path, body)
                for kind, marks in by_kind(content).items():
                    hidden = marks & whole[kind] - may_see[kind]
                    assert not hidden, (org, method, path, body, hidden)
                    shown[kind] |= marks
                if (method, body) == ("GET", None) and path in views:
                    viewed.add(path)
                    if sees_event(world, views[path], org):
                        assert relating(content) == related(world, views[path], org), (org, path)
            assert viewed == views.keys()
            for kind in ("event", "attribute", "object", "report", "tag", "note", "proposal"):
                assert shown[kind] == may_see[kind], (org, kind)


@given(world=worlds())
@of_worlds(7)
def test_no_page_shows_what_is_hidden_and_the_event_pages_show_all_that_is_visible(
    fresh: Callable[[], Any], world: World
) -> None:
    with fresh() as database:
        built = build(database, world)
        work_together(built)
        whole, transport = everything(world), application(built.database)
        for org, reader in enumerate(built.readers):
            paths = chosen(built, world, org)
            may_see = visible(world, org)
            shown: dict[str, set[str]] = {kind: set() for kind in KINDS.values()}
            for path, content in zip(paths, browse(built, transport, reader, paths), strict=True):
                for kind, marks in by_kind(content).items():
                    hidden = marks & whole[kind] - may_see[kind]
                    assert not hidden, (org, path, hidden)
                    shown[kind] |= marks
            for kind in ("event", "attribute", "object", "report", "tag"):
                assert shown[kind] == may_see[kind], (org, kind)
