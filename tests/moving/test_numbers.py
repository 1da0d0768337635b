# SPDX-License-Identifier: EUPL-1.2
"""Whoever has a number that comes along gets another, with everything that hangs on it."""

import base64
import time
from collections.abc import Iterator

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from tests.api.conftest import World
from tests.conftest import copied
from tests.moving.conftest import moved

from brug.directory import account_changes, organisations, second_factor, sharing_group_changes
from brug.directory.node import create_node
from brug.formats.misp.reading import read_event
from brug.intel.adding import add
from brug.store import settings
from brug.store.server import EmbeddedServer
from brug.store.session import Database


@pytest.fixture
def stranger(embedded: EmbeddedServer, template: str) -> Iterator[Database]:
    """A node of somebody whom the other side does not know."""
    with copied(embedded, template) as url, Database(url, size=2) as database:
        with database.system() as session:
            create_node(session, "CERT Zuidmark", "keeper@zuidmark.example", "http://new.example")
        yield database


def test_the_one_who_moves_in_keeps_codes_on_telephone_and_paper_and_what_names_the_account(
    old: World, stranger: Database
) -> None:
    with stranger.as_user(1) as session:
        secret = base64.b32decode(second_factor.begin(session).secret)
    totp = TOTP(secret, 6, hashes.SHA1(), 30)  # noqa: S303
    with stranger.as_user(1) as session:
        paper = second_factor.confirm(session, totp.generate(int(time.time()) - 30).decode())
        settings.set_value(session, "sign_in.break_glass", 1)
    report = moved(old, stranger)
    assert report.is_whole
    with stranger.system() as session:
        keeper, org = session.one(
            "SELECT a.id, o.id FROM account a JOIN organisation o ON o.id = a.org_id"
            " WHERE email = 'keeper@zuidmark.example' AND o.name = 'CERT Zuidmark'"
        ) or (0, 0)
        assert keeper > max(old.ids.values())
        assert org > max(old.orgs.values())
        assert settings.get(session, "sign_in.break_glass") == keeper
        assert settings.get(session, "node.host_org_id") == org
        assert second_factor.is_right(session, keeper, totp.generate(int(time.time())).decode())
        assert second_factor.is_right(session, keeper, paper[0])
        assert not second_factor.is_set(session, 1)


def test_a_group_and_an_organisation_of_here_that_give_up_their_numbers_share_with_the_same(
    old: World, new: Database
) -> None:
    moved(old, new)
    with new.as_user(1) as session:
        local = organisations.add(session, {"name": "Only here"})
        given = {"email": "only@here.example", "org_id": local.id, "role_id": 3}
        member = account_changes.add(session, given).account.id
        group = sharing_group_changes.add(session, {"name": "Only here", "releasability": "us"})
        sharing_group_changes.add_organisation(session, group.id, str(local.id))
        shared = {"info": "shared here", "distribution": 4, "sharing_group_id": group.id,
                  "Attribute": [{"type": "domain", "value": "here.example"}]}  # fmt: skip
        event = add(session, read_event(shared)).event_id
    with new.as_user(member) as session:
        own = add(session, read_event({"info": "of here alone", "distribution": 0}),
                  keep_empty=True).event_id  # fmt: skip

    there = old.ask("admin", "POST", "/admin/organisations/add", {"name": "Only there"}).body
    fresh = old.ask("admin", "POST", "/sharing_groups/add", {"name": "Only there"}).body
    bank = str(old.orgs["Noordland Bank"])
    number = fresh["SharingGroup"]["id"]
    old.ask("admin", "POST", f"/sharing_groups/addOrg/{number}/{bank}")
    assert (there["Organisation"]["id"], number) == (str(local.id), str(group.id)), "they clash"
    moved(old, new)

    with new.system() as session:
        assert session.value("SELECT name FROM sharing_group WHERE id = %s", (group.id,)) == (
            "Only there"
        )
        assert session.value("SELECT name FROM organisation WHERE id = %s", (local.id,)) == (
            "Only there"
        )
    for who, seen in ((member, {event, own}), (old.ids["user"], set()), (old.ids["other"], set())):
        with new.as_user(who) as session:
            found = session.all("SELECT id FROM event WHERE id = ANY (%s)", ([event, own],))
        assert {row[0] for row in found} == seen, who
