# SPDX-License-Identifier: EUPL-1.2
"""Who one is: keys of every shape, sign-in under guessing, and secrets that never come back."""

import re
from collections.abc import Callable, Iterator
from itertools import product
from typing import Any

import httpx
import pytest
import structlog
from psycopg import Cursor
from structlog.testing import capture_logs
from tests.security.arena import Arena
from tests.security.asking import Ask
from tests.security.drawing import asks, base_path, named, usual_method
from tests.security.kinds import OURS, THEIRS
from tests.security.order import endpoints
from tests.security.samples import PARTNER_KEY
from tests.security.surfing import signed_in, visitor
from tests.thorough import share
from tests.waiting_for import outcome_of

from brug.api.misp import all as listed
from brug.api.misp.dispatch import Endpoint
from brug.api.misp.serve import Incoming, answer
from brug.edge.strangers import FAILURES, Strangers
from brug.web.page import TABLE

listed.load()

VIEW = Ask("GET", "/users/view/me")
UNKNOWN = "k" * 40
# What a page says back of the form, and the tokens that each page has of its own.
OWN = re.compile(r' (value|autofocus)="[^"]*"|"X-CSRFToken": "[^"]*"')


@pytest.fixture(scope="module")
def secrets(module_arena: Arena) -> set[str]:
    """Whatever must never come back."""
    rows = [(table, row) for (table, _), row in module_arena.rows().items()]
    found = {row["hash"].removeprefix("\\x") for table, row in rows if table == "auth_key"}
    found |= {str(row["password_hash"]) for table, row in rows if table == "account"} - {"None"}
    return found | {
        *module_arena.world.keys.values(),
        PARTNER_KEY,
        "$argon2",
        "password_hash",
        "csrf",
    }


def impostors(arena: Arena) -> Iterator[str]:
    """What is not a key, and things that lie near one."""
    key = arena.world.keys["admin"]
    rows = [row for (table, _), row in arena.rows().items() if table == "auth_key"]
    yield from ("null", "[]", "{}", "true", "false", "0", "1", "-1", "undefined", '["a"]', "%", "_")
    yield from ("'; --", "\x00", "\u00ff" * 40, "a" * 100_000, " ", "Bearer", f"Bearer {UNKNOWN}")
    yield from (key[:-1], key + "a", key.swapcase(), key[:4], key[-4:], key[:4] + key[-4:])
    for row in rows[:2]:
        yield from (row["hash"], row["hash"].removeprefix("\\x"), row["uuid"], str(row["id"]))


def test_nothing_but_a_whole_key_is_a_key(module_arena: Arena) -> None:
    expected = module_arena.ask(UNKNOWN, VIEW)
    assert expected.status == 403
    for text in impostors(module_arena):
        answered = module_arena.ask(text, VIEW)
        assert (answered.status, answered.content) == (403, expected.content), text[:50]


def test_a_wrong_key_costs_the_database_what_a_right_one_does(
    arena: Arena, counted: Callable[[], int]
) -> None:
    arena.ask("user", VIEW)
    start = counted()
    arena.ask(UNKNOWN, VIEW)
    wrong = counted() - start
    assert wrong == 1


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> Callable[[], int]:
    """How many statements have been sent by now."""
    count = 0
    execute = Cursor.execute

    def counting(self: Any, *args: Any, **named_args: Any) -> Any:
        nonlocal count
        count += 1
        return execute(self, *args, **named_args)

    monkeypatch.setattr(Cursor, "execute", counting)
    return lambda: count


CLOSED = (
    "UPDATE account SET disabled = true WHERE id = %s",
    "UPDATE account SET expiration = now() - interval '1 second' WHERE id = %s",
    "UPDATE auth_key SET expiration = 1 WHERE user_id = %s",
    "UPDATE account SET role_id = (SELECT id FROM role WHERE name = 'no keys') WHERE id = %s",
    "DELETE FROM auth_key WHERE user_id = %s",
)


@pytest.mark.parametrize("closing", CLOSED)
def test_a_closed_account_or_key_is_an_unknown_key_on_every_route(
    arena: Arena, closing: Any
) -> None:
    expected = arena.ask(UNKNOWN, VIEW).content
    with arena.database.system() as session:
        session.execute("INSERT INTO role (name, rights) VALUES ('no keys', '{add}')")
        session.execute(closing, (arena.world.ids["publisher"],))
    assert arena.ask("publisher", VIEW).content == expected
    for endpoint in endpoints():
        path = base_path(endpoint)
        assert arena.ask("publisher", Ask(usual_method(endpoint), path, {})).status == 403


def test_unknown_keys_are_counted_over_all_verbs_and_good_ones_pass(arena: Arena) -> None:
    strangers = Strangers()

    def ask(key: str, method: str, address: str) -> int:
        incoming = Incoming(
            method=method, path="/users/view/me", query="", headers={"authorization": key},
            body=b"", address=address, base_url="", body_limit=10, strangers=strangers,
        )  # fmt: skip
        return answer(arena.database, incoming)[0]

    good, idle = arena.world.keys["user"], arena.world.keys["publisher"]
    assert ask(good, "GET", "192.0.2.9") == 200
    verbs = ("GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "TRACE", "BREW")
    for number in range(FAILURES):
        assert ask(f"{number:040}", verbs[number % len(verbs)], "192.0.2.9") == 403
    for verb in verbs:
        assert ask(UNKNOWN, verb, "192.0.2.9") == 429
    assert ask(idle, "GET", "192.0.2.9") == 429
    assert ask(good, "GET", "192.0.2.9") == 200
    assert ask(UNKNOWN, "GET", "192.0.2.10") == 403


def test_the_count_of_unknown_keys_is_bounded_and_ends() -> None:
    now = 0.0
    strangers = Strangers(lambda: now)
    for number in range(FAILURES):
        strangers.failed("192.0.2.9")
        strangers.known(f"key {number}")
    with pytest.raises(Exception, match="unknown keys"):
        strangers.check("192.0.2.9", UNKNOWN)
    strangers.check("192.0.2.9", "key 1")
    now = 61.0
    strangers.check("192.0.2.9", UNKNOWN)
    for number in range(30_000):
        strangers.failed(f"2001:db8::{number:x}")
        strangers.known(f"key {number}")
    assert len(strangers._failures) <= 10_000
    assert len(strangers._good) <= 10_000


@pytest.mark.parametrize("endpoint", [e for e in endpoints() if not e.changes], ids=named)
def test_no_answer_holds_a_secret(
    module_arena: Arena, secrets: set[str], endpoint: Endpoint
) -> None:
    every = [*asks(endpoint, module_arena.items[OURS], 1),
             *asks(endpoint, module_arena.items[THEIRS], 2)]  # fmt: skip
    for place, drawn in enumerate(every):
        forms = (drawn, Ask("GET", drawn.path), Ask("POST", drawn.path, {}))
        first, *rest = product(("admin", "orgadmin", "user"), forms)
        for who, asked in (first, *share(rest, named(endpoint), len(rest), place)):
            content = module_arena.ask(who, asked).content.decode("utf-8", "replace")
            found = {secret for secret in secrets if secret in content}
            assert not found, (who, asked)


def test_a_key_is_told_once_and_its_ends_ever_after(arena: Arena) -> None:
    made = arena.ask("user", Ask("POST", "/auth_keys/add", {"comment": "sensor"})).body["AuthKey"]
    key = made["authkey_raw"]
    own = (f"/auth_keys/view/{made['id']}", f"/auth_keys/edit/{made['id']}", "/users/view/me")
    for path in (*own, "/auth_keys/index", "/admin/logs/index", "/admin/users/index"):
        for who in ("user", "orgadmin", "admin"):
            for asked in (Ask("GET", path), Ask("POST", path, {})):
                assert key.encode() not in arena.ask(who, asked).content
    listed_keys = arena.ask("user", Ask("GET", "/auth_keys/index")).content.decode()
    assert key[:4] in listed_keys
    assert key[:8] not in listed_keys


def test_no_log_holds_a_key_a_password_or_what_was_sent(arena: Arena) -> None:
    structlog.reset_defaults()
    secrets = {*arena.world.keys.values(), "Correct-horse-1", "Secret-horse-7", UNKNOWN}
    with capture_logs() as lines:
        for endpoint in endpoints():
            drawn = next(asks(endpoint, arena.items[OURS], 1))
            path, body = drawn.path, drawn.body
            if isinstance(body, dict):
                body |= {"password": "Secret-horse-7", "authkey": UNKNOWN}
            forms = (
                Ask(usual_method(endpoint), path, body),
                Ask("POST", path, {"password": ["Secret-horse-7"]}),
                Ask("POST", path, b'{"password": "Secret-horse-7"'),
                Ask("GET", f"{path}?apikey={UNKNOWN}"),
            )
            first, *rest = product(("admin", "user", UNKNOWN), forms)
            for who, asked in (first, *share(rest, named(endpoint), 5)):
                arena.ask(who, asked)
    told = str(lines)
    assert lines
    assert not {secret for secret in secrets if secret in told}


def test_what_is_recorded_of_a_change_holds_no_secret(arena: Arena) -> None:
    user = arena.world.ids["user"]
    change = {"password": "Secret-horse-7", "confirm_password": "Secret-horse-7"}
    assert arena.ask("orgadmin", Ask("POST", f"/admin/users/edit/{user}", change)).status == 200
    new = change | {"email": "new@people.example", "role_id": 3}
    assert arena.ask("orgadmin", Ask("POST", "/admin/users/add", new)).status == 200
    made = arena.ask("user", Ask("POST", "/auth_keys/add", {})).body["AuthKey"]["authkey_raw"]
    recorded = str([row for (table, _), row in arena.rows().items() if table == "audit"])
    for secret in ("Secret-horse-7", made, "$argon2"):
        assert secret not in recorded


# -- pages -------------------------------------------------------------------------------------


async def _try(client: httpx.AsyncClient, form: Any) -> tuple[int, str]:
    page = await client.get("/sign-in")
    token = re.search(r'name="_csrf_token" value="([^"]+)"', page.text)
    assert token
    answered = await client.post("/sign-in", data={"_csrf_token": token[1], **form})
    return answered.status_code, OWN.sub("", answered.text)


def test_signing_in_wrongly_looks_the_same_for_everyone(arena: Arena) -> None:
    with arena.database.system() as session:
        session.execute(
            "UPDATE account SET disabled = true WHERE id = %s", (arena.world.ids["sync"],)
        )
    tries: list[dict[str, Any]] = [
        {"email": "user@people.example", "password": "wrong"},
        {"email": "nobody@people.example", "password": "wrong"},
        {"email": "sync@people.example", "password": "Correct-horse-1"},
        {"email": "user2@people.example", "password": ""},
        {"email": "publisher@people.example", "password": "x" * 100_000},
        {"email": "", "password": ""},
        {"email": ["a@b.example", "c@d.example"], "password": ["x", "y"]},
        {"email[]": "user@people.example", "password[]": "Correct-horse-1"},
        {"email": "user@people.example\x00", "password": "Correct\x00-horse-1"},
    ]

    async def surf() -> None:
        seen = set()
        for form in tries:
            async with visitor(arena) as client:
                seen.add(await _try(client, form))
                assert "brug" not in client.cookies
        assert len(seen) == 1, seen

    outcome_of(surf())


LEADS_AWAY = (
    "https://attacker.example", "//attacker.example", "/\\attacker.example", "\\\\attacker.example",
    "/\t/attacker.example", "/%09/attacker.example/../..", "javascript:alert(1)", "/\r\nX: y",
    "///attacker.example", " //attacker.example", "http:attacker.example", "/./\\attacker.example",
)  # fmt: skip


def test_signing_in_leads_nowhere_else(arena: Arena) -> None:
    async def surf() -> None:
        for target in LEADS_AWAY:
            async with visitor(arena) as client:
                page = await client.get("/sign-in", params={"next": target})
                token = re.search(r'name="_csrf_token" value="([^"]+)"', page.text)
                assert token
                form = {
                    "_csrf_token": token[1], "next": target,
                    "email": "user@people.example", "password": "Correct-horse-1",
                }  # fmt: skip
                answered = await client.post("/sign-in", data=form)
                place = httpx.URL("http://node.example/").join(answered.headers["location"])
                assert place.host == "node.example", (target, answered.headers["location"])
                assert "\n" not in answered.headers["location"]

    outcome_of(surf())


def test_a_form_without_the_sessions_token_changes_nothing(arena: Arena) -> None:
    cookie = signed_in(arena, "orgadmin")
    before = arena.rows()
    sent: list[dict[str, str]] = [
        {}, {"x-csrftoken": ""}, {"x-csrftoken": "x" * 43}, {"origin": "https://attacker.example"},
        {"sec-fetch-site": "cross-site"}, {"origin": "null"}, {"cookie": f"brug={cookie}; brug=x"},
    ]  # fmt: skip
    written = [page for page in TABLE if "POST" in page.methods]

    async def surf() -> None:
        for headers in sent:
            async with visitor(arena, headers=headers) as client:
                client.cookies["brug"] = cookie
                for page in written if headers == sent[0] else share(written, str(headers), 3):
                    path = re.sub(r"\{[^}]+\}", str(arena.ids[OURS]["event"][0]), page.path)
                    answered = await client.post(path, data={"name": "x"})
                    assert answered.status_code in {303, 403, 404}, (path, answered.status_code)

    outcome_of(surf())
    after = {k: r for k, r in arena.rows().items() if k[0] != "web_session"}
    assert after == {k: r for k, r in before.items() if k[0] != "web_session"}
