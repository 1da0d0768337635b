# SPDX-License-Identifier: EUPL-1.2
"""Moving into a node that is in use, and again while the other side is still in use."""

from typing import Any

import pytest
from psycopg import sql
from tests.api.conftest import World
from tests.moving.conftest import moved

from brug.directory import (
    account_changes,
    keys,
    organisations,
    servers,
    sharing_group_changes,
    sharing_groups,
    user_settings,
)
from brug.formats.misp.reading import read_event
from brug.intel.adding import add
from brug.store import settings
from brug.store.session import Database, Session


def group_of(session: Session, name: str) -> sharing_groups.SharingGroup:
    return next(g for g in sharing_groups.listed(session) if g.name == name)


def test_a_node_in_use_keeps_what_it_has_of_what_comes(old: World, new: Database) -> None:
    with old.database.system() as session:
        energy = group_of(session, "Energy sector")
        bank = organisations.view(session, "Noordland Bank")
        role = session.value("SELECT rights FROM role WHERE name = 'User'")
    with new.as_user(1) as session:
        settings.set_value(session, "mail.from", "ours@here.example")
        known = organisations.add(
            session, {"name": "Bank", "uuid": bank.uuid, "description": "as we know it"}
        )
        mine = sharing_group_changes.add(session, {"name": "Ours", "uuid": energy.uuid})
        given = {"email": "user@people.example", "org_id": known.id, "role_id": 6}
        user = account_changes.add(session, given).account
        user_settings.put(session, user.id, "homepage", {"path": "/here"})
        session.execute("UPDATE role SET rights = rights || '{tag_editor,tagger,publish}'"
                        " WHERE name = 'User'")  # fmt: skip
        shared = {"info": "ours", "distribution": 4, "sharing_group_id": mine.id}
        add(session, read_event(shared), keep_empty=True)
        default = session.value("SELECT id FROM role WHERE default_role")
    with old.database.system() as session:
        settings.set_value(session, "mail.from", "theirs@there.example")
    report = moved(old, new)
    with old.database.system() as session:
        settings.set_value(session, "mail.from", "")
    assert not report.keeps_ids
    (said,) = [said for said in report.remarks if said.startswith("role User: may ")]
    assert said.endswith("here and not on the other side")
    assert "setting" not in report.kinds
    with new.as_user(1) as session:
        assert settings.get(session, "mail.from") == "ours@here.example"
        kept = organisations.view(session, bank.uuid)
        assert (kept.id, kept.name, kept.description) == (known.id, "Bank", "as we know it")
        group = sharing_groups.view(session, mine.id)
        assert (group.name, group.org_id, group.members) == ("Ours", 1, []), "nobody was let in"
        assert session.value("SELECT role_id FROM account WHERE id = %s", (user.id,)) == 6
        assert session.value("SELECT id FROM role WHERE default_role") == default
        rights = session.value("SELECT rights FROM role WHERE name = 'User'")
        assert set(rights) >= {*role, "tag_editor"}
        assert user_settings.named(session, user.id, "homepage").value == {"path": "/here"}
        (server,) = servers.listed(session)
        energy_here = organisations.view(session, "Zuidland Energie").id
        assert server.push_rules == f'{{"tags":{{}},"orgs":{{"NOT":["{energy_here}"]}}}}'


def test_who_leaves_a_group_or_is_shut_out_there_is_so_here_after_the_next_run(
    there: World, new: Database
) -> None:
    moved(there, new)
    bank, other = there.orgs["Noordland Bank"], there.ids["other"]
    with there.database.system() as session:
        group = group_of(session, "Energy sector").id
    member = there.ids["user"]
    with new.as_user(member) as session:
        before = session.value("SELECT count(*) FROM event WHERE info = 'Of the group only'")
    there.ask("admin", "POST", f"/sharing_groups/removeOrg/{group}/{bank}")
    there.ask("admin", "POST", f"/admin/users/edit/{other}", {"disabled": True})
    with new.as_user(1) as session:
        account_changes.edit(session, there.ids["user2"], {"disabled": True})
    moved(there, new)
    with new.as_user(member) as session:
        after = session.value("SELECT count(*) FROM event WHERE info = 'Of the group only'")
    assert (before, after) == (1, 0)
    with new.system() as session:
        closed = dict(session.all("SELECT id, disabled FROM account"))
    assert closed[other]
    assert closed[there.ids["user2"]], "what was closed here stays closed"
    assert not closed[1]


def _event_of(there: World) -> dict[str, Any]:
    number = there.ask("user", "POST", "/events/index", {"eventinfo": "Übernahme"}).body[0]["id"]
    found: dict[str, Any] = there.ask("user", "GET", f"/events/view/{number}").body["Event"]
    return found


ADDED = {
    "a sighting": ("sighting", "/sightings/add/{attribute}", {"source": "here"}),
    "a local tag": ("event_tag", "/events/addTag/{event}", {"tag": "noordland:here", "local": 1}),
    "a proposal": ("proposal", "/shadow_attributes/add/{event}",
                   {"type": "domain", "value": "proposed-here.example"}),
    "a report": ("event_report", "/eventReports/add/{event}", {"name": "here"}),
}  # fmt: skip


@pytest.mark.parametrize("what", ADDED)
def test_what_was_added_here_is_not_lost_when_the_event_changes_there(
    there: World, new: Database, what: str
) -> None:
    moved(there, new)
    event = _event_of(there)
    table, path, body = ADDED[what]
    attribute = event["Attribute"][0]["id"]
    here = there.on(new, "")
    with new.as_user(1) as session:
        here.keys["admin"] = keys.add(session, 1).text
    here.ask("admin", "POST", "/tags/add", {"name": "noordland:here"})
    said = here.ask("admin", "POST", path.format(event=event["id"], attribute=attribute), body)
    assert said.status == 200, said.body
    assert "errors" not in said.body
    assert "refused" not in said.body.get("Event", {})
    count = sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))
    with new.system() as session:
        before = session.value(count)
    edited = there.ask("user", "POST", f"/attributes/edit/{attribute}", {"comment": "changed"})
    assert edited.status == 200, edited.body
    report = moved(there, new, again=True)  # both may have happened within one second
    assert [(r.item.split()[1], r.reason) for r in report.refused] == [
        (event["id"], "it changed here since it was taken over")
    ]
    with new.system() as session:
        assert session.value(count) == before


def test_a_note_that_was_edited_here_keeps_its_text_and_a_newer_one_of_there_comes(
    there: World, new: Database
) -> None:
    moved(there, new)
    with new.system() as session:
        uuid = session.value("SELECT uuid::text FROM analyst_data WHERE kind = 0")
        session.execute("UPDATE analyst_data SET note = 'edited here', modified = now()"
                        " WHERE kind = 0")  # fmt: skip
    moved(there, new)
    with new.system() as session:
        assert session.value("SELECT note FROM analyst_data WHERE kind = 0") == "edited here"
        session.execute("UPDATE analyst_data SET modified = '2020-01-01' WHERE kind = 0")
    there.ask("other", "POST", f"/analyst_data/edit/Note/{uuid}", {"note": "edited there"})
    moved(there, new)
    with new.system() as session:
        assert session.value("SELECT note FROM analyst_data WHERE kind = 0") == "edited there"


def test_of_two_proposals_to_one_attribute_the_one_that_was_settled_there_is_settled_here(
    there: World, new: Database
) -> None:
    attribute = _event_of(there)["Attribute"][0]["id"]
    made = [
        there.ask("other", "POST", f"/shadow_attributes/edit/{attribute}", {"value": value}).body
        for value in ("198.51.100.21", "198.51.100.22")
    ]
    numbers = [one["ShadowAttribute"]["id"] for one in made]
    moved(there, new)
    there.ask("user", "POST", f"/shadow_attributes/discard/{numbers[0]}")
    moved(there, new)
    with new.system() as session:
        found = session.all("SELECT id::text, deleted FROM proposal WHERE id::text = ANY (%s)"
                            " ORDER BY id", (numbers,))  # fmt: skip
    assert found == [(numbers[0], True), (numbers[1], False)]
