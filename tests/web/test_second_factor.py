# SPDX-License-Identifier: EUPL-1.2
"""One-time codes, through the pages: setting up, signing in, and what must not work."""

from __future__ import annotations

import base64
import re
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from tests.conftest import copied
from tests.listening import NO_TLS, free_port, listening
from tests.web.node import Node, post, sign_in, token_in

from brug.store import settings
from brug.store.sealing import VARIABLE
from brug.store.server import EmbeddedServer
from brug.store.session import Database

PAGE = "/account/one-time-codes"


@pytest.fixture
def node(
    embedded: EmbeddedServer, template: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Node]:
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    with (
        copied(embedded, template) as dsn,
        Database(dsn, size=3, keys=tmp_path) as database,
        listening(dsn, free_port()) as url,
    ):
        yield Node(database, url)


def code(secret: str, steps: int = 1) -> str:
    """The code of a step ahead of now, which holds also once the next step has begun."""
    totp = TOTP(base64.b32decode(secret), 6, hashes.SHA1(), 30)  # noqa: S303
    return totp.generate(int(time.time()) + 30 * steps).decode()


def set_up(client: httpx.Client) -> tuple[str, list[str]]:
    """The secret and the codes on paper."""
    post(client, PAGE + "/begin", {}, page=PAGE)
    page = client.get(PAGE).text
    found = re.search(r'class="secret">([A-Z2-7]{32})<', page)
    assert found
    assert client.get(PAGE + "/qr.svg").headers["content-type"].startswith("image/svg+xml")
    done = post(client, PAGE + "/confirm", {"code": code(found[1], 0)}, page=PAGE)
    assert done.status_code == 200, done.text
    return found[1], re.findall(r'class="secret">([a-z0-9-]{14})<', done.text)


def give(client: httpx.Client, given: str) -> httpx.Response:
    token = token_in(client.get("/sign-in/code").text)
    return client.post("/sign-in/code", data={"code": given, "_csrf_token": token})


def is_in(client: httpx.Client) -> bool:
    return client.get("/account").status_code == 200


def test_a_password_alone_lets_nobody_in_and_a_code_counts_once(node: Node) -> None:
    with node.browser("analyst") as client:
        secret, paper = set_up(client)
    assert len(set(paper)) == 10
    now = code(secret)
    with node.browser() as client:
        asked = sign_in(client, node.email("analyst"))
        assert asked.headers["location"].startswith("/sign-in/code")
        assert not is_in(client)
        assert give(client, "000000").status_code == 403
        assert give(client, now).status_code == 303
        assert is_in(client)
    with node.browser() as client:
        sign_in(client, node.email("analyst"))
        assert give(client, now).status_code == 403
        assert give(client, paper[0].upper().replace("-", " ")).status_code == 303
    with node.browser() as client:
        sign_in(client, node.email("analyst"))
        assert give(client, paper[0]).status_code == 403


def test_an_administrator_sees_that_there_is_one_and_takes_it_away_from_who_lost_it(
    node: Node,
) -> None:
    with node.browser("analyst") as client:
        set_up(client)

    def is_set(who: str) -> list[str]:
        headers = {"Authorization": node.api_key, "Accept": "application/json"}
        with httpx.Client(
            base_url=node.url, headers=headers, trust_env=False, verify=NO_TLS
        ) as client:
            paths = ("/users/view/", "/admin/users/view/")
            answers = [client.get(f"{path}{node.ids[who]}").json() for path in paths]
        return [answer["User"]["totp_is_set"] for answer in answers]

    assert (is_set("analyst"), is_set("publisher")) == (["1", "1"], ["0", "0"])
    page = f"/administration/users/{node.ids['analyst']}"
    with node.browser("publisher") as client:
        assert post(client, page + "/forget-codes", {}).status_code == 403
    with node.browser("lead") as client:
        assert "forget-codes" not in client.get(f"/administration/users/{node.ids['reader']}").text
        assert page + "/forget-codes" in client.get(page).text
        gone = post(client, page + "/forget-codes", {})
        assert gone.headers["location"] == page
        assert "forget-codes" not in client.get(page).text
    assert is_set("analyst") == ["0", "0"]
    with node.browser() as client:
        assert sign_in(client, node.email("analyst")).headers["location"] == "/"


def test_codes_can_not_be_tried_without_end_nor_by_signing_in_again(node: Node) -> None:
    with node.browser("analyst") as client:
        secret, _paper = set_up(client)
    said = []
    for _ in range(2):
        with node.browser() as client:
            sign_in(client, node.email("analyst"))
            said += [give(client, "123456").status_code for _ in range(4)]
    assert said[:5] == [403] * 5
    assert said[5:] == [429] * 3
    with node.browser() as client:
        sign_in(client, node.email("analyst"))
        assert give(client, code(secret)).status_code == 429


def test_one_code_in_many_browsers_at_once_opens_one(node: Node) -> None:
    with node.database.system() as session:
        settings.set_value(session, "security.sign_in_attempts", 50)
    with node.browser("analyst") as client:
        secret, _paper = set_up(client)
    clients = [httpx.Client(base_url=node.url, trust_env=False, verify=NO_TLS) for _ in range(4)]
    for client in clients:
        sign_in(client, node.email("analyst"))
    now = code(secret)
    with ThreadPoolExecutor(4) as pool:
        codes = list(pool.map(lambda one: give(one, now).status_code, clients))
    for client in clients:
        client.close()
    assert sorted(codes) == [303, 403, 403, 403]


def test_a_role_that_must_have_one_sees_nothing_else_before_it_is_set_up(node: Node) -> None:
    with node.database.system() as session:
        settings.set_value(session, "security.otp_roles", "3")
    with node.browser("analyst") as client:
        assert client.get("/").headers["location"] == PAGE
        set_up(client)
        assert client.get("/").status_code == 200
    with node.browser("publisher") as client:
        assert client.get("/").status_code == 200


def test_a_secret_stands_sealed_and_is_taken_away_with_a_code_or_by_an_administrator(
    node: Node,
) -> None:
    with node.browser("analyst") as client:
        secret, paper = set_up(client)
        with node.database.system() as session:
            stored = bytes(session.value("SELECT secret FROM account_otp"))
        assert secret.encode() not in stored
        assert post(client, PAGE + "/remove", {"code": "000000"}, page=PAGE).status_code == 400
        assert post(client, PAGE + "/remove", {"code": paper[1]}, page=PAGE).status_code == 303
        set_up(client)
    keyed = {"Authorization": node.api_key, "Accept": "application/json"}
    gone = httpx.post(
        f"{node.url}/users/totp_delete/{node.ids['analyst']}",
        headers=keyed,
        trust_env=False,
        verify=NO_TLS,
    )
    assert gone.status_code == 200
    with node.browser("analyst") as client:
        assert is_in(client)
