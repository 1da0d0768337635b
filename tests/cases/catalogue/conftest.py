# SPDX-License-Identifier: EUPL-1.2
"""A node with a host and two organisations whose people register what they run."""

from collections.abc import Iterator

import msgspec
import pytest
from tests.cases.conftest import _organisation, _user

from brug.cases.catalogue import inventory, settling, taking
from brug.cases.catalogue.inventory import Given
from brug.cases.catalogue.taking import Came, Origin, Taken
from brug.store import settings
from brug.store.session import Database


class World(msgspec.Struct):
    """Users by what they are; organisations by name."""

    database: Database
    staff: int  # of the host, works on cases
    clerk: int  # of the host, does not
    water: int
    water_reader: int  # of the same organisation, may change nothing
    energy: int
    orgs: dict[str, int]

    def take(self, *raws: bytes, distribution: int = 1, group: int | None = None) -> list[Taken]:
        """Imports documents for the host and settles what follows."""
        origin = Origin(self.orgs["host"], distribution, group)
        with self.database.system() as session:
            told = taking.take(
                session, [Came(f"{number}.json", raw) for number, raw in enumerate(raws)], origin
            )
        settling.settle(self.database)
        return told

    def register(self, user: int, **given: str) -> int:
        with self.database.as_user(user) as session:
            number = inventory.add(session, Given(**given), session.principal.org_id)
        settling.settle(self.database)
        return number


@pytest.fixture(scope="module")
def shared(module_database_url: str) -> Iterator[World]:
    with Database(module_database_url, 4) as database:
        host, _ = _organisation(database, "CSIRT Noordland")
        water, _ = _organisation(database, "Zuidmark Waterworks")
        energy, _ = _organisation(database, "Oostmeer Energy")
        with database.system() as session:
            settings.set_value(session, "node.host_org_id", host)
        rights = ["add", "case"]
        yield World(
            database,
            _user(database, host, "staff@noordland.example", rights),
            _user(database, host, "clerk@noordland.example", ["add"]),
            _user(database, water, "officer@zuidmark.example", rights),
            _user(database, water, "reader@zuidmark.example", []),
            _user(database, energy, "officer@oostmeer.example", rights),
            {"host": host, "water": water, "energy": energy},
        )


@pytest.fixture
def world(shared: World) -> World:
    """With nothing in the catalogue and in the registers."""
    with shared.database.system() as session:
        for table in ("catalogue_advisory", "catalogue_refusal", "inventory_product",
                      "inventory_bill", "catalogue_warned", "catalogue_wish", "catalogue_source",
                      "mail_cause"):  # fmt: skip
            session.execute(f"DELETE FROM {table}")
    return shared
