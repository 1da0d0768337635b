# SPDX-License-Identifier: EUPL-1.2
"""Moving out of a node that speaks MISP's interface, into another."""

from typing import LiteralString
from uuid import UUID

import pytest
from tests.api.conftest import World
from tests.moving.conftest import moved

from brug.directory import organisations, servers
from brug.directory.refusals import Refused
from brug.directory.servers import NoKey
from brug.edge import partners
from brug.formats.misp.reading import read_event
from brug.intel.adding import add
from brug.intel.changing import edit
from brug.model.errors import Forbidden
from brug.moving.client import Access, Misp
from brug.moving.run import Wanted, move
from brug.store.session import Database


def _both(old: World, new: Database, query: LiteralString) -> tuple[list[object], list[object]]:
    with old.database.system() as session:
        there = session.all(query)
    with new.system() as session:
        here = session.all(query)
    return list(there), list(here)


def test_an_empty_node_holds_afterwards_what_the_other_holds(old: World, new: Database) -> None:
    report = moved(old, new)
    assert report.is_whole, (report.refused, report.differences)
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
    "proposals": "SELECT id, uuid, event_id, attribute_id, org_id, holder_id, deleted, value1"
    " FROM proposal ORDER BY id",
    "analyst data": "SELECT kind, id, uuid, object_uuid, org_id, orgc_id, authors, distribution,"
    " note, opinion, parent_id, event_id FROM analyst_data ORDER BY kind, id",
    "servers": "SELECT id, name, url, org_id, remote_org_id FROM server ORDER BY id",
    "feeds": "SELECT id, name, url, enabled, distribution FROM feed ORDER BY id",
    "user settings": "SELECT user_id, name, value FROM user_setting ORDER BY 1, 2",
    "blueprints": "SELECT id, uuid, name, org_id, rules FROM sharing_group_blueprint ORDER BY id",
    "exclusions": "SELECT value, key FROM correlation_exclusion ORDER BY 1",
    "allowed": "SELECT pattern FROM allowed_pattern ORDER BY 1",
    "import rules": "SELECT pattern, replacement, type FROM import_rule ORDER BY id",
    "blocked": "SELECT list, uuid, comment FROM blocked ORDER BY 1, 2",
    "tag collections": "SELECT c.id, c.uuid, c.org_id, c.name, c.all_orgs, t.name"
    " FROM tag_collection c JOIN tag_collection_tag i ON i.tag_collection_id = c.id"
    " JOIN tag t ON t.id = i.tag_id ORDER BY 1, 6",
    "collections": "SELECT k.id, k.uuid, k.user_id, k.org_id, k.orgc_id, k.distribution, k.name,"
    " k.type, date_trunc('second', k.created), x.element_type, x.element_uuid, x.description"
    " FROM collection k LEFT JOIN collection_element x ON x.collection_id = k.id ORDER BY 1",
    "decaying models": "SELECT m.id, m.uuid, m.name, m.parameters, m.attribute_types, m.enabled,"
    " m.all_orgs, m.is_default, p.attribute_type FROM decaying_model m"
    " LEFT JOIN decaying_model_mapping p ON p.model_id = m.id ORDER BY 1, 9",
    "correlation rules": "SELECT id, uuid, name, selector_type, selector_list"
    " FROM correlation_rule ORDER BY 1",
    "event templates": "SELECT t.id, t.org_id, t.name, t.description, t.share, g.name, e.position,"
    " e.kind, e.name, e.description, e.category, e.type, e.complex, e.mandatory, e.malware"
    " FROM event_template t JOIN event_template_tag x ON x.event_template_id = t.id"
    " JOIN tag g ON g.id = x.tag_id"
    " JOIN event_template_element e ON e.event_template_id = t.id ORDER BY 1, 7",
    "dashboards": "SELECT id, uuid, user_id, name, selectable, restrict_to_org_id,"
    " restrict_to_permission_flag, is_default, value FROM dashboard ORDER BY id",
    "taxonomies": "SELECT x.namespace, x.version, x.enabled, p.value, p.expanded, p.colour"
    " FROM taxonomy x JOIN taxonomy_predicate p ON p.taxonomy_id = x.id"
    " WHERE x.enabled ORDER BY 1, 4",
    "feeds that mark": "SELECT name, tag_collection_id FROM feed ORDER BY 1",
    "bytes": "SELECT attribute_id, data FROM attachment ORDER BY attribute_id",
}


def test_every_number_is_the_one_that_it_was(old: World, new: Database) -> None:
    moved(old, new)
    for what, query in QUERIES.items():
        there, here = _both(old, new, query)
        assert here == there, what


def test_readers_see_of_the_moved_what_they_saw_before(old: World, new: Database) -> None:
    moved(old, new)
    queries: tuple[LiteralString, ...] = (
        "SELECT id FROM event ORDER BY id", "SELECT id FROM attribute ORDER BY id",
        "SELECT id FROM object ORDER BY id", "SELECT id FROM event_report ORDER BY id",
        "SELECT id FROM sighting ORDER BY id", "SELECT id FROM proposal ORDER BY id",
        "SELECT attribute_id FROM attachment ORDER BY 1", "SELECT id FROM sharing_group ORDER BY 1",
        "SELECT kind, id FROM analyst_data ORDER BY 1, 2", "SELECT id FROM tag ORDER BY id",
        "SELECT id FROM collection ORDER BY id", "SELECT id FROM tag_collection ORDER BY id",
        "SELECT id FROM decaying_model ORDER BY id",
    )  # fmt: skip
    for who in ("user", "other", "readonly"):
        with old.database.as_user(old.ids[who]) as there, new.as_user(old.ids[who]) as here:
            for query in queries:
                assert here.all(query) == there.all(query), (who, query)


def test_what_is_added_afterwards_gets_numbers_behind_all_that_came(
    old: World, new: Database
) -> None:
    moved(old, new)
    with new.system() as session:
        highest = session.value("SELECT max(id) FROM event")
    with new.as_user(old.ids["user"]) as session:
        event = read_event({"info": "afterwards", "Attribute": [
            {"type": "ip-dst", "value": "203.0.113.9"}]})  # fmt: skip
        assert add(session, event).event_id > highest
    with new.system() as session:
        assert organisations.add(session, {"name": "A new one"}).id > max(old.orgs.values())


def test_a_second_run_changes_nothing_and_takes_what_is_newer(old: World, new: Database) -> None:
    first = moved(old, new)
    again = moved(old, new, again=True)
    assert again.is_whole
    assert again.verified == first.verified
    with new.system() as session:
        before = session.all("SELECT id, uuid FROM attribute ORDER BY id")
    event = old.ask("user", "POST", "/events/index", {"eventinfo": "Übernahme"}).body[0]["id"]
    added = old.ask("user", "POST", f"/attributes/add/{event}",
                    {"type": "domain", "value": "later.example"}).body["Attribute"]  # fmt: skip
    third = moved(old, new)
    assert third.is_whole
    with new.system() as session:
        after = session.all("SELECT id, uuid FROM attribute ORDER BY id")
        assert session.value("SELECT count(*) FROM blocked WHERE comment <> 'no'") == 3
    assert [row for row in after if row not in before] == [(int(added["id"]), UUID(added["uuid"]))]
    old.ask("user", "POST", f"/attributes/delete/{added['id']}/1")


def test_what_changed_here_since_is_never_overwritten(old: World, new: Database) -> None:
    moved(old, new)
    event = old.ask("user", "POST", "/events/index", {"eventinfo": "Übernahme"}).body[0]["id"]
    with new.as_user(old.ids["user"]) as session:
        edit(session, int(event), read_event({"info": "Changed here"}), {"info": "Changed here"})
    report = moved(old, new, again=True)
    with new.system() as session:
        info = session.value("SELECT info FROM event WHERE id = %s", (int(event),))
    assert info == "Changed here"
    assert any("info" in line for line in report.differences)


def test_an_interrupted_move_continues_where_it_stopped(old: World, new: Database) -> None:
    steps: list[str] = []

    def told(step: str, _done: int, _total: int) -> None:
        steps.append(step)
        events = [s for s in steps if s.startswith("event ") and s != "event template"]
        if len(events) == 2 and len(stops) == 0:
            stops.append(step)
            raise KeyboardInterrupt

    stops: list[str] = []
    with pytest.raises(KeyboardInterrupt), Misp(Access(old.url, old.keys["admin"])) as misp:
        move(misp, new, Wanted(), told)
    with new.system() as session:
        assert session.value("SELECT count(*) FROM event") == 1
    report = moved(old, new)
    assert report.keeps_ids
    assert report.is_whole
    assert report.verified == 3


def test_a_node_in_use_gets_everything_under_new_numbers(old: World, new: Database) -> None:
    with new.as_user(1) as session:
        add(session, read_event({"info": "here before"}), keep_empty=True)
    report = moved(old, new)
    assert not report.keeps_ids
    assert report.is_whole
    assert report.verified == 3
    with new.system() as session:
        assert session.value("SELECT count(*) FROM event") == 4


def test_a_server_that_came_along_has_no_key_and_says_so_until_one_is_entered(
    old: World, new: Database
) -> None:
    report = moved(old, new)
    assert "server Partner: enter its key, then switch push on" in report.remarks
    with new.as_user(1) as session:
        (found,) = servers.listed(session)
        assert (found.has_key, found.push, found.pull) == (False, False, False)
        with pytest.raises(NoKey):
            servers.key_of(session, found)
        tested = partners.test_connection(session, found)
        assert (tested["status"], tested["reason"]) == (partners.REFUSED, NoKey.public)
        with pytest.raises(Refused, match="authkey: expected the key of 40"):
            servers.edit(session, found.id, {"push": True})
        assert servers.edit(session, found.id, {"name": "Partner of old"}).has_key is False
        entered = servers.edit(session, found.id, {"push": True, "authkey": "k" * 40})
        assert (entered.has_key, servers.key_of(session, entered)) == (True, "k" * 40)
    again = moved(old, new, again=True)
    assert not [said for said in again.remarks if "enter its key" in said]
    with new.as_user(1) as session:
        assert servers.listed(session) == [entered]


def test_a_dry_run_tells_and_changes_nothing(old: World, new: Database) -> None:
    report = moved(old, new, dry_run=True)
    assert report.keeps_ids
    assert report.kinds["event"].there == 3
    assert report.kinds["account"].there == len(old.ids)
    lost = {one.what: one.count for one in report.lost}
    assert lost["passwords"] == len(old.ids)
    assert lost["bytes of proposed files"] == 1
    assert lost["taxonomies that are neither here nor in use"] == 1
    assert lost["one-time codes"] is None
    assert "object templates that are not here" not in lost
    for kind in ("collection", "tag collection", "decaying model", "correlation rule"):
        assert report.kinds[kind].there, kind
    assert {p.email: p.keys for p in report.people}["user@people.example"] == 1
    with new.system() as session:
        assert session.value("SELECT count(*) FROM organisation") == 1
        assert session.value("SELECT count(*) FROM moving") == 0


def test_a_key_that_does_not_see_everything_is_refused(old: World, new: Database) -> None:
    access = Access(old.url, old.keys["orgadmin"])
    with Misp(access) as misp, pytest.raises(Forbidden, match="site admin"):
        move(misp, new, Wanted(), lambda *_: None)
