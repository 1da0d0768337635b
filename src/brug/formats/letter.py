# SPDX-License-Identifier: EUPL-1.2
"""A letter as bytes for a mail server (RFC 5322), encrypted where a key is given (RFC 3156).

No text becomes a header line of its own: line ends and control characters in headers are
replaced, and the e-mail package refuses what is left of them. The subject of an encrypted
letter stands inside; outside it says no more than what the sender chose for it.
"""

import re
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

import msgspec

from brug.formats import openpgp, turning
from brug.model.errors import Invalid

_CONTROL = re.compile(r"[\x00-\x1f\x7f\u0080-\u009f\u2028\u2029\ud800-\udfff]+")
_CONTROL_IN_BODY = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
LONGEST_SUBJECT = 200


class Attachment(msgspec.Struct, frozen=True):
    """A file in a letter; `type` is a MIME type."""

    name: str
    type: str
    content: bytes


class Letter(msgspec.Struct, frozen=True):
    """`outer_subject` is what an encrypted letter shows to everyone on the way; `autocrypt`
    the value of the header that tells the key for answers.
    """

    sender: str
    to: str
    subject: str
    text: str
    message_id: str
    at: datetime
    outer_subject: str = ""
    reply_to: str = ""
    sender_name: str = ""
    attachments: tuple[Attachment, ...] = ()
    autocrypt: str = ""


def unbroken(text: str) -> str:
    """Without line ends, so that nothing passes for another line of a letter."""
    return _CONTROL.sub(" ", text).strip()


def one_line(text: str) -> str:
    """A text as a header may carry it; it turns round nothing in a list of letters."""
    return turning.shown(unbroken(text))[:LONGEST_SUBJECT]


def _address(text: str, name: str = "") -> Address:
    try:
        return Address(display_name=one_line(name), addr_spec=text)
    except (ValueError, IndexError) as error:
        raise Invalid("address", "an e-mail address") from error


def is_deliverable(text: str) -> bool:
    """Whether a letter can name this address: plain ASCII, as not every server takes more."""
    try:
        return text.isascii() and _address(text).addr_spec == text
    except Invalid:
        return False


def composed(letter: Letter, key: str = "") -> EmailMessage:
    """The message; raises Invalid where an address or key does not fit."""
    inner = EmailMessage(policy=SMTP)
    inner["Subject"] = one_line(letter.subject)
    text = turning.shown(_CONTROL_IN_BODY.sub("\ufffd", letter.text))
    inner.set_content(text, cte="quoted-printable")
    for one in letter.attachments:
        kind, _, subkind = one.type.partition("/")
        inner.add_attachment(one.content, kind, subkind, filename=one_line(one.name))
    message = _encrypted(inner, key) if key else inner
    if key:
        message["Subject"] = one_line(letter.outer_subject or "...")
    message["From"] = _address(letter.sender, letter.sender_name)
    message["To"] = _address(letter.to)
    if letter.reply_to:
        message["Reply-To"] = _address(letter.reply_to)
    if letter.autocrypt:
        message["Autocrypt"] = letter.autocrypt
    message["Date"] = format_datetime(letter.at)
    message["Message-ID"] = letter.message_id
    # RFC 3834: no holiday notices in answer.
    message["Auto-Submitted"] = "auto-generated"
    return message


def _encrypted(inner: EmailMessage, key: str) -> EmailMessage:
    """RFC 3156, 4: a version part and the encrypted message, itself a MIME entity."""
    sealed = openpgp.encrypted(inner.as_bytes(), key).decode("ascii")
    outer = EmailMessage(policy=SMTP)
    outer["Content-Type"] = 'multipart/encrypted; protocol="application/pgp-encrypted"'
    outer["MIME-Version"] = "1.0"
    for kind, text, name in (
        ("application/pgp-encrypted", "Version: 1\n", ""),
        ("application/octet-stream", sealed, "encrypted.asc"),
    ):
        part = EmailMessage(policy=SMTP)
        part["Content-Type"] = f'{kind}; name="{name}"' if name else kind
        part["Content-Transfer-Encoding"] = "7bit"
        part.set_payload(text)
        outer.attach(part)
    return outer
