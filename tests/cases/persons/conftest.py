# SPDX-License-Identifier: EUPL-1.2
"""A node whose mail goes to a real server on this machine, and a case with somebody outside."""

from __future__ import annotations

import re
from collections.abc import Iterator
from email.message import EmailMessage
from uuid import uuid4

import msgspec
import pytest
from aiosmtpd.controller import Controller
from tests.cases.conftest import Node
from tests.cases.conftest import made as made_node
from tests.listening import free_port
from tests.mail.conftest import Box

from brug.cases import files, keeping, warning
from brug.cases.acts import Marked, Said
from brug.cases.persons import arriving, joining, posting, quarantine
from brug.cases.persons.joining import Listed
from brug.store import settings
from brug.store.session import Database

LINK = re.compile(r"http://node\.example/take-part\?link=([\w-]+)")
CODE = re.compile(r"code: (\d{8})")


class Outside(msgspec.Struct):
    """The node, its mail server, and what is usually done with both."""

    node: Node
    box: Box

    @property
    def database(self) -> Database:
        return self.node.database

    def open(self, tlp: str = "", kind: str = "incident") -> str:
        """A case that the host leads; its number."""
        with self.database.as_user(self.node.host) as session:
            number = keeping.open_case(session, kind, "Pumps stand still").number
            if tlp:
                keeping.act(session, number, Marked(tlp=tlp))
        return number

    def invite(self, number: str, **more: str) -> Listed:
        given = {"email": "vera@maker.example", "name": "Vera", "role": "handler"} | more
        with self.database.as_user(self.node.host) as session:
            return joining.invite(session, number, given)

    def say(self, number: str, text: str, *to: str) -> None:
        with self.database.as_user(self.node.host) as session:
            keeping.act(session, number, Said(text=text), to)

    def texts(self, number: str) -> list[str]:
        """What is said in a case, as who leads it has it."""
        with self.database.as_user(self.node.host) as session:
            case = files.view(session, number)[1]
        return [one.act.text for one in case.timeline if isinstance(one.act, Said)]

    def send(self, about: str = "") -> list[EmailMessage]:
        """What arrives of all that is due, about one case if it is named."""
        before = len(self.box.messages)
        while posting.run_once(self.database, rest_seconds=0):
            pass
        return [one for one in self.box.messages[before:] if about in str(one["Subject"])]

    def warn(self, number: str) -> None:
        """As if the time had come to warn of what is due."""
        with self.database.system() as session:
            session.execute(
                "UPDATE case_file SET next_warning = now() WHERE number = %s", (number,)
            )
        warning.warn(self.database)

    def set(self, **values: object) -> None:
        with self.database.system() as session:
            for name, value in values.items():
                settings.set_value(session, name.replace("__", "."), value)


def text_of(letter: EmailMessage) -> str:
    body = letter.get_body(("plain",))
    assert body
    return str(body.get_content())


def link_in(letter: EmailMessage) -> str:
    found = LINK.search(text_of(letter))
    assert found, text_of(letter)
    return found[1]


def code_in(letter: EmailMessage) -> str:
    found = CODE.search(text_of(letter))
    assert found, text_of(letter)
    return found[1]


@pytest.fixture(scope="module")
def outside(module_database_url: str) -> Iterator[Outside]:
    box, port = Box(), free_port()
    controller = Controller(box, "127.0.0.1", port)
    controller.start()
    with Database(module_database_url, 4) as database:
        made = Outside(made_node(database), box)
        with database.system() as session:
            host = session.value("SELECT org_id FROM account WHERE id = %s", (made.node.host,))
        made.set(
            mail__host="127.0.0.1", mail__port=port, mail__security="none",
            mail__from="node@csirt.example", node__host_org_id=host,
            node__url="http://node.example",
        )  # fmt: skip
        yield made
    controller.stop()


class Writer(msgspec.Struct):
    """Vera, who answers a letter of a case."""

    outside: Outside
    number: str
    listed: Listed
    letter: EmailMessage

    def answer(self, text: str = "Mine stopped too", **headers: str) -> EmailMessage:
        mail = EmailMessage()
        mail["From"] = "Vera <vera@maker.example>"
        mail["To"] = self.letter["Reply-To"]
        mail["Subject"] = f"Re: {self.letter['Subject']}"
        mail["Message-ID"] = f"<{uuid4()}@maker.example>"
        mail["In-Reply-To"] = self.letter["Message-ID"]
        for name, value in headers.items():
            del mail[name.replace("_", "-")]
            mail[name.replace("_", "-")] = value
        mail.set_content(text)
        return mail

    def arrive(self, mail: EmailMessage | bytes, size: int = 0) -> str:
        raw = mail if isinstance(mail, bytes) else mail.as_bytes()
        with self.outside.database.system() as session:
            return arriving.arrive(session, raw, size or len(raw))

    def held(self) -> list[quarantine.Held]:
        with self.outside.database.as_user(self.outside.node.host) as session:
            return [one for one in quarantine.listed(session) if one.case == self.number]

    def reasons(self) -> list[str]:
        return [one.reason for one in self.held()]

    def texts(self) -> list[str]:
        return self.outside.texts(self.number)


@pytest.fixture
def vera(outside: Outside) -> Writer:
    outside.set(mail__inbound="maildir", mail__inbound_hourly=20, mail__inbound_checked_by="")
    number = outside.open()
    listed = outside.invite(number)
    return Writer(outside, number, listed, outside.send(number)[0])
