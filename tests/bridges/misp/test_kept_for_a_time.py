# SPDX-License-Identifier: EUPL-1.2
"""Events that were pulled go after the time that the server's record says, unless kept here."""

from typing import Any
from uuid import uuid4

import pytest
from tests.bridges.misp.conftest import NodeForD
from tests.bridges.misp.serving_side import serving
from tests.bridges.misp.test_hostile_partner import Partner, event

from brug.bridges.afterwards import holds, sourced
from brug.cases import keeping
from brug.cases.acts import Linked
from brug.formats.misp.reading import read_event
from brug.intel.changing import edit
from brug.intel.label import tagging, taglist, tags
from brug.intel.label.tagging import Target
from brug.intel.sighting.sighting_exchange import Brought, take
from brug.model.new_event import NewTag

ADMIN = 1


def days_pass(node: NodeForD, days: int) -> None:
    with node.database.system() as session:
        session.execute("UPDATE source_event SET came = came - make_interval(days => %s)", (days,))


def kept(node: NodeForD) -> dict[str, str]:
    """What is listed, by title, and what keeps it."""
    with node.database.system() as session:
        return {one.info: one.kept for one in sourced.listed(session)}


def set_days(node: NodeForD, server: int, days: int) -> None:
    with node.database.as_user(ADMIN) as session:
        sourced.set_of_server(session, server, days)


def here(node: NodeForD) -> set[str]:
    with node.database.system() as session:
        return {row[0] for row in session.all("SELECT info FROM event")}


def test_what_was_pulled_goes_and_comes_back_with_a_newer_version(node: NodeForD) -> None:
    partner = Partner(event(1), event(2))
    with serving(partner) as c:
        server = node.add_server(c.url)
        node.run(server, "pull", "full")
        assert kept(node) == {}, "for good unless the record says otherwise"
        set_days(node, server, 30)
        days_pass(node, 29)
        assert sourced.end_due(node.database) == []
        partner.events[event(2)["uuid"]] = event(2, timestamp="1795000100")
        node.run(server, "pull", "full")
        days_pass(node, 1)
        (gone,) = sourced.end_due(node.database)
        assert (gone.info, gone.sources) == ("event 1", ["C"])
        assert here(node) == {"event 2"}
        run = node.run(server, "pull", "full")
        assert here(node) == {"event 2"}, "the same version does not come again"
        assert any("their time here is over" in one.reason for one in run.losses)
        partner.events[event(1)["uuid"]] = event(1, timestamp="1795000200")
        node.run(server, "pull", "full")
        assert here(node) == {"event 1", "event 2"}
        days_pass(node, 31)
        assert len(sourced.end_due(node.database)) == 2
        node.run(server, "pull", event(1)["uuid"])
        assert here(node) == {"event 1"}, "somebody asked for it"
    with node.database.system() as session:
        entries = session.all("SELECT payload FROM ledger_entry WHERE kind = 'retention'")
        blocked = session.value("SELECT count(*) FROM blocked")
    assert [one["outcome"] for (one,) in entries] == ["deleted"] * 3
    assert blocked == 0


def act(node: NodeForD, what: str, number: int, uuid: str) -> None:
    with node.database.as_user(ADMIN) as session:
        if what == "hold":
            holds.place(session, uuid, "evidence")
        elif what == "edit":
            raw: dict[str, Any] = {"info": "event 1"}
            edit(session, number, read_event(dict(raw), partial=True), raw)
        elif what == "said":
            one = session.value("SELECT uuid::text FROM attribute WHERE event_id = %s", (number,))
            take(session, uuid, [Brought(str(uuid4()), one, 1_795_000_000, "sensor", 0)])
        elif what == "tags":
            tags.intern(session, [NewTag("seen-by-us")], listed=True)
            tag, target = taglist.find(session, "seen-by-us"), Target("event", number, number)
            tagging.attach(session, target, tag, local=True, exclusive=False)
        elif what == "case":
            case = keeping.open_case(session, "incident", "Pumps stopped").uuid
            one = session.value("SELECT uuid::text FROM attribute WHERE event_id = %s", (number,))
            keeping.act(session, case, Linked(kind="attribute", uuid=one))
        elif what == "extended":
            session.execute(
                "INSERT INTO event (uuid, org_id, orgc_id, info, distribution, timestamp, audience,"
                " extends_uuid) SELECT gen_random_uuid(), 1, 1, 'more', 0, 1, audience, uuid"
                " FROM event WHERE id = %s", (number,),
            )  # fmt: skip


@pytest.mark.parametrize("what", ["hold", "edit", "said", "tags", "extended", "case"])
def test_what_people_here_did_something_with_stays(node: NodeForD, what: str) -> None:
    one = event(1)
    with serving(Partner(one)) as c:
        server = node.add_server(c.url)
        node.run(server, "pull", "full")
    set_days(node, server, 1)
    with node.database.system() as session:
        number = session.value("SELECT id FROM event WHERE uuid = %s", (one["uuid"],))
    act(node, what, int(number), one["uuid"])
    days_pass(node, 2)
    assert kept(node) == {"event 1": what}
    assert sourced.end_due(node.database) == []
    assert "event 1" in here(node)
    if what == "hold":
        with node.database.as_user(ADMIN) as session:
            holds.lift(session, one["uuid"])
        assert len(sourced.end_due(node.database)) == 1


def test_where_another_source_keeps_it_for_good_it_stays(node: NodeForD) -> None:
    with serving(Partner(event(1))) as c, serving(Partner(event(1, timestamp="1795000001"))) as d:
        first, second = node.add_server(c.url), node.add_server(d.url)
        node.run(first, "pull", "full")
        node.run(second, "pull", "full")
    set_days(node, first, 1)
    days_pass(node, 10)
    assert sourced.end_due(node.database) == []
    set_days(node, second, 30)
    assert sourced.end_due(node.database) == []
    days_pass(node, 21)
    assert len(sourced.end_due(node.database)) == 1
