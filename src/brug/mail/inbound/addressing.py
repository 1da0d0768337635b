# SPDX-License-Identifier: EUPL-1.2
"""By which token an answer finds its way back: in a plus-address, a Message-ID, a subject.

A token is 128 random bits of one who takes part in one matter; a letter carries it where mail
programs keep it in answers. Whoever has seen a letter knows it: it says what a mail is about, and
proves nothing of who sent it.
"""

import re
from collections.abc import Iterable

import msgspec

from brug.store import settings
from brug.store.session import Session

TOKEN = re.compile(r"[0-9a-f]{32}")
_IN_ADDRESS = re.compile(r"\+([0-9a-f]{32})@", re.IGNORECASE)
_IN_MESSAGE_ID = re.compile(r"<case\.\d{1,19}\.([0-9a-f]{32})@", re.IGNORECASE)
_IN_SUBJECT = re.compile(r"\[ref ([0-9a-f]{32})\]", re.IGNORECASE)


class Answers(msgspec.Struct, frozen=True):
    """Where answers to a letter go, and what its subject ends with."""

    address: str = ""
    in_subject: str = ""


def answers_to(session: Session, token: str, *, is_plain: bool = False) -> Answers:
    """Nothing where no mail is taken in. `is_plain`: to the address alone, whoever answers."""
    values = settings.all_settings(session)
    address = values["mail.inbound_address"] or values["mail.from"]
    if not values["mail.inbound"]:
        return Answers()
    if is_plain or not values["mail.inbound_plus"]:
        return Answers(address, f" [ref {token}]")
    name, _, domain = address.rpartition("@")
    return Answers(f"{name}+{token}@{domain}")


def message_id(number: int, token: str, host: str) -> str:
    return f"<case.{number}.{token}@{host}>"


def is_own(identifier: str) -> bool:
    """Whether a Message-ID is one that this made."""
    return _IN_MESSAGE_ID.match(identifier.strip()) is not None


def tokens(recipients: Iterable[str], references: Iterable[str], subject: str) -> list[str]:
    """Those that a mail carries, each once, what it was sent to first."""
    found = [
        *(one for text in recipients for one in _IN_ADDRESS.findall(text)),
        *(one for text in references for one in _IN_MESSAGE_ID.findall(text)),
        *_IN_SUBJECT.findall(subject),
    ]
    return list(dict.fromkeys(one.lower() for one in found))
