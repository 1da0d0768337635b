# SPDX-License-Identifier: EUPL-1.2
"""Partners without a node, on pages: added, given contacts and keys, slowed down, closed."""

import re
from html import unescape

import httpx
import pytest
from pysequoia import Tsk
from tests.web.node import Node, post

from brug.bridges import agreements, partners
from brug.bridges.mail import mailboxes
from brug.directory import organisations

NEW = "/bridges/mail/new"
ORGANISATION = "77777777-7777-4777-8777-777777777777"


@pytest.fixture(scope="module")
def hospital(node: Node) -> str:
    with node.database.system() as session:
        given = {"name": "Hospital Zuid", "uuid": ORGANISATION, "local": False}
        return organisations.add(session, given).uuid


def words_of(answered: httpx.Response) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answered.text)).split())


def test_a_partner_is_added_and_its_contacts_come_and_go(node: Node, hospital: str) -> None:
    given = {
        "organisation": hospital, "relation": "client", "frequency": "weekly",
        "email": "alice@hospital.example",
    }  # fmt: skip
    with node.browser("admin") as client:
        assert NEW in client.get("/bridges/mail").text
        assert "Hospital Zuid" in client.get(NEW).text
        made = post(client, NEW, given, NEW)
        assert made.status_code == 303, made.text
        place = made.headers["location"]
        shown = words_of(client.get(place))
        assert "alice@hospital.example In the clear" in shown
        assert "Each week" in shown
        assert "sends no mail yet" in shown
        assert "Last letter never" in shown
        key = str(Tsk.generate("Alice <alice@hospital.example>").extract_certificate())
        changed = {"email": "Alice@hospital.example", "language": "nl", "gpgkey": key}
        assert post(client, place + "/contacts", changed, place).status_code == 303
        assert "alice@hospital.example Encrypted Dutch" in words_of(client.get(place))
        slower = {"frequency": "monthly", "since": "2026-01-01"}
        assert post(client, place, slower, place).status_code == 303
        assert "Each month" in words_of(client.get("/bridges/mail"))
        gone = {"email": "alice@hospital.example"}
        assert post(client, place + "/contacts/drop", gone, place).status_code == 303
        assert "None yet: nobody gets anything." in words_of(client.get(place))
        bridge = place.replace("/mail/", "/partners/")
        assert "Pause the bridge" in client.get(bridge).text
        assert post(client, bridge + "/pause", {}, bridge).status_code == 303
        assert post(client, bridge + "/resume", {}, bridge).status_code == 303
        assert post(client, bridge + "/close", {}, bridge).status_code == 303
        again = f"{NEW}?organisation={hospital}"
        assert again in client.get(bridge).text
        assert f'value="{hospital}" selected' in client.get(again).text
        assert post(client, NEW, given, NEW).headers["location"] == place


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"frequency": "hourly"}, "frequency"),
        ({"relation": "friend"}, "relation"),
        ({"since": "soon"}, "since"),
        ({"email": "nobody"}, "email"),
        ({"email": "a@b.example", "gpgkey": "no key"}, "gpgkey"),
        ({"name": "x" * 256}, "name"),
    ],
)
def test_what_does_not_fit_is_marked_and_nothing_is_made(
    node: Node, changes: dict[str, str], field: str
) -> None:
    uuid = "88888888-8888-4888-8888-888888888888"
    with node.database.system() as session:
        if not session.one("SELECT 1 FROM organisation WHERE uuid = %s", (uuid,)):
            organisations.add(session, {"name": "Harbour", "uuid": uuid, "local": False})
        before = len(partners.listed(session))
    given = {"organisation": uuid, "relation": "client", "frequency": "daily"} | changes
    with node.browser("admin") as client:
        answered = post(client, NEW, given, NEW)
    assert answered.status_code == 400
    assert re.search(rf'name="{field}"[^>]*aria-invalid', answered.text), answered.text
    with node.database.system() as session:
        assert len(partners.listed(session)) == before


def test_who_does_not_work_with_bridges_sees_no_contacts(node: Node) -> None:
    with node.database.system() as session:
        found = [one.id for one in partners.listed(session) if one.transport == "mail"]
    with node.browser("police") as client:
        for path in ("/bridges/mail", NEW, *(f"/bridges/mail/{number}" for number in found)):
            assert client.get(path).status_code == 403


def test_the_letters_about_an_event_are_shown_before_they_go(node: Node, hospital: str) -> None:
    event_id = node.events["police"]
    with node.browser("admin") as client:
        with node.database.as_user(node.ids["admin"]) as session:
            bridges = [one for one in partners.listed(session) if one.transport == "mail"]
            bridge = bridges[0] if bridges else None
            if bridge is None or bridge.state == "closed":
                bridge = mailboxes.add(session, hospital, {})
            mailboxes.put_contact(
                session, bridge, {"email": "jan@hospital.example", "language": "nl"}
            )
            own = agreements.host(session)[0]
            given = {
                "senders": [own], "our_country": "NL", "their_country": "NL",
                "purposes": ["cyber-defence"], "legal_basis": "GDPR art. 6(1)(e)",
                "document": "Letter 2026-12", "valid_from": "2026-01-01T00:00:00Z",
            }  # fmt: skip
            made = agreements.propose(session, bridge, agreements.draft(session, bridge, given))
            agreements.accept_on_paper(session, made, "cabinet 3")
            session.execute(
                "UPDATE event SET distribution = 3, audience = event_audience(org_id, 3, NULL,"
                " true) WHERE id = %s", (event_id,)
            )  # fmt: skip
            session.execute(
                "UPDATE attribute SET audience = e.audience FROM event e"
                " WHERE e.id = event_id AND event_id = %s", (event_id,)
            )  # fmt: skip
        place = f"/bridges/mail/{bridge.id}"
        missing = client.get(place + "/letter", params={"event": "999999"})
        assert missing.status_code == 400
        assert "There is no such event here" in words_of(missing)
        onward = client.get(place + "/letter", params={"event": str(event_id)})
        assert onward.status_code == 303
        shown = client.get(onward.headers["location"])
        assert "jan@hospital.example In the clear Dutch The event in MISP's format" in words_of(
            shown
        )
        assert "shared.example" in shown.text
        assert 'lang="nl"' in shown.text
        assert "letters?bridge=" in client.get(f"/intelligence/events/{event_id}/crossing").text
        assert "jan@hospital.example" in client.get(f"/intelligence/events/{event_id}/letters").text
    with node.browser("police") as client:
        assert client.get(f"/intelligence/events/{event_id}/letters").status_code == 403
