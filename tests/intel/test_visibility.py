# SPDX-License-Identifier: EUPL-1.2
"""What explains the sharing rule agrees with the database, over every combination."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest
from tests.conftest import copied
from tests.thorough import IS_THOROUGH

from brug.directory import account_changes, organisations, sharing_group_changes
from brug.directory.node import create_node
from brug.intel import adding, visibility
from brug.intel.intake.extraction import extract, pieces
from brug.model.errors import Forbidden, NotFound
from brug.model.new_event import GroupRef, NewAttribute, NewEvent, NewObject, NewReport
from brug.store import settings
from brug.store.server import EmbeddedServer
from brug.store.session import Database
from brug.web.words import RULES

LEVELS = (0, 1, 3, 4, 5)
ORGANISATIONS = ("Holder", "Member", "Stranger")


class World:
    def __init__(self, database: Database) -> None:
        self.database = database
        self.users: dict[str, int] = {}
        self.orgs: dict[str, organisations.Organisation] = {}
        with database.system() as session:
            create_node(session, "Host", "admin@host.example", "http://127.0.0.1")
            for name in ORGANISATIONS:
                self.orgs[name] = organisations.add(session, {"name": name})
                given = {"email": f"{name}@people.example", "role_id": 4}
                given |= {"org_id": self.orgs[name].id, "password": "Correct-horse-1"}
                self.users[name] = account_changes.add(session, given).account.id
            group = sharing_group_changes.add(session, {"name": "Few"}, self.orgs["Holder"].id)
            self.group = group.id
            for name in ("Holder", "Member"):
                sharing_group_changes.add_organisation(session, group.id, name)

    def add(self, event: int, inside: int, own: int, *, published: bool) -> adding.Added:
        group = GroupRef(id=self.group)

        def attribute(level: int) -> NewAttribute:
            return NewAttribute(
                None, "text", "Other", False, "a value", "", distribution=level, group=group
            )

        one = NewObject(None, "file", distribution=inside, group=group)
        one.attributes = [attribute(own)]
        new = NewEvent(None, "An event", distribution=event, group=group, published=published)
        new.attributes = [attribute(own)]
        new.objects = [one]
        new.reports = [NewReport(None, "Report", distribution=own, group=group)]
        with self.database.as_user(self.users["Holder"]) as session:
            return adding.add(session, new)


@pytest.fixture(scope="module")
def world(embedded: EmbeddedServer, template: str) -> Iterator[World]:
    with copied(embedded, template) as url, Database(url, size=3) as database:
        yield World(database)


@pytest.mark.parametrize("drafts_private", [False, True])
@pytest.mark.parametrize("published", [False, True])
def test_the_explanation_is_what_the_database_does(
    world: World, published: bool, drafts_private: bool
) -> None:
    with world.database.system() as session:
        settings.set_value(session, "events.drafts_private", drafts_private)
    several = list(product((0, 1, 3, 4), LEVELS, LEVELS))
    if not IS_THOROUGH:  # every second, and the others with the other kind of drafts
        several = several[published ^ drafts_private :: 2]
    for event, inside, own in several:
        added = world.add(event, inside, own, published=published)
        with world.database.system() as session:
            items = items_of(session, added.event_id)
            for name, item in product(ORGANISATIONS, items):
                found = visibility.explain(session, item, world.orgs[name])
                seen = sees(world, name, item)
                by_rules = all(rule.outcome != "hides" for rule in found.rules)
                assert found.sees is seen is by_rules, (event, inside, own, name, item, found)


def items_of(session: object, event_id: int) -> list[visibility.Item]:
    kinds: tuple[visibility.Kind, ...] = ("event", "object", "attribute", "event_report")
    found = []
    for kind in kinds:
        query = {
            "event": "SELECT id FROM event WHERE id = %s",
            "object": "SELECT id FROM object WHERE event_id = %s",
            "attribute": "SELECT id FROM attribute WHERE event_id = %s",
            "event_report": "SELECT id FROM event_report WHERE event_id = %s",
        }[kind]
        rows = session.all(query, (event_id,))  # type: ignore[attr-defined]
        found += [visibility.item(session, kind, row[0]) for row in rows]  # type: ignore[arg-type]
    return found


def sees(world: World, name: str, item: visibility.Item) -> bool:
    """Asked of the database as a user of the organisation."""
    with world.database.as_user(world.users[name]) as session:
        try:
            visibility.item(session, item.kind, item.id)
        except NotFound:
            return False
        return True


def test_the_recipients_are_those_who_see_the_event_and_are_counted_alike(world: World) -> None:
    with world.database.system() as session:
        settings.set_value(session, "events.drafts_private", False)
    for level, expected in ((0, {"Holder"}), (1, {"Host", *ORGANISATIONS}),
                            (4, {"Holder", "Member"})):  # fmt: skip
        added = world.add(level, 5, 5, published=True)
        with world.database.as_user(world.users["Holder"]) as session:
            listed = visibility.recipients(session, added.event_id)
            assert {one.name for one in listed} == expected
            assert visibility.count_recipients(session, added.event_id) == len(expected)


def test_who_may_not_know_the_recipients_learns_a_number_alone(world: World) -> None:
    added = world.add(1, 5, 5, published=True)
    with world.database.as_user(world.users["Stranger"]) as session:
        assert visibility.count_recipients(session, added.event_id) == 4
        with pytest.raises(Forbidden):
            visibility.recipients(session, added.event_id)
        event = visibility.item(session, "event", added.event_id)
        assert visibility.explain(session, event, world.orgs["Stranger"]).sees
        with pytest.raises(Forbidden):
            visibility.explain(session, event, world.orgs["Member"])


def test_of_a_hidden_event_nothing_is_told_not_even_a_number(world: World) -> None:
    hidden = world.add(0, 5, 5, published=True)
    with world.database.as_user(world.users["Stranger"]) as session:
        assert visibility.count_recipients(session, hidden.event_id) == 0
        with pytest.raises(NotFound):
            visibility.recipients(session, hidden.event_id)
        with pytest.raises(NotFound):
            visibility.explain_named(session, hidden.uuid, "Stranger")


def test_every_rule_is_documented_and_has_its_sentence() -> None:
    page = Path(__file__).parents[2] / "docs/explanation/sharing-rule.md"
    documented = set(re.findall(r"^\| `(\w+)` \|", page.read_text(), re.MULTILINE))
    assert documented == set(RULES)


@pytest.mark.parametrize("text", ["a." * 30_000, "@a" * 20_000, "http://" * 5_000, "x" * 200_000])
def test_a_text_without_spaces_is_read_in_pieces(text: str) -> None:
    assert max(map(len, pieces(text))) <= 4000
    assert "".join(pieces(text)) == text
    extract(text[:8_000])


def test_names_that_no_list_of_top_level_domains_holds_are_found_too() -> None:
    found = {
        one.value for one in extract("see hxxps://a[.]corp[.]internal/x, b.test; c@d.example.")
    }
    assert found == {"https://a.corp.internal/x", "b.test", "c@d.example"}
