# SPDX-License-Identifier: EUPL-1.2
"""Letters to this node's users: through the gate where a bridge leads to their organisation."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from typing import Any

import pytest
from pysequoia import Tsk
from tests.mail.conftest import Post
from tests.mail.test_alerts import alert, event, to, wanting

from brug.bridges import agreements, partners
from brug.bridges.mail import mailboxes
from brug.bridges.mail.governing import governing
from brug.bridges.partners import BridgeRow
from brug.mail.sender import cause_summaries
from brug.mail.sending import run_once

from .conftest import ADMIN, opened, text

WHO = ("user", "other")  # of Noordland Bank and of Zuidland Energie


class Governed(Post):
    """Sends as a node that is served does."""

    bridge: BridgeRow

    def send(self) -> list[EmailMessage]:
        before = len(self.box.messages)
        while run_once(self.database, governing):
            pass
        return self.box.messages[before:]

    def agree(self, **terms: Any) -> None:
        with self.database.as_user(ADMIN) as session:
            given = {
                "senders": [agreements.host(session)[0]], "our_country": "NL",
                "their_country": "NL", "purposes": ["cyber-defence"], "kinds": ["event"],
                "legal_basis": "contract", "document": "Letter 7",
                "personal_data": {"regime": "gdpr", "handling": "drop"},
                "valid_from": datetime.now(UTC) - timedelta(minutes=1), **terms,
            }  # fmt: skip
            made = agreements.propose(
                session, self.bridge, agreements.draft(session, self.bridge, given)
            )
            agreements.accept_on_paper(session, made, "signed")

    def told(self, event_id: int, who: str = "admin") -> dict[str, str]:
        got = alert(self, event_id, who)
        return {str(one["To"]).partition("@")[0]: text(one) for one in got}

    def entries(self) -> list[dict[str, Any]]:
        with self.database.system() as session:
            rows = session.all(
                "SELECT payload FROM ledger_entry WHERE kind = 'letter' ORDER BY recorded, id"
            )
        return [row[0] for row in rows]


@pytest.fixture
def governed(post: Post) -> Governed:
    """A bridge leads to Zuidland Energie, and none to Noordland Bank."""
    post.set(mail__tlp_ceiling="red")
    made = Governed(post.world, post.box, post.controller, post.pem)
    with post.database.as_user(ADMIN) as session:
        made.bridge = mailboxes.add(session, "Zuidland Energie", {})
    wanting(made, *WHO)
    return made


def test_without_an_agreement_the_governed_get_a_link_and_others_what_they_may(
    governed: Governed,
) -> None:
    made = event(governed, "admin", Attribute=[{"type": "domain", "value": "bad.example"}])
    said = governed.told(made)
    assert "bad.example" in said["user"]
    assert "bad.example" not in said["other"]
    assert "Phishing" not in said["other"]
    assert f"/events/view/{made}" in said["other"]
    (entry,) = governed.entries()
    assert (entry["outcome"], entry["agreement"]) == ("refuse", None)


def test_what_the_agreement_lets_pass_is_told_and_is_on_record(governed: Governed) -> None:
    governed.agree()
    person = {"type": "target-email", "category": "Targeting data", "value": "jan@victim.example"}
    domain = {"type": "domain", "value": "bad.example"}
    said = governed.told(event(governed, "admin", Attribute=[domain, person]))
    assert "jan@victim.example" in said["user"]
    assert "bad.example" in said["other"]
    assert "jan@victim.example" not in said["other"]
    (entry,) = governed.entries()
    assert (entry["outcome"], entry["agreement"], entry["dropped"]) == ("redact", 1, 1)


def test_what_the_gate_holds_is_not_told_by_mail(governed: Governed) -> None:
    governed.agree(ceiling={"tlp": "green"}, encrypt_mail_from="never")
    said = governed.told(event(governed, "admin", Tag=[{"name": "tlp:amber"}]))
    assert "Phishing" in said["user"]
    assert "Phishing" not in said["other"]


def test_what_must_be_encrypted_is_told_to_who_has_a_key(governed: Governed) -> None:
    governed.agree(encrypt_mail_from="green")
    assert "Phishing" not in governed.told(event(governed, "admin"))["other"]
    pair = Tsk.generate("other <other@people.example>")
    key = {"gpgkey": str(pair.extract_certificate())}
    assert governed.world.ask("other", "POST", "/users/edit", key).status == 200
    got = alert(governed, event(governed, "admin"), "admin")
    (sealed,) = [one for one in got if str(one["To"]).startswith("other")]
    assert b"Phishing" in opened(sealed, pair)


def test_rights_still_come_first(governed: Governed) -> None:
    governed.agree()
    hidden = {"type": "domain", "value": "hidden.example", "distribution": 0}
    shown = {"type": "domain", "value": "shown.example"}
    said = governed.told(event(governed, "admin", Attribute=[hidden, shown]))
    assert "hidden.example" not in said["other"]
    assert "shown.example" in said["other"]
    assert to(alert(governed, event(governed, distribution=0))) == ["user@people.example"]


def test_a_paused_bridge_tells_nothing_a_closed_one_governs_nobody(governed: Governed) -> None:
    governed.agree()
    with governed.database.as_user(ADMIN) as session:
        governed.bridge = partners.pause(session, governed.bridge)
    assert "Phishing" not in governed.told(event(governed, "admin"))["other"]
    with governed.database.as_user(ADMIN) as session:
        partners.close(session, governed.bridge)
    assert "Phishing" in governed.told(event(governed, "admin"))["other"]


def test_a_summary_passes_the_gate_event_by_event(governed: Governed) -> None:
    governed.agree(ceiling={"tlp": "green"}, encrypt_mail_from="never")
    with governed.database.system() as session:
        session.execute(
            "UPDATE account SET notification_daily = true WHERE id = %s",
            (governed.world.ids["other"],),
        )
    for info, tag in (("Open to them", "tlp:green"), ("Held back", "tlp:amber")):
        made = event(governed, "admin", info=info, Tag=[{"name": tag}])
        governed.world.ask("admin", "POST", f"/events/publish/{made}")
    cause_summaries(governed.database, datetime.now(UTC) + timedelta(days=1))
    (got,) = governed.send()
    assert "Open to them" in text(got)
    assert "Held back" not in text(got)
    assert "tlp:amber" not in text(got)
    assert sorted(one["outcome"] for one in governed.entries()) == ["hold", "pass"]


def test_a_letter_that_does_not_leave_is_not_on_record(governed: Governed) -> None:
    governed.agree()
    governed.box.answers = ["451 later", "451 later"]
    assert governed.told(event(governed, "admin")) == {}
    assert governed.entries() == []
    governed.now()
    assert len(governed.send()) == 2
    assert len(governed.entries()) == 1


def test_its_own_events_are_told_to_an_organisation_as_they_are(governed: Governed) -> None:
    with governed.database.system() as session:
        session.execute("UPDATE account SET role_id = 4 WHERE email LIKE 'otheradmin@%'")
    wanting(governed, "otheradmin")
    said = governed.told(event(governed, "otheradmin", info="Ours"), "otheradmin")
    assert "Ours" in said["otheradmin"]
    assert governed.entries() == []
