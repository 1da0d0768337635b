# SPDX-License-Identifier: EUPL-1.2
"""The border of the node: bodies, headers and clients that are too large, too slow, or lie."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import psycopg
import pytest
from psycopg import sql
from tests.api.conftest import World, serving
from tests.listening import NO_TLS
from tests.security.arena import Arena
from tests.security.asking import Ask, send
from tests.security.surfing import visitor
from tests.waiting_for import outcome_of

from brug.edge import bodies
from brug.edge.node import Node
from brug.model.errors import TooLarge
from brug.store import settings
from brug.store.session import Database

MEBIBYTE = 2**20
LIMIT = 2 * MEBIBYTE


@pytest.fixture(scope="module")
def node(module_arena: Arena) -> Iterator[World]:
    with module_arena.database.system() as session:
        settings.set_value(session, "limits.body_bytes", LIMIT)
    world = module_arena.world
    world.dsn = module_arena.app_dsn
    with serving(world):
        # The worker has read its settings when it has answered once.
        httpx.get(
            f"{world.url}/servers/getVersion",
            headers={"Authorization": world.keys["user"]},
            verify=NO_TLS,
        )
        yield world


def headers(world: World, who: str = "publisher") -> dict[str, str]:
    return {
        "Authorization": world.keys.get(who, who), "Accept": "application/json",
        "Content-Type": "application/json",
    }  # fmt: skip


def test_a_body_over_the_limit_is_refused_by_its_announcement_and_names_the_setting(
    node: World,
) -> None:
    answered = httpx.post(
        f"{node.url}/events/add",
        content=b"x" * (LIMIT + 1),
        headers=headers(node),
        verify=NO_TLS,
    )
    assert answered.status_code == 413
    assert "limits.body_bytes" in answered.json()["message"]


async def _endless(sent: list[int]) -> AsyncIterator[bytes]:
    while True:
        sent.append(65_536)
        yield b"x" * 65_536


@pytest.mark.parametrize(("who", "expected", "most"), [("publisher", 413, 4), ("k" * 40, 403, 3)])
def test_a_body_without_end_is_cut_off(node: World, who: str, expected: int, most: int) -> None:
    sent: list[int] = []

    async def send() -> int:
        async with httpx.AsyncClient() as client:
            try:
                answered = await client.post(
                    f"{node.url}/events/add", content=_endless(sent), headers=headers(node, who)
                )
            except httpx.TransportError:
                return expected  # cut off while it still wrote
            return answered.status_code

    assert outcome_of(asyncio.wait_for(send(), 30)) == expected
    # What the kernels hold between us is not what the node has read.
    assert sum(sent) < (most + 16) * MEBIBYTE


def _reading(messages: list[Any], declared: str | None = None, limit: int = LIMIT) -> Any:
    """What `bodies.read` makes of ASGI messages; an Exception in them is awaited for ever."""
    asked: list[bool] = []

    async def receive() -> Any:
        if not messages:
            await asyncio.Event().wait()
        return messages.pop(0)

    async def admit() -> None:
        asked.append(True)

    body = outcome_of(bodies.read(receive, declared, limit, admit))
    return body, asked


def part(content: bytes, *, more: bool = False) -> dict[str, Any]:
    return {"type": "http.request", "body": content, "more_body": more}


def test_a_body_is_its_parts_and_only_a_large_one_asks_whose_it_is() -> None:
    assert _reading([part(b"a", more=True), part(b"b")]) == (b"ab", [])
    assert _reading([part(b"a", more=True), part(b"b" * MEBIBYTE)])[1] == [True]
    assert _reading([part(b"a")], declared=str(LIMIT)) == (b"a", [True])


def test_a_client_that_goes_away_within_its_body_is_not_answered_from_a_half() -> None:
    with pytest.raises(bodies.ClientGone):
        _reading([part(b'{"info":"half', more=True), {"type": "http.disconnect"}])


def test_a_body_that_lies_about_its_length_is_bounded_all_the_same() -> None:
    for declared in (None, "", "1", "-1", "x", "9" * 30, "\u0663"):
        with pytest.raises(TooLarge):
            _reading([part(b"x" * LIMIT, more=True), part(b"x")], declared)


def test_a_body_that_comes_by_the_byte_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "PATIENCE", 0.05)
    with pytest.raises(bodies.TooLate):
        _reading([part(b"x", more=True)])


def test_a_head_without_end_is_refused(node: World) -> None:
    for extra in ({"X-Long": "x" * 2_000_000}, {f"X-{n}": "x" * 500 for n in range(5000)}):
        try:
            answered = httpx.get(
                f"{node.url}/servers/getVersion", headers=headers(node) | extra, verify=NO_TLS
            )
        except httpx.TransportError:
            continue
        assert 400 <= answered.status_code < 500
    assert (
        httpx.get(
            f"{node.url}/servers/getVersion", headers=headers(node), verify=NO_TLS
        ).status_code
        == 200
    )


def test_what_an_address_says_is_decoded_once(node: World) -> None:
    added = httpx.post(
        f"{node.url}/events/add", headers=headers(node),
        json={"info": "x", "Attribute": [{"type": "text", "value": "50%25 %ab off"}]},
        verify=NO_TLS,
    )  # fmt: skip
    assert added.status_code == 200
    found = httpx.get(
        f"{node.url}/attributes/restSearch/value:50%2525%20%25ab%20off",
        headers=headers(node),
        verify=NO_TLS,
    )
    assert [a["value"] for a in found.json()["response"]["Attribute"]] == ["50%25 %ab off"]


@pytest.mark.parametrize(
    "path",
    ["/events/view/1", "/nosuch", "/events/nosuch", "/servers/getVersion", "/", "/sign-in",
     "/static/nosuch.css", "/search?q=<script>", "/%00", "/%ff", "/..%2f..%2fetc/passwd",
     "//attacker.example", "/events/%0d%0aX-Injected:%201"],
)  # fmt: skip
def test_every_answer_carries_the_headers_and_no_trace(node: World, path: str) -> None:
    for sent in ({}, headers(node), {"Accept": "text/html"}):
        answered = httpx.get(f"{node.url}{path}", headers=sent, verify=NO_TLS)
        assert answered.status_code < 500
        assert answered.headers["x-content-type-options"] == "nosniff"
        assert "default-src 'none'" in answered.headers["content-security-policy"]
        assert "x-injected" not in answered.headers
        assert "Traceback" not in answered.text
        place = httpx.URL(node.url).join(answered.headers.get("location", "/"))
        assert place.host == "127.0.0.1"
        if not path.startswith("/search"):
            assert "<script>" not in answered.text


CHAINS = [
    # (peer, X-Forwarded-For, the client)
    ("192.0.2.1", None, "192.0.2.1"),
    ("192.0.2.1", "203.0.113.9", "203.0.113.9"),
    ("198.51.100.1", "203.0.113.9", "198.51.100.1"),
    ("192.0.2.1", "203.0.113.9, 192.0.2.2", "203.0.113.9"),
    ("192.0.2.1", "10.9.9.9, 203.0.113.9", "203.0.113.9"),
    ("192.0.2.1", "nonsense", "192.0.2.1"),
    ("192.0.2.1", "203.0.113.9, nonsense", "192.0.2.1"),
    ("192.0.2.1", "", "192.0.2.1"),
    ("192.0.2.1", "192.0.2.2", "192.0.2.1"),
    ("::ffff:192.0.2.1", "203.0.113.9", "203.0.113.9"),
    ("::ffff:198.51.100.1", "203.0.113.9", "198.51.100.1"),
    ("", "203.0.113.9", ""),
]


@pytest.mark.parametrize(("peer", "said", "client"), CHAINS)
def test_a_forwarded_address_is_believed_of_proxies_alone(
    arena: Arena, peer: str, said: str | None, client: str
) -> None:
    with arena.database.system() as session:
        settings.set_value(session, "web.trusted_proxies", ["192.0.2.0/24"])
    assert Node(arena.database, 1).address(peer, said) == client


def test_a_node_that_has_lost_its_database_says_so_and_when_to_come_back(arena: Arena) -> None:
    key = arena.world.keys["user"]

    async def surf() -> httpx.Response:
        async with visitor(arena) as client:
            arena.database.close()
            return await client.get("/users/view/me", headers={"Authorization": key})

    answered = outcome_of(surf())
    assert answered.status_code == 503
    assert answered.headers["retry-after"]
    assert not re.search(r"Traceback|psycopg|pool", answered.text)


def test_a_transaction_that_waits_too_long_is_told_so(arena: Arena) -> None:
    event = arena.ids["Noordland Bank"]["event"][0]
    waits = Ask("POST", f"/events/edit/{event}", {"info": "waits"})
    with arena.database.system() as holder, impatient(arena) as database:
        assert holder.value("SHOW lock_timeout") == "5s"
        holder.execute("SELECT 1 FROM event WHERE id = %s FOR UPDATE", (event,))
        with pytest.raises(AssertionError, match="503"):
            send(database, arena.world.keys["publisher"], waits)


@contextmanager
def impatient(arena: Arena) -> Iterator[Database]:
    """The same database for whoever waits a tenth of a second and not five."""
    with psycopg.connect(arena.owner_dsn, autocommit=True) as owner:
        role = sql.SQL("ALTER ROLE brug_app IN DATABASE {} {}")
        name = sql.Identifier(owner.info.dbname)
        owner.execute(role.format(name, sql.SQL("SET lock_timeout = '100ms'")))
        with Database(arena.app_dsn, size=1) as database:
            yield database
        owner.execute(role.format(name, sql.SQL("RESET lock_timeout")))
