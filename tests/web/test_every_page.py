# SPDX-License-Identifier: EUPL-1.2
"""What holds for every page of the table: headers, rights, and what a reader may not see."""

from __future__ import annotations

import re

import httpx
import pytest
from tests.web import in_full
from tests.web.node import Node, plain

from brug.web.page import TABLE, Page
from brug.web.pages import PROBES

ITEMS = {
    "/intelligence/events/{key:str}": "/intelligence/events/{event}",
    "/intelligence/attributes/{key:str}": "/intelligence/attributes/{attribute}",
    "/directory/organisations/{key:str}": "/directory/organisations/{organisation}",
    "/administration/sharing-groups/{key:str}": "/administration/sharing-groups/{group}",
    "/administration/users/{key:int}": "/administration/users/2",
    "/administration/roles/{key:int}": "/administration/roles/3",
    "/administration/servers/{key:int}": "/administration/servers/1",
    "/administration/feeds/{key:int}": "/administration/feeds/1",
    "/intelligence/galaxies/{key:str}": "/intelligence/galaxies/{galaxy}",
    "/intelligence/clusters/{key:str}": "/intelligence/clusters/{cluster}",
    "/administration/tag-collections/{key:str}": "/administration/tag-collections/{collection_id}",
    "/administration/noticelists/{key:str}": "/administration/noticelists/{noticelist}",
    "/intelligence/collections/{key:str}": "/intelligence/collections/{collection}",
    "/intelligence/templates/{key:str}": "/intelligence/templates/{event_template}",
    "/intelligence/template-elements/{key:str}": "/intelligence/template-elements/{element}",
    "/templates/{template:str}": "/templates/{event_template}",
    "/insight/dashboard/{place:int}": "/insight/dashboard/1",
    "/regular-expressions/left-out/{key:int}": "/regular-expressions/left-out/{allowed}",
    "/regular-expressions/rules/{key:int}": "/regular-expressions/rules/{rule}",
    "/administration/decaying-models/{key:str}": "/administration/decaying-models/1",
    "/administration/keys/{key:int}": "/administration/keys/1",
    "/account/keys/{key:int}": "/account/keys/1",
    "/administration/mail-keys/{key:str}": "/administration/mail-keys/00000000",
    "/administration/registrations/{key:int}": "/administration/registrations/{registration}",
    "/intelligence/proposals/{key:str}": "/intelligence/proposals/{proposal}",
    "/intelligence/delegations/{key:str}": "/intelligence/delegations/{delegation}",
    "/bridges/partners/{key:int}": "/bridges/partners/{bridge}",
    "/bridges/crossings/{key:int}": "/bridges/crossings/{crossing}",
    "/bridges/recalls/{key:int}": "/bridges/recalls/{recall}",
    "/bridges/held/{bridge:int}/{event:str}": "/bridges/held/{bridge}/{event_uuid}",
    "/bridges/versions/{key:int}": "/bridges/versions/{version}",
    "/bridges/feeds/{key:int}": "/bridges/feeds/{published_feed}",
    "/bridges/agreements/{bridge:int}/versions/{key:int}": (
        "/bridges/agreements/{bridge}/versions/{agreement}"
    ),
    "/bridges/agreements/{bridge:int}": "/bridges/agreements/{bridge}",
    "/bridges/mail/{bridge:int}": "/bridges/mail/{mailbox}",
    "/bridges/permissions/{key:int}": "/bridges/permissions/{permission}",
    "/bridges/ledger/entries/{entry:str}": "/bridges/ledger/entries/{entry}",
    "/bridges/ledger/checkpoints/{log:int}": "/bridges/ledger/checkpoints/{log}",
    "/bridges/ledger/partner-logs/{bridge:int}/{log:int}": (
        "/bridges/ledger/partner-logs/{bridge}/{partner_log}"
    ),
    "/cases/advisories/catalogue/{number:int}": "/cases/advisories/catalogue/{catalogued}",
    "/cases/advisories/sources/{number:int}/{act:str}": (
        "/cases/advisories/sources/{source}/replay"
    ),
    "/cases/advisories/sources/refusals/{number:int}": (
        "/cases/advisories/sources/refusals/{refused}"
    ),
    "/cases/advisories/products/{number:int}": "/cases/advisories/products/{product}",
    "/cases/advisories/products/bills/{number:int}": "/cases/advisories/products/bills/{bill}",
    "/cases/quarantine/{mail:int}": "/cases/quarantine/{held_mail}",
    "/persons/{participant:str}/{what:str}": "/persons/{person}/quiet",
    "/cases/{key:str}/advisory/{number:int}": "/cases/{disclosure}/advisory/{own_advisory}",
    "/cases/{key:str}/advisory": "/cases/{disclosure}/advisory",
    "/cases/{key:str}/embargo": "/cases/{disclosure}/embargo",
    "/cases/{key:str}/cve/{number:str}": "/cases/{disclosure}/cve/CVE-2026-0042",
    "/cases/{key:str}/cve": "/cases/{disclosure}/cve",
    "/cases/{key:str}/score": "/cases/{disclosure}/score",
    "/releases/{version:str}": "/draft.json",
    "/cases/{key:str}": "/cases/{case}",
    "/cases/calendar/feed/{token:str}": "/cases/calendar/feed/{calendar}.ics",
    "/cases/templates/{kept:int}": "/cases/templates/{case_template}",
    "/acts/{what:str}": "/acts/said",
    "/reports/{report:str}": "/reports/nis2-early-warning",
    "/documents/{document:str}": "/documents/{document}",
    "/bridges/invitations/{uuid:str}": "/bridges/invitations/{invitation}",
    "/new-password": "/new-password?token={token}",
}


@pytest.fixture(scope="module")
def node(node: Node) -> Node:
    """With everything on it switched on and used."""
    in_full.fill(node)
    return node


def path_of(page: Page, node: Node, event: str = "open") -> str:
    path = page.path
    for pattern, item in ITEMS.items():
        path = path.replace(pattern, item)
    event_id = node.events[event]
    with node.database.system() as session:
        attribute = session.value("SELECT min(id) FROM attribute WHERE event_id = %s", (event_id,))
        uuid = session.value("SELECT uuid::text FROM event WHERE id = %s", (event_id,))
    filled = {"event": event_id, "attribute": attribute, "organisation": 1, "group": node.group}
    filled |= {
        "galaxy": node.galaxy, "cluster": node.cluster, "noticelist": node.noticelist,
        "collection_id": node.tag_collection, "collection": node.collections[event],
        "proposal": node.proposals[event], "token": node.token, **node.items,
        "invitation": node.invitation, "entry": node.entry, "document": node.document,
        "event_template": node.templates[event][0],
        "element": node.templates[event][1], "event_uuid": uuid,
    }  # fmt: skip
    return path.format(**filled)


# What is there only while a secret is being set up.
CONDITIONAL = {"/cases/calendar/feed/{token:str}"}
UNTIL_BEGUN = {"/account/one-time-codes/qr.svg"}
READABLE = [page for page in TABLE if "GET" in page.methods]
WRITING = [page for page in TABLE if "POST" in page.methods]


def name_of(page: Page) -> str:
    return f"{page.methods[0]} {page.path}"


@pytest.mark.parametrize("page", READABLE, ids=name_of)
def test_every_page_answers_a_site_admin_under_a_strict_policy(node: Node, page: Page) -> None:
    answered = node.known("admin")[0].get(path_of(page, node))
    absent = {404} if page.path in UNTIL_BEGUN else set()
    assert answered.status_code in {200, 303} | absent, answered.text[-3000:]
    policy = answered.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    for name in ("x-content-type-options", "referrer-policy", "permissions-policy",
                 "cross-origin-opener-policy", "cross-origin-resource-policy"):  # fmt: skip
        assert name in answered.headers
    # What programs ask for again and again is asked for by its tag.
    kept = "private, no-cache" if page.path in CONDITIONAL else "no-store"
    assert answered.headers["cache-control"] == kept
    if answered.headers.get("content-type", "").startswith("text/html"):
        assert not re.search(r"<script(?![^>]*src=)|\son[a-z]+=\"|\sstyle=\"", answered.text)


@pytest.mark.parametrize("page", [p for p in TABLE if not p.anonymous], ids=name_of)
def test_every_page_turns_away_who_has_not_signed_in(node: Node, page: Page) -> None:
    with node.browser() as client:
        answered = client.request(page.methods[0], path_of(page, node))
    assert answered.status_code == 303
    assert answered.headers["location"].startswith("/sign-in")


@pytest.mark.parametrize("page", [p for p in TABLE if p.right], ids=name_of)
def test_a_reader_without_the_right_is_refused(node: Node, page: Page) -> None:
    client, token = node.known(in_full.RIGHTLESS)
    if "POST" in page.methods:
        answered = client.post(path_of(page, node), data={"_csrf_token": token})
    else:
        answered = client.get(path_of(page, node))
    assert answered.status_code == 403


@pytest.mark.parametrize("page", WRITING, ids=name_of)
def test_every_form_needs_its_token(node: Node, page: Page) -> None:
    client, _ = node.known("admin")
    assert client.post(path_of(page, node), data={"info": "x"}).status_code == 403


ABOUT_EVENTS = [
    p for p in TABLE if "{key:str}" in p.path and p.path.startswith("/intelligence/")
    and "/galaxies/" not in p.path  # everyone sees them
]  # fmt: skip


@pytest.mark.parametrize("page", ABOUT_EVENTS, ids=name_of)
def test_hidden_and_absent_are_one_answer(node: Node, page: Page) -> None:
    hidden = path_of(page, node, "own")
    absent = re.sub(r"/\d+", "/987654321", hidden)
    client, token = node.known("police")
    form = {"tag": "tlp:red", "_csrf_token": token}
    ask = {"GET": client.get, "POST": lambda path: client.post(path, data=form)}
    answers = [ask[page.methods[0]](path) for path in (hidden, absent)]
    assert [a.status_code for a in answers] == [404, 404]
    one, other = (without_place(a) for a in answers)
    assert one == other


def without_place(answered: httpx.Response) -> str:
    text = re.sub(r'name="next" value="[^"]*"', "", answered.text)
    return re.sub(r'name="_csrf_token" value="[^"]*"|X-CSRFToken": "[^"]*"', "", text)


@pytest.mark.parametrize("who", ["police", "reader", "admin"])
def test_lists_and_searches_name_only_what_the_reader_sees(node: Node, who: str) -> None:
    seen = {"police": False, "reader": True, "admin": True}[who]
    paths = ("/", "/intelligence/events", "/intelligence/events?as=csv",
             "/intelligence/events?as=json", "/intelligence/events?text=Only+for",
             f"/directory/organisations/{node.orgs['Bank ISAC']}")  # fmt: skip
    with node.browser(who) as client:
        for path in paths:
            assert ("Only for the bank" in client.get(path).text) is seen, path
        assert ("own.example" in client.get("/search?q=wn.exampl").text) is seen
        known = "no event that you may see" not in client.get("/search?q=own.example").text
        assert known is seen


def test_related_events_are_those_that_the_reader_sees(node: Node) -> None:
    hidden = node.add("lead", plain("Secretly related", 0, "shared.example"))
    event = node.events["police"]
    with node.browser("police") as client:
        text = client.get(f"/intelligence/events/{event}").text
        assert "Secretly related" not in text
        assert "Open &lt;script&gt;" in text
    with node.browser("lead") as client:
        assert "Secretly related" in client.get(f"/intelligence/events/{event}").text
    assert hidden


def test_every_probe_answers(node: Node) -> None:
    filled = {
        "event": node.events["open"], "attribute": 1, "organisation": 1, "value": "plain.example",
        "sharing_group": node.group, "collection": node.collections["open"],
        "tag_collection": node.tag_collection, "galaxy": node.galaxy,
        "cluster": node.cluster, "noticelist": node.noticelist,
        "event_template": node.templates["open"][0],
        "event_template_element": node.templates["open"][1], **node.items,
    }  # fmt: skip
    assert len(PROBES) >= 15
    with node.browser("admin") as client:
        for probe in PROBES:
            assert client.request(probe.method, probe.path.format(**filled)).status_code == 200


@pytest.mark.parametrize("path", ["/intelligence/nope", "/administration/nope/x/y",
                                  "/intelligence/events/%00", "/intelligence/events/" + "9" * 400,
                                  "/search?q=%00%ff", "/intelligence/events?page=99999999999999",
                                  "/intelligence/events?since=0000-99-99", "/directory/x",
                                  "/static/../app.py", "/static/nope.css"])  # fmt: skip
def test_no_address_makes_the_node_fail(node: Node, path: str) -> None:
    with node.browser("admin") as client:
        answered = client.get(path)
    assert answered.status_code in {200, 400, 404}
    assert "Traceback" not in answered.text


def test_a_form_too_large_is_refused_as_a_page(node: Node) -> None:
    with node.browser("lead") as client:
        answered = client.post("/intelligence/add", content=b"text=" + b"x" * (9 * 2**20))
    assert answered.status_code == 413
    assert "<h1>" in answered.text


def test_files_are_kept_by_browsers_for_as_long_as_their_address_holds(node: Node) -> None:
    with node.browser() as client:
        page = client.get("/sign-in").text
        sheet = re.search(r'href="(/static/css/base\.css\?v=[0-9a-f]{12})"', page)
        assert sheet
        assert "immutable" in client.get(sheet[1]).headers["cache-control"]


def test_a_browser_with_an_old_link_is_led_to_the_page_and_programs_are_not(node: Node) -> None:
    page = {"Accept": "text/html,application/xhtml+xml"}
    with node.browser() as client:
        led = client.get("/events/view/12", headers=page)
        assert led.status_code == 302
        assert led.headers["location"] == "/intelligence/events/12"
        assert client.get("/nothing/here", headers=page).status_code == 404
        program = client.get("/events/view/12", headers={"Accept": "application/json"})
        assert program.status_code == 403
        assert program.json()["name"].startswith("Authentication failed")
        keyed = {"Authorization": node.api_key, "Accept": "text/html"}
        shown = client.get(f"/events/view/{node.events['open']}", headers=keyed)
        assert "Event" in shown.json()
