# SPDX-License-Identifier: EUPL-1.2
"""Bundles carried by hand between two nodes, whole, cut, changed, lost, repeated and not theirs."""

import io
from pathlib import Path
from uuid import uuid4

import pytest
from tests.bridges.crossing.conftest import added, agree, crossings, new_event, stored
from tests.bridges.served import ADMIN, Served

from brug.bridges import bundle, identity, partners
from brug.bridges.bundle import sealing
from brug.bridges.bundle.sealing import BadBundle
from brug.cases import documents, files, keeping
from brug.cases.acts import Joined
from brug.intel import publishing

Two = tuple[Served, Served]


@pytest.fixture(scope="module")
def paused(connected: Two) -> Two:
    """Two nodes that agreed, of which the first sends nothing by itself."""
    one, other = connected
    agree(one, other)
    with one.database.as_user(ADMIN) as session:
        partners.pause(session, partners.view(session, other.name))
    return one, other


def packed(one: Served, other: Served, target: Path) -> int:
    return bundle.pack(one.database, one.bridge(other.name), target).messages


def test_a_bundle_is_taken_and_its_receipts_come_back(paused: Two, tmp_path: Path) -> None:
    one, other = paused
    uuid = added(one, new_event(("domain", "carried.example")))
    assert packed(one, other, tmp_path / "out") == 1
    assert [c.state for c in crossings(one, uuid)] == ["sent"]
    assert b"carried.example" not in (tmp_path / "out").read_bytes()
    done = bundle.unpack(other.database, tmp_path / "out", tmp_path / "back")
    assert (done.new, done.refused) == (1, [])
    there = stored(other, uuid)
    assert there
    assert there["values"] == [("domain", "carried.example")]
    told = bundle.unpack(one.database, tmp_path / "back")
    assert (told.content, told.new, told.refused) == ("receipts", 1, [])
    assert [c.state for c in crossings(one, uuid)] == ["received"]


def test_a_lost_bundle_is_packed_again_and_a_repeated_one_changes_nothing(
    paused: Two, tmp_path: Path
) -> None:
    one, other = paused
    uuid = added(one, new_event(("domain", "lost.example")))
    assert packed(one, other, tmp_path / "lost") == 1
    assert packed(one, other, tmp_path / "again") == 1
    done = [bundle.unpack(other.database, tmp_path / "again") for _ in range(2)]
    assert [(one.new, one.known, one.refused) for one in done] == [(1, 0, []), (0, 1, [])]
    assert len(crossings(other, uuid)) == 1
    bundle.unpack(other.database, tmp_path / "again", tmp_path / "back")
    done = [bundle.unpack(one.database, tmp_path / "back") for _ in range(2)]
    assert [(one.new, one.known, one.refused) for one in done] == [(1, 0, []), (0, 1, [])]
    assert packed(one, other, tmp_path / "empty") == 0


def test_a_bundle_brings_back_nothing_that_a_later_one_took_back(
    paused: Two, tmp_path: Path
) -> None:
    one, other = paused
    uuid = added(one, new_event(("domain", "withdrawn.example")))
    packed(one, other, tmp_path / "first")
    assert bundle.unpack(other.database, tmp_path / "first").new == 1
    with one.database.as_user(ADMIN) as session:
        publishing.unpublish(session, uuid)
    later = added(one, new_event(("domain", "later.example")))
    packed(one, other, tmp_path / "second")
    bundle.unpack(other.database, tmp_path / "second")
    assert stored(other, uuid) is None
    with pytest.raises(BadBundle, match="was unpacked already"):
        bundle.unpack(other.database, tmp_path / "first")
    assert stored(other, uuid) is None
    assert stored(other, later) is not None
    assert bundle.unpack(other.database, tmp_path / "second", tmp_path / "back").new == 0
    bundle.unpack(one.database, tmp_path / "back")


@pytest.mark.parametrize("made", [None, "", "yesterday", "2026-11-28T09:00:00", 5])
def test_a_bundle_that_says_no_time_is_not_taken(paused: Two, tmp_path: Path, made: object) -> None:
    one, other = paused
    with one.database.system() as session:
        recipient = partners.keys_of(session, one.bridge(other.name).partner_id)[0].public
        bridge = str(one.bridge(other.name).uuid)

    def sign(data: bytes) -> tuple[str, bytes]:
        with one.database.system() as session:
            signed = identity.sign(session, data)
        return signed.key_id, signed.signature

    statement = {"bridge": bridge, "content": "crossings", "made": made}
    sealing.write(tmp_path / "out", recipient, statement, io.BytesIO(b""), sign)
    with pytest.raises(BadBundle, match=r"when it was made|no zone"):
        bundle.unpack(other.database, tmp_path / "out")


def test_a_document_of_a_case_is_carried_with_its_entry(paused: Two, tmp_path: Path) -> None:
    one, other = paused
    content = bytes(range(256)) * 8000  # three pieces
    with one.database.as_user(ADMIN) as session:
        case = keeping.open_case(session, "incident", "Pumps stopped").uuid
        org = str(one.bridge(other.name).org_uuid)
        doing = Joined(participant=str(uuid4()), org=org, name="x", role="handler")
        keeping.act(session, case, doing)
        documents.attach(session, case, io.BytesIO(content), documents.Told(name="disk.img"))
    assert packed(one, other, tmp_path / "lost") == 6
    assert packed(one, other, tmp_path / "out") == 6
    done = bundle.unpack(other.database, tmp_path / "out", tmp_path / "back")
    assert (done.new, done.refused) == (6, [])
    with other.database.as_user(ADMIN) as session:
        file, found = files.view(session, case)
        (document,) = documents.shown(found)
        assert b"".join(documents.content(session, file, document)) == content
    bundle.unpack(one.database, tmp_path / "back")
    assert packed(one, other, tmp_path / "empty") == 0


@pytest.mark.parametrize("damage", ["cut", "flipped", "foreign", "rubbish", "absent"])
def test_what_is_not_whole_or_not_for_this_node_does_nothing(
    paused: Two, tmp_path: Path, damage: str
) -> None:
    one, other = paused
    uuid = added(one, new_event(("domain", f"{damage}.example")))
    file = tmp_path / "bundle"
    packed(one, other, file)
    content = file.read_bytes()
    node = one if damage == "foreign" else other
    if damage == "cut":
        file.write_bytes(content[:-20])
    elif damage == "flipped":
        file.write_bytes(content[:-40] + bytes([content[-40] ^ 1]) + content[-39:])
    elif damage == "rubbish":
        file.write_bytes(b"no bundle at all")
    elif damage == "absent":
        file.unlink()
    with pytest.raises(BadBundle):
        bundle.unpack(node.database, file)
    assert stored(other, uuid) is None


def test_an_open_bridge_is_not_packed_and_no_file_is_overwritten(
    paused: Two, tmp_path: Path
) -> None:
    one, other = paused
    (tmp_path / "there").write_text("x")
    with pytest.raises(BadBundle):
        packed(one, other, tmp_path / "there")
    with pytest.raises(BadBundle):
        packed(other, one, tmp_path / "out")


def test_receipts_of_nothing_are_refused_by_line(paused: Two, tmp_path: Path) -> None:
    """A partner that claims to have what it never got."""
    one, other = paused
    uuid = added(one, new_event(("domain", "never.example")))
    packed(one, other, tmp_path / "out")
    bundle.unpack(other.database, tmp_path / "out", tmp_path / "back")
    with one.database.system() as session:
        session.execute("UPDATE crossing SET digest = '\\x00' WHERE event_uuid = %s", (uuid,))
    told = bundle.unpack(one.database, tmp_path / "back")
    assert told.new == 0 or all("nothing was sent" in line for line in told.refused)
    assert [c.state for c in crossings(one, uuid)] == ["sent"]
