# SPDX-License-Identifier: EUPL-1.2
"""What comes in stays as it came, is found by those who may see it, and warns whom it concerns."""

from typing import Any

import msgspec
import pytest
from tests.cases.catalogue import made
from tests.cases.catalogue.conftest import World

from brug.cases.catalogue import finding, inventory, refusing, settling, taking
from brug.cases.catalogue.finding import Wanted
from brug.cases.catalogue.inventory import Given
from brug.cases.catalogue.taking import Came, Origin
from brug.mail import advisory_letters
from brug.mail.content import Cause, Reader
from brug.model.errors import Forbidden, Invalid, NotFound
from brug.store import settings


def found(world: World, user: int, **wanted: object) -> list[str]:
    with world.database.as_user(user) as session:
        rows, total = finding.listed(session, Wanted(**wanted))  # type: ignore[arg-type]
    assert total == len(rows)
    return [f"{one.tracking_id} {one.version}" for one in rows]


def concerns(world: World, user: int) -> list[tuple[str, str, str, str]]:
    with world.database.as_user(user) as session:
        rows, total = finding.concerns(session)
    assert total == len(rows)
    return [(one.organisation, one.tracking_id, one.outcome, one.certainty) for one in rows]


def test_a_document_is_kept_as_it_came_and_found_by_its_words(world: World) -> None:
    raw = msgspec.json.format(made.raw(), indent=3)
    assert [one.outcome for one in world.take(raw)] == ["added"]
    for text in ("", "pump", "PUMPS cve-2026-1234", "adv-1", "acme psirt", "pkg:npm/pump"):
        assert found(world, world.energy, text=text) == ["ADV-1 1"], text
    assert found(world, world.energy, text="pump valve") == []
    assert found(world, world.energy, text="p%p") == []
    assert found(world, world.energy, severity="critical", tlp="clear") == ["ADV-1 1"]
    assert found(world, world.energy, severity="low") == []
    with world.database.as_user(world.energy) as session:
        whole = finding.view(session, "ADV-1")
    assert whole.raw == raw
    assert whole.row.score == pytest.approx(9.8)
    assert whole.products == ["ACME \u203a Pump \u203a 1.0"]


def test_newer_versions_replace_older_ones_and_never_the_other_way(world: World) -> None:
    assert [one.outcome for one in world.take(made.raw(version="2"))] == ["added"]
    assert [one.outcome for one in world.take(made.raw(version="1"))] == ["older"]
    assert found(world, world.staff) == ["ADV-1 2"]
    assert [one.outcome for one in world.take(made.raw(version="2"))] == ["unchanged"]
    other = world.take(made.raw(version="2", title="Another text"))
    assert other[0].outcome == "refused"
    assert "held as version 2" in other[0].reason
    both = world.take(made.raw(version="10"), made.raw(version="9"))
    assert [one.outcome for one in both] == ["replaced", "older"]
    assert found(world, world.staff) == ["ADV-1 10"]


def test_of_another_publisher_the_same_id_is_another_advisory(world: World) -> None:
    world.take(made.raw(), made.raw(version="2", namespace="https://other.example"))
    assert sorted(found(world, world.staff)) == ["ADV-1 1", "ADV-1 2"]
    with world.database.as_user(world.staff) as session, pytest.raises(Invalid, match="several"):
        finding.view(session, "ADV-1")


def test_bad_documents_are_kept_with_their_reason_until_they_fit(world: World) -> None:
    wrong = made.value()
    wrong["vulnerabilities"][0]["product_status"]["known_affected"].append("nobody")
    told = world.take(b"{", msgspec.json.encode(wrong), made.raw("ADV-2"))
    assert [one.outcome for one in told] == ["refused", "refused", "added"]
    assert "6.1.1 " in told[1].reason
    with world.database.system() as session:
        kept = refusing.listed(session)
        assert {one.place for one in kept} == {"0.json", "1.json"}
        assert refusing.content(session, kept[0].id) in {b"{", msgspec.json.encode(wrong)}
    world.take(made.raw("ADV-3"), made.raw("ADV-4"))
    with world.database.system() as session:
        assert refusing.listed(session) == []


def test_a_withdrawn_advisory_says_so_and_warns_nobody(world: World) -> None:
    world.register(world.water, purl="pkg:npm/pump@1.0")
    world.take(made.raw(), made.raw(version="2", summary="Withdrawn: the hole was another one"))
    with world.database.as_user(world.water) as session:
        row = finding.view(session, "ADV-1").row
        assert row.withdrawn.startswith("Withdrawn")
    with world.database.system() as session:
        assert session.value("SELECT count(*) FROM catalogue_warned") == 0


@pytest.mark.parametrize(
    ("tlp", "distribution", "readers"),
    [
        ("WHITE", 1, "host water energy"), ("GREEN", 3, "host water energy"),
        (None, 1, "host water energy"), ("WHITE", 0, "host"), ("AMBER", 1, "host"),
        ("AMBER", 4, "host water"), ("GREEN", 4, "host water"), ("RED", 4, "host"),
        ("RED", 1, "host"),
    ],
)  # fmt: skip
def test_no_source_shows_more_than_the_label_allows(
    world: World, tlp: str | None, distribution: int, readers: str
) -> None:
    group = _group(world) if distribution == 4 else None
    world.take(made.raw(tlp=tlp), distribution=distribution, group=group)
    seen = {
        name
        for name, user in (
            ("host", world.clerk), ("water", world.water_reader), ("energy", world.energy)
        )
        if found(world, user) and found(world, user, text="pump")
    }  # fmt: skip
    assert seen == set(readers.split())


def _group(world: World) -> int:
    with world.database.system() as session:
        group = session.value(
            "INSERT INTO sharing_group (uuid, name, organisation_uuid, org_id)"
            " SELECT gen_random_uuid(), gen_random_uuid()::text, uuid, id FROM organisation"
            " WHERE id = %s RETURNING id",
            (world.orgs["host"],),
        )
        session.execute(
            "INSERT INTO sharing_group_org (sharing_group_id, org_id) VALUES (%s, %s), (%s, %s)",
            (group, world.orgs["host"], group, world.orgs["water"]),
        )
    return int(group)


def test_a_label_that_opens_replaces_what_was_for_a_few(world: World) -> None:
    world.take(made.raw(tlp="AMBER"))
    assert found(world, world.energy) == []
    world.take(made.raw(version="2"))
    assert found(world, world.energy) == found(world, world.staff) == ["ADV-1 2"]
    world.take(made.raw(version="3", tlp="AMBER"))
    assert found(world, world.energy) == ["ADV-1 2"]
    assert found(world, world.staff) == ["ADV-1 3"]


def test_whoever_runs_it_is_warned_whichever_came_first(world: World) -> None:
    world.register(world.water, purl="pkg:npm/pump@1.0")
    world.take(made.raw())
    world.register(world.energy, purl="pkg:npm/pump@2.0")
    assert concerns(world, world.water_reader) == [
        ("Zuidmark Waterworks", "ADV-1", "affected", "sure")
    ]
    assert concerns(world, world.energy) == []
    world.register(world.energy, purl="pkg:npm/pump")
    assert concerns(world, world.energy) == [("Oostmeer Energy", "ADV-1", "affected", "maybe")]
    assert len(concerns(world, world.staff)) == 2
    assert concerns(world, world.clerk) == []
    fixed = {"fixed": [made.product("Pump", "1.0", purl="pkg:npm/pump@1.0")]}
    world.take(made.raw(version="2", statuses=fixed))
    assert concerns(world, world.water) == []


def test_a_match_with_what_one_may_not_see_is_not_seen(world: World) -> None:
    world.register(world.water, purl="pkg:npm/pump@1.0")
    world.take(made.raw(tlp="AMBER"))
    assert concerns(world, world.water) == []
    assert concerns(world, world.staff) == [("Zuidmark Waterworks", "ADV-1", "affected", "sure")]


def test_a_register_is_for_its_organisation_and_the_hosts_case_workers(world: World) -> None:
    number = world.register(world.water, vendor="ACME", name="Pump", note="in hall 3")
    readers = {
        "staff": world.staff, "water": world.water, "reader": world.water_reader,
        "clerk": world.clerk, "energy": world.energy,
    }  # fmt: skip
    seen = {}
    for name, user in readers.items():
        with world.database.as_user(user) as session:
            rows, total = inventory.listed(session)
            seen[name] = [one.id for one in rows]
            assert total == len(rows)
    assert seen == {
        "staff": [number], "water": [number], "reader": [number], "clerk": [], "energy": [],
    }  # fmt: skip
    for user in (world.water_reader, world.clerk, world.energy):
        with world.database.as_user(user) as session, pytest.raises(NotFound):
            inventory.remove(session, number)
    with world.database.as_user(world.water_reader) as session, pytest.raises(Forbidden):
        inventory.add(session, Given(purl="pkg:npm/a"), world.orgs["water"])
    with world.database.as_user(world.energy) as session, pytest.raises(Forbidden):
        inventory.organisation(session, "Zuidmark Waterworks")
    with world.database.as_user(world.energy) as session, pytest.raises(Forbidden):
        inventory.add(session, Given(purl="pkg:npm/a"), world.orgs["water"])
    with world.database.as_user(world.staff) as session:
        org_id = inventory.organisation(session, "zuidmark waterworks")
        assert inventory.add(session, Given(purl="pkg:npm/a"), org_id) > number


def test_a_site_admin_without_the_right_sees_no_register(world: World) -> None:
    number = world.register(world.water, purl="pkg:npm/pump@1.0")
    world.take(made.raw())
    with world.database.system() as session:
        role = session.value(
            "INSERT INTO role (name, rights) VALUES ('root', '{site_admin}') RETURNING id"
        )
        admin = session.value(
            "INSERT INTO account (email, org_id, role_id) VALUES ('root@noordland.example', %s, %s)"
            " RETURNING id",
            (world.orgs["host"], role),
        )
    with world.database.as_user(admin) as session:
        assert inventory.listed(session) == ([], 0)
        assert finding.concerns(session) == ([], 0)
        assert finding.listed(session, Wanted())[0][0].concerned == 0
        with pytest.raises(NotFound):
            inventory.remove(session, number)


def test_a_bill_registers_its_components_and_its_next_version_replaces_it(world: World) -> None:
    bill: dict[str, Any] = {
        "bomFormat": "CycloneDX", "specVersion": "1.6", "components": [
            {"type": "library", "name": "pump", "version": "1.0", "purl": "pkg:npm/pump@1.0"},
            {"type": "library", "name": "nameless"},
        ],
    }  # fmt: skip
    with world.database.as_user(world.water) as session:
        made_one = inventory.add_bill(
            session, msgspec.json.encode(bill), "Control room", session.principal.org_id
        )
        assert made_one.products == 1
    world.take(made.raw())
    assert concerns(world, world.water) == [("Zuidmark Waterworks", "ADV-1", "affected", "sure")]
    with world.database.as_user(world.water) as session:
        assert [one.bill for one in finding.concerns(session)[0]] == ["Control room"]
    bill["components"][0] |= {"version": "2.0", "purl": "pkg:npm/pump@2.0"}
    with world.database.as_user(world.water) as session:
        inventory.add_bill(
            session, msgspec.json.encode(bill), "Control room", session.principal.org_id
        )
    settling.settle(world.database)
    assert concerns(world, world.water) == []


def test_letters_go_once_a_version_to_those_who_asked(world: World) -> None:
    with world.database.system() as session:
        settings.set_value(session, "mail.host", "mail.example")
        settings.set_value(session, "mail.from", "brug@noordland.example")
    with world.database.as_user(world.water_reader) as session:
        finding.choose_letters(session, wanted=True)
        assert finding.wants_letters(session)
    world.register(world.water, purl="pkg:npm/pump@1.0")
    world.register(world.water, cpe="cpe:2.3:a:acme:pump:1.0:*:*:*:*:*:*:*")
    world.take(made.raw())
    world.take(made.raw())
    world.register(world.water, purl="pkg:npm/pump@1.0", note="once more")
    assert _letters(world) == [(world.water_reader, "1")]
    world.take(made.raw(version="2"))
    assert _letters(world) == [(world.water_reader, "1"), (world.water_reader, "2")]
    world.take(made.raw("ADV-2", tlp="RED"))
    assert len(_letters(world)) == 2
    with world.database.as_user(world.water_reader) as session:
        finding.choose_letters(session, wanted=False)
    world.take(made.raw(version="3"))
    assert len(_letters(world)) == 2


def _letters(world: World) -> list[tuple[int, str]]:
    with world.database.system() as session:
        return session.all(
            "SELECT user_id, details ->> 'version' FROM mail_cause WHERE kind = 'advisory'"
            " ORDER BY id"
        )


def test_a_source_speaks_for_its_publisher_alone_and_verified_outweighs_unsigned(
    world: World,
) -> None:
    origin = Origin(world.orgs["host"], namespace=made.NAMESPACE)
    with world.database.system() as session:
        told = taking.take(session, [
            Came("a", made.raw(namespace="https://other.example")),
            Came("b", made.raw(), "right", "verified", "ABCD"),
            Came("c", made.raw(version="2")),
        ], origin)  # fmt: skip
    assert [one.outcome for one in told] == ["refused", "added", "refused"]
    assert "speaks for" in told[0].reason
    assert "signature" in told[2].reason
    with world.database.as_user(world.energy) as session:
        whole = finding.view(session, "ADV-1")
    assert (whole.row.digests, whole.row.signature, whole.fingerprint) == (
        "right", "verified", "ABCD",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({}, "purl"), ({"purl": "npm/pump"}, "purl"), ({"cpe": "cpe:2.3:a:x"}, "cpe"),
        ({"cpe": "cpe:2.3:a:*:*:*:*:*:*:*:*:*:*"}, "cpe"), ({"vendor": "ACME"}, "name"),
        ({"name": "Pump"}, "purl"), ({"vendor": "A\x07", "name": "b"}, "vendor"),
        ({"vendor": "A", "name": "b" * 301}, "name"),
    ],
)  # fmt: skip
def test_what_names_no_product_is_refused_by_its_field(
    world: World, given: dict[str, str], field: str
) -> None:
    with world.database.as_user(world.water) as session, pytest.raises(Invalid) as refused:
        inventory.add(session, Given(**given), world.orgs["water"])
    assert refused.value.field == field


@pytest.mark.parametrize(
    ("tlp", "says"), [("WHITE", "Pumps open"), ("GREEN", "Pumps open"), ("AMBER", None)]
)
def test_a_letter_says_what_its_reader_may_see_and_nothing_of_the_register(
    world: World, tlp: str, says: str | None
) -> None:
    world.register(world.water, purl="pkg:npm/pump@1.0", note="in hall 3")
    world.take(made.raw(tlp=tlp), group=_group(world) if tlp == "AMBER" else None,
               distribution=4 if tlp == "AMBER" else 1)  # fmt: skip
    details = {"namespace": made.NAMESPACE, "tracking_id": "ADV-1", "version": "1"}
    for user, sees in ((world.water, True), (world.energy, tlp != "AMBER")):
        for language in ("en", "nl"):
            with world.database.as_user(user) as session:
                cause = Cause(1, "advisory", 0, None, user, details)
                content = advisory_letters.concerning(
                    session, cause, Reader(user, "a@b.example", language, "")
                )
            assert (content is not None) is sees
            if content is None:
                continue
            assert "ADV-1" in content.subject
            assert ("Pumps open" in content.text) is (says is not None)
            assert "/cases/advisories/catalogue/" in content.text
            assert "hall" not in content.text
            assert "pkg:" not in content.text
    cause = Cause(1, "advisory", 0, None, world.water, {"count": 7})
    with world.database.as_user(world.water) as session:
        many = advisory_letters.concerning(
            session, cause, Reader(world.water, "a@b.example", "en", "")
        )
    assert many is not None
    assert many.subject.startswith("7 ")


def test_registers_of_organisations_that_become_one_are_one(world: World) -> None:
    for user in (world.water, world.energy):
        world.register(user, purl="pkg:npm/pump@1.0")
        with world.database.as_user(user) as session:
            bill = b'{"bomFormat":"CycloneDX","components":[{"name":"x","purl":"pkg:npm/x"}]}'
            inventory.add_bill(session, bill, "Hall", session.principal.org_id)
    world.take(made.raw())
    with world.database.system() as session:
        other = session.value(
            "INSERT INTO organisation (uuid, name, local) VALUES (gen_random_uuid(), 'New', true)"
            " RETURNING id"
        )
        for table in ("catalogue_warned", "inventory_product"):
            held = session.value(
                f"SELECT count(*) FROM {table} WHERE org_id = ANY (%s)",
                ([world.orgs["water"], world.orgs["energy"]],),
            )
            assert held == (2 if table == "catalogue_warned" else 4)
        session.execute("SELECT merge_organisation(%s, %s)", (world.orgs["energy"], other))
        world.orgs["energy"] = other
        session.execute("SELECT merge_organisation(%s, %s)", (other, world.orgs["water"]))
    assert concerns(world, world.water) == [("Zuidmark Waterworks", "ADV-1", "affected", "sure")]
    with world.database.as_user(world.water) as session:
        rows, _ = inventory.listed(session)
        names = {one.name for one in inventory.bills(session)}
    assert len(rows) == 3
    assert len(names) == 2


def test_a_bill_takes_the_room_of_the_one_that_it_replaces(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inventory, "MOST", 3)

    def add(name: str, *packages: str) -> int:
        bill = msgspec.json.encode({
            "bomFormat": "CycloneDX", "specVersion": "1.6", "components": [
                {"type": "library", "name": one, "purl": f"pkg:npm/{one}@1.0"} for one in packages
            ],
        })  # fmt: skip
        with world.database.as_user(world.water) as session:
            return inventory.add_bill(session, bill, name, session.principal.org_id).products

    assert add("Pumps", "a", "b") == 2
    assert add("Pumps", "c", "d", "e") == 3
    with pytest.raises(Invalid, match="at most 3"):
        add("Others", "f")


def test_documents_are_told_of_in_the_order_in_which_they_came(world: World) -> None:
    told = world.take(made.raw("ADV-1"), b"{", made.raw("ADV-2"))
    assert [one.place for one in told] == ["0.json", "1.json", "2.json"]
    assert [one.outcome for one in told] == ["added", "refused", "added"]
