# SPDX-License-Identifier: EUPL-1.2
"""When a copy goes, what is kept, and what became of what was sent, as people see it."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape

import httpx
import pytest
from tests.bridges.afterwards.conftest import let_pass
from tests.bridges.conftest import connected, noordland, zuidmark
from tests.bridges.crossing.conftest import added, agree, carry, crossings, new_event, stored
from tests.bridges.served import Served
from tests.listening import NO_TLS
from tests.web.node import PASSWORD, post, sign_in

from brug.directory import account_changes

__all__ = ["connected", "noordland", "zuidmark"]
Two = tuple[Served, Served]
PAGE = "/bridges/retention"


@pytest.fixture(scope="module")
def agreed(connected: Two) -> Two:
    for one in connected:
        with one.database.system() as session:
            account_changes.edit(session, 1, {"password": PASSWORD, "change_pw": False})
    agree(*connected, retention_days=30, tells={"opened": True, "used": True})
    return connected


@contextmanager
def browser(served: Served) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=served.url, trust_env=False, verify=NO_TLS, timeout=60) as client:
        email = f"admin@{served.name.split()[-1].lower()}.example"
        assert sign_in(client, email).status_code == 303
        yield client


def words(client: httpx.Client, path: str) -> str:
    answered = client.get(path)
    assert answered.status_code == 200, answered.text
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answered.text)).split())


def test_the_receivers_pages_say_when_it_goes_and_let_it_go(agreed: Two) -> None:
    one, other = agreed
    uuid = added(one, new_event(("domain", "page-gone.example")))
    carry(one)
    (came,) = crossings(other, uuid)
    with browser(other) as client:
        shown = words(client, PAGE)
        assert "Campaign of Noordland" in shown
        assert "It is deleted" in shown
        there = (stored(other, uuid) or {})["id"]
        assert "Goes, as agreed with its sender" in words(client, f"/intelligence/events/{there}")
        assert "Its time here ends" in words(client, f"/bridges/crossings/{came.id}")
        assert post(client, PAGE + "/run", {}, PAGE).status_code == 303
        assert stored(other, uuid) is not None
        let_pass(other, uuid, 31)
        assert post(client, PAGE + "/run", {}, PAGE).status_code == 303
        assert stored(other, uuid) is None
        assert words(client, f"/bridges/crossings/{came.id}")
    carry(other)
    sent = crossings(one, uuid)[-1]
    with browser(one) as client:
        shown = words(client, f"/bridges/crossings/{sent.id}")
        assert "Deleted there after its time" in shown
        assert "Nothing was told" in shown


def test_a_hold_is_placed_and_lifted_with_a_reason(agreed: Two) -> None:
    one, other = agreed
    uuid = added(one, new_event(("domain", "page-held.example")))
    carry(one)
    with browser(other) as client:
        refused = post(client, PAGE + "/hold", {"event": uuid, "because": " "}, PAGE)
        assert refused.status_code == 400
        assert "f-because-error" in refused.text
        absent = {"event": "4711", "because": "typed already"}
        refused = post(client, PAGE + "/hold", absent, PAGE)
        assert refused.status_code == 400
        assert "f-event-error" in refused.text
        assert 'value="typed already"' in refused.text
        given = {"event": uuid, "because": "evidence of the prosecutor"}
        assert post(client, PAGE + "/hold", given, PAGE).status_code == 303
        shown = words(client, PAGE)
        assert "evidence of the prosecutor" in shown
        assert "Kept for a legal reason" in shown
        again = post(client, PAGE + "/hold", given, PAGE)
        assert again.status_code in {400, 409}
        assert post(client, PAGE + "/lift", {"event": uuid}, PAGE).status_code == 303
        assert "evidence of the prosecutor" not in words(client, PAGE)


def test_the_senders_page_tells_what_it_was_told(agreed: Two) -> None:
    one, _ = agreed
    uuid = added(one, new_event(("domain", "page-opened.example")))
    carry(one)
    with one.database.system() as session:
        session.execute(
            "INSERT INTO kept_there (bridge_id, event_uuid, opened, used, used_at)"
            " SELECT bridge_id, event_uuid, current_date, 7, now() FROM crossing"
            " WHERE event_uuid = %s AND kind = 'event'",
            (uuid,),
        )
    (sent,) = crossings(one, uuid)
    with browser(one) as client:
        shown = words(client, f"/bridges/crossings/{sent.id}")
    assert "Yes, it was told" in shown
    assert "Detected there 7" in shown
