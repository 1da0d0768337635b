# SPDX-License-Identifier: EUPL-1.2
"""Parts of an event as people see them: held and judged one by one, and taken back."""

import re

import pytest
from tests.bridges.conftest import connected, noordland, zuidmark
from tests.bridges.crossing.conftest import added, agree, carry, crossings, new_event, stored
from tests.bridges.served import ADMIN, Served
from tests.web.node import PASSWORD, post
from tests.web.test_retention_pages import browser, words

from brug.directory import account_changes
from brug.intel.deleting import delete_attribute
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
