# SPDX-License-Identifier: EUPL-1.2
"""How a partner or a server is reached, on their pages: keys go in and never come out."""

from __future__ import annotations

from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from tests.bridges.stranger import Stranger
from tests.certified import Authority, key_text
from tests.web.node import Node, post

from brug.directory import routes
from brug.directory.routes import Holder, Kept

AUTHORITY = Authority()
OURS = AUTHORITY.client("Noordland")
OTHER = ec.generate_private_key(ec.SECP256R1())
SERVER = {"url": "https://misp.example", "remote_org_id": "1", "authkey": "q" * 40}


class Page:
    """A form of one kind of partner: where it is, and what it needs to be saved."""

    def __init__(
        self, shows: str, saves: str, form: dict[str, Any], kept: Callable[[], Kept]
    ) -> None:
        self.shows, self.saves, self.form, self.kept = shows, saves, form, kept
        self.facts = shows if "/bridges/" in shows else f"{shows}/work"


@pytest.fixture(params=["bridge", "server"])
def page(node: Node, request: pytest.FixtureRequest) -> Page:
    if request.param == "bridge":
        with node.database.system() as session:
            name = f"Oost {Stranger().node[:6]}"
            bridge, _ = Stranger(name).connected(session, name)
        holder = Holder("channel", bridge.id)
        shows = f"/bridges/partners/{bridge.id}"
        form = {"name": bridge.partner, "relation": "community", "url": bridge.url}
        saves = f"{shows}/edit"
    else:
        form = {"name": "CSIRT Zuid"} | SERVER
        with node.browser("admin") as client:
            made = post(client, "/administration/servers/new", form)
            saves = shows = made.headers["location"]
        holder = Holder("server", int(shows.rpartition("/")[2]))

    def kept() -> Kept:
        with node.database.system() as session:
            return routes.kept(session, holder)

    return Page(shows, saves, form, kept)


def test_what_is_set_is_shown_and_the_secrets_are_not(node: Node, page: Page) -> None:
    way = {
        "proxy": "http://noord:kept-close@proxy.example:3128", "ca_pem": AUTHORITY.pem,
        "certificate": OURS.certificate.replace("\n", "\r\n"), "key": OURS.key,
    }  # fmt: skip
    with node.browser("admin") as client:
        assert post(client, page.saves, page.form | way, page.shows).status_code == 303
        kept = page.kept()
        assert (kept.certificate, kept.has_password) == (OURS.certificate, True)
        for address in {page.shows, page.facts}:
            shown = unescape(client.get(address).text)
            assert "http://noord@proxy.example:3128" in shown, address
            assert "kept-close" not in shown
            assert "PRIVATE KEY" not in shown
        facts = unescape(client.get(page.facts).text)
        assert "CN=Noordland" in facts
        assert "CN=Private authority" in facts
        # Saved again as it stands there: nothing is lost.
        again = way | {"proxy": kept.proxy, "key": ""}
        assert post(client, page.saves, page.form | again, page.shows).status_code == 303
        assert page.kept().has_password
        assert page.kept().certificate == OURS.certificate
        gone = {"proxy": "", "ca_pem": "", "certificate": "", "skip_proxy": "1"}
        assert post(client, page.saves, page.form | gone, page.shows).status_code == 303
        assert page.kept() == Kept(skip_proxy=True)


def test_what_does_not_fit_marks_its_field_and_shows_no_secret(node: Node, page: Page) -> None:
    pair = {"certificate": OURS.certificate, "key": OURS.key}
    with node.browser("admin") as client:
        for given, field, said in (
            ({"certificate": "rubbish"}, "certificate", "Give a certificate in PEM."),
            ({"certificate": OURS.certificate}, "key", "Give the private key of this certificate."),
            ({"key": OURS.key}, "certificate", "Give the certificate of this key."),
            (pair | {"key": key_text(OTHER)}, "key", "This key is not the one of the certificate."),
            (pair | {"key": key_text(OTHER, b"word")}, "key", "This key has a password."),
            (pair | {"key": "rubbish"}, "key", "Give a private key in PEM"),
            ({"certificate": OURS.key}, "certificate", "Give the certificate of this key."),
            ({"ca_pem": key_text(OTHER)}, "ca_pem", "this holds a private key"),
            ({"proxy": "socks5://u:kept-close@proxy.example"}, "proxy", "begins with http:// or"),
        ):
            refused = post(client, page.saves, page.form | given, page.shows)
            text = unescape(refused.text)
            assert (refused.status_code, f'id="f-{field}-error"' in text) == (400, True), field
            assert said in text
            assert "PRIVATE KEY" not in text
            assert "kept-close" not in text
        assert page.kept() == Kept()


def test_a_certificate_that_will_not_do_is_saved_with_a_warning(node: Node, page: Page) -> None:
    old = AUTHORITY.client("Old", days=0.5)
    way = {"certificate": old.certificate, "key": old.key}
    with node.browser("admin") as client:
        saved = post(client, page.saves, page.form | way, page.shows)
        assert "The certificate has expired" in client.get(saved.headers["location"]).text
        assert "Expired" in client.get(page.facts).text


def test_an_invitation_is_accepted_in_the_way_that_the_form_says(node: Node) -> None:
    given = {"invitation": "https://oost.example/native/v1/invitations#token", "partner": "Kept"}
    with node.browser("admin") as client:
        for way, field in (
            ({"certificate": "rubbish"}, "certificate"), ({"proxy": "gopher://x"}, "proxy"),
            ({"proxy": "http://127.0.0.1:9"}, "invitation"),
        ):  # fmt: skip
            refused = post(client, "/bridges/accept", given | way, "/bridges/accept")
            assert (refused.status_code, f'id="f-{field}-error"' in refused.text) == (400, True)
            assert 'value="Kept"' in refused.text
        assert "through the proxy http://127.0.0.1:9" in unescape(refused.text)
