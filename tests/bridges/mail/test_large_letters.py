# SPDX-License-Identifier: EUPL-1.2
"""What is too large for a letter: packed, without the contents of files, or without attachment."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import os
import zipfile
from email.message import EmailMessage
from typing import Any

import pytest
from pysequoia import Tsk

from brug.bridges.mail import fitting, mailboxes

from .conftest import ADMIN, ALICE, Mailed, opened, text


@pytest.fixture(autouse=True)
def _large_bodies(mailed: Mailed) -> None:
    mailed.post.world.body_limit = 10**8


def unpacked(message: EmailMessage) -> Any:
    (file,) = message.iter_attachments()
    assert isinstance(file, EmailMessage)
    assert file.get_content_type() == "application/zip"
    with zipfile.ZipFile(io.BytesIO(file.get_content())) as archive:
        (name,) = archive.namelist()
        assert name.startswith("misp.event.")
        return json.loads(archive.read(name))["Event"]


def left_out(mailed: Mailed, uuid: str) -> list[str]:
    (out,) = mailed.crossings(uuid)
    assert (out.state, out.problem) == ("sent", "")
    with mailed.database.as_user(ADMIN) as session:
        return [one.left_out for one in mailboxes.handed(session, out.id)]


def noted(mailed: Mailed) -> list[dict[str, Any]]:
    with mailed.database.system() as session:
        return [
            row[0] for row in session.all("SELECT payload FROM ledger_entry WHERE kind = 'letter'")
        ]


def test_a_large_event_is_packed_and_whole(mailed: Mailed) -> None:
    mailed.agree()
    uuid = mailed.event(Attribute=[
        {"type": "domain", "value": f"host-{number}.large.example", "comment": "seen " * 1000}
        for number in range(2000)
    ])  # fmt: skip
    (got,) = mailed.round()
    assert len(got.as_bytes()) < fitting.LARGEST
    event = unpacked(got)
    assert len(json.dumps(event)) > fitting.LARGEST
    assert len(event["Attribute"]) == 2000
    assert "packed (zip)" in text(got)
    assert "Answer this letter" not in text(got)
    assert left_out(mailed, uuid) == [""]
    assert noted(mailed) == []


def sample(name: str, size: int) -> dict[str, Any]:
    data = os.urandom(size)
    return {
        "type": "attachment", "category": "Payload delivery", "value": name,
        "data": base64.b64encode(data).decode(), "comment": hashlib.sha256(data).hexdigest(),
    }  # fmt: skip


def test_contents_of_files_that_do_not_fit_are_named_and_left_out(mailed: Mailed) -> None:
    mailed.agree()
    inside = {"name": "file", "meta-category": "file", "distribution": 5, "Attribute": [
        {"object_relation": "attachment", **sample("inside.bin", 4_000_000)},
        {"object_relation": "sha256", "type": "sha256", "value": "ab" * 32},
    ]}  # fmt: skip
    uuid = mailed.event(Object=[inside], Attribute=[sample("dump.bin", 5_000_000)])
    (got,) = mailed.round()
    event = unpacked(got)
    (only,) = event["Attribute"]
    assert only["value"] == "dump.bin"
    (thing,) = event["Object"]
    assert {one["value"] for one in thing["Attribute"]} == {"inside.bin", "ab" * 32}
    assert "data" not in json.dumps(event)
    said = " ".join(text(got).split())
    assert "The contents of files are left out" in said
    assert "(2): dump.bin, inside.bin" in said
    assert "Answer this letter to have from" in said
    assert left_out(mailed, uuid) == ["no_files"]
    (entry,) = noted(mailed)
    assert entry["left_out"] == "no_files"
    assert ALICE not in str(entry)


def test_files_that_fit_are_in_the_letter(mailed: Mailed) -> None:
    mailed.agree()
    uuid = mailed.event(Attribute=[sample("small.bin", 100_000)])
    (got,) = mailed.round()
    (file,) = got.iter_attachments()
    (one,) = json.loads(file.get_content())["Event"]["Attribute"]
    assert len(base64.b64decode(one["data"])) == 100_000
    assert left_out(mailed, uuid) == [""]


@pytest.mark.parametrize("encrypted", [False, True])
def test_a_server_that_takes_little_gets_what_it_takes(mailed: Mailed, encrypted: bool) -> None:
    mailed.agree()
    mailed.post.controller.SMTP_kwargs["data_size_limit"] = 60_000
    pair = Tsk.generate("Alice <alice@hospital.example>")
    if encrypted:
        with mailed.database.as_user(ADMIN) as session:
            given = {"email": ALICE, "gpgkey": str(pair.extract_certificate())}
            mailboxes.put_contact(session, mailed.bridge, given)
    uuid = mailed.event(*(f"{os.urandom(20).hex()}.example" for _ in range(2000)))
    (got,) = mailed.round()
    assert len(got.as_bytes()) <= 60_000
    said = opened(got, pair).decode() if encrypted else text(got)
    assert "There is no attachment" in said
    assert "Answer this letter to have from" in " ".join(said.replace("=\r\n", "").split())
    assert left_out(mailed, uuid) == ["bare"]
    small = mailed.event("small.example")
    (got,) = mailed.round()
    assert left_out(mailed, small) == [""]


def test_a_server_that_takes_no_letter_at_all_is_said_so_and_tried_again(mailed: Mailed) -> None:
    mailed.agree()
    mailed.post.controller.SMTP_kwargs["data_size_limit"] = 200
    uuid = mailed.event("evil.example")
    assert mailed.round() == []
    (out,) = mailed.crossings(uuid)
    assert out.state == "failed"
    assert "takes no letter of" in out.problem
    mailed.post.controller.SMTP_kwargs["data_size_limit"] = 33_554_432
    mailed.soon()
    (got,) = mailed.round()
    assert "evil.example" in text(got)


def test_a_large_event_does_not_keep_others_out_of_a_digest(mailed: Mailed) -> None:
    mailed.agree()
    with mailed.database.as_user(ADMIN) as session:
        mailboxes.change(session, mailed.bridge, {"frequency": "daily"})
    first = mailed.event("one.example")
    large = mailed.event(Attribute=[sample("dump.bin", 9_000_000)])
    last = mailed.event("two.example")
    assert mailed.round() == []
    with mailed.database.system() as session:
        session.execute("UPDATE mail_bridge SET next_digest = now()")
    got = mailed.round()
    assert len(got) == 3
    assert left_out(mailed, large) == ["no_files"]
    assert left_out(mailed, first) == left_out(mailed, last) == [""]
