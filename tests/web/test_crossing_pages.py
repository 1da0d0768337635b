# SPDX-License-Identifier: EUPL-1.2
"""Parts of an event as people see them: held and judged one by one, and taken back."""

import re
from typing import Any

import pytest
from tests.bridges.conftest import connected, noordland, zuidmark
from tests.bridges.crossing.conftest import added, agree, carry, crossings, new_event, stored
from tests.bridges.served import ADMIN, Served
from tests.web.node import PASSWORD, post
from tests.web.test_retention_pages import browser, words

from brug.bridges import agreements
from brug.bridges.crossing import recalls
from brug.bridges.feeds import leaving, published, publishing, readers
from brug.bridges.feeds.published import Published
from brug.directory import account_changes
from brug.intel.deleting import delete_attribute
from brug.intel.finding import find
from brug.intel.publishing import publish
from brug.model.new_event import NewAttribute, NewTag

__all__ = ["connected", "noordland", "zuidmark"]
Two = tuple[Served, Served]


@pytest.fixture(scope="module")
def agreed(connected: Two) -> Two:
    for one in connected:
        with one.database.system() as session:
            account_changes.edit(session, 1, {"password": PASSWORD, "change_pw": False})
    agree(*connected)
    return connected


def test_a_part_is_let_go_and_one_is_kept_with_a_reason(agreed: Two) -> None:
    one, other = agreed
    new = new_event(("domain", "open.example"))
    new.attributes += [
        NewAttribute(None, "domain", "Network activity", True, value, "", tags=(NewTag("tlp:red"),))
        for value in ("ask.example", "keep.example")
    ]
    uuid = added(one, new)
    carry(one)
    (sent,) = crossings(one, uuid)
    base = f"/bridges/crossings/{sent.id}"
    with browser(one) as client:
        assert "2 parts wait, the rest crosses" in words(client, "/bridges/held")
        assert "2 parts of it are held for a person" in words(client, base)
        page = client.get(f"{base}/parts").text
        assert "above the ceiling of the agreement" in page
        boxes = re.findall(r'name="part" value="([0-9a-f-]{36})"', page)
        said = re.findall(r'class="value">domain ([^<]+)<', page)
        ticks = dict(zip(said, boxes, strict=True))
        given = {"part": ticks["ask.example"], "because": " "}
        refused = post(client, f"{base}/parts/release", given, f"{base}/parts")
        assert refused.status_code == 400
        assert "f-because-error" in refused.text
        nothing = post(client, f"{base}/parts/release", {"because": "yes"}, f"{base}/parts")
        assert nothing.status_code == 400
        assert "at least one part that is held" in nothing.text
        given["because"] = "the source agreed"
        done = post(client, f"{base}/parts/release", given, f"{base}/parts")
        assert done.status_code == 303
        given = {"part": ticks["keep.example"], "because": "never"}
        done = post(client, f"{base}/parts/refuse", given, f"{base}/parts")
        assert done.status_code == 303
        carry(one)
        assert "No part is held" in words(client, f"{base}/parts")
        assert "parts wait" not in words(client, "/bridges/held")
    there = stored(other, uuid)
    assert there
    assert {value for _, value in there["values"]} == {"open.example", "ask.example"}


def test_both_pages_say_what_is_taken_back(agreed: Two) -> None:
    one, other = agreed
    uuid = added(one, new_event(("domain", "stays.example"), ("domain", "goes.example")))
    carry(one)
    with one.database.as_user(ADMIN) as session:
        part = session.value("SELECT uuid::text FROM attribute WHERE value1 = 'goes.example'")
        delete_attribute(session, part, hard=True)
        publish(session, uuid)
    carry(one)
    for node, said in ((one, "are not here any more"), (other, "took these parts back")):
        with browser(node) as client:
            shown = words(client, f"/bridges/crossings/{crossings(node, uuid)[0].id}")
        assert said in shown
        assert f"Attribute {part}" in shown


def test_filters_that_do_not_fit_are_shown_as_they_were_typed(agreed: Two) -> None:
    one, other = agreed
    page = f"/bridges/partners/{one.bridge(other.name).id}/filters"
    with browser(one) as client:
        wrong = {"tags": "sector:energy\n!test", "types": "domian", "days": "often"}
        refused = post(client, page, wrong, page)
        assert refused.status_code == 400
        assert "sector:energy\n!test" in refused.text
        assert 'aria-invalid="true"' in refused.text
        assert "domian" in refused.text
        assert "sector:energy" not in client.get(page).text


def test_an_event_is_sent_and_found_by_number_and_by_uuid_however_it_is_written(
    agreed: Two,
) -> None:
    one, other = agreed
    uuid = added(one, new_event(("domain", "by-hand.example")))
    carry(one)
    number = str(_number(one, uuid))
    bridge = str(one.bridge(other.name).id)
    with browser(one) as client:
        for event in (uuid, uuid.upper(), number):
            sent = post(client, "/bridges/send", {"bridge": bridge, "event": event}, "/bridges")
            assert sent.status_code == 303
            assert sent.headers["location"] == f"/bridges/crossings?event={uuid}"
            listed = client.get("/bridges/crossings", params={"event": event}).text
            assert set(re.findall(r"/bridges/crossings/(\d+)", listed)) == {
                str(crossing.id) for crossing in crossings(one, uuid)
            }
        assert client.get("/bridges/crossings?event=999999").status_code == 404
        assert client.get("/bridges/crossings?event=nonsense").status_code == 404


def test_a_button_that_is_none_decides_nothing(agreed: Two) -> None:
    one, other = agreed
    agree(*agreed, recall={"by": "person", "most_an_hour": 10})
    uuid = added(one, new_event(("domain", "stays-there.example")))
    carry(one)
    with one.database.as_user(ADMIN) as session:
        recalls.ask(session, one.bridge(other.name), uuid, "it names a victim")
    carry(one)
    with other.database.as_user(ADMIN) as session:
        (asked,) = [r for r in recalls.asked(session) if r.event_uuid == uuid]
    base = "/bridges/recalls"
    with browser(other) as client:
        for given in ({}, {"do": ""}, {"do": "KEEP"}, {"do": "keep it"}):
            given |= {"because": "whatever"}
            refused = post(client, f"{base}/{asked.id}/follow", given, base)
            assert refused.status_code == 400
            assert "keep, delete" in refused.text
        assert stored(other, uuid) is not None
        assert post(client, "/bridges/versions/1/settle", {}, base).status_code == 400
        assert post(client, "/bridges/permissions/1", {}, base).status_code == 400
        done = {"do": "delete", "because": "as they ask"}
        assert post(client, f"{base}/{asked.id}/follow", done, base).status_code == 303
    assert stored(other, uuid) is None


def _number(node: Served, uuid: str) -> int:
    with node.database.system() as session:
        return find(session, "event", uuid)


def feed_for(one: Served, other: Served, **terms: Any) -> tuple[Any, Published]:
    """A feed of one node for the other's organisation, agreed on paper."""
    with one.database.as_user(ADMIN) as session:
        to = readers.bridge_to(session, str(one.bridge(other.name).org_uuid), "community")
        both = sorted([agreements.host(session)[0], str(to.org_uuid)])
        given = {
            "our_country": "NL", "their_country": "NL", "purposes": ["cyber-defence"],
            "senders": both, "legal_basis": "NIS2 art. 29", "document": "on paper",
            "valid_from": "2020-01-01T00:00:00Z", **terms,
        }  # fmt: skip
        made = agreements.propose(session, to, agreements.draft(session, to, given))
        agreements.accept_on_paper(session, made, "letter 1")
        feed, _ = published.add(session, {"name": "for-them", "bridge_id": to.id})
    return to, feed


def test_parts_in_feeds_are_judged_from_the_queue_and_the_event_called_back(agreed: Two) -> None:
    one, other = agreed
    to, feed = feed_for(one, other, ceiling={"tlp": "green", "pap": "red"})
    with one.database.system() as session:
        session.execute("UPDATE bridge SET state = 'paused' WHERE transport = 'native'")
    new = new_event(("domain", "fed.example"))
    new.info = "Only in a feed"
    new.attributes.append(
        NewAttribute(None, "domain", "Network activity", True, "ask.example", "",
                     tags=(NewTag("tlp:red"),))
    )  # fmt: skip
    uuid = added(one, new)
    publishing.refreshed(one.database, feed, now=True)
    place = f"/bridges/held/{to.id}/{uuid}"
    with browser(one) as client:
        queue = client.get("/bridges/held").text
        assert f'href="{place}"' in queue
        shown = words(client, "/bridges/held")
        assert "Only in a feed 1 part waits, the rest is in feeds" in shown
        assert "above the ceiling of the agreement" in shown
        page = client.get(place).text
        (part,) = re.findall(r'name="part" value="([0-9a-f-]{36})"', page)
        refused = post(client, f"{place}/release", {"part": part, "because": ""}, place)
        assert refused.status_code == 400
        done = post(client, f"{place}/release", {"part": part, "because": "asked"}, place)
        assert (done.status_code, done.headers["location"]) == (303, "/bridges/held")
        assert "Only in a feed" not in words(client, "/bridges/held")
        assert client.get(f"/bridges/held/{to.id}/none").status_code == 404
        publishing.refreshed(one.database, feed, now=True)
        with one.database.system() as session:
            held = session.value(
                "SELECT convert_from(body, 'UTF8') FROM published_part"
                " WHERE feed_id = %s AND event_uuid = %s",
                (feed.id, uuid),
            )
            event_id = find(session, "event", uuid)
        assert "ask.example" in held

        # Nothing crossed, so that the page of the event leads to calling it back.
        assert crossings(one, uuid) == [] or crossings(one, uuid)[0].state != "received"
        begin = f"/bridges/recall?event={uuid}"
        assert begin in client.get(f"/intelligence/events/{event_id}/crossing").text
        assert begin in client.get(f"/bridges/crossings?event={uuid}").text
        shown = words(client, begin)
        assert "Only in a feed" in shown
        assert "for-them" in shown
        wrong = post(client, "/bridges/recall", {"event": uuid, "because": " "}, begin)
        assert wrong.status_code == 400
        assert "f-because-error" in wrong.text
        done = post(client, "/bridges/recall", {"event": uuid, "because": "wrong"}, begin)
        assert done.status_code == 303
        with one.database.system() as session:
            assert leaving.holding_it(session, uuid) == []
        assert "Nobody has it from here" in words(client, begin)
        for page in (
            f"/intelligence/events/{event_id}/crossing",
            f"/bridges/crossings?event={uuid}",
        ):
            assert begin not in client.get(page).text, "nothing leads to what cannot be done"
        assert post(client, "/bridges/recall", {"event": uuid, "because": "again"}, begin
                    ).status_code == 409  # fmt: skip
    with one.database.system() as session:
        session.execute("UPDATE bridge SET state = 'open' WHERE transport = 'native'")


def test_an_event_is_called_back_from_one_of_those_who_have_it(agreed: Two) -> None:
    one, other = agreed
    uuid = added(one, new_event(("domain", "back.example")))
    carry(one)
    assert stored(other, uuid) is not None
    bridge = one.bridge(other.name)
    with browser(one) as client:
        begin = f"/bridges/recall?event={uuid}"
        assert f'<option value="{bridge.id}"' in client.get(begin).text
        given = {"event": uuid, "bridge": str(bridge.id), "because": "wrong"}
        assert post(client, "/bridges/recall", given, begin).status_code == 303
        recalled = crossings(one, uuid)[0]
        assert (recalled.kind, recalled.bridge_id) == ("recall", bridge.id)
        assert client.get("/bridges/recall?event=999999").status_code == 404
