# SPDX-License-Identifier: EUPL-1.2
"""Moving out of a node that speaks MISP's interface, into another."""

from typing import LiteralString

from tests.api.conftest import World
from tests.moving.conftest import moved

from brug.store.session import Database


def _both(old: World, new: Database, query: LiteralString) -> tuple[list[object], list[object]]:
    with old.database.system() as session:
        there = session.all(query)
    with new.system() as session:
        here = session.all(query)
    return list(there), list(here)


def test_an_empty_node_holds_afterwards_what_the_other_holds(old: World, new: Database) -> None:
    report = moved(old, new)
    assert report.refused == []
    assert report.differences == []
    assert report.keeps_ids
    assert report.verified == report.kinds["event"].there == 3
    assert {kind for kind, c in report.kinds.items() if c.there != c.here} <= {"key"}
    assert report.kinds["attachment"].here == 2
    assert report.kinds["sighting"].here == 1


QUERIES: dict[str, LiteralString] = {
    "organisations": "SELECT id, uuid, name, local FROM organisation ORDER BY id",
    "users": "SELECT id, lower(email), org_id, role_id, disabled FROM account ORDER BY id",
    "roles": "SELECT id, name, rights FROM role ORDER BY id",
    "groups": "SELECT id, uuid, name, org_id, active FROM sharing_group ORDER BY id",
    "members": "SELECT sharing_group_id, org_id, extend FROM sharing_group_org ORDER BY 1, 2",
    "tags": "SELECT id, name, colour, exportable, org_id, hide_tag FROM tag ORDER BY id",
    "events": "SELECT id, uuid, org_id, orgc_id, user_id, info, timestamp, published,"
    " attribute_count, narrowed FROM event ORDER BY id",
    "attributes": "SELECT id, uuid, event_id, object_id, key1, key2, parts, ip, type, value1,"
    " value2, deleted FROM attribute ORDER BY id",
    "objects": "SELECT id, uuid, event_id, name FROM object ORDER BY id",
    "references": "SELECT id, uuid, object_id, referenced_id, referenced_type"
    " FROM object_reference ORDER BY id",
    "reports": "SELECT id, uuid, event_id, name, content FROM event_report ORDER BY id",
    "sightings": "SELECT id, uuid, attribute_id, org_id, holder_id FROM sighting ORDER BY id",
    "bytes": "SELECT attribute_id, data FROM attachment ORDER BY attribute_id",
}


def test_every_number_is_the_one_that_it_was(old: World, new: Database) -> None:
    moved(old, new)
    for what, query in QUERIES.items():
        there, here = _both(old, new, query)
        assert here == there, what
