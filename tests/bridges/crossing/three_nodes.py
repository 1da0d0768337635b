# SPDX-License-Identifier: EUPL-1.2
"""Three real nodes in one process, each connected with the others, and what people do at them."""

import copy
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from psycopg.conninfo import conninfo_to_dict
from tests.bridges.crossing.rulebook import Agreed, Copy, Item
from tests.bridges.crossing.wire import Wire
from tests.bridges.served import ADMIN
from tests.conftest import copied, copy_database, drop_database
from tests.putting_back import Spare, put_back_of

from brug.bridges import agreements, connecting, partners
from brug.bridges.agreements import Agreement
from brug.bridges.crossing import carrier, carrying, inward, outbox, rows
from brug.bridges.crossing.rows import Crossing
from brug.bridges.ledger import sequencer, verifying
from brug.bridges.native import keeping_up
from brug.bridges.partners import BridgeRow
from brug.directory import sharing_group_changes
from brug.directory.node import create_node
from brug.formats.misp.reading import read_event
from brug.intel.changing import edit
from brug.intel.label import tagging, taglist, tags
from brug.intel.label.tagging import Target
from brug.model.errors import BrugError
from brug.model.new_event import NewTag
from brug.store import settings
from brug.store.server import SUPERUSER, EmbeddedServer
from brug.store.session import Database

NAMES = ("CSIRT Noordland", "CERT Zuidmark", "CERT Westerland")
ROUNDS = 60


class Node:
    """One of the three. Everything is done as its people do it."""

    def __init__(self, name: str, database: Database, url: str, folder: Path) -> None:
        self.name, self.database, self.url, self.folder = name, database, url, folder
        with database.system() as session:
            self.org = str(session.value("SELECT uuid::text FROM organisation WHERE id = 1"))

    def bridge(self, to: "Node") -> BridgeRow:
        with self.database.system() as session:
            return partners.view(session, to.name)

    # What people do ------------------------------------------------------------------

    def edit(self, uuid: str, **raw: Any) -> None:
        """Makes a draft of it, unless `published` is given."""
        event_id = self.event_id(uuid)
        assert event_id is not None
        with self.database.as_user(ADMIN) as session:
            edit(session, event_id, read_event(dict(raw), partial=True), raw)

    def mark(self, uuid: str, name: str, item: str = "", *, local: bool) -> None:
        """Attaches a tag to an event, or to an attribute of it."""
        with self.database.as_user(ADMIN) as session:
            tags.intern(session, [NewTag(name)], listed=True)
            row = session.one(
                "SELECT e.id, coalesce(a.id, e.id) FROM event e LEFT JOIN attribute a"
                " ON a.event_id = e.id AND a.uuid::text = %s WHERE e.uuid = %s",
                (item, uuid),
            )
            assert row
            target = Target("attribute" if item else "event", row[0], row[1])
            if name not in tagging.carried(session, target):
                tag = taglist.find(session, name)
                tagging.attach(session, target, tag, local=local, exclusive=False)

    def propose(self, to: "Node", agreed: Agreed) -> int:
        """A new version of the agreement; its number."""
        given = {
            "senders": sorted(agreed.senders), "our_country": "NL", "their_country": "BE",
            "purposes": sorted(agreed.purposes), "kinds": sorted(agreed.kinds),
            "ceiling": {"tlp": agreed.ceiling, "pap": agreed.pap}, "unmarked": agreed.unmarked,
            "personal_data": {
                "regime": "gdpr", "handling": agreed.handling, "transfer": {"tool": "eea"},
            },
            "release": {"when": sorted(agreed.when)},
            "recall": {"by": "itself" if agreed.by_itself else "person", "most_an_hour": 1000},
            "legal_basis": "GDPR art. 6(1)(e)", "document": "Memorandum 2026-1",
            "valid_from": datetime.now(UTC) - timedelta(minutes=1),
            "our_node_users": list(agreed.node_users),
        }  # fmt: skip
        with self.database.as_user(ADMIN) as session:
            wanted = agreements.draft(session, self.bridge(to), given)
            return agreements.propose(session, self.bridge(to), wanted).version

    def accept(self, to: "Node") -> bool:
        """Accepts what the other has proposed, if it is known here and not accepted yet."""
        with self.database.as_user(ADMIN) as session:
            found = agreements.history(session, self.bridge(to).id)
            if not found or found[0].ours is not None:
                return False
            agreements.accept(session, found[0])
        return True

    def group(self, uuid: str, others: list["Node"]) -> int:
        """A sharing group of this node and others."""
        with self.database.as_user(ADMIN) as session:
            made = sharing_group_changes.add(session, {"name": f"Group {uuid[:8]}", "uuid": uuid})
            held = {one.uuid for one in made.members}
            for other in (self, *others):
                if other.org not in held:
                    sharing_group_changes.add_organisation(session, made.id, other.org)
        return made.id

    def change_group(self, number: int, member: "Node", *, leaves: bool) -> None:
        change = sharing_group_changes.add_organisation
        if leaves:
            change = sharing_group_changes.remove_organisation  # type: ignore[assignment]
        with self.database.as_user(ADMIN) as session:
            change(session, number, member.org)

    # What the node does by itself ----------------------------------------------------

    def work(self, wire: Wire, others: list["Node"]) -> bool:
        """A round of each of its threads but one (`exchange`), all of them due.

        Whether there was anything to do.
        """
        with self.database.system() as session:
            placed = outbox.sequence(session)
            session.execute(
                "UPDATE bridge_progress SET leased_until = '-infinity', next_attempt = '-infinity'"
            )
            session.execute("UPDATE crossing SET next_attempt = now() WHERE state = 'failed'")
            session.execute("UPDATE carry_again SET next_attempt = now()")
        with wire.between(self):
            carried = carrying.carry(self.database, carrier.deliver)
            noticed = [self._keep_up(other) for other in others]
        sequencer.catch_up(self.database, self.folder)
        return bool(placed or carried or any(noticed))

    def _keep_up(self, other: "Node") -> bool:
        bridge = self.bridge(other)
        if bridge.state != "open":
            return False
        with suppress(BrugError):
            keeping_up.keep_up(self.database, bridge)
        return self._notice(bridge)

    def exchange(self, wire: Wire, others: list["Node"]) -> None:
        """Checkpoints, with all who can be reached: once in a while, and not at each round."""
        with wire.between(self):
            for bridge in map(self.bridge, others):
                if bridge.state == "open":
                    with suppress(BrugError):
                        assert keeping_up.exchange(self.database, bridge) == ""

    def _notice(self, bridge: BridgeRow) -> bool:
        with self.database.system() as session:
            return keeping_up.notice_agreement(session, bridge, datetime.now(UTC))

    # What is there -------------------------------------------------------------------

    def event_id(self, uuid: str) -> int | None:
        with self.database.system() as session:
            found = session.value("SELECT id FROM event WHERE uuid = %s", (uuid,))
        return None if found is None else int(found)

    def in_force(self, to: "Node") -> Agreement | None:
        with self.database.system() as session:
            return agreements.in_force(session, self.bridge(to).id, datetime.now(UTC))

    def copy(self, uuid: str) -> Copy | None:
        """What is held of an event."""
        with self.database.system() as session:
            found = session.all(
                "SELECT e.id, o.uuid::text, e.info, e.distribution, e.published, coalesce("
                "  (SELECT array_agg(m.uuid::text) FROM sharing_group_org g JOIN organisation m"
                "   ON m.id = g.org_id WHERE g.sharing_group_id = e.sharing_group_id), '{}')"
                " FROM event e JOIN organisation o ON o.id = e.orgc_id WHERE e.uuid = %s",
                (uuid,),
            )
            if not found:
                return None
            assert len(found) == 1, "an event is there once"
            event_id, creator, info, level, published, members = found[0]
            made = Copy(uuid, creator, info, level, published, frozenset(members))
            for name, local in session.all(
                "SELECT t.name, l.local FROM event_tag l JOIN tag t ON t.id = l.tag_id"
                " WHERE l.event_id = %s", (event_id,),
            ):  # fmt: skip
                (made.local if local else made.tags).add(name)
            for key, kind, value, of, deleted in session.all(
                "SELECT uuid::text, type, value1, distribution, deleted FROM attribute"
                " WHERE event_id = %s", (event_id,),
            ):  # fmt: skip
                assert key not in made.items, "an attribute is there once"
                made.items[key] = Item(key, kind, value, of, deleted)
            for key, name, local in session.all(
                "SELECT a.uuid::text, t.name, l.local FROM attribute_tag l JOIN attribute a"
                " ON a.id = l.attribute_id JOIN tag t ON t.id = l.tag_id WHERE l.event_id = %s",
                (event_id,),
            ):
                item = made.items[key]
                (item.local if local else item.tags).add(name)
        return made

    def crossings(self, **which: Any) -> list[Crossing]:
        """All of some event or bridge, the newest first."""
        found: list[Crossing] = []
        with self.database.system() as session:
            while more := rows.listed(session, before=found[-1].id if found else None, **which):
                found += more
        return found

    def said(self, table: str, uuid: str) -> list[str]:
        """The UUIDs of sightings or proposals of an event."""
        query = {
            "sighting": "SELECT s.uuid::text FROM sighting s JOIN event e ON e.id = s.event_id"
            " WHERE e.uuid = %s",
            "proposal": "SELECT s.value1 FROM proposal s JOIN event e ON e.id = s.event_id"
            " WHERE e.uuid = %s AND NOT s.deleted",
        }[table]
        with self.database.system() as session:
            return [str(row[0]) for row in session.connection.execute(query.encode(), (uuid,))]

    def verified(self) -> list[str]:
        """What is wrong with the ledger."""
        sequencer.catch_up(self.database, self.folder)
        found = verifying.verify(self.database, self.folder)
        return [problem for one in found for problem in one.problems]


Three = tuple[Node, Node, Node]


class Nodes:
    """Three connected nodes as they are before anything happens, for one test after another.

    Each works on the same copies of their databases, in which all is put back.
    """

    def __init__(self, server: EmbeddedServer, empty: str, folder: Path) -> None:
        self._server, self._folder = server, folder
        self._templates = [f"three_nodes_{place}" for place in range(3)]
        self._spares = self._copies()
        inward.register()
        for name in self._templates:
            copy_database(server, empty, name)
        with self._opened(self._templates, folder / "templates") as three:
            wire = Wire(list(three), lambda *_: None)
            for one, other in ((0, 1), (0, 2), (1, 2)):
                connect(wire, three[one], three[other])
            for node in three:
                sequencer.catch_up(node.database, node.folder)

    def after(self, name: str, happened: Callable[[Three], None]) -> "Nodes":
        """The same three after something has happened, to be copied likewise."""
        made = copy.copy(self)
        made._folder = self._folder / name
        made._templates = [f"{template}_{name}" for template in self._templates]
        made._spares = made._copies()
        shutil.copytree(self._folder / "templates", made._folder / "templates")
        for before, after in zip(self._templates, made._templates, strict=True):
            copy_database(self._server, before, after)
        with made._opened(made._templates, made._folder / "templates") as three:
            happened(three)
        return made

    def _copies(self) -> list[Spare]:
        def make(template: str, until: ExitStack) -> tuple[Database, Callable[[], bool]]:
            dsn = until.enter_context(copied(self._server, template))
            name = str(conninfo_to_dict(dsn)["dbname"])
            database = until.enter_context(Database(dsn, size=6))
            return database, put_back_of(until, self._server.dsn(SUPERUSER, name))

        return [Spare(partial(make, template)) for template in self._templates]

    def drop(self) -> None:
        for spare in self._spares:
            spare.close()
        for name in self._templates:
            drop_database(self._server, name)

    @contextmanager
    def fresh(self) -> Iterator[Three]:
        """The three, as long as the block runs."""
        folder = self._folder / f"{time.monotonic_ns()}"
        shutil.copytree(self._folder / "templates", folder)
        try:
            yield three_of([spare.take() for spare in self._spares], folder)
        finally:
            for spare in self._spares:
                spare.give_back()
            shutil.rmtree(folder)

    @contextmanager
    def _opened(self, where: list[str], folder: Path) -> Iterator[Three]:
        with ExitStack() as stack:
            dsns = [self._server.dsn("brug_app", name) for name in where]
            databases = [stack.enter_context(Database(dsn, size=6)) for dsn in dsns]
            yield three_of(databases, folder)


def three_of(databases: list[Database], folder: Path) -> Three:
    found = []
    for place, (name, database) in enumerate(zip(NAMES, databases, strict=True)):
        own = folder / str(place)
        own.mkdir(parents=True, exist_ok=True)
        found.append(made(name, database, f"http://127.0.0.1:{20_001 + place}", own))
    return found[0], found[1], found[2]


def made(name: str, database: Database, url: str, folder: Path) -> Node:
    """The node of a database, which becomes one if it is empty."""
    with database.system() as session:
        if session.value("SELECT count(*) FROM organisation") == 0:
            create_node(session, name, f"admin@{url[-2:]}.example", url)
            settings.set_value(session, "outgoing.private_networks", ["127.0.0.0/8"])
    return Node(name, database, url, folder)


def connect(wire: Wire, one: Node, other: Node) -> None:
    with one.database.as_user(ADMIN) as session:
        invited = connecting.invite(session, other.name)
    with wire.between(other):
        connecting.accept(other.database, ADMIN, invited.document, one.name)
    for here, there in ((one, other), (other, one)):
        with there.database.system() as session:
            shown = session.value(
                "SELECT authentication_string FROM channel WHERE bridge_id = %s",
                (partners.view(session, here.name).id,),
            )
        with here.database.as_user(ADMIN) as session:
            connecting.confirm(session, partners.view(session, there.name), str(shown))
