# SPDX-License-Identifier: EUPL-1.2
"""Parts of an event as people see them: held and judged one by one, and taken back."""

import re

import pytest
from tests.bridges.conftest import connected, noordland, zuidmark
from tests.bridges.crossing.conftest import added, agree, carry, crossings, new_event, stored
from tests.bridges.served import ADMIN, Served
from tests.web.node import PASSWORD, post
from tests.web.test_retention_pages import browser, words

from brug.bridges.crossing import recalls
from brug.directory import account_changes
from brug.intel.deleting import delete_attribute
from brug.intel.finding import find
from brug.intel.publishing import publish
from brug.model.event import NewAttribute, NewTag

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
