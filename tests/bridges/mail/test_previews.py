# SPDX-License-Identifier: EUPL-1.2
"""The letter before it goes: what it will say, who gets it, and no more than the reader sees."""

from __future__ import annotations

from typing import Any

import pytest
from pysequoia import Tsk
from tests.bridges.crossing.test_who_sees_crossings import user

from brug.bridges import partners
from brug.bridges.mail import mailboxes, previewing
from brug.bridges.mail.previewing import Preview
from brug.directory import organisations, sharing_group_changes
from brug.directory.refusals import Refused
from brug.model.errors import NotFound
from brug.store import settings

from .conftest import ADMIN, ALICE, PARTNER, Mailed, text


def seen(mailed: Mailed, uuid: str, *languages: str, by: int = ADMIN) -> Preview:
    with mailed.database.as_user(by) as session:
        bridge = partners.view(session, mailed.bridge.id)
        return previewing.preview(mailed.database, session, bridge, uuid, languages)


def test_the_letter_that_goes_is_the_one_that_was_shown(mailed: Mailed) -> None:
    mailed.agree()
    person = {"type": "target-email", "category": "Targeting data", "value": "jan@victim.example"}
    kept = {"type": "domain", "value": "kept.example", "comment": "mail to jan@victim.example"}
    uuid = mailed.event(Attribute=[person, kept])
    shown = seen(mailed, uuid)
    assert (shown.outcome, shown.problem, shown.unseen) == ("redact", "", 0)
    (got,) = mailed.round()
    assert text(got).rstrip().replace("\r\n", "\n") == shown.letters["en"].text.rstrip()
    assert "jan@victim.example" not in shown.letters["en"].text
    assert str(got["Subject"]).endswith(shown.letters["en"].subject)
    (only,) = shown.addressed
    assert (only.email, only.encrypted, only.form) == (ALICE, False, "whole")
    assert abs(only.size - len(got.as_bytes())) < 500
    # Looked at again, it says that they had it.
    assert "earlier version" in seen(mailed, uuid).letters["en"].text


def test_looking_sends_nothing_and_leaves_no_trace(mailed: Mailed) -> None:
    mailed.agree()
    with mailed.database.as_user(ADMIN) as session:
        mailboxes.change(session, mailed.bridge, {"since": "2030-01-01"})
    uuid = mailed.event("old.example")
    with mailed.database.system() as session:
        before = session.value("SELECT count(*) FROM ledger_entry")
    assert "old.example" in seen(mailed, uuid).letters["en"].text
    assert mailed.round() == []
    assert mailed.crossings(uuid) == []
    with mailed.database.system() as session:
        assert session.value("SELECT count(*) FROM ledger_entry") == before


def test_each_language_and_each_contact_is_told(mailed: Mailed) -> None:
    mailed.agree()
    pair = Tsk.generate("Bob <bob@hospital.example>")
    with mailed.database.as_user(ADMIN) as session:
        given = {"email": "bob@hospital.example", "language": "nl",
                 "gpgkey": str(pair.extract_certificate())}  # fmt: skip
        mailboxes.put_contact(session, mailed.bridge, given)
    shown = seen(mailed, mailed.event("evil.example"))
    assert set(shown.letters) == {"en", "nl"}
    assert "deelt dit met" in shown.letters["nl"].text
    told = {one.email: (one.language, one.encrypted) for one in shown.addressed}
    assert told == {ALICE: ("en", False), "bob@hospital.example": ("nl", True)}
    with pytest.raises(Refused):
        seen(mailed, mailed.event("more.example"), "fr")


def test_what_keeps_letters_here_is_said(mailed: Mailed) -> None:
    uuid = mailed.event("evil.example")
    none = seen(mailed, uuid)
    assert (none.outcome, none.letters) == ("refuse", {})
    mailed.agree()
    mailed.post.set(mail__metadata_only=True)
    assert "mail.metadata_only" in seen(mailed, uuid).problem
    mailed.post.set(mail__metadata_only=False)
    with mailed.database.system() as session:
        settings.set_value(session, "mail.from", "")
        settings.set_value(session, "mail.host", "")
    assert "evil.example" in seen(mailed, uuid).letters["en"].text
    own = seen(mailed, mailed.event("own.example", distribution=0))
    assert (own.stage, own.letters) == ("unseen", {})
    with mailed.database.as_user(ADMIN) as session:
        mailboxes.drop_contact(session, mailed.bridge, ALICE)
    nobody = seen(mailed, uuid)
    assert "no contact" in nobody.problem
    assert nobody.addressed == []


def test_what_is_held_is_shown_as_it_would_go_once_released(mailed: Mailed) -> None:
    mailed.agree(encrypt_mail_from="never")
    shown = seen(mailed, mailed.event("red.example", tag="tlp:red"))
    assert shown.outcome == "hold"
    assert "red.example" in shown.letters["en"].text
    mailed.agree(encrypt_mail_from="amber")
    keyless = seen(mailed, mailed.event("amber.example", tag="tlp:amber"))
    assert (keyless.outcome, keyless.letters) == ("hold", {})


def test_nobody_is_shown_what_the_partner_sees_and_they_do_not(mailed: Mailed) -> None:
    mailed.agree()
    with mailed.database.system() as session:
        guest = organisations.add(session, {"name": "Havenbedrijf"}).id
        partner = organisations.view(session, PARTNER).id
        group = sharing_group_changes.add(session, {"name": "Two", "roaming": True}, guest)
        for org in (guest, partner):
            sharing_group_changes.add_organisation(session, group.id, str(org))
    hidden: dict[str, Any] = {"type": "domain", "value": "hidden.example"}
    shown = {"type": "domain", "value": "shown.example"}
    uuid = mailed.event(Attribute=[hidden, shown])
    with mailed.database.system() as session:
        session.execute(
            "UPDATE attribute SET distribution = 4, sharing_group_id = %(group)s,"
            " audience = event_audience(%(guest)s, 4, %(group)s, true)"
            " WHERE value1 = 'hidden.example'", {"group": group.id, "guest": guest}
        )  # fmt: skip
    rights = ["auth", "bridge_admin", "release"]
    liaison = user(mailed, "liaison@csirt.example", 1, rights)  # type: ignore[arg-type]
    all_of_it = seen(mailed, uuid)
    assert "hidden.example" in all_of_it.letters["en"].text
    assert all_of_it.unseen == 0
    less = seen(mailed, uuid, by=liaison)
    assert "shown.example" in less.letters["en"].text
    assert "hidden.example" not in str(less)
    assert less.unseen == 1
    with mailed.database.system() as session:
        session.execute("UPDATE event SET distribution = 4, sharing_group_id = %(group)s,"
                        " org_id = %(guest)s,"
                        " audience = event_audience(%(guest)s, 4, %(group)s, true)"
                        " WHERE uuid = %(uuid)s",
                        {"group": group.id, "guest": guest, "uuid": uuid})  # fmt: skip
    with pytest.raises(NotFound):
        seen(mailed, uuid, by=liaison)
