# SPDX-License-Identifier: EUPL-1.2
"""Signing in through an OpenID provider, with a real one, and with everything that lies."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import httpx
import pytest
from joserfc.jwk import RSAKey
from tests.conftest import copied
from tests.listening import free_port, listening
from tests.proxying import proxy
from tests.web.node import Node, post, sign_in, token_in
from tests.web.provider import CLIENT, SECRET, Provider, provider, query_of

from brug.directory import oidc
from brug.store import settings
from brug.store.sealing import VARIABLE
from brug.store.server import EmbeddedServer
from brug.store.session import Database


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("keys")
        patch.setenv(VARIABLE, str(folder))
        yield folder


@pytest.fixture(scope="module")
def node(embedded: EmbeddedServer, template: str, keys: Path) -> Iterator[Node]:
    with (
        copied(embedded, template) as dsn,
        Database(dsn, size=3, keys=keys) as database,
        listening(dsn, free_port()) as url,
    ):
        yield Node(database, url)


@pytest.fixture
def there(node: Node) -> Iterator[Provider]:
    with provider() as one:
        put(
            node, oidc_issuer=one.url, oidc_client_id=CLIENT, oidc_client_secret=SECRET,
            oidc_groups="analysts=User:Bank%20ISAC,leads=Org%20Admin:Bank%20ISAC",
            oidc_label="Noordland accounts",
        )  # fmt: skip
        yield one
        with node.database.system() as session:
            session.execute("DELETE FROM account WHERE issuer IS NOT NULL")


def put(node: Node, **values: Any) -> None:
    with node.database.system() as session:
        for name, value in values.items():
            settings.set_value(session, f"sign_in.{name}", value)


def out(client: httpx.Client) -> str:
    """Where the node sends a browser."""
    page = client.get("/sign-in").text
    assert "Noordland accounts" in page
    form = {"_csrf_token": token_in(page), "next": "/account"}
    sent = client.post("/sign-in/openid", data=form)
    assert sent.status_code == 200, sent.text
    found = re.search(r'href="(http[^"]+/authorize[^"]+)"', sent.text)
    assert found
    target = unescape(found[1])
    assert sent.headers["refresh"] == f"0; url={target}"
    return target


def come_back(client: httpx.Client, there: Provider) -> httpx.Response:
    return client.get(there.answer_for(query_of(out(client))))


def is_in(client: httpx.Client) -> bool:
    return client.get("/account").status_code == 200


def test_a_person_comes_in_with_the_role_and_organisation_of_the_group(
    node: Node, there: Provider
) -> None:
    with node.browser() as client:
        back = come_back(client, there)
        assert (back.status_code, back.headers["location"]) == (303, "/account")
        assert "Bank ISAC" in client.get("/account").text
    with node.database.system() as session:
        row = session.one("SELECT role_id, issuer, subject FROM account WHERE subject = 'p-1'")
    assert row == (3, there.url, "p-1")


def test_the_provider_is_asked_through_the_nodes_proxy(node: Node, there: Provider) -> None:
    with proxy() as forward:
        with node.database.system() as session:
            settings.set_value(session, "outgoing.proxy_host", "127.0.0.1")
            settings.set_value(session, "outgoing.proxy_port", forward.port)
        with node.browser() as client:
            come_back(client, there)
            assert is_in(client)
        with node.database.system() as session:
            settings.set_value(session, "outgoing.proxy_host", "")
    asked = [one.partition("?")[0] for one in forward.asked]
    assert asked[0] == f"GET {there.url}/.well-known/openid-configuration"
    assert f"POST {there.url}/token" in asked


def test_other_groups_give_another_role_at_the_next_sign_in(node: Node, there: Provider) -> None:
    for group in ("analysts", "leads"):
        there.person["groups"] = [group]
        with node.browser() as client:
            come_back(client, there)
            assert is_in(client)
    with node.database.system() as session:
        assert session.value("SELECT role_id FROM account WHERE subject = 'p-1'") == 2


def test_who_is_in_no_group_of_the_table_does_not_get_in(node: Node, there: Provider) -> None:
    there.person["groups"] = ["visitors"]
    with node.browser() as client:
        assert come_back(client, there).headers["location"] == "/sign-in"
        assert not is_in(client)


@pytest.mark.parametrize("verified", [True, False])
def test_an_address_never_links_an_account(node: Node, there: Provider, verified: bool) -> None:
    there.person |= {"email": node.email("lead"), "email_verified": verified}
    with node.browser() as client:
        come_back(client, there)
        assert not is_in(client)


def test_an_account_linked_by_a_site_admin_is_found_by_its_subject(
    node: Node, there: Provider
) -> None:
    there.person |= {"sub": "p-lead", "email": "elsewhere@people.example", "groups": ["leads"]}
    with node.database.system() as session:
        oidc.link(session, node.ids["lead"], "p-lead")
    with node.browser() as client:
        come_back(client, there)
        assert node.email("lead") in client.get("/account").text
    with node.database.system() as session:
        oidc.link(session, node.ids["lead"], "")


LIES: dict[str, Any] = {
    "issuer": lambda c: c.update(iss="http://127.0.0.1:1"),
    "audience": lambda c: c.update(aud="another"),
    "two audiences": lambda c: c.update(aud=[CLIENT, "another"]),
    "another party": lambda c: c.update(azp="another"),
    "nonce": lambda c: c.update(nonce="another"),
    "no nonce": lambda c: c.pop("nonce"),
    "over": lambda c: c.update(exp=c["iat"] - 3600),
    "nobody": lambda c: c.update(sub=""),
}


@pytest.mark.parametrize("lie", LIES)
def test_a_token_that_does_not_hold_lets_nobody_in(node: Node, there: Provider, lie: str) -> None:
    there.spoil = LIES[lie]
    with node.browser() as client:
        assert come_back(client, there).headers["location"] == "/sign-in"
        assert not is_in(client)


def test_a_token_signed_by_another_key_lets_nobody_in(node: Node, there: Provider) -> None:
    there.signing = RSAKey.generate_key(2048, {"kid": "one", "use": "sig", "alg": "RS256"})
    with node.browser() as client:
        come_back(client, there)
        assert not is_in(client)


def test_a_provider_that_calls_itself_otherwise_is_not_believed(
    node: Node, there: Provider
) -> None:
    there.issuer = "https://another.example"
    with node.browser() as client:
        token = token_in(client.get("/sign-in").text)
        assert client.post("/sign-in/openid", data={"_csrf_token": token}).status_code == 503


def test_a_return_in_another_browser_or_twice_or_with_another_state_is_refused(
    node: Node, there: Provider
) -> None:
    with node.browser() as victim, node.browser() as attacker:
        address = there.answer_for(query_of(out(attacker)))
        assert victim.get(address).headers["location"] == "/sign-in"
        assert not is_in(victim)
        forged = re.sub(r"state=[^&]+", "state=" + "x" * 43, address)
        attacker.get(forged)
        assert not is_in(attacker)
        attacker.get(address)
        assert not is_in(attacker)


def test_the_session_is_a_new_one_and_the_old_one_ends(node: Node, there: Provider) -> None:
    with node.browser("analyst") as client:
        before = client.cookies["brug"]
        # Signed in already: the page to sign in leads on, so the form is sent as it stands.
        post(client, "/sign-in/openid", {}, page="/account")
        with node.database.system() as session:
            flow = session.one("SELECT state, nonce FROM oidc_flow ORDER BY expires DESC LIMIT 1")
        assert flow is not None
        with node.browser() as fresh:
            come_back(fresh, there)
            assert fresh.cookies["brug"] != before
            assert is_in(fresh)


def test_without_passwords_only_the_break_glass_account_has_one(
    node: Node, there: Provider
) -> None:
    put(node, passwords=False, break_glass=node.ids["admin"])
    try:
        with node.browser() as client:
            assert sign_in(client, node.email("analyst")).status_code == 403
            assert sign_in(client, node.email("admin")).status_code == 303
    finally:
        put(node, passwords=True, break_glass=0)
