# SPDX-License-Identifier: EUPL-1.2
"""A node with two organisations that must not touch each other, and a way to ask it anything.

Everything of the second organisation carries MARK and is at level 0: no answer to the first
may hold the mark, no row of it may change. The host keeps some things for itself that carry
the mark as well.
"""

import copy
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from tests.api.conftest import World
from tests.security import stored
from tests.security.asking import Ask, Wire, send
from tests.security.furnishing import furnish
from tests.security.kinds import (
    HOST,
    KINDS,
    OURS,
    OWNERS,
    PARENTS,
    THEIRS,
    Row,
    is_marked,
    kind_of,
)
from tests.security.stored import Rows

from brug.api.misp.dispatch import Endpoint
from brug.model.errors import Unavailable
from brug.store.identifying import RememberedKeys
from brug.store.session import Database


def _live_first(found: tuple[str, Row]) -> tuple[bool, int]:
    return bool(found[1].get("deleted")), found[1]["id"]


class Arena:
    """The node; `items[organisation][kind]` are the rows of each side.

    `at_first` are the rows of each copy before anybody asks it anything.
    """

    def __init__(self, world: World, superuser_dsn: str) -> None:
        self.world = world
        self.database: Database = world.database
        self.owner_dsn = superuser_dsn
        self.app_dsn = ""
        self.items: dict[str, dict[str, list[Row]]] = {OURS: {}, THEIRS: {}}
        self.ids: dict[str, dict[str, list[int]]] = {}
        self.uuids: dict[str, dict[str, list[str]]] = {}
        # What of theirs something else may hang on, by kind.
        self._held: dict[str, set[int]] = {kind: set() for kind in PARENTS.values()}
        # Of each row whose it is, found once: most rows are never touched.
        self._judged: dict[tuple[str, str], tuple[Row, bool]] = {}
        stored.spread_ids(superuser_dsn)
        self._reader = stored.Reader(superuser_dsn)
        furnish(self)
        self._use_keys()
        self.note()
        self.columns = stored.columns(superuser_dsn)
        self.at_first = self.rows()
        self._bookkept = self._reader.bookkeeping(superuser_dsn)
        self._reader.remember()

    def _use_keys(self) -> None:
        """As if each were used all the time, so that no request has that to note."""
        with self.database.system() as session:
            session.execute(
                "UPDATE auth_key SET last_used = extract(epoch FROM now() + interval '1 day')"
            )

    # -- what is there ---------------------------------------------------------------------

    def note(self) -> None:
        """Sorts what is stored by kind and side; again after more was made."""
        by_kind: dict[str, list[tuple[str, Row]]] = defaultdict(list)
        for (table, _), stored_row in self.rows().items():
            kind = kind_of(table, stored_row)
            if kind is not None:
                by_kind[kind].append((table, stored_row))
        self.items = {OURS: {}, THEIRS: {}}
        for kind in KINDS:  # what an item hangs on comes first
            for table, row in sorted(by_kind[kind], key=_live_first):
                side = self._side(kind, table, row)
                if side:
                    self.items[side].setdefault(kind, []).append(row)
                if side == THEIRS and kind in self._held:
                    self._held[kind].add(row["id"])
        ours = self.items[OURS]
        for kind in ("user", "key"):  # those who ask the most come last
            ours[kind].reverse()
        # Those that nobody is in come first, the own one last.
        own = self.world.orgs[OURS]
        ours["organisation"].sort(key=lambda row: (row["id"] == own, row["id"] < 100, row["id"]))
        self.ids, self.uuids = self._keys("id"), self._keys("uuid")
        self._judged = {}

    def _keys(self, field: str) -> dict[str, dict[str, list[Any]]]:
        """A field of all items that have it, by side and kind."""
        return {
            side: {
                kind: [row[field] for row in several]
                for kind, several in kinds.items()
                if field in several[0]
            }
            for side, kinds in self.items.items()
        }

    def _side(self, kind: str, table: str, row: Row) -> str | None:
        person = row["id"] if kind == "user" else row.get("user_id")
        if kind in {"user", "key"} and person == self.world.ids["admin"]:
            return None  # the host's administrator is neither's
        if self.is_theirs(table, row):
            return THEIRS
        return None if kind == "event" and row["org_id"] == HOST else OURS

    def rows(self) -> Rows:
        """Every row of every table, by table and key."""
        return self._reader.rows(self.owner_dsn)

    def is_untouched(self) -> bool:
        """Whether it holds what every copy holds before anybody asks it anything.

        One whose database a test has closed to the node is of no use to the next.
        """
        if not self._answers() or self.rows() != self.at_first:
            return False
        return self._reader.bookkeeping(self.owner_dsn) == self._bookkept

    def put_back(self) -> bool:
        """Makes it what it was before anybody asked it anything; whether that was done."""
        if not self._answers() or not self._reader.put_back(self.owner_dsn):
            return False
        # Nobody's key is remembered: what counts changes of people was put back as well.
        fresh = copy.copy(self.database)
        fresh._keys = RememberedKeys()
        self.world.database = self.database = fresh
        return True

    def _answers(self) -> bool:
        try:
            with self.database.system() as session:
                return bool(session.value("SELECT true"))
        except Unavailable:
            return False

    def unread(self) -> None:
        """Lets go of the database, so that it can be copied or dropped."""
        self._reader.close()

    def is_theirs(self, table: str, row: Mapping[str, Any]) -> bool:
        """Whether a row belongs to the second organisation, by itself or by its parent."""
        theirs = self.world.orgs[THEIRS]
        people = {self.world.ids["other"], self.world.ids["otheradmin"]}
        if table == "organisation":
            return bool(row["id"] == theirs)
        if row.get("user_id") in people or (table == "account" and row["id"] in people):
            return True
        if any(row.get(column) == theirs for column in OWNERS) or is_marked(row):
            return True
        return any(row.get(column) in self._held[kind] for column, kind in PARENTS.items())

    def theirs(self, rows: Rows) -> Rows:
        """Rows of the second organisation; what is said of it in a log is the log's."""
        return {k: r for k, r in rows.items() if k[0] != "audit" and self._is_theirs_of(k, r)}

    def _is_theirs_of(self, key: tuple[str, str], row: Row) -> bool:
        found = self._judged.get(key)
        if found is None or found[0] is not row:
            found = self._judged[key] = row, self.is_theirs(key[0], row)
        return found[1]

    def may(self, who: str, endpoint: Endpoint) -> bool:
        """Whether the person's role has the endpoint's right; without it no body is even read."""
        account = self.at_first["account", str([self.world.ids[who]])]
        role = self.at_first["role", str([account["role_id"]])]
        return endpoint.right is None or endpoint.right in role["rights"]

    # -- asking ----------------------------------------------------------------------------

    def ask(self, who: str, asked: Ask) -> Wire:
        """As a person by name, or with any other text as the key itself. Never a 500."""
        return send(self.database, self.world.keys.get(who, who), asked)
