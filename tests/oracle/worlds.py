# SPDX-License-Identifier: EUPL-1.2
"""Small worlds out of hypothesis, and the same worlds in a database."""

from dataclasses import dataclass
from itertools import count
from random import Random
from typing import Any, LiteralString
from uuid import uuid4

from hypothesis import strategies as st
from psycopg import sql
from tests.oracle.rule import Attribute, Event, Group, Level, Note, Thing, World, carriers

from brug.cases import keeping, templates
from brug.cases.acts import AnyAct, Joined, Linked
from brug.directory import node as nodes
from brug.formats.misp import analyst
from brug.formats.misp.reading import read_event
from brug.intel import delegating
from brug.intel.adding import add
from brug.intel.analysis import analyst_changes
from brug.intel.proposal import proposing
from brug.intel.sighting import sightings
from brug.intel.sighting.sightings import Reported
from brug.model.new_event import NewSighting
from brug.store import settings
from brug.store.session import Database, Session

ORGANISATIONS = 4

# What a probe may name in braces, and where its ids are.
TABLES = {
    kind: sql.Identifier(table)
    for kind, table in {
        "event": "event", "attribute": "attribute", "object": "object", "report": "event_report",
        "tag": "tag", "sighting": "sighting", "reference": "object_reference",
        "sharing_group": "sharing_group", "organisation": "organisation", "user": "account",
        "role": "role", "auth_key": "auth_key", "key": "auth_key",
        "user_setting": "user_setting", "galaxy": "galaxy", "cluster": "galaxy_cluster",
        "cluster_relation": "galaxy_cluster_relation", "tag_collection": "tag_collection",
        "taxonomy": "taxonomy", "warninglist": "warninglist", "template": "object_template",
        "collection": "collection", "proposal": "proposal", "event_template": "event_template",
        "event_template_element": "event_template_element", "dashboard": "dashboard",
    }.items()
} | {
    kind: sql.SQL("analyst_data WHERE kind = {}").format(number)
    for number, kind in enumerate(("note", "opinion", "relationship"))
}  # fmt: skip


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """Four organisations, two groups, three events with children at every level.

    Hypothesis prefers what is small, in which little is hidden: it draws where chance begins, and
    so each world is as full as another. One of the events is for many, and some of what it has is
    not.
    """
    return draw(chances()).world()


def chances() -> st.SearchStrategy["Chance"]:
    return st.builds(Chance, st.integers(0, 2**64 - 1))


class Chance:
    """What a world is made of, one thing after another; all of it follows from the number."""

    def __init__(self, number: int) -> None:
        self.chance = Random(number)  # noqa: S311 — no secret
        self.numbers = count(1)

    def world(self) -> World:
        levels = ((1, 2, 3), (0, 0, 4), (2, 4, 4))
        events = [self.event(self.level(*among)) for among in levels]
        self.chance.shuffle(events)
        return World(
            organisations=ORGANISATIONS,
            groups=self.groups(),
            events=events,
            drafts_private=self.happens(2),
            sighting_policy=self.chance.randrange(4),
        )

    def groups(self) -> list[Group]:
        return [Group(self.some(1, 3), self.happens(6)) for _ in range(2)]

    def marker(self, kind: str) -> str:
        return f"{kind}mark{next(self.numbers):03d}z"

    def happens(self, once_in: int) -> bool:
        return self.chance.randrange(once_in) == 0

    def organisation(self) -> int:
        return self.chance.randrange(ORGANISATIONS)

    def some(self, least: int, most: int) -> frozenset[int]:
        """Organisations."""
        size = self.chance.randint(least, most)
        return frozenset(self.chance.sample(range(ORGANISATIONS), size))

    def level(self, *among: int) -> Level:
        value = self.chance.choice(among)
        return Level(value, self.chance.randrange(2) if value == 4 else None)

    def below(self) -> Level:
        """Of what an event has."""
        return self.level(0, 0, 1, 2, 3, 4, 4, 5, 5, 5)

    def event(self, at: Level) -> Event:
        made = Event(
            marker=self.marker("event"),
            holder=self.organisation(),
            level=at,
            published=self.happens(2),
            tag=self.marker("tag") if self.happens(2) else None,
            attributes=[self.attribute() for _ in range(self.chance.randint(1, 3))],
            objects=[
                Thing(
                    self.marker("obj"),
                    self.below(),
                    [self.attribute() for _ in range(self.chance.randint(1, 2))],
                    self.notes(),
                )
                for _ in range(self.chance.choice((0, 1, 1, 2)))
            ],
            reports=[
                Thing(self.marker("rep"), self.below(), notes=self.notes())
                for _ in range(self.chance.choice((0, 1, 1)))
            ],
            notes=self.notes(),
            proposals=self.proposals(),
        )
        if at.level == 0 and self.happens(2):
            others = [org for org in range(ORGANISATIONS) if org != made.holder]
            made.delegate = self.chance.choice(others)
            # What was said before somebody was asked is not shown again to whom is asked.
            for _, said in carriers(made):
                said.clear()
        return made

    def attribute(self) -> Attribute:
        made = Attribute(self.marker("attr"), self.below())
        if self.happens(2):
            made.value = f"shared{self.chance.randrange(2)}.example.com"
        if self.happens(2):
            made.tag = self.marker("tag")
        made.sightings = [(who, self.marker("sight")) for who in sorted(self.some(0, 2))]
        made.notes = self.notes()
        made.proposals = self.proposals()
        return made

    def notes(self, depth: int = 0) -> list[Note]:
        several = self.chance.choice((0, 0, 1, 2) if depth else (0, 0, 1))
        return [
            Note(
                self.marker("note"),
                self.organisation(),
                self.level(0, 1, 2, 3, 4, 4),
                self.notes(depth + 1) if depth < 2 else [],
            )
            for _ in range(several)
        ]

    def proposals(self) -> list[str]:
        return [self.marker("prop") for _ in range(self.chance.choice((0, 0, 1)))]


@dataclass
class Built:
    """A world that stands in a database."""

    database: Database
    readers: list[int]  # a user of each organisation, without rights over others
    keys: list[str]
    ids: dict[str, list[int]]  # kind -> ids of all items, hidden or not


def build(database: Database, world: World) -> Built:
    """Stores a world through the functions that requests use."""
    readers, keys = _organisations(database, world)
    groups = _groups(database, world)
    with database.system() as session:
        # Events are added before drafts are made private, and after: either must hold.
        session.execute(
            "INSERT INTO setting (name, value) VALUES ('sightings.policy', to_jsonb(%s::int))"
            " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            (world.sighting_policy,),
        )
    for index, event in enumerate(world.events):
        if index == 1:
            _set_drafts(database, world)
        with database.as_user(readers[event.holder]) as session:
            add(session, read_event(_raw_event(event, groups)))
    # Before drafts and groups change: what was seen of a crossing changes with the event.
    _crossings(database)
    for event in world.events:
        _notes(database, event, readers, groups)
        _proposals(database, event, readers)
        _delegate(database, event, readers)
    _set_drafts(database, world)
    _settle_groups(database, world, groups)
    _sightings(database, world, readers)
    with database.system() as session:
        ids = {
            kind: [r[0] for r in session.all(sql.SQL("SELECT id FROM {}").format(table))]
            for kind, table in TABLES.items()
        }
    return Built(database, readers, keys, ids)


def work_together(built: Built) -> None:
    """Two cases in which all organisations take part, linked to every event and attribute."""
    with built.database.system() as session:
        session.execute(
            "UPDATE role SET rights = rights || '{case}' WHERE id IN"
            " (SELECT role_id FROM account WHERE id = ANY (%s))",
            (built.readers,),
        )
        orgs = session.all("SELECT uuid::text, name FROM organisation ORDER BY id")
        links = session.all(
            "SELECT 'event', uuid::text FROM event UNION SELECT 'attribute', uuid::text"
            " FROM attribute"
        )
    with built.database.as_user(built.readers[0]) as session:
        both = [keeping.open_case(session, "incident", title) for title in ("Together", "Beside")]
        for made in both:
            joined = [
                Joined(participant=str(uuid4()), org=uuid, name=name, role="observer")
                for uuid, name in orgs[1:]
            ]
            linked = [Linked(kind=kind, uuid=uuid) for kind, uuid in links]
            done: list[AnyAct] = [*joined, *linked]
            keeping.act_several(session, made.uuid, [(one, ()) for one in done])
        given = templates.Template(name="Together", kind="incident", title="{date}")
        built.ids["case_template"] = [templates.add(session, given).id]
    built.ids["case"] = [both[0].id]


def _set_drafts(database: Database, world: World) -> None:
    with database.system() as session:
        settings.set_value(session, "events.drafts_private", world.drafts_private)


_ORGANISATION: LiteralString = (
    "INSERT INTO organisation (uuid, name) VALUES (gen_random_uuid(), %s) RETURNING id"
)


def _organisations(database: Database, world: World) -> tuple[list[int], list[str]]:
    with database.system() as session:
        made = nodes.create_node(session, "Org 0", "admin@org0.example", "http://127.0.0.1")
        host = session.value(
            "SELECT id FROM organisation WHERE uuid = %s", (made.organisation_uuid,)
        )
        orgs = [int(host)]
        orgs += [
            int(session.value(_ORGANISATION, (f"Org {number}",)))
            for number in range(1, world.organisations)
        ]
        readers, keys = [], []
        for number, org in enumerate(orgs):
            role = 4 if number else _works_with_bridges(session)
            user = int(
                session.value(
                    "INSERT INTO account (email, org_id, role_id) VALUES (%s, %s, %s) RETURNING id",
                    (f"reader@org{number}.example", org, role),
                )
            )
            key = f"{number}" * 40
            session.execute(
                "INSERT INTO auth_key (hash, authkey_start, authkey_end, user_id)"
                " VALUES (sha256(%s::bytea), '', '', %s)",
                (key, user),
            )
            readers.append(user)
            keys.append(key)
    return readers, keys


def _works_with_bridges(session: Session) -> int:
    """The role of the host's reader: what the others may, and all that bridges ask for."""
    return int(
        session.value(
            "INSERT INTO role (name, rights) SELECT 'bridges', rights ||"
            " '{bridge_admin,release,recall,auditor}' FROM role WHERE id = 4 RETURNING id"
        )
    )


def _crossings(database: Database) -> None:
    """Of every event a crossing that is held, a recall, a version beside and a legal hold."""
    with database.system() as session:
        session.execute(
            "INSERT INTO partner (id, org_id, kind, name) SELECT 1000, max(id), 'brug', 'Partner'"
            " FROM organisation"
        )
        session.execute(
            "INSERT INTO bridge (id, partner_id, transport, account_id, state)"
            " SELECT 1000, 1000, 'native', max(id), 'closed' FROM account"
        )
        session.execute(
            "INSERT INTO crossing (bridge_id, outward, kind, event_uuid, event_id, info, version,"
            " digest, outcome, state) SELECT 1000, true, 'event', uuid, id, info, 1, '', 'hold',"
            " 'held' FROM event"
        )
        session.execute(
            "INSERT INTO recall_asked (bridge_id, event_uuid, version, because, state)"
            " SELECT DISTINCT 1000, uuid, 1, 'wrong', 'asked' FROM event"
        )
        session.execute(
            "INSERT INTO version_beside (bridge_id, event_uuid, event_id, version, document)"
            " SELECT DISTINCT ON (uuid) 1000, uuid, id, 1,"
            "   jsonb_build_object('uuid', uuid, 'info', info, 'timestamp', '1') FROM event"
        )
        session.execute(
            "INSERT INTO legal_hold (event_uuid, because, placed_by)"
            " SELECT DISTINCT uuid, 'evidence', 1 FROM event"
        )
        session.execute(
            "INSERT INTO kept_there (bridge_id, event_uuid, ended, ended_at)"
            " SELECT DISTINCT 1000, uuid, 'kept', now() FROM event"
        )


def _groups(database: Database, world: World) -> list[int]:
    made = []
    with database.system() as session:
        orgs = [r[0] for r in session.all("SELECT id FROM organisation ORDER BY id")]
        for number in range(len(world.groups)):
            group_id = session.value(
                "INSERT INTO sharing_group (uuid, name, organisation_uuid, org_id)"
                " SELECT gen_random_uuid(), %s, uuid, id FROM organisation WHERE id = %s"
                " RETURNING id",
                (f"group {number}", orgs[0]),
            )
            # While events are added everybody is in: who holds an event of a group may
            # have left it since. A changed group must rewrite no row.
            session.execute(
                "INSERT INTO sharing_group_server (sharing_group_id, server_id, all_orgs)"
                " VALUES (%s, 0, true)",
                (group_id,),
            )
            made.append(int(group_id))
    return made


def _settle_groups(database: Database, world: World, groups: list[int]) -> None:
    """Gives the groups the members that they have in the world."""
    with database.system() as session:
        orgs = [r[0] for r in session.all("SELECT id FROM organisation ORDER BY id")]
        for group_id, group in zip(groups, world.groups, strict=True):
            for member in group.members:
                session.execute(
                    "INSERT INTO sharing_group_org (sharing_group_id, org_id) VALUES (%s, %s)",
                    (group_id, orgs[member]),
                )
            session.execute(
                "UPDATE sharing_group_server SET all_orgs = %s WHERE sharing_group_id = %s",
                (group.all_orgs, group_id),
            )


def _level(level: Level, groups: list[int]) -> dict[str, Any]:
    if level.group is None:
        return {"distribution": level.level}
    return {"distribution": level.level, "sharing_group_id": groups[level.group]}


def _raw_attribute(a: Attribute, groups: list[int]) -> dict[str, Any]:
    raw = {
        "type": "domain" if a.value else "text",
        "value": a.value or a.marker,
        "comment": f"c{a.marker}",
        **_level(a.level, groups),
    }
    if a.tag:
        raw["Tag"] = [{"name": a.tag}]
    return raw


def _raw_event(event: Event, groups: list[int]) -> dict[str, Any]:
    return {
        "info": event.marker,
        "published": event.published,
        **_level(event.level, groups),
        "Tag": [{"name": event.tag}] if event.tag else [],
        "Attribute": [_raw_attribute(a, groups) for a in event.attributes],
        "Object": [
            {
                "name": "annotation",
                "comment": thing.marker,
                "Attribute": [
                    _raw_attribute(a, groups) | {"object_relation": "text"}
                    for a in thing.attributes
                ],
                **_level(thing.level, groups),
            }
            for thing in event.objects
        ],
        "EventReport": [
            {"name": r.marker, "content": f"c{r.marker}", **_level(r.level, groups)}
            for r in event.reports
        ],
    }


_CARRIERS: dict[str, LiteralString] = {
    "Event": "SELECT uuid::text FROM event WHERE info = %s",
    "Attribute": "SELECT uuid::text FROM attribute WHERE comment = 'c' || %s",
    "Object": "SELECT uuid::text FROM object WHERE comment = %s",
    "EventReport": "SELECT uuid::text FROM event_report WHERE name = %s",
}


def _notes(database: Database, event: Event, readers: list[int], groups: list[int]) -> None:
    """Written by each author, also about what that one does not see."""

    def write(notes: list[Note], kind: str, uuid: str) -> None:
        for note in notes:
            raw = {"note": note.marker, **_level(note.level, groups)}
            with database.as_user(readers[note.author]) as session:
                made = analyst_changes.add(session, analyst.read(0, raw, (kind, uuid)))
            write(note.about, "Note", made.uuid)

    def carry(kind: str, marker: str, notes: list[Note]) -> None:
        if notes:
            with database.system() as session:
                uuid = session.value(_CARRIERS[kind], (marker,))
            write(notes, kind, uuid)

    carry("Event", event.marker, event.notes)
    for kind, things in (("Object", event.objects), ("EventReport", event.reports)):
        for thing in things:
            carry(kind, thing.marker, thing.notes)
    for a in [*event.attributes, *(a for o in event.objects for a in o.attributes)]:
        carry("Attribute", a.marker, a.notes)


def _proposals(database: Database, event: Event, readers: list[int]) -> None:
    """By the holder, who sees everything there is to propose to."""
    with database.as_user(readers[event.holder]) as session:
        event_id = session.value("SELECT id FROM event WHERE info = %s", (event.marker,))
        for marker in event.proposals:
            proposing.propose_attribute(session, event_id, {"type": "text", "value": marker})
        for a in [*event.attributes, *(a for o in event.objects for a in o.attributes)]:
            uuid = session.value(_CARRIERS["Attribute"], (a.marker,)) if a.proposals else ""
            for marker in a.proposals:
                proposing.propose_change(session, uuid, {"comment": marker})


def _delegate(database: Database, event: Event, readers: list[int]) -> None:
    if event.delegate is None:
        return
    with database.as_user(readers[event.holder]) as session:
        event_id = session.value("SELECT id FROM event WHERE info = %s", (event.marker,))
        org = session.value(
            "SELECT id FROM organisation WHERE name = %s", (f"Org {event.delegate}",)
        )
        delegating.ask(session, event_id, delegating.Wanted(int(org)))


def _sightings(database: Database, world: World, readers: list[int]) -> None:
    """Reported by a site admin's hand, as a synchronising server brings others' sightings."""
    for event in world.events:
        for a in [*event.attributes, *(a for o in event.objects for a in o.attributes)]:
            for who, marker in a.sightings:
                with database.system() as session:
                    attribute = session.value(
                        "SELECT id FROM attribute WHERE comment = %s", (f"c{a.marker}",)
                    )
                    org = session.value("SELECT org_id FROM account WHERE id = %s", (readers[who],))
                    new = NewSighting(None, 1_700_000_000, marker, 0)
                    sightings.store(session, [Reported(int(attribute), int(org), new)])
