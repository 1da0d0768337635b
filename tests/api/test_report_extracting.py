# SPDX-License-Identifier: EUPL-1.2
"""What a report says, read without changing anything."""

from typing import Any

from psycopg.types.json import Jsonb
from tests.api.conftest import World
from tests.api.event_world import attribute, event, is_refused, published, rows, viewed

CONTENT = """\
APT 28 (also T1566) sent evil[.]example.com to hosts that talk to 192.0.2.10, see
@[attribute](6b0c7e5a-5f5f-4a0e-9d5c-0123456789ab) and TLP:AMBER, mine:tag.
The dropper "Campaign Nine" is a text attribute of the event.
"""


def learn(world: World) -> None:
    """An actor with a synonym, a technique, and a galaxy that is switched off."""
    with world.database.system() as session:
        for kind, enabled, value, synonym in (
            ("threat-actor", True, "Sofacy", "APT 28"),
            ("mitre-attack-pattern", True, "Phishing - T1566", ""),
            ("tool", False, "The dropper", ""),
        ):
            galaxy = session.value(
                "INSERT INTO galaxy (uuid, name, type, description, version, icon, namespace,"
                " enabled) VALUES (gen_random_uuid(), %s, %s, '', 1, '', 'misp', %s) RETURNING id",
                (kind, kind, enabled),
            )
            cluster = session.value(
                "INSERT INTO galaxy_cluster (uuid, galaxy_id, type, value, tag_name, description,"
                " source, authors, version, distribution, is_default)"
                " VALUES (gen_random_uuid(), %s, %s, %s, %s, '', '', '{}', 1, 3, true)"
                " RETURNING id",
                (galaxy, kind, value, f'misp-galaxy:{kind}="{value}"'),
            )
            if synonym:
                session.execute(
                    "INSERT INTO galaxy_element (galaxy_cluster_id, key, value, is_default)"
                    " VALUES (%s, 'synonyms', %s, true)",
                    (cluster, synonym),
                )


def report(world: World, event_id: Any, content: str = CONTENT, **fields: Any) -> Any:
    body = {"name": "Findings", "content": content, **fields}
    reply = world.ask("orgadmin", "POST", f"/eventReports/add/{event_id}", body)
    assert reply.status == 200, reply.body
    return reply.body["EventReport"]


def extracted(world: World, key: Any, who: str = "orgadmin") -> Any:
    return world.ask(who, "GET", f"/eventReports/extractFromReport/{key}")


def test_known_values_new_ones_tags_and_clusters_are_told_apart(world: World) -> None:
    learn(world)
    added = event(world, Tag=[{"name": "mine:tag"}, {"name": "tlp:amber"}])
    known = attribute(world, added["id"], value="192.0.2.10")
    text = attribute(world, added["id"], type="text", value="Campaign Nine")
    attribute(world, added["id"], type="text", value="ho")
    made = report(world, added["id"])
    before = viewed(world, added["id"])
    told = extracted(world, made["id"]).body
    assert [(v["value"], v["original_value"], v["default_type"])
            for v in told["complexTypeToolResult"]] == [
        ("evil.example.com", "evil[.]example.com", "hostname")]  # fmt: skip
    assert told["replacementValues"] == {
        "192.0.2.10": {"attributeUUIDs": [known["uuid"]], "valueInReport": "192.0.2.10"},
        "Campaign Nine": {"attributeUUIDs": [text["uuid"]], "valueInReport": "Campaign Nine"},
    }
    context = told["replacementContext"]
    assert set(context) == {"APT 28", "T1566", "TLP:AMBER", "mine:tag"}
    actor = context["APT 28"]['misp-galaxy:threat-actor="Sofacy"']
    assert (actor["value"], actor["colour"]) == ("Sofacy", "#0088cc")
    assert list(context["T1566"]) == ['misp-galaxy:mitre-attack-pattern="Phishing - T1566"']
    assert context["TLP:AMBER"]["tlp:amber"]["name"] == "tlp:amber"
    assert "Network activity" in told["typeToCategoryMapping"]["ip-dst"]
    assert viewed(world, added["id"]) == before


def test_a_report_that_says_nothing_known_gives_empty_lists(world: World) -> None:
    made = report(world, event(world)["id"], "nothing to see")
    told = extracted(world, made["uuid"]).body
    assert (told["complexTypeToolResult"], told["replacementValues"]) == ([], [])
    assert told["replacementContext"] == []


def test_a_report_is_read_by_whoever_sees_it_and_tells_only_what_that_one_sees(
    world: World,
) -> None:
    added = event(world, distribution="3", Tag=[{"name": "hidden:tag", "local": True}])
    attribute(world, added["id"], value="192.0.2.10", distribution="0")
    shown = report(world, added["id"], "192.0.2.10 was seen", distribution="5")
    hidden = report(world, added["id"], distribution="0")
    published(world, added["id"])
    told = extracted(world, shown["id"], "other").body
    # To another organisation it is a value like any other.
    assert told["replacementValues"] == []
    assert [v["value"] for v in told["complexTypeToolResult"]] == ["192.0.2.10"]
    assert list(extracted(world, shown["id"], "readonly").body["replacementValues"]) == [
        "192.0.2.10"
    ]
    for key in (hidden["id"], "nonsense", "99999999"):
        assert extracted(world, key, "other").status == 404


def test_a_text_over_the_limit_is_refused_by_the_settings_name(world: World) -> None:
    made = report(world, event(world)["id"], "192.0.2.10 " * 200)
    with world.database.system() as session:
        session.execute(
            "INSERT INTO setting (name, value) VALUES ('limits.text_characters', %s)",
            (Jsonb(1000),),
        )
    reply = extracted(world, made["id"])
    assert is_refused(reply, 413, "limits.text_characters")
    assert rows(world, "SELECT count(*) FROM attribute") == [(0,)]
