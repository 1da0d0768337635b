# SPDX-License-Identifier: EUPL-1.2
"""Signing in and out, and whose forms are taken."""

from __future__ import annotations

import time

import httpx
import pytest
from tests.listening import NO_TLS
from tests.web.node import PASSWORD, Node, post, sign_in, token_in

from brug.directory import account_changes
from brug.store import settings


def test_whoever_has_not_signed_in_is_led_to_sign_in_and_back(node: Node) -> None:
    with node.browser() as client:
        led = client.get("/intelligence/events?text=a%20b")
        assert led.status_code == 303
        assert led.headers["location"] == "/sign-in?next=%2Fintelligence%2Fevents%3Ftext%3Da%2520b"
        for page, back in (
            ("/cases/new?kind=incident", "?next=%2Fcases%2Fnew%3Fkind%3Dincident"),
            ("//evil.example", ""), ("", ""),
        ):  # fmt: skip
            sent = client.post("/cases/new", headers={"Referer": f"{node.url}{page}"})
            assert sent.headers["location"] == f"/sign-in{back}"
        broken = client.post("/cases/new", headers={"Referer": "http://[no"})
        assert broken.headers["location"] == "/sign-in"
        asked = client.get(led.headers["location"])
        form = {"email": node.email("analyst"), "password": PASSWORD,
                "_csrf_token": token_in(asked.text), "next": "/intelligence/events"}  # fmt: skip
        assert client.post("/sign-in", data=form).headers["location"] == "/intelligence/events"


@pytest.mark.parametrize("target", ["//evil.example", "/\\evil.example", "https://evil.example",
                                    "javascript:alert(1)", "/x\r\nSet-Cookie: a=b"])  # fmt: skip
def test_after_signing_in_nobody_is_led_elsewhere(node: Node, target: str) -> None:
    with node.browser() as client:
        token = token_in(client.get("/sign-in").text)
        form = {"email": node.email("analyst"), "password": PASSWORD, "_csrf_token": token}
        assert client.post("/sign-in", data=form | {"next": target}).headers["location"] == "/"


def test_the_cookie_is_for_this_host_and_not_for_scripts(node: Node) -> None:
    with node.browser() as client:
        given = sign_in(client, node.email("analyst")).headers.get_list("set-cookie")
    session = next(c for c in given if c.startswith("brug=")).lower()
    assert "httponly" in session
    assert "samesite=lax" in session
    assert "path=/" in session
    assert "domain" not in session
    assert "secure" not in session


def test_behind_a_trusted_proxy_the_cookie_is_for_https_alone(node: Node) -> None:
    with node.database.system() as session:
        settings.set_value(session, "web.trusted_proxies", ["127.0.0.1"])
    until_known = {"X-Forwarded-Proto": "https"}
    with httpx.Client(
        base_url=node.url, headers=until_known, trust_env=False, verify=NO_TLS
    ) as client:
        answered = client.get("/sign-in")
        until = time.monotonic() + 30
        while "strict-transport-security" not in answered.headers and time.monotonic() < until:
            answered = client.get("/sign-in")
    given = answered.headers.get_list("set-cookie")
    assert any(c.startswith("__Host-brug-form=") and "Secure" in c for c in given)
    with node.database.system() as session:
        settings.set_value(session, "web.trusted_proxies", [])


def test_a_wrong_password_and_an_absent_account_look_the_same(node: Node) -> None:
    with node.browser() as client:
        wrong = sign_in(client, node.email("reader"), "not the password")
        absent = sign_in(client, "nobody@people.example", "not the password")
    assert wrong.status_code == absent.status_code == 403
    hide = [("reader@people.example", "X"), ("nobody@people.example", "X")]
    texts = [answered.text for answered in (wrong, absent)]
    for old, new in hide:
        texts = [text.replace(old, new) for text in texts]
    assert texts[0] == texts[1]
    assert "not the password" not in wrong.text


def test_too_many_wrong_passwords_make_the_right_one_wait(node: Node) -> None:
    with node.browser() as client:
        for _ in range(5):
            assert sign_in(client, node.email("publisher"), "wrong").status_code == 403
        waiting = sign_in(client, node.email("publisher"))
    assert waiting.status_code == 429
    assert "Too many attempts" in waiting.text
    with node.database.system() as session:
        session.execute("DELETE FROM sign_in_failure")


def test_signing_out_ends_the_session_on_the_server(node: Node) -> None:
    with node.browser("analyst") as client:
        cookie = client.cookies["brug"]
        assert post(client, "/sign-out", {}).headers["location"] == "/sign-in"
        client.cookies.set("brug", cookie)
        assert client.get("/account").status_code == 303


def test_a_form_without_the_sessions_token_changes_nothing(node: Node) -> None:
    with node.browser("analyst") as client:
        for form in ({}, {"_csrf_token": "x"}, {"_csrf_token": "é" * 43}):
            refused = client.post("/preferences", data=form | {"language": "nl"})
            assert refused.status_code == 403
        assert '<html lang="en"' in client.get("/account").text


def test_another_persons_token_is_not_taken(node: Node) -> None:
    with node.browser("analyst") as mine, node.browser("police") as other:
        token = token_in(other.get("/account").text)
        refused = mine.post("/preferences", data={"language": "nl", "_csrf_token": token})
    assert refused.status_code == 403


@pytest.mark.parametrize(
    "headers",
    [{"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"},
     {"Sec-Fetch-Site": "same-site"}],
)  # fmt: skip
def test_a_form_from_another_site_is_refused(node: Node, headers: dict[str, str]) -> None:
    with node.browser("analyst") as client:
        token = token_in(client.get("/account").text)
        form = {"language": "nl", "_csrf_token": token}
        assert client.post("/preferences", data=form, headers=headers).status_code == 403


def test_reading_changes_nothing_and_posts_need_post(node: Node) -> None:
    with node.browser("lead") as client:
        for path in ("/sign-out", "/preferences?language=nl"):
            assert client.get(path).status_code == 405
        event = node.events["open"]
        client.get(f"/intelligence/events/{event}/delete")
        client.get(f"/intelligence/events/{event}/unpublish")
        assert "Published" in client.get(f"/intelligence/events/{event}").text


def test_a_password_that_was_made_must_be_changed_before_anything_else(node: Node) -> None:
    with node.database.system() as session:
        given = {"email": "new@people.example", "org_id": node.orgs["Bank ISAC"], "role_id": 3}
        made = account_changes.add(session, given)
    assert made.password is not None
    with node.browser() as client:
        sign_in(client, "new@people.example", made.password)
        assert client.get("/intelligence/events").headers["location"] == "/account/password"
        form = {"current": made.password, "password": "Long enough words 1", "again": "other"}
        assert post(client, "/account/password", form, "/account/password").status_code == 400
        form["again"] = form["password"]
        changed = post(client, "/account/password", form, "/account/password")
        assert changed.headers["location"] == "/account"
        assert client.get("/intelligence/events").status_code == 200


def test_a_new_password_ends_the_other_browsers_of_the_account(node: Node) -> None:
    with node.browser("police") as one, node.browser("police") as other:
        words = {"password": "Another long password 2", "again": "Another long password 2"}
        post(one, "/account/password", words | {"current": PASSWORD}, "/account/password")
        assert one.get("/account").status_code == 200
        assert other.get("/account").status_code == 303
    with node.database.system() as session:
        account_changes.edit(session, node.ids["police"], {"password": PASSWORD})


def test_someone_who_has_not_signed_in_chooses_language_and_theme(node: Node) -> None:
    with node.browser(**{"Accept-Language": "fr, nl;q=0.8, en;q=0.5"}) as client:
        page = client.get("/sign-in").text
        assert '<html lang="nl"' in page
        assert "Inloggen" in page
        form = {"language": "en", "_csrf_token": token_in(page)}
        client.post("/preferences", data=form)
        form = {"theme": "dark", "_csrf_token": token_in(page)}
        client.post("/preferences", data=form)
        assert '<html lang="en" data-theme="dark"' in client.get("/sign-in").text
