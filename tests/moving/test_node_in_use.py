# SPDX-License-Identifier: EUPL-1.2
"""Moving into a node that is in use, and again while the other side is still in use."""

from tests.api.conftest import World
from tests.moving.conftest import moved

from brug.directory import (
    account_changes,
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
