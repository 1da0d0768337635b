# SPDX-License-Identifier: EUPL-1.2
"""Letters against the sharing rule: to partners by mail, and to users, governed or not.

Nothing that its recipient may not see stands in any part of a letter, in the clear or in what
is attached; to partners nothing leaves that the hop keeps here, and what may leave does.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from hypothesis import given
from tests.mail.conftest import Box, free_port
from tests.oracle.rule import World, everything, sees_event, visible
from tests.oracle.test_sharing_rule import by_kind, fresh
from tests.oracle.thoroughness import of_worlds
from tests.oracle.worlds import Built, build, worlds

from brug.bridges import agreements
from brug.bridges.crossing import outbox as changes
from brug.bridges.mail import mailboxes, rounds
from brug.bridges.mail.governing import governing
from brug.mail.sending import run_once
from brug.store import outbox
from brug.store import settings as node_settings

__all__ = ["fresh"]


@pytest.fixture(scope="module")
def post() -> Iterator[tuple[Box, int]]:
    box, port = Box(), free_port()
    controller = Controller(box, "127.0.0.1", port)
    controller.start()
    yield box, port
    controller.stop()


def set_up(built: Built, port: int) -> None:
    """Mail, and a bridge by mail with an open agreement to every organisation but the host."""
    values = {
        "mail.host": "127.0.0.1", "mail.port": port, "mail.security": "none",
        "mail.from": "node@csirt.example", "mail.tlp_ceiling": "red",
    }  # fmt: skip
    with built.database.system() as session:
        for name, value in values.items():
            node_settings.set_value(session, name, value)
        own = agreements.host(session)[0]
        orgs = [row[0] for row in session.all("SELECT id FROM organisation ORDER BY id")]
        for number, org in enumerate(orgs[1:], 1):
            bridge = mailboxes.add(session, org, {"since": "2000-01-01"})
            address = {"email": f"contact@org{number}.example"}
            mailboxes.put_contact(session, bridge, address)
            terms = {
                "senders": [own], "our_country": "NL", "their_country": "NL",
                "purposes": ["cyber-defence"], "legal_basis": "law", "document": "paper",
                "personal_data": {
                    "regime": "gdpr", "handling": "share", "transfer": {"tool": "eea"},
                },
                "ceiling": {"tlp": "red"}, "encrypt_mail_from": "never",
                "valid_from": datetime.now(UTC) - timedelta(minutes=1),
            }  # fmt: skip
            made = agreements.propose(session, bridge, agreements.draft(session, bridge, terms))
            agreements.accept_on_paper(session, made, "signed")


def content_of(message: EmailMessage) -> bytes:
    """Headers and every part, decoded."""
    parts = [part.get_payload(decode=True) for part in message.walk()]
    return "\n".join(map(str, message.values())).encode() + b"\n".join(
        part for part in parts if isinstance(part, bytes)
    )


def letters(box: Box, address: str) -> dict[str, set[str]]:
    """The marks in all letters to somebody."""
    mine = [one for one in box.messages if one["To"] == address]
    return by_kind(b"\n".join(map(content_of, mine)))


@given(world=worlds())
@of_worlds(4)
def test_partners_by_mail_get_what_they_may_see_and_what_the_hop_lets_leave(
    fresh: Callable[[], Any], post: tuple[Box, int], world: World
) -> None:
    box, port = post
    with fresh() as database:
        built = build(database, world)
        set_up(built, port)
        box.messages.clear()
        with database.system() as session:
            changes.sequence(session)
        while rounds.carry(database):
            pass
        whole = everything(world)
        for org in range(1, world.organisations):
            may_see = visible(world, org)
            told = letters(box, f"contact@org{org}.example")
            for kind, marks in told.items():
                assert not marks & whole[kind] - may_see[kind], (org, kind)
            for event in world.events:
                if event.holder == org or not event.published:
                    continue
                if event.level.level in {0, 1}:
                    assert event.marker not in told["event"], (org, event.marker)
                elif event.level.level in {2, 3} and sees_event(world, event, org):
                    assert event.marker in told["event"], (org, event.marker)


@given(world=worlds())
@of_worlds(4)
def test_letters_to_users_hold_what_they_see_whether_an_agreement_governs_or_not(
    fresh: Callable[[], Any], post: tuple[Box, int], world: World
) -> None:
    box, port = post
    with fresh() as database:
        built = build(database, world)
        set_up(built, port)
        with database.system() as session:
            session.execute("UPDATE account SET autoalert = true WHERE id = ANY (%s)",
                            (built.readers,))  # fmt: skip
        whole = everything(world)
        for governed in (True, False):
            box.messages.clear()
            with database.system() as session:
                for number in built.ids["event"]:
                    outbox.put(session, "alert", event_id=number)
            while run_once(database, governing) if governed else run_once(database):
                pass
            for org in range(world.organisations):
                may_see = visible(world, org)
                told = letters(box, f"reader@org{org}.example")
                for kind, marks in told.items():
                    assert not marks & whole[kind] - may_see[kind], (org, kind, governed)
                for event in world.events:
                    if event.published and sees_event(world, event, org):
                        assert event.marker in told["event"], (org, event.marker, governed)
