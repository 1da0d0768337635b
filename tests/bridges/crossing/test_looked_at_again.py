# SPDX-License-Identifier: EUPL-1.2
"""What changes without an event's time: tags that mark it, a bridge that is connected anew,
an event whose two versions somebody settles.
"""

import time
from typing import Any

import pytest
from tests.bridges.crossing.conftest import added, carry, crossings, new_event, stored
from tests.bridges.served import ADMIN, Served, connect

from brug.bridges import partners
from brug.bridges.crossing import inward, versions
from brug.bridges.crossing.messages import encoded
from brug.bridges.native import handling
from brug.formats.misp.reading import read_event
from brug.intel.changing import edit
from brug.intel.finding import claim
from brug.intel.label import tags
from brug.model.errors import Forbidden, NotFound
from brug.model.new_event import NewTag

Two = tuple[Served, Served]


@pytest.mark.parametrize("local", [False, True])
def test_a_marking_that_comes_later_is_decided_on(agreed: Two, local: bool) -> None:
    """Also one that stays on this node: it marks the event all the same."""
    one, other = agreed
    uuid = added(one, new_event(("domain", f"later-{local}.example")))
    carry(one)
    here = stored(one, uuid)
    assert here
    with one.database.as_user(ADMIN) as session:
        tags.attach_to_event(session, claim(session, here["id"]), [NewTag("tlp:red", local=local)])
    carry(one)
    newest = crossings(one, uuid)[0]
    assert (newest.state, newest.outcome) == ("held", "hold")
    with one.database.as_user(ADMIN) as session:
        tags.detach_from_event(session, claim(session, here["id"]), ["tlp:red"])
    carry(one)
    assert crossings(one, uuid)[0].state in {"received", "replaced"}
    assert stored(other, uuid) is not None


def test_a_marking_of_one_value_takes_it_out(agreed: Two) -> None:
    one, _ = agreed
    uuid = added(one, new_event(("domain", "stays.example"), ("domain", "goes.example")))
    carry(one)
    here = stored(one, uuid)
    assert here
    with one.database.as_user(ADMIN) as session:
        attribute = session.value(
            "SELECT max(id) FROM attribute WHERE event_id = %s", (here["id"],)
        )
        held = claim(session, here["id"])
        tags.attach_to_attributes(session, [held], [(attribute, NewTag("tlp:red"))])
    carry(one)
    newest = crossings(one, uuid)[0]
    assert (newest.outcome, newest.passed, newest.dropped) == ("redact", 1, 1)


def test_a_bridge_that_is_connected_anew_misses_nothing(agreed: Two) -> None:
    one, other = agreed
    with one.database.as_user(ADMIN) as session:
        partners.close(session, partners.view(session, other.name))
    with other.database.as_user(ADMIN) as session:
        partners.close(session, partners.view(session, one.name))
    uuid = added(one, new_event(("domain", "meanwhile.example")))
    carry(one)
    assert stored(other, uuid) is None
    connect(one, other)
    carry(one)
    assert crossings(one, uuid)
    assert stored(other, uuid) is not None


def message(uuid: str, info: str, version: int, creator: str) -> dict[str, Any]:
    event = {
        "uuid": uuid, "info": info, "distribution": "1", "published": True,
        "timestamp": str(version), "Orgc": {"uuid": creator, "name": "CERT Westerland"},
        "Attribute": [{"uuid": uuid[:-1] + "f", "type": "domain", "value": f"{info}.example"}],
    }  # fmt: skip
    return {"kind": "event", "event_uuid": uuid, "version": version, "redacted": False,
            "agreement": 1, "event": event}  # fmt: skip


@pytest.fixture
def two_versions(agreed: Two) -> tuple[Served, Served, str]:
    """A newer version came first and an older one after it."""
    inward.register()
    one, other = agreed
    number = int(time.time() * 1000) % 10**12
    uuid = f"1b1de3ee-3d1c-4dd4-9c0a-{number:012d}"
    creator = "d5c0f6d8-54be-4b36-9f12-0c0b7f3c5a55"
    for info, version in (("newer", 1_790_000_100), ("older", 1_790_000_000)):
        sent = encoded(message(uuid, info, version, creator))
        answer = handling.handle(other.database, other.bridge(one.name), sent)
        assert answer["receipt"]
    return one, other, uuid


def test_two_versions_stand_side_by_side_with_what_differs(
    two_versions: tuple[Served, Served, str],
) -> None:
    _, other, uuid = two_versions
    with other.database.as_user(ADMIN) as session:
        (found,) = [one for one in versions.unsettled(session) if one.event_uuid == uuid]
    said = {(d.what, d.served, d.beside) for d in found.differences}
    assert ("info", "newer", "older") in said
    assert ("domain", "domain newer.example", "domain older.example") in said
    assert found.beside < found.served


def test_what_was_changed_here_is_kept_beside_the_newer_version_that_comes(
    two_versions: tuple[Served, Served, str],
) -> None:
    one, other, uuid = two_versions
    with other.database.as_user(ADMIN) as session:
        (found,) = [v for v in versions.unsettled(session) if v.event_uuid == uuid]
    versions.settle(other.database, ADMIN, found.id, take=False)
    there = stored(other, uuid)
    assert there
    raw = {"info": "changed here", "timestamp": "1790000150"}
    with other.database.as_user(ADMIN) as session:
        edit(session, there["id"], read_event(dict(raw), partial=True), raw)
    creator = "d5c0f6d8-54be-4b36-9f12-0c0b7f3c5a55"
    # The version that was changed here comes once more, as after a note on it: no conflict.
    again = message(uuid, "newer", 1_790_000_100, creator)
    again["event"]["analysis"] = "2"
    assert handling.handle(other.database, other.bridge(one.name), encoded(again))["receipt"]
    with other.database.as_user(ADMIN) as session:
        assert [v for v in versions.unsettled(session) if v.event_uuid == uuid] == []
    for _ in range(2):  # what comes twice is kept once
        sent = encoded(message(uuid, "newest", 1_790_000_200, creator))
        assert handling.handle(other.database, other.bridge(one.name), sent)["receipt"]
    with other.database.as_user(ADMIN) as session:
        (found,) = [v for v in versions.unsettled(session) if v.event_uuid == uuid]
    assert found.ours
    assert ("info", "newest", "changed here") in {
        (d.what, d.served, d.beside) for d in found.differences
    }
    versions.settle(other.database, ADMIN, found.id, take=True)
    there = stored(other, uuid)
    assert there
    assert there["info"] == "changed here"


@pytest.mark.parametrize("take", [True, False])
def test_a_person_settles_which_version_holds(
    two_versions: tuple[Served, Served, str], take: bool
) -> None:
    _, other, uuid = two_versions
    with other.database.as_user(ADMIN) as session:
        (found,) = [one for one in versions.unsettled(session) if one.event_uuid == uuid]
    versions.settle(other.database, ADMIN, found.id, take=take)
    there = stored(other, uuid)
    assert there
    assert there["info"] == ("older" if take else "newer")
    with other.database.as_user(ADMIN) as session:
        assert found.id not in [one.id for one in versions.unsettled(session)]
    with pytest.raises(NotFound):
        versions.settle(other.database, ADMIN, found.id, take=take)


def test_only_who_looks_after_bridges_settles(two_versions: tuple[Served, Served, str]) -> None:
    one, other, uuid = two_versions
    with other.database.as_user(ADMIN) as session:
        (found,) = [v for v in versions.unsettled(session) if v.event_uuid == uuid]
    account = other.bridge(one.name).account_id
    with pytest.raises(Forbidden):
        versions.settle(other.database, account, found.id, take=True)
    there = stored(other, uuid)
    assert there
    assert there["info"] == "newer"
