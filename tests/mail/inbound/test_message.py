# SPDX-License-Identifier: EUPL-1.2
"""Mail taken apart: text, files and their names, what is dropped; whatever comes in."""

from __future__ import annotations

from email.message import EmailMessage

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from brug.cases import forms
from brug.formats import openpgp_signing
from brug.mail.inbound import addressing, judging, message
from brug.mail.inbound.message import Part, Unreadable

TOKEN = "0123456789abcdef0123456789abcdef"


def plain(text: str = "Stopped", **headers: str) -> EmailMessage:
    made = EmailMessage()
    made["From"], made["To"] = "vera@maker.example", "node@csirt.example"
    for name, value in headers.items():
        made[name.replace("_", "-")] = value
    made.set_content(text)
    return made


def test_of_two_versions_the_plain_one_is_kept_and_the_other_told() -> None:
    made = plain("plain")
    made.add_alternative("<p>rich</p><img src=x>", subtype="html")
    read = message.read(made.as_bytes())
    assert (read.text, read.dropped, read.is_html_only) == ("plain", ["the HTML version"], False)


def test_of_html_alone_the_text_is_taken_and_nothing_of_its_scripts() -> None:
    made = EmailMessage()
    made["From"] = "vera@maker.example"
    made.set_content(
        "<style>p{}</style><p>A &lt;b&gt;</p><script>alert(1)</script><a href='x'>here</a>", "html"
    )
    read = message.read(made.as_bytes())
    assert read.text.split() == ["A", "<b>", "here"]
    assert read.dropped == ["HTML, 1 a, 1 script, 1 style"]
    assert read.is_html_only


def test_an_enclosed_mail_is_a_file_and_its_token_does_not_count() -> None:
    inner = plain("inner", Subject=f"[ref {TOKEN}]")
    outer = plain("outer")
    outer.add_attachment(inner)
    read = message.read(outer.as_bytes())
    assert [one.type for one in read.parts] == ["message/rfc822"]
    assert addressing.tokens(read.recipients, read.references, read.subject) == []


@pytest.mark.parametrize(
    ("recipients", "references", "subject"),
    [
        ([f"cases+{TOKEN}@csirt.example"], [], ""),
        ([f"CASES+{TOKEN.upper()}@csirt.example"], [], ""),
        ([], [f"<a@b> <case.12.{TOKEN}@node.example>"], ""),
        ([], [], f"Re: AW: something [ref {TOKEN}] more"),
    ],
)
def test_a_token_is_found_wherever_answers_carry_it(
    recipients: list[str], references: list[str], subject: str
) -> None:
    assert addressing.tokens(recipients, references, subject) == [TOKEN]
    longer = [
        one.lower().replace(TOKEN, TOKEN + "0") for one in (*recipients, *references, subject)
    ]
    assert addressing.tokens(longer[:1], longer[1:2], "".join(longer[2:])) == []


@pytest.mark.parametrize(
    "name",
    [
        "../../x",
        "a/b\\c.txt",
        "CON<>:|?*",
        "\u202egnp.exe",
        " . ",
        "",
        "x" * 400 + ".pdf",
        "é" * 300,
    ],
)
def test_names_of_files_fit_every_system(name: str) -> None:
    forms.file_name("name", message.file_name(name))


def test_too_many_parts_and_too_deep_are_not_read() -> None:
    made = plain()
    for _ in range(message.MOST_PARTS + 1):
        made.add_attachment(b"x", "text", "plain")
    deep = b"From: a@b\n"
    for level in range(60):
        deep += f"Content-Type: multipart/mixed; boundary=b{level}\n\n--b{level}\n".encode()
    for raw in (made.as_bytes(), deep + b"\nx\n", b"", b"\n\n\n"):
        with pytest.raises(Unreadable):
            message.read(raw)


@given(st.binary(max_size=400))
@settings(max_examples=60, deadline=None)
def test_whatever_comes_is_read_or_refused(raw: bytes) -> None:
    head = b"From: a@b\nContent-Type: multipart/signed; boundary=x; protocol=application/pgp\n\n"
    for one in (raw, b"From: a@b\n" + raw, head + b"--x\n" + raw, b"Subject: =?utf-8?b?" + raw):
        try:
            read = message.read(one)
        except Unreadable:
            continue
        judging.is_by_machine(read)
        judging.authenticity(read, "")
        read.digests()
        read.text.encode()
        assert not any(judging.is_bomb(part) for part in read.parts)


def signed(secret: bytes, body: bytes, signature: bytes = b"") -> bytes:
    made = signature or openpgp_signing.sign_detached(secret, body.replace(b"\n", b"\r\n"))
    armoured = openpgp_signing.armoured_signature(made).encode()
    return (
        b"From: vera@maker.example\nTo: x@y\nMIME-Version: 1.0\nContent-Type: multipart/signed;"
        b' protocol="application/pgp-signature"; micalg=pgp-sha512; boundary="b1"\n\n'
        b"preamble\n--b1\n" + body + b"\n--b1\nContent-Type: application/pgp-signature\n\n"
        + armoured + b"\n--b1--\n"
    )  # fmt: skip


BODY = b"Content-Type: text/plain; charset=utf-8\n\nThe pump =\nstopped"


def test_a_signature_holds_over_what_is_read_and_nothing_else() -> None:
    secret, vera = openpgp_signing.new_key("Vera <vera@maker.example>")
    other, _ = openpgp_signing.new_key("Mallory <m@evil.example>")
    good = message.read(signed(secret, BODY))
    assert good.text.startswith("The pump")
    assert judging.signature(good, vera.text) == ""
    crlf = message.read(signed(secret, BODY).replace(b"\n", b"\r\n"))
    assert judging.signature(crlf, vera.text) == ""
    raw = signed(secret, BODY)
    for bad in (
        raw.replace(b"pump", b"bomb"),
        signed(other, BODY),
        plain().as_bytes(),
        raw.replace(b"application/pgp-signature\n\n", b"text/plain\n\n"),
    ):
        assert judging.signature(message.read(bad), vera.text) == "signature"
    # What stands before the signed part is no part of the mail.
    assert "preamble" not in good.text


@pytest.mark.parametrize(
    ("name", "data", "found"),
    [
        ("a.exe", b"x", True), ("a.pdf", b"MZ\x90", True), ("a", b"\x7fELF", True),
        ("A.JS", b"x", True), ("a.txt", b"text", False), ("exe", b"x", True),
        ("a.exe.txt", b"text", False),
    ],
)  # fmt: skip
def test_what_could_be_started_is_a_program(name: str, data: bytes, found: bool) -> None:
    assert judging.is_program(Part(name, "application/octet-stream", data)) is found


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("Vera <vera@maker.example>", ["vera@maker.example"]),
        ("V. Maas <vera@maker.example>", ["vera@maker.example"]),
        ("vera@maker.example", ["vera@maker.example"]),
        ("=?utf-8?q?V=C3=A9ra?= <vera@maker.example>", ["vera@maker.example"]),
        ("=?utf-8?q?vera=40maker=2Eexample?= <m@evil.example>", ["m@evil.example"]),
        ("=?utf-8?q?x_=3Cvera=40maker=2Eexample=3E_=28?= <m@evil.example>", ["m@evil.example"]),
        ("=?utf-8?q?=3Cvera=40maker=2Eexample=3E=2C?= <m@evil.example>", ["m@evil.example"]),
        ('"vera@maker.example" <m@evil.example>', ["m@evil.example"]),
        ("vera@maker.example, m@evil.example", ["vera@maker.example", "m@evil.example"]),
    ],
)
def test_the_sender_is_who_is_written_and_not_what_an_encoded_word_says(
    written: str, found: list[str]
) -> None:
    raw = f"From: {written}\nTo: x@y.example\n\nx\n".encode()
    assert message.read(raw).senders == found


@pytest.mark.parametrize(
    "written",
    [
        "vera@maker.example <m@evil.example>", "<vera@maker.example> (<m@evil.example>",
        "vera@maker.example\n m@evil.example", "Vera <vera@maker.example", "vera", "",
        "vera@maker.example\x00@evil.example", "Vera <vera@maker.example> <m@evil.example>",
    ],
)  # fmt: skip
def test_a_sender_that_can_be_read_in_two_ways_is_nobody(written: str) -> None:
    raw = f"From: {written}\nTo: x@y.example\n\nx\n".encode()
    assert message.read(raw).senders != ["vera@maker.example"]
