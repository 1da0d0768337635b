# SPDX-License-Identifier: EUPL-1.2
"""Single parts of an event that are held: let go or kept, each by a person and for one version."""

from typing import Any

import pytest
from tests.bridges.crossing.conftest import added, agree, carry, crossings, new_event, stored
from tests.bridges.served import ADMIN, Served

from brug.bridges import judging_parts
from brug.bridges.crossing.judging import SecondPerson
from brug.bridges.judging_parts import Part
from brug.directory import account_changes
from brug.formats.misp.reading import read_event
from brug.intel.changing import edit
from brug.model.errors import Forbidden, Invalid, NotFound
from brug.model.new_event import NewAttribute, NewObject, NewReport, NewTag

Two = tuple[Served, Served]
RED = (NewTag("tlp:red"),)


def red(value: str) -> NewAttribute:
    return NewAttribute(None, "domain", "Network activity", True, value, "", tags=RED)


def event_with_red_parts() -> Any:
    """One value that crosses; two that are held, two in an object, and a report that names one."""
    new = new_event(("domain", "open.example"))
    new.attributes += [red("one.example"), red("two.example")]
    new.objects.append(
        NewObject(None, "domain-ip", attributes=[red("in.example"), red("too.example")],
                  distribution=5)
    )  # fmt: skip
    new.reports.append(NewReport(None, "Seen", "one.example again", distribution=5))
    return new


def held(node: Served, partner: Served, event: str, user: int = ADMIN) -> dict[str, Part]:
    with node.database.as_user(user) as session:
        found = judging_parts.held(node.database, session, node.bridge(partner.name), event)
    return {one.says.partition(" ")[2]: one for one in found.parts}


def judged(
    node: Served, partner: Served, event: str, *uuids: str, release: bool = True, user: int = ADMIN
) -> list[str]:
    bridge = node.bridge(partner.name)
    done = judging_parts.judge(
        node.database, user, bridge, event, uuids, "looked at", release=release
    )
    return [what for _, what in done]


def values(node: Served, uuid: str) -> set[str]:
    there = stored(node, uuid)
    return {value for _, value in there["values"]} if there else set()


def change(node: Served, uuid: str, part: str, **fields: Any) -> None:
    here = stored(node, uuid)
    assert here
    raw = {"published": True, "Attribute": [{"uuid": part, **fields}]}
    with node.database.as_user(ADMIN) as session:
        edit(session, here["id"], read_event(dict(raw), partial=True), raw)
    carry(node)


def report_of(node: Served, uuid: str) -> str:
    with node.database.system() as session:
        return str(session.value("SELECT content FROM event_report r JOIN event e"
                                 " ON e.id = r.event_id WHERE e.uuid = %s", (uuid,)))  # fmt: skip


def test_one_of_what_is_held_crosses_once_a_person_lets_it(agreed: Two) -> None:
    one, other = agreed
    uuid = added(one, event_with_red_parts())
    carry(one)
    assert values(other, uuid) == {"open.example"}
    first = stored(other, uuid)
    assert crossings(one, uuid)[0].waiting_parts == 4
    parts = held(one, other, uuid)
    assert parts.keys() == {"one.example", "two.example", "in.example", "too.example"}
    assert {r["code"] for r in parts["one.example"].reasons} == {"above_ceiling"}
    assert judged(one, other, uuid, parts["one.example"].uuid) == ["released"]
    assert judged(one, other, uuid, parts["in.example"].parent) == ["released", "released"]
    carry(one)
    assert values(other, uuid) == {"open.example", "one.example", "in.example", "too.example"}
    assert report_of(other, uuid) == "one.example again"
    after, sent = stored(other, uuid), crossings(one, uuid)[0]
    assert first
    assert after
    assert after["timestamp"] == first["timestamp"], "the event is as it was"
    assert (sent.state, sent.outcome, sent.waiting_parts) == ("received", "redact", 1)
    with one.database.system() as session:
        entries = session.all(
            "SELECT payload FROM ledger_entry WHERE kind = 'judgement' ORDER BY number DESC LIMIT 2"
        )
        said = session.all(
            "SELECT action, change FROM audit WHERE action = 'release'"
            " AND model_id = (SELECT id FROM event WHERE uuid = %s)", (uuid,),
        )  # fmt: skip
    assert [(e["what"], e["parts"], e["user"]) for (e,) in entries] == [
        ("released", 2, ADMIN), ("released", 1, ADMIN),
    ]  # fmt: skip
    assert not any(part.uuid in str(entries) for part in parts.values()), "no part is named"
    assert all(change["because"] == "looked at" for _, change in said)


def test_what_a_person_keeps_waits_no_more_and_a_later_version_is_decided_anew(agreed: Two) -> None:
    one, other = agreed
    uuid = added(one, event_with_red_parts())
    carry(one)
    parts = held(one, other, uuid)
    assert judged(one, other, uuid, parts["two.example"].uuid, release=False) == ["refused"]
    assert judged(one, other, uuid, parts["one.example"].uuid) == ["released"]
    carry(one)
    assert crossings(one, uuid)[0].waiting_parts == 2
    assert held(one, other, uuid).keys() == {"in.example", "too.example"}
    for value in ("one.example", "two.example"):
        change(one, uuid, parts[value].uuid, comment="more is known")
    assert crossings(one, uuid)[0].waiting_parts == 4
    assert held(one, other, uuid).keys() == parts.keys()
    assert "one.example" in values(other, uuid), "what crossed stays, as it was"
    assert "two.example" not in values(other, uuid)


def test_of_an_event_that_is_held_a_part_crosses_with_its_title(agreed: Two) -> None:
    one, other = agreed
    new = new_event(("domain", "a.example"), ("domain", "b.example"), tag="tlp:red")
    new.info = "About b.example and others"
    uuid = added(one, new)
    carry(one)
    assert (crossings(one, uuid)[0].state, stored(other, uuid)) == ("held", None)
    judged(one, other, uuid, held(one, other, uuid)["a.example"].uuid)
    carry(one)
    there = stored(other, uuid)
    assert there
    assert values(other, uuid) == {"a.example"}
    assert there["info"] == "About [left out] and others"
    assert [c.state for c in crossings(one, uuid)] == ["received", "replaced"]
    judged(one, other, uuid, held(one, other, uuid)["b.example"].uuid)
    carry(one)
    there = stored(other, uuid)
    assert there
    assert values(other, uuid) == {"a.example", "b.example"}
    assert there["info"] == "About b.example and others"


def test_of_an_event_that_is_held_all_can_be_kept(agreed: Two) -> None:
    one, other = agreed
    uuid = added(one, new_event(("domain", "a.example"), ("domain", "b.example"), tag="tlp:red"))
    carry(one)
    for part in held(one, other, uuid).values():
        judged(one, other, uuid, part.uuid, release=False)
        carry(one)
    assert crossings(one, uuid)[0].state == "refused"
    assert stored(other, uuid) is None
    assert held(one, other, uuid) == {}


def test_two_different_people_where_the_agreement_wants_four_eyes(agreed: Two) -> None:
    one, other = agreed
    agree(one, other, release={"when": ["red"], "four_eyes": True})
    uuid = added(one, event_with_red_parts())
    carry(one)
    with one.database.as_user(ADMIN) as session:
        second = account_changes.add(
            session, {"email": f"second-{uuid[:8]}@noordland.example", "org_id": 1, "role_id": 1,
                      "password": "Correct-horse-battery-1", "change_pw": False},
        ).account.id  # fmt: skip
    part = held(one, other, uuid)["one.example"].uuid
    assert judged(one, other, uuid, part) == ["first yes"]
    carry(one)
    assert "one.example" not in values(other, uuid)
    assert held(one, other, uuid)["one.example"].judged == "first yes"
    with pytest.raises(SecondPerson):
        judged(one, other, uuid, part)
    assert judged(one, other, uuid, part, user=second) == ["released"]
    carry(one)
    assert "one.example" in values(other, uuid)


def test_who_may_not_and_what_cannot_be_judged(agreed: Two) -> None:
    one, other = agreed
    uuid = added(one, event_with_red_parts())
    carry(one)
    part = held(one, other, uuid)["one.example"].uuid
    with one.database.as_user(ADMIN) as session:
        user = account_changes.add(
            session, {"email": f"user-{uuid[:8]}@noordland.example", "org_id": 1, "role_id": 3,
                      "password": "Correct-horse-battery-1", "change_pw": False},
        ).account.id  # fmt: skip
    with pytest.raises(Forbidden):
        judged(one, other, uuid, part, user=user)
    with pytest.raises(NotFound):
        judged(one, other, uuid, "00000000-0000-4000-8000-000000000000")
    with pytest.raises(Invalid):
        judged(one, other, uuid, "one.example")
    with pytest.raises(Invalid):
        judged(one, other, uuid)
    judged(one, other, uuid, part, release=False)
    with pytest.raises(NotFound):
        judged(one, other, uuid, part)
