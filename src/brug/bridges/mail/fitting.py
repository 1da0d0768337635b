# SPDX-License-Identifier: EUPL-1.2
"""A letter as the mail server takes it: as whole as its size allows."""

import hashlib
from collections.abc import Sequence
from email.message import EmailMessage

import msgspec

from brug.bridges.crossing.messages import encoded
from brug.bridges.mail import letters
from brug.bridges.mail.enclosing import FORMS, Form, has_files
from brug.bridges.mail.letters import Frame, Sent, Written
from brug.bridges.mail.mailboxes import Contact
from brug.formats.letter import Letter, composed
from brug.mail.transport import MailServer
from brug.model.errors import BrugError

# Bytes of a letter as it travels. Postfix takes 10,240,000 unless it is told otherwise; who takes
# less says so (RFC 1870).
LARGEST = 10_000_000
# Of what crosses, where several go together: what it becomes in a letter is half as long again.
TOGETHER = 5_000_000


class TooLarge(BrugError):
    """No mail server would take it."""

    code = "letter_too_large"


class Postman(msgspec.Struct, frozen=True):
    """What letters of one round have in common."""

    server: MailServer
    frame: Frame
    contacts: list[Contact]
    node_host: str


class Fitted(msgspec.Struct, frozen=True):
    """A letter to one contact; `size` in bytes, as it travels."""

    message: EmailMessage
    written: Written
    form: Form
    size: int


def fitted(
    postman: Postman, contact: Contact, several: Sequence[Sent], ids: Sequence[int], most: int
) -> Fitted:
    """In the first form that has at most so many bytes. Raises TooLarge, Invalid."""
    events = [one.message["event"] for one in several if one.message["kind"] == "event"]
    data = sum(len(encoded(one.message)) for one in several)
    size = 0
    for form in FORMS:
        if (form == "whole" and data > most) or (form == "no_files" and not has_files(events)):
            continue
        written = letters.write(postman.frame, contact, several, form)
        message = _composed(postman, contact, written, ids)
        size = len(message.as_bytes())
        if size <= most:
            return Fitted(message, written, form, size)
    raise TooLarge(f"the mail server takes no letter of {size} bytes")


def _composed(
    postman: Postman, contact: Contact, written: Written, ids: Sequence[int]
) -> EmailMessage:
    server = postman.server
    name = hashlib.sha256(",".join(map(str, ids)).encode()).hexdigest()[:24]
    return composed(
        Letter(
            sender=server.sender, sender_name=server.sender_name, to=contact.email,
            reply_to=server.reply_to, subject=f"{server.subject_prefix} {written.subject}",
            outer_subject=server.subject_prefix, text=written.text,
            message_id=f"<crossing-{name}-{contact.id}@{postman.node_host}>",
            at=postman.frame.at, attachments=written.attachments,
        ),
        contact.gpgkey,
    )  # fmt: skip
