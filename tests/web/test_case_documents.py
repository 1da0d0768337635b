# SPDX-License-Identifier: EUPL-1.2
"""Documents on the page of a case: attached by a form, fetched to keep, taken back."""

from __future__ import annotations

import hashlib
from typing import Any

import httpx
import pytest
from tests.web import casework
from tests.web.casework import join, opened, seen, send, text_of
from tests.web.node import Node, token_in

from brug.cases import documents
from brug.store import settings


@pytest.fixture(scope="module")
def node(node: Node) -> Node:
    casework.hire(node)
    return node


def attach(
    client: httpx.Client, number: str, content: bytes, name: str = "log.txt", **fields: Any
) -> httpx.Response:
    """The form of the page, filled in, with what its hidden fields carry."""
    place = f"/cases/{number}"
    data = {"form": "attached", "_csrf_token": token_in(client.get(place).text), **fields}
    files = {"file": (name, content, "text/html")}
    return client.post(f"{place}/acts/attached", data=data, files=files)


def test_what_is_attached_is_listed_and_fetched_to_keep(node: Node) -> None:
    number = opened(node)
    html = b"<script>alert(1)</script>"
    with node.browser("handler") as client:
        assert attach(client, number, html, "C:\\pages\\page.html").is_redirect
        page = client.get(f"/cases/{number}")
        assert hashlib.sha256(html).hexdigest() in page.text
        assert "alert(1)" not in page.text
        (one,) = documents.shown(seen(node, number))
        assert one.act.name == "page.html"
        got = client.get(f"/cases/{number}/documents/{one.act.document}")
    assert got.content == html
    assert got.headers["content-type"] == "application/octet-stream"
    assert got.headers["content-disposition"].startswith('attachment; filename="page.html"')
    assert got.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in got.headers["content-security-policy"]


def test_of_a_plain_text_the_beginning_is_shown_as_characters(node: Node) -> None:
    number = opened(node)
    text = "<script>alert(1)</script>\u202egpj.exe\n" + "größer " * 20_000
    with node.browser("handler") as client:
        attach(client, number, text.encode(), "notes.txt")
        attach(client, number, b"\x89PNG\r\n\x1a\n" + bytes(50), "picture.png")
        picture, notes = sorted(documents.shown(seen(node, number)), key=lambda one: one.act.size)
        page = client.get(f"/cases/{number}")
        assert page.text.count("/beginning") == 1
        place = f"/cases/{number}/documents"
        got = client.get(f"{place}/{notes.act.document}/beginning")
        assert client.get(f"{place}/{picture.act.document}/beginning").status_code == 404
    assert got.headers["content-type"].startswith("text/html")
    assert "&lt;script&gt;alert(1)&lt;/script&gt;\ufffdgpj.exe" in got.text
    assert "<script>alert" not in got.text
    assert 7_000 < got.text.count("größer") < 7_300  # of 64 KiB
    with node.browser("officer") as client:
        assert client.get(f"{place}/{notes.act.document}/beginning").status_code == 404


def test_who_takes_no_part_gets_nothing(node: Node) -> None:
    number, other = opened(node), opened(node)
    with node.browser("handler") as client:
        attach(client, number, b"the log")
        (one,) = documents.shown(seen(node, number))
        assert client.get(f"/cases/{other}/documents/{one.act.document}").status_code == 404
    place = f"/cases/{number}/documents/{one.act.document}"
    with node.browser("officer") as client:
        assert client.get(place).status_code == 404
    join(node, number, "Zuidmark Police", "entity")
    with node.browser("officer") as client:
        assert client.get(place).content == b"the log"


def test_a_document_for_some_is_for_them(node: Node) -> None:
    number = opened(node)
    part = join(node, number, "Zuidmark Police", "entity")
    with node.browser("handler") as client:
        assert attach(client, number, b"for the police", to=part).is_redirect
        assert "Only for Zuidmark Police" in text_of(client.get(f"/cases/{number}"))
    (one,) = documents.shown(seen(node, number, "officer"))
    assert one.to == (part,)


def test_malware_is_boxed(node: Node) -> None:
    number = opened(node)
    with node.browser("handler") as client:
        assert attach(client, number, b"MZ evil", "evil.exe", is_malware="1").is_redirect
        (one,) = documents.shown(seen(node, number))
        got = client.get(f"/cases/{number}/documents/{one.act.document}")
        assert "Malware, boxed" in text_of(client.get(f"/cases/{number}"))
    assert got.content.startswith(b"PK")
    assert b"MZ evil" not in got.content


def test_a_document_is_taken_back(node: Node) -> None:
    number = opened(node)
    with node.browser("handler") as client:
        attach(client, number, b"wrong one")
        (one,) = documents.shown(seen(node, number))
        assert send(client, number, "detached", document=one.act.document).is_redirect
        got = client.get(f"/cases/{number}/documents/{one.act.document}")
        assert got.status_code == 409
        assert b"wrong one" not in got.content
        assert "No documents." in text_of(client.get(f"/cases/{number}"))
        again = send(client, number, "detached", document=one.act.document)
        assert again.status_code == 409


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"called": "../x"}, "Give a name of visible characters"),
        ({"to": "nobody"}, "Choose those whom it is for"),
    ],
)
def test_what_does_not_fit_is_said_at_its_field(
    node: Node, fields: dict[str, str], said: str
) -> None:
    number = opened(node)
    with node.browser("handler") as client:
        got = attach(client, number, b"x", **fields)
    assert got.status_code == 400
    assert said in text_of(got)
    assert documents.shown(seen(node, number)) == []


def test_a_form_without_a_file_and_one_that_is_too_large_are_refused(node: Node) -> None:
    number = opened(node)
    with node.browser("handler") as client:
        got = send(client, number, "attached")
        assert got.status_code == 400
        assert "Choose one file." in text_of(got)
        with node.database.system() as session:
            settings.set_value(session, documents.LIMIT, 1024)
        try:
            got = attach(client, number, bytes(1025))
        finally:
            with node.database.system() as session:
                settings.set_value(session, documents.LIMIT, 50 * 2**20)
    assert got.status_code == 413
    assert documents.shown(seen(node, number)) == []
