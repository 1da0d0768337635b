# SPDX-License-Identifier: EUPL-1.2
"""People without an account, fetching mail and deciding on it, on the command line."""

from __future__ import annotations

import mailbox
from email.message import EmailMessage
from pathlib import Path

from tests.cli.conftest import Verb


def mail(sender: str, to: str, text: str) -> bytes:
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = sender, to, "On the pumps"
    made.set_content(text)
    return made.as_bytes()


def test_from_asking_somebody_to_deciding_on_held_mail(verb: Verb, tmp_path: Path) -> None:
    number = verb("case", "open", "incident", "Pumps stand still")["number"]
    asked = ("case", "person", "add", number, "vera@maker.example", "--name", "Vera", "--role")
    assert "mail is set up" in verb(*asked, "handler", code=1)
    for name, value in (("mail.host", "127.0.0.1"), ("mail.from", "node@csirt.example")):
        verb("settings", "set", name, value)
    assert "role: expected" in verb(*asked, "lead", code=2)
    assert verb(*asked, "handler")["name"] == "Vera"
    (listed,) = verb("case", "person", "list", number)
    assert (listed["email"], listed["mails"], listed["used"]) == ("vera@maker.example", True, None)
    assert not verb("case", "person", "change", number, "Vera", "--no-mails")["mails"]
    wrong = tmp_path / "key.asc"
    wrong.write_text("no key")
    refused = verb("case", "person", "change", number, "Vera", "--key", str(wrong), code=2)
    assert "OpenPGP" in refused
    assert verb("case", "person", "link", number, "vera@maker.example")["links"] == 0
    twice = verb(*asked, "observer")["participant"]
    for named in ("Vera", "vera@maker.example"):
        assert twice in verb("case", "person", "revoke", number, named, code=2)
    assert verb("case", "person", "revoke", number, twice.upper())["role"] == "observer"
    verb("case", "leave", number, twice)
    assert verb("case", "person", "revoke", number, "Vera")["links"] == 0
    verb("case", "person", "revoke", number, "nobody", code=1)

    verb("mail", "fetch", code=1)
    folder = str(tmp_path / "box")
    box = mailbox.Maildir(folder)
    for name, value in (("mail.inbound", "maildir"), ("mail.inbound_maildir", folder)):
        verb("settings", "set", name, value)
    for text in ("lost", "spam"):
        box.add(mail("vera@maker.example", "node@csirt.example", text))
    assert verb("mail", "fetch") == {
        "taken": 0, "held": 2, "known": 0, "failed": 0, "problems": [],
    }  # fmt: skip
    (key,) = verb("mail", "key", "list")
    assert (key["is_current"], key["addresses"]) == (True, ["node@csirt.example"])
    assert "make a new one first" in verb("mail", "key", "destroy", key["fingerprint"], code=1)
    assert verb("mail", "key", "new")["fingerprint"] != key["fingerprint"]
    assert not verb("mail", "key", "destroy", key["fingerprint"])["opens"]
    verb("mail", "key", "destroy", "0" * 40, code=1)
    held = {verb("case", "quarantine", "show", str(one["id"]))["text"]: one["id"]
            for one in verb("case", "quarantine", "list")}  # fmt: skip
    release = ("case", "quarantine", "release", str(held["lost"]), "--because", "hers")
    assert "case: expected" in verb(*release, code=2)
    assert verb(*release, "--case", number, "--person", "Vera")["case"] == number
    discard = ("case", "quarantine", "discard", str(held["spam"]), "--because")
    assert "because: expected" in verb(*discard, " ", code=2)
    verb(*discard, "spam")
    verb(*discard, "spam", code=1)
    assert verb("case", "quarantine", "list") == []
    assert "lost" in str(verb("case", "show", number)["timeline"])
