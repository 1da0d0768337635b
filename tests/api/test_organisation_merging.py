# SPDX-License-Identifier: EUPL-1.2
"""One organisation becomes part of another, through MISP's interface."""

from typing import Any
from uuid import uuid4

import pytest
from psycopg import sql

from brug.directory import blueprints, mail_choices
from brug.store import settings
from brug.store.session import Session

GONE, STAYS = "Zuidland Energie", "Noordland Bank"


def merge(world: Any, who: str = "admin", gone: str = GONE, **body: Any) -> Any:
    return world.ask(who, "POST", f"/admin/organisations/merge/{world.orgs[gone]}", body)


def event(info: str, **more: Any) -> dict[str, Any]:
    return {"info": info, "distribution": 0, "Attribute": [
        {"type": "domain", "value": f"{info}.example", "distribution": 5}], **more}  # fmt: skip


def choose(world: Any, who: str, org: str) -> None:
    with world.database.as_user(world.ids[who]) as session:
        mail_choices.set_for_organisation(session, world.orgs[org], {"tags": [who]}, None)


def fill(world: Any) -> dict[str, str]:
    """Something of every kind that the one organisation can have; what is asked for later."""
    made = world.ask("other", "POST", "/events/add", event("harbour")).body["Event"]
    shared = event("open", distribution=1, published=True)
    open_one = world.ask("user", "POST", "/events/add", shared).body["Event"]
    attribute = open_one["Attribute"][0]["id"]
    given = {"type": "text", "value": "proposed"}
    world.ask("other", "POST", f"/shadow_attributes/add/{open_one['id']}", given)
    world.ask("other", "POST", f"/sightings/add/{attribute}", {"source": "sensor"})
    note = {"note": "noted", "distribution": 0}
    world.ask("other", "POST", f"/analyst_data/add/Note/{made['uuid']}/Event", note)
    world.ask("otheradmin", "POST", "/bookmarks/add", {"name": "b", "url": "https://b.example"})
    world.ask("other", "POST", "/collections/add", {"name": "c", "distribution": 0})
    for who in ("otheradmin", "orgadmin"):
        world.ask(who, "POST", "/sharing_groups/add", {"name": "ours", "releasability": "us"})
    choose(world, "otheradmin", GONE)
    return {"event": made["id"], "attribute": attribute, "open": open_one["id"]}


def named(session: Session, org: int) -> dict[str, int]:
    """How many rows name an organisation, by table and column; but for the record of acts."""
    columns = session.all("SELECT tab::text, col FROM columns_naming('organisation')")
    count = sql.SQL("SELECT count(*) FROM {} WHERE {} = {}")
    return {
        f"{table}.{column}": session.value(
            count.format(sql.Identifier(table), sql.Identifier(column), org)
        )
        for table, column in columns
        if table not in {"audit", "audience_set", "organisation_merged"}
    }


def test_everything_of_the_one_is_the_others_and_its_people_go_on(world: Any) -> None:
    made = fill(world)
    gone, stays = world.orgs[GONE], world.orgs[STAYS]
    assert world.ask("orgadmin", "GET", f"/events/view/{made['event']}").status == 404
    with world.database.system() as session:
        before, theirs = named(session, gone), named(session, stays)
    for table in ("event.org_id", "proposal.org_id", "sighting.org_id", "analyst_data.orgc_id",
                  "bookmark.org_id", "collection.org_id", "sharing_group.org_id"):  # fmt: skip
        assert before[table], table

    done = merge(world, targetOrgId=stays)
    assert (done.status, done.body["Organisation"]["name"]) == (200, STAYS)

    with world.database.system() as session:
        assert not any(named(session, gone).values())
        assert named(session, stays) == {name: n + theirs[name] for name, n in before.items()}
        kept = session.all("SELECT name FROM sharing_group WHERE org_id = %s", (stays,))
        act = session.value(
            "SELECT change FROM audit WHERE action = 'merge' AND model = 'Organisation'"
            " AND model_id = %s AND email = 'admin@csirt.example'",
            (stays,),
        )
    assert sorted(row[0].partition(" (")[0] for row in kept) == ["ours", "ours"]
    assert act["from"].startswith(GONE)
    assert act["event"] == 1
    assert world.ask("admin", "GET", f"/organisations/view/{gone}").status == 404
    for who in ("other", "user", "orgadmin"):
        seen = world.ask(who, "GET", f"/events/view/{made['event']}").body["Event"]
        assert seen["Orgc"]["id"] == seen["Org"]["id"] == str(stays)
        assert [one["note"] for one in seen["Note"]] == ["noted"]
    assert len(world.ask("orgadmin", "GET", "/admin/users/index").body) > 3
    tagged = {"Attribute": {"comment": "ours now"}}
    first = seen["Attribute"][0]["id"]
    assert world.ask("orgadmin", "POST", f"/attributes/edit/{first}", tagged).status == 200


def test_what_was_asked_of_each_other_is_settled_and_rules_name_the_other(world: Any) -> None:
    made, gone, stays = fill(world), world.orgs[GONE], world.orgs[STAYS]
    rules = {"orgs": {"OR": [], "NOT": [str(gone)]}, "tags": {"OR": [], "NOT": [str(gone)]}}
    server = {"name": "s", "url": "https://s.example", "authkey": "k" * 40, "remote_org_id": gone,
              "push_rules": rules}  # fmt: skip
    world.ask("admin", "POST", "/servers/add", server)
    uuid = world.ask("admin", "GET", f"/organisations/view/{stays}").body["Organisation"]["uuid"]
    with world.database.as_user(1) as session:
        print_of = {"name": "p", "rules": {"NOT": {"org_id": [gone], "org_name": [GONE.upper()]}}}
        blueprints.add(session, print_of)
        settings.set_value(session, "sign_in.oidc_groups", ["staff=User:Zuidland%20Energie"])
        settings.set_value(session, "sign_in.oidc_organisation", GONE)
        session.execute(
            "INSERT INTO correlation_rule (name, selector_type, selector_list, created, timestamp)"
            " VALUES ('r', 'orgc_id', ARRAY[%s], 1, 1)",
            (str(gone),),
        )
        session.execute(
            "INSERT INTO event_delegation (event_id, org_id, requester_org_id) VALUES (%s, %s, %s)",
            (made["event"], stays, gone),
        )
    assert merge(world, targetOrgId=STAYS).status == 200
    with world.database.system() as session:
        pushed = session.value("SELECT push_rules FROM server")
        found = session.value("SELECT rules FROM sharing_group_blueprint")
        assert session.value("SELECT selector_list FROM correlation_rule") == [str(stays)]
        assert session.value("SELECT count(*) FROM event_delegation") == 0
        assert settings.get(session, "sign_in.oidc_groups") == [f"staff=User:{uuid}"]
        assert settings.get(session, "sign_in.oidc_organisation") == uuid
    assert f'"NOT":["{stays}"]' in pushed
    assert f'"tags":{{"OR":[],"NOT":["{gone}"]}}' in pushed, "a tag's number is no organisation's"
    assert found == {"NOT": {"org_id": [stays], "org_name": [STAYS]}}


def test_what_both_hold_stops_it_by_name_and_nothing_moves(world: Any) -> None:
    uuid = str(uuid4())
    for who in ("other", "user"):
        assert world.ask(who, "POST", "/events/add", event("twice", uuid=uuid)).status == 200
    fill(world)
    with world.database.system() as session:
        before = named(session, world.orgs[GONE])
    refused = merge(world, targetOrgId=world.orgs[STAYS])
    assert refused.status == 403
    assert uuid in refused.body["errors"]["targetOrgId"][0]
    with world.database.system() as session:
        assert named(session, world.orgs[GONE]) == before


@pytest.mark.parametrize(
    ("gone", "body", "said"),
    [
        (STAYS, {"targetOrgId": STAYS}, "another organisation"),
        ("CSIRT Noordland", {"targetOrgId": STAYS}, "which is CSIRT Noordland; it stays"),
        (GONE, {"targetOrgId": "Nobody"}, "an organisation that is here"),
        (GONE, {"targetOrgId": ["x"]}, "id, UUID or name"),
        (GONE, {}, "id, UUID or name"),
    ],
)
def test_it_is_refused_by_field(world: Any, gone: str, body: Any, said: str) -> None:
    world.orgs["CSIRT Noordland"] = 1
    refused = merge(world, gone=gone, **body)
    assert refused.status == 403
    assert said in refused.body["errors"]["targetOrgId"][0]
    assert len(world.ask("admin", "GET", "/organisations/index").body) == 3


def test_only_site_admins_merge_and_reading_changes_nothing(world: Any) -> None:
    for who in ("orgadmin", "otheradmin", "sync", "user"):
        assert merge(world, who, targetOrgId=world.orgs[STAYS]).status == 403
    path = f"/admin/organisations/merge/{world.orgs[GONE]}"
    assert world.ask("admin", "GET", path).status == 405
    assert world.ask("admin", "GET", f"/organisations/view/{world.orgs[GONE]}").status == 200


def test_the_form_of_a_stock_misp_is_understood(world: Any) -> None:
    asked: Any = {"Organisation": {"targetType": "0", "orgsLocal": str(world.orgs[STAYS])}}
    assert merge(world, **asked).body["Organisation"]["name"] == STAYS


def test_which_mail_the_people_of_the_one_that_stays_get_is_its_own_choice(world: Any) -> None:
    choose(world, "otheradmin", GONE)
    choose(world, "orgadmin", STAYS)
    assert merge(world, targetOrgId=world.orgs[STAYS]).status == 200
    with world.database.system() as session:
        found = mail_choices.of_organisation(session, world.orgs[STAYS])
    assert found.filters == {"tags": ["orgadmin"]}
