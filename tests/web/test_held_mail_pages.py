# SPDX-License-Identifier: EUPL-1.2
"""Whoever leads a case has people without an account join, and decides on mail that is held."""

from __future__ import annotations

import re
from collections.abc import Iterator
from email.message import EmailMessage
from uuid import uuid4

import httpx
import pytest
from tests.web.node import Node, post

from brug.cases import files, keeping
from brug.cases.persons import arriving, joining
from brug.store import settings

HELD = "/cases/quarantine"
SAID = "<b>Stopped</b> & {{7*7}}"


@pytest.fixture(scope="module")
def number(node: Node) -> str:
    with node.database.system() as session:
        for name, value in (("mail.host", "127.0.0.1"), ("mail.from", "node@csirt.example"),
                            ("mail.inbound", "maildir")):  # fmt: skip
            settings.set_value(session, name, value)
    with node.database.as_user(node.ids["admin"]) as session:
        return keeping.open_case(session, "incident", "Pumps stand still").number


@pytest.fixture(scope="module")
def lead(node: Node) -> Iterator[httpx.Client]:
    with node.browser("admin") as client:
        yield client


def arrive(node: Node, number: str, sender: str, token: str = "") -> int:
    mail = EmailMessage()
    mail["From"], mail["To"] = sender, f"node+{token}@csirt.example"
    mail["Subject"] = f"On the pump {number}"
    mail["Message-ID"] = f"<{uuid4()}@maker.example>"
    mail.set_content(SAID)
    with node.database.system() as session:
        assert arriving.arrive(session, mail.as_bytes(), 1) == "held"
        return int(session.value("SELECT max(id) FROM case_mail"))


def token_of(node: Node, number: str) -> str:
    from brug.cases.persons import outside  # noqa: PLC0415

    with node.database.system() as session:
        row = session.one(
            "SELECT " + outside.COLUMNS + " FROM case_person p JOIN case_file f"
            " ON f.id = p.case_id WHERE f.number = %s",
            (number,),
        )
        assert row
        return outside.read_row(session, row).reply


def test_asked_listed_changed_and_their_links_taken_back(
    node: Node, number: str, lead: httpx.Client
) -> None:
    at = f"/cases/{number}/persons"
    given = {"email": "vera@maker.example", "name": "Vera", "role": "handler", "language": "nl"}
    for wrong in ({"email": "x"}, {"name": ""}, {"role": "lead"}, {"gpgkey": "x"}):
        refused = post(lead, at, given | wrong)
        assert refused.status_code == 400
        assert 'aria-invalid="true"' in refused.text
    assert post(lead, at, given).status_code == 303
    assert post(lead, at, given).status_code == 409
    shown = lead.get(at)
    assert "vera@maker.example" in shown.text
    with node.database.as_user(node.ids["admin"]) as session:
        (one,) = joining.listed(session, number)
    for what in ("quiet", "mails", "renew", "revoke", "no_key"):
        assert post(lead, f"{at}/{one.participant}/{what}", {}).status_code == 303, what
    assert post(lead, f"{at}/{one.participant}/key", {"gpgkey": "x"}).status_code == 400
    assert post(lead, f"{at}/{one.participant}/other", {}).status_code == 404
    assert post(lead, f"{at}/{uuid4()}/quiet", {}).status_code == 404


def test_held_mail_is_shown_as_text_let_in_and_left_out(
    node: Node, number: str, lead: httpx.Client
) -> None:
    first = arrive(node, number, "mallory@evil.example", token_of(node, number))
    second = arrive(node, number, "mallory@evil.example")
    listed = lead.get(HELD)
    assert f"{HELD}/{first}" in listed.text
    assert f"{HELD}/{second}" in listed.text
    shown = lead.get(f"{HELD}/{first}")
    assert "&lt;b&gt;Stopped&lt;/b&gt; &amp; {{7*7}}" in shown.text
    assert "Another address sent it" in shown.text
    refused = post(lead, f"{HELD}/{first}/release", {"because": ""}, HELD)
    assert refused.status_code == 400
    assert post(lead, f"{HELD}/{first}/release", {"because": "hers"}, HELD).status_code == 303
    with node.database.as_user(node.ids["admin"]) as session:
        assert SAID in str(files.view(session, number)[1].timeline[-1].act)
    lost = f"{HELD}/{second}"
    for more in ({}, {"case": "INC-1999-9999", "person": "Vera"}, {"case": number, "person": "x"}):
        answered = post(lead, f"{lost}/release", {"because": "x"} | more, HELD)
        assert answered.status_code in {400, 404}
        assert "Nothing was written" in answered.text
    assert post(lead, f"{lost}/discard", {"because": ""}, HELD).status_code == 400
    assert post(lead, f"{lost}/discard", {"because": "spam"}, HELD).status_code == 303
    assert lead.get(lost).status_code == 404


def test_who_does_not_lead_the_case_learns_of_none_of_it(node: Node, number: str) -> None:
    first = arrive(node, number, "mallory@evil.example", token_of(node, number))
    second = arrive(node, number, "mallory@evil.example")
    with node.browser("lead") as other:
        assert f"{HELD}/" not in other.get(HELD).text
        for path in (f"{HELD}/{first}", f"{HELD}/{second}", f"/cases/{number}/persons"):
            found = other.get(path)
            assert found.status_code in {403, 404}
            assert "pump" not in found.text.lower()
        answers = [post(other, f"{HELD}/{n}/release", {"because": "x"}) for n in (first, 10**6)]
        assert {one.status_code for one in answers} == {404}


def test_keys_for_mail_are_the_site_admins(node: Node, number: str, lead: httpx.Client) -> None:
    place = "/administration/mail-keys"
    assert number
    assert post(lead, place, {}, place).status_code == 303
    first = lead.get(place).text
    assert "People encrypt to it" in first
    assert post(lead, place, {}, place).status_code == 303
    (old,) = re.findall(rf"{place}/([0-9A-F]{{40}})/destroy", lead.get(place).text)
    refused = post(lead, f"{place}/{'0' * 40}/destroy", {}, place)
    assert refused.status_code == 404
    assert post(lead, f"{place}/{old}/destroy", {}, place).status_code == 303
    shown = lead.get(place).text
    assert "Destroyed" in shown
    new = re.findall(r"<span class=\"value\">([0-9A-F ]{49})</span>", shown)[0].replace(" ", "")
    refused = post(lead, f"{place}/{new}/destroy", {}, place)
    assert (refused.status_code, "make a new one first" in refused.text) == (409, True)
    with node.browser("lead") as other:
        assert other.get(place).status_code == 403
