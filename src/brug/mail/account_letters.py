# SPDX-License-Identifier: EUPL-1.2
"""Letters about accounts: a link to choose a password, a text, a request for an account.

The link's token is made when the letter is, so that it stands in no table and in no log;
stored is its digest. An earlier link of the same user ends.
"""

from brug.directory import password_links
from brug.mail.content import Cause, Content, Reader, address, node_name
from brug.store import settings
from brug.store.session import Session


def password(session: Session, cause: Cause, reader: Reader) -> Content | None:
    """A link that lets its holder choose a password once."""
    first = bool(cause.details.get("first"))
    token = password_links.make(session, reader.id)
    minutes = settings.get(session, "security.reset_minutes")
    parts = {
        "node": node_name(session),
        "url": address(session, "/"),
        "email": reader.email,
        "link": address(session, f"/new-password?token={token}"),
        "minutes": minutes,
    }
    kind = "welcome" if first else "password"
    return Content(
        reader.say(f"{kind}_subject", **parts), reader.say(f"{kind}_text", **parts) + "\n"
    )


def text(session: Session, cause: Cause, reader: Reader) -> Content | None:
    """What an administrator wrote."""
    foot = reader.say("text_foot", node=node_name(session), email=cause.details["email"])
    return Content(
        str(cause.details["subject"]), f"{cause.details['body']}\n\n-- \n{foot}\n",
        reply_to=str(cause.details["email"]),
    )  # fmt: skip


def registration(session: Session, cause: Cause, reader: Reader) -> Content | None:
    """Somebody asks for an account; site admins decide."""
    parts = {
        "email": cause.details["email"],
        "node": node_name(session),
        "link": address(session, "/administration/registrations"),
    }
    subject = reader.say("registration_subject")
    return Content(subject, reader.say("registration_text", **parts) + "\n")


def clock(session: Session, cause: Cause, reader: Reader) -> Content | None:
    """A deadline of a case comes near, or has passed: which, and nothing of the case."""
    said = cause.details
    if notice := said.get("notice"):
        number = said["number"]
        if notice == "awaited":
            parts = {"number": number, "since": said["since"],
                     "link": address(session, f"/cases/{number}")}  # fmt: skip
            text = reader.say("awaited_text", **parts)
            return Content(reader.say("notice_awaited", **parts), text + "\n")
        parts = {"number": number, "link": address(session, f"/cases/{number}/embargo")}
        subject = reader.say(f"notice_{notice}", **parts)
        return Content(subject, reader.say("notice_text", **parts, what=subject) + "\n")
    parts = {
        "number": said["number"],
        "rule": said["rule"].get(reader.language, said["rule"]["en"]),
        "strict": said["strict"],
        "legal": said["legal"],
        "link": address(session, f"/cases/{said['number']}"),
    }
    kind = "clock_over" if said["is_over"] else "clock"
    subject = reader.say(f"{kind}_subject", **parts)
    return Content(subject, reader.say(f"{kind}_text", **parts) + "\n")


def held_mail(session: Session, cause: Cause, reader: Reader) -> Content | None:
    """Mail for a case that the reader leads waits for a decision: its number, and nothing else."""
    parts = {"number": cause.details["number"], "link": address(session, "/cases/quarantine")}
    subject = reader.say("held_mail_subject", **parts)
    return Content(subject, reader.say("held_mail_text", **parts) + "\n")


def glass(session: Session, cause: Cause, reader: Reader) -> Content | None:
    """A site admin reads a case: who, which and why, and nothing of the case."""
    said = cause.details
    parts = {
        "number": said["number"],
        "who": said["who"],
        "because": said["because"],
        "link": address(session, f"/cases/{said['number']}"),
    }
    subject = reader.say("glass_subject", **parts)
    return Content(subject, reader.say("glass_text", **parts) + "\n")
