# SPDX-License-Identifier: EUPL-1.2
"""Whoever works with bridges sees of crossings what they see of the events, and others nothing."""

from typing import Any

import pytest
from tests.bridges.crossing.conftest import added, agree, carry, new_event
from tests.bridges.served import ADMIN, Served

from brug.bridges.crossing import judging, recalls, rows, versions
from brug.directory import account_changes, organisations, sharing_group_changes
from brug.intel.adding import add
from brug.intel.deleting import delete_event
from brug.model.errors import Forbidden, NotFound

Two = tuple[Served, Served]


def user(node: Served, email: str, org_id: int, rights: list[str]) -> int:
    with node.database.system() as session:
        role = session.value(
            "INSERT INTO role (name, rights) VALUES (%s, %s) RETURNING id", (email, rights)
        )
        given = {"email": email, "org_id": org_id, "role_id": role}
        return int(account_changes.add(session, given).account.id)


@pytest.fixture
def seen(agreed: Two) -> dict[str, Any]:
    """An event of a guest organisation for itself and the partner alone, held for a person."""
    one, other = agreed
    agree(one, other, release={"when": ["always"]})
    with one.database.system() as session:
        guest = organisations.add(session, {"name": "Havenbedrijf Noord"}).id
        partner_org = one.bridge(other.name).org_id
        group = sharing_group_changes.add(session, {"name": "Two", "roaming": True}, guest).id
        for org in (guest, partner_org):
            sharing_group_changes.add_organisation(session, group, org)
    added(one, new_event(("domain", "for-all.example")))
    author = user(
        one, "author@haven.example", guest, ["add", "auth", "publish", "modify_org", "tagger"]
    )
    new = new_event(("domain", "hidden.example"), level=0)
    with one.database.as_user(author) as session:
        made = add(session, new)
    with one.database.system() as session:
        # The level comes with the group, as an edit of the author's would set it.
        session.execute("UPDATE event SET distribution = 4, sharing_group_id = %s,"
                        " audience = event_audience(org_id, 4, %s, true) WHERE id = %s",
                        (group, group, made.event_id))  # fmt: skip
    carry(one)
    return {"one": one, "other": other, "uuid": made.uuid}


def test_one_who_releases_and_does_not_see_the_event_sees_no_crossing(seen: Any) -> None:
    one, uuid = seen["one"], seen["uuid"]
    with one.database.as_user(ADMIN) as session:
        (held,) = rows.listed(session, event_uuid=uuid)
    assert held.state == "held"
    rights = ["auth", "bridge_admin", "release", "recall", "auditor"]
    liaison = user(one, "liaison@csirt.example", 1, rights)
    with one.database.as_user(liaison) as session:
        assert rows.listed(session, event_uuid=uuid) == []
        with pytest.raises(NotFound):
            rows.crossing(session, held.id)
        with pytest.raises(NotFound):
            judging.release(session, held.id, "blindly")
        # What is for everybody here is there.
        assert rows.listed(session)
    with one.database.as_user(ADMIN) as session:
        judging.release(session, held.id, "for the two of them")
    carry(one)
    with seen["other"].database.system() as session:
        there = session.one(
            "SELECT e.distribution, g.name, g.uuid IS NOT NULL FROM event e"
            " JOIN sharing_group g ON g.id = e.sharing_group_id WHERE e.uuid = %s", (uuid,),
        )  # fmt: skip
    assert there == (4, "Two", True)
    with one.database.as_user(ADMIN) as session:
        delete_event(session, uuid)
    with one.database.as_user(liaison) as session:
        assert rows.listed(session, event_uuid=uuid) == []


@pytest.mark.parametrize("rights", [["auth", "add", "publish"], ["auth", "release"]])
def test_without_the_right_or_the_host_nothing_is_there(agreed: Two, rights: list[str]) -> None:
    one, _ = agreed
    with one.database.system() as session:
        guest = organisations.add(session, {"name": f"Guest {rights[-1]}"}).id
    org = guest if "release" in rights else 1
    reader = user(one, f"{rights[-1]}@guest.example", org, rights)
    with one.database.as_user(reader) as session:
        assert rows.listed(session) == []
        assert rows.progress(session) == {}
        assert recalls.asked(session) == []
        assert versions.unsettled(session) == []
        with pytest.raises(Forbidden):
            judging.refuse(session, 1, "why not")
