# SPDX-License-Identifier: EUPL-1.2
"""What the node knows beside an event counts at the gate, and keys and permissions are kept."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.bridges.world import ONE, World

from brug.bridges import agreements, explaining, gate
from brug.bridges.gate import applying, permissions
from brug.bridges.gate.deciding import Decision
from brug.bridges.gate.permissions import FOLLOWS, WrongState
from brug.directory import organisations
from brug.intel.adding import add
from brug.intel.decay import decaying_changes
from brug.intel.sighting import sightings
from brug.intel.sighting.sightings import Wanted
from brug.intel.vocabulary import warninglists
from brug.intel.vocabulary.warninglists import Draft, Entry
from brug.model.errors import Forbidden, Invalid, NotFound
from brug.model.new_event import NewAttribute, NewEvent, NewSighting, NewTag
from brug.store import settings

FOREIGN = "44444444-4444-4444-8444-444444444444"


def stored(world: World, *values: tuple[str, str], tag: NewTag | None = None, **more: Any) -> int:
    new = NewEvent(None, "Campaign", distribution=3, published=True, **more)
    if tag is not None:
        new.tags.append(tag)
    for kind, value in values:
        category = "Person" if kind == "full-name" else "Network activity"
        new.attributes.append(NewAttribute(None, kind, category, True, value, ""))
    with world.admin() as session:
        return add(session, new).event_id


def decided(world: World, event_id: int, released_by: tuple[int, ...] = ()) -> Decision:
    """Of what the partner's session sees, as it is decided when it crosses."""
    document = explaining.what_partner_sees(world.database, world.bridge, event_id)
    assert document is not None
    with world.database.system() as session:
        facts = gate.facts_of(session, document, world.bridge, released_by=released_by)

        agreement = agreements.in_force(session, world.bridge.id, datetime.now(UTC))
        return gate.decide(facts, agreement, datetime.now(UTC))


def test_the_partners_own_session_decides_the_same(world: World) -> None:
    world.agree()
    event_id = stored(world, ("domain", "evil.example"), ("full-name", "Jan de Vries"))
    document = explaining.what_partner_sees(world.database, world.bridge, event_id)
    assert document is not None
    found = []
    for who in (world.partner, world.database.system):
        with who() as session:
            at = datetime.now(UTC)
            agreement = agreements.in_force(session, world.bridge.id, at)
            facts = gate.facts_of(session, document, world.bridge)
            found.append(gate.decide(facts, agreement, at))
    assert found[0] == found[1]
    assert found[0].counts()["dropped"] == 1


def codes(decision: Decision) -> set[str]:
    return {r.code for verdict in decision.attributes.values() for r in verdict.reasons}


def test_without_an_agreement_the_partner_gets_nothing(world: World) -> None:
    event_id = stored(world, ("domain", "evil.example"))
    assert decided(world, event_id).outcome == "refuse"
    world.agree()
    assert decided(world, event_id).outcome == "pass"


def test_a_local_tag_marks_though_the_partner_never_sees_it(world: World) -> None:
    world.agree()
    event_id = stored(world, ("domain", "evil.example"), tag=NewTag("tlp:red", local=True))
    document = explaining.what_partner_sees(world.database, world.bridge, event_id)
    assert document is not None
    assert not document.get("Tag")
    assert decided(world, event_id).outcome == "hold"


def test_warninglists_and_decay_are_asked(world: World) -> None:
    world.agree(quality="drop")
    event_id = stored(world, ("domain", "top.example"), ("domain", "evil.example"))
    assert decided(world, event_id).outcome == "pass"
    with world.admin() as session:
        drafted = Draft(
            name="Top sites", kind="hostname", description="", category="false_positive",
            types=["domain"], entries=[Entry("top.example", None)],
        )  # fmt: skip
        warninglists.set_enabled(session, warninglists.add(session, drafted), True)
    found = decided(world, event_id)
    assert found.counts()["dropped"] == 1
    assert "known_good" in codes(found)
    with world.admin() as session:
        made = decaying_changes.add(session, {
            "name": "Short", "description": "", "attribute_types": ["domain"], "enabled": True,
            "parameters": {"lifetime": 1, "decay_speed": 1, "threshold": 30,
                           "default_base_score": 80, "base_score_config": {}},
        })  # fmt: skip
        decaying_changes.set_enabled(session, made.id, True)
        session.execute("UPDATE attribute SET timestamp = timestamp - 864000")
    assert decided(world, event_id).counts()["dropped"] == 2
    assert "expired" in codes(decided(world, event_id))


@pytest.mark.parametrize(
    ("kind", "types", "entry", "hit", "missed"),
    [
        ("string", ["domain"], "Top.Example", ("domain", "TOP.example"), ("domain", "op.example")),
        ("string", ["url"], "top.example", ("url", "top.example"), ("domain", "top.example")),
        ("string", ["ALL"], "top.example", ("url", "top.example"), ("domain", "x.top.example")),
        ("hostname", ["url"], "top.example", ("url", "http://a.top.example/x"), ("url", "http://b")),
        ("cidr", ["ip-dst"], "192.0.2.0/24", ("ip-dst", "192.0.2.7"), ("ip-dst", "192.0.3.7")),
        ("substring", ["url"], "top.ex", ("url", "http://atop.example/x"), ("url", "http://top/")),
    ],
)  # fmt: skip
def test_every_kind_of_warninglist_is_asked(
    world: World, kind: Any, types: list[str], entry: str, hit: tuple[str, str],
    missed: tuple[str, str],
) -> None:  # fmt: skip
    world.agree(quality="drop")
    event_id = stored(world, hit, missed)
    with world.admin() as session:
        drafted = Draft(
            name="Top sites", kind=kind, description="", category="false_positive",
            types=types, entries=[Entry(entry, None)],
        )  # fmt: skip
        warninglists.set_enabled(session, warninglists.add(session, drafted), True)
    document = explaining.what_partner_sees(world.database, world.bridge, event_id)
    assert document is not None
    left_out = decided(world, event_id).attributes
    assert {
        one["value"]: left_out[one["uuid"]].becomes for one in document["Attribute"]
    } == {hit[1]: "nothing", missed[1]: "whole"}  # fmt: skip


def test_a_reported_expiry_counts_until_it_is_seen_again(world: World) -> None:
    world.agree(quality="drop")
    event_id = stored(world, ("domain", "evil.example"), ("domain", "bad.example"))
    with world.admin() as session:
        (attribute_id,) = session.all(
            "SELECT id FROM attribute WHERE event_id = %s ORDER BY id LIMIT 1", (event_id,)
        )[0]
        _sight(session, attribute_id, 2, 1_700_000_000)
    assert decided(world, event_id).counts()["dropped"] == 1
    with world.admin() as session:
        _sight(session, attribute_id, 0, 1_700_000_001)
    assert decided(world, event_id).counts()["dropped"] == 0


def _sight(session: Any, attribute_id: int, kind: int, at: int) -> None:
    uuid = session.value("SELECT uuid::text FROM attribute WHERE id = %s", (attribute_id,))
    sightings.report(session, Wanted(uuid), NewSighting(None, at, "", kind))


def test_the_nodes_default_purpose_counts_where_an_event_says_none(world: World) -> None:
    world.agree()
    event_id = stored(world, ("domain", "evil.example"))
    with world.admin() as session:
        settings.set_value(session, "bridges.default_purpose", "research")
    assert decided(world, event_id).outcome == "refuse"


def test_pseudonyms_of_a_bridge_stay_the_same_and_its_key_is_sealed(world: World) -> None:
    data = {"regime": "gdpr", "handling": "pseudonymise", "transfer": {"tool": "eea"}}
    world.agree(personal_data=data)
    event_id = stored(world, ("full-name", "Jan de Vries"), ("domain", "evil.example"))
    found = decided(world, event_id)
    document = explaining.what_partner_sees(world.database, world.bridge, event_id)
    assert document is not None
    copies = []
    for who in (world.partner, world.database.system):
        with who() as session:
            copies.append(gate.apply(session, document, found, world.bridge))
    assert copies[0] == copies[1]
    values = [one["value"] for one in copies[0]["Attribute"]]
    assert values[1] == "evil.example"
    assert values[0].startswith("pseudonym:")
    with world.database.system() as session:
        here = applying.pseudonyms(session, world.bridge).value("full-name", "Jan de Vries")
        there = applying.pseudonyms(session, world.other).value("full-name", "Jan de Vries")
    assert values[0] == here != there
    with world.analyst() as session:
        assert session.all("SELECT * FROM pseudonym_key") == []
    with world.other_partner() as session:
        numbers = [row[0] for row in session.all("SELECT bridge_id FROM pseudonym_key")]
    assert numbers == [world.other.id]


def received(world: World, label: str) -> int:
    """An event of another organisation, as it came in."""

    event_id = stored(world, ("domain", "evil.example"), tag=NewTag(label))
    with world.database.system() as session:
        org = organisations.add(session, {"name": "Foreign", "uuid": FOREIGN, "local": False})
        session.execute("UPDATE event SET orgc_id = %s WHERE id = %s", (org.id, event_id))
    return event_id


def asked(world: World, event_id: int, **more: Any) -> permissions.Record:
    with world.admin() as session:
        uuid = session.value("SELECT uuid::text FROM event WHERE id = %s", (event_id,))
        given = {"event_uuid": uuid, "from_label": "amber", "to_label": "green", "source": "CERT"}
        return permissions.ask(session, given | more)


def test_a_received_event_crosses_once_its_source_allowed_it_and_not_before(world: World) -> None:
    world.agree()
    event_id = received(world, "tlp:amber")
    assert decided(world, event_id).outcome == "refuse"
    assert decided(world, event_id, released_by=(1, 2)).outcome == "refuse"
    made = asked(world, event_id)
    assert decided(world, event_id).outcome == "refuse"
    with world.admin() as session:
        later = datetime.now(UTC) + timedelta(days=1)
        permissions.answer(session, made.id, granted=True, evidence="Mail", valid_until=later)
    assert decided(world, event_id).outcome == "pass"
    with world.admin() as session:
        assert permissions.use(session, [made.event_uuid], world.bridge.id) == 1
        assert permissions.use(session, [made.event_uuid], world.bridge.id) == 0
    assert decided(world, event_id).outcome == "pass"
    with world.database.system() as session:
        session.execute("UPDATE source_permission SET valid_until = now()")
    assert decided(world, event_id).outcome == "refuse"
    with world.admin() as session:
        assert permissions.expire(session) == 1
        assert permissions.view(session, made.id).state == "expired"


def test_a_permission_that_is_withdrawn_or_for_another_does_not_count(world: World) -> None:
    world.agree()
    event_id = received(world, "tlp:amber")
    with world.admin() as session:
        other = session.value("SELECT id FROM organisation WHERE uuid = %s", (FOREIGN,))
        mine = session.value("SELECT id FROM organisation WHERE uuid = %s", (ONE,))
    elsewhere = asked(world, event_id, to_label="amber", audience_id=other)
    here = asked(world, event_id, to_label="amber", audience_id=mine)
    with world.admin() as session:
        permissions.answer(session, elsewhere.id, granted=True, evidence="Mail")
    assert decided(world, event_id).outcome == "refuse"
    with world.database.system() as session:
        session.execute("DELETE FROM change_pending")
    with world.admin() as session:
        permissions.answer(session, here.id, granted=True, evidence="Mail")
        assert permissions.use(session, [here.event_uuid], world.other.id) == 0
    with world.database.system() as session:
        noted = session.value("SELECT event_id FROM change_pending")
    assert noted == event_id
    assert decided(world, event_id).outcome == "pass"
    with world.admin() as session:
        permissions.withdraw(session, here.id, "They called")
    assert decided(world, event_id).outcome == "refuse"


@pytest.mark.parametrize("state", FOLLOWS)
def test_a_permission_goes_from_state_to_state_as_the_table_says(world: World, state: str) -> None:
    event_id = received(world, "tlp:amber")
    acts: dict[str, Callable[[Any, int], permissions.Record]] = {
        "granted": lambda s, n: permissions.answer(s, n, granted=True, evidence="x"),
        "refused": lambda s, n: permissions.answer(s, n, granted=False, evidence="x"),
        "withdrawn": lambda s, n: permissions.withdraw(s, n, "x"),
    }
    for wanted, act in acts.items():
        made = asked(world, event_id)
        with world.database.system() as session:
            session.execute(
                "UPDATE source_permission SET state = %s WHERE id = %s", (state, made.id)
            )
        with world.admin() as session:
            if wanted in FOLLOWS[state]:
                assert act(session, made.id).state == wanted
            else:
                with pytest.raises(WrongState):
                    act(session, made.id)
                assert permissions.view(session, made.id).state == state


def test_who_may_record_permissions_and_what_they_must_say(world: World) -> None:
    event_id = received(world, "tlp:amber")
    made = asked(world, event_id)
    for who in (world.analyst, world.partner):
        with who() as session, pytest.raises(Forbidden):
            permissions.ask(session, {"event_uuid": made.event_uuid})
    with world.analyst() as session:
        assert permissions.listed(session) == []
    with world.admin() as session:
        for given, field in (
            ({"event_uuid": "x"}, "event_uuid"),
            ({"event_uuid": made.event_uuid, "attribute_uuid": "x"}, "attribute_uuid"),
            ({"event_uuid": made.event_uuid, "from_label": "odd"}, "from_label"),
            ({"event_uuid": made.event_uuid, "from_label": "green", "to_label": "red"}, "to_label"),
            ({"event_uuid": made.event_uuid, "from_label": "red", "to_label": "red"}, "to_label"),
            ({"event_uuid": made.event_uuid, "from_label": "red", "to_label": "green"}, "source"),
        ):
            with pytest.raises(Invalid) as refused:
                permissions.ask(session, given)
            assert refused.value.field == field
        with pytest.raises(Invalid):
            permissions.answer(session, made.id, granted=True, evidence=" ")
        past = datetime(2020, 1, 1, tzinfo=UTC)
        with pytest.raises(Invalid):
            permissions.answer(session, made.id, granted=True, evidence="x", valid_until=past)
        with pytest.raises(NotFound):
            permissions.view(session, 999)
        acts = session.value("SELECT count(*) FROM audit WHERE model = 'SourcePermission'")
    assert acts == 1
