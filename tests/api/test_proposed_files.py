# SPDX-License-Identifier: EUPL-1.2
"""Files that are proposed, handed out and accepted, over MISP's interface."""

import hashlib
from io import BytesIO
from typing import Any
from zipfile import ZipFile

from tests.api.conftest import Reply, World
from tests.api.event_world import event, is_refused, published, rows, viewed

BORDER = "border-of-the-parts"


def form(files: dict[str, bytes], **fields: str) -> bytes:
    parts = [
        f'--{BORDER}\r\nContent-Disposition: form-data; name="data[ShadowAttribute][{name}]"'
        f"\r\n\r\n{value}\r\n".encode()
        for name, value in fields.items()
    ]
    parts += [
        f"--{BORDER}\r\nContent-Disposition: form-data;"
        f' name="data[ShadowAttribute][value]"; filename="{name}"\r\n'
        "Content-Type: application/octet-stream\r\n\r\n".encode()
        + data
        + b"\r\n"
        for name, data in files.items()
    ]
    return b"".join([*parts, f"--{BORDER}--\r\n".encode()])


def propose(world: World, event_id: Any, body: bytes, who: str = "other") -> Reply:
    kind = {"content-type": f"multipart/form-data; boundary={BORDER}"}
    return world.ask(
        who, "POST", f"/shadow_attributes/add_attachment/{event_id}", body, headers=kind
    )


def shared(world: World) -> Any:
    added = event(world, distribution="3")
    published(world, added["id"])
    return added["id"]


def test_a_file_is_proposed_handed_out_and_accepted(world: World) -> None:
    event_id = shared(world)
    body = form({"dir/note.txt": b"\x00\r\nhello"}, category="External analysis", comment="found")
    (made,) = propose(world, event_id, body).body["ShadowAttribute"]
    assert (made["type"], made["value"]) == ("attachment", "note.txt")
    assert (made["category"], made["comment"]) == ("External analysis", "found")
    got = world.ask("user", "GET", f"/shadow_attributes/download/{made['id']}")
    assert got.raw == b"\x00\r\nhello"
    assert got.headers["Content-Disposition"].startswith('attachment; filename="note.txt"')
    assert got.headers["X-Content-Type-Options"] == "nosniff"
    accepted = world.ask("orgadmin", "POST", f"/shadow_attributes/accept/{made['id']}")
    assert accepted.status == 200
    (stored,) = viewed(world, event_id)["Attribute"]
    got = world.ask("orgadmin", "GET", f"/attributes/download/{stored['id']}")
    assert got.raw == b"\x00\r\nhello"


def test_a_sample_is_packed_and_proposed_with_its_digests(world: World) -> None:
    event_id = shared(world)
    made = propose(world, event_id, form({"a.exe": b"MZ"}, malware="1")).body["ShadowAttribute"]
    sha256 = hashlib.sha256(b"MZ").hexdigest()
    assert [one["type"] for one in made] == ["malware-sample", "filename|sha1", "filename|sha256"]
    assert made[2]["value"] == f"a.exe|{sha256}"
    assert {one["to_ids"] for one in made} == {True}
    got = world.ask("orgadmin", "GET", f"/shadow_attributes/download/{made[0]['id']}")
    digest = made[0]["value"].partition("|")[2]
    assert f'filename="{digest}.zip"' in got.headers["Content-Disposition"]
    with ZipFile(BytesIO(got.raw)) as read:
        assert read.read(digest, pwd=b"infected") == b"MZ"
    got = world.ask("orgadmin", "GET", f"/shadow_attributes/download/{made[1]['id']}")
    assert is_refused(got, 404, "Proposal not an attachment or malware-sample")
    assert world.ask("orgadmin", "POST", f"/shadow_attributes/accept/{made[0]['id']}").status == 200
    (stored,) = viewed(world, event_id)["Attribute"]
    got = world.ask("orgadmin", "GET", f"/attributes/download/{stored['id']}")
    with ZipFile(BytesIO(got.raw)) as read:
        assert read.read(digest, pwd=b"infected") == b"MZ"


def test_what_is_no_file_is_refused_and_leaves_nothing(world: World) -> None:
    event_id = shared(world)
    reply = propose(world, event_id, form({}, category="External analysis"))
    assert is_refused(reply, 400, "no file was sent")
    for body in (form({}), b"rubbish", b""):
        assert propose(world, event_id, body).status == 400
    reply = propose(world, event_id, form({"a": b"x", "b": b"y"}, category="nosuch"))
    assert is_refused(reply, 404, "[category]")
    path = f"/shadow_attributes/add_attachment/{event_id}"
    assert is_refused(world.ask("other", "POST", path, {"value": "a"}), 400, "no file was sent")
    with world.database.system() as session:
        session.execute(
            "INSERT INTO setting (name, value) VALUES ('limits.attachment_bytes', '1024'),"
            " ('limits.sample_bytes', '1024')"
        )
    for fields in ({}, {"malware": "1"}):
        reply = propose(world, event_id, form({"a": b"x", "b": b"y" * 1025}, **fields))
        assert is_refused(reply, 413, "limits."), reply.body
    assert rows(world, "SELECT id FROM proposal") == []


def test_files_are_proposed_and_read_by_whoever_sees_the_event(world: World) -> None:
    hidden = event(world, distribution="0")["id"]
    body = form({"a.txt": b"secret"})
    assert is_refused(propose(world, hidden, body), 404, "Invalid Event")
    assert is_refused(propose(world, "nonsense", body), 404, "Invalid Event")
    assert propose(world, hidden, body, "readonly").status == 403
    (made,) = propose(world, hidden, body, "user").body["ShadowAttribute"]
    for key in (made["id"], "nonsense", "99999999", ""):
        got = world.ask("other", "GET", f"/shadow_attributes/download/{key}")
        assert is_refused(got, 404, "Invalid Proposal")
    assert (
        world.ask("readonly", "GET", f"/shadow_attributes/download/{made['id']}").raw == b"secret"
    )
