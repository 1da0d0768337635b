# SPDX-License-Identifier: EUPL-1.2
"""Handing letters to the mail server: one for each contact, and on record who was handed what.

At least once: what is not known to be taken is sent again under the same Message-ID. A crossing
is sent once the contacts that could get it have it. Where none can be reached it is tried again.
"""

import smtplib
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import repeat
from urllib.parse import urlsplit

from brug.bridges import agreements, ledger
from brug.bridges.crossing import noting, portions, recalls, rows
from brug.bridges.crossing.messages import encoded
from brug.bridges.crossing.noting import Due
from brug.bridges.mail import fitting, mailboxes
from brug.bridges.mail.enclosing import LEFT_OUT, Form
from brug.bridges.mail.fitting import Postman, TooLarge
from brug.bridges.mail.letters import Frame, Sent
from brug.bridges.mail.mailboxes import Contact
from brug.bridges.partners import BridgeRow
from brug.bridges.terms import Terms
from brug.mail.transport import (
    MailRefused,
    MailUnreachable,
    connected,
    deliver,
    largest,
    server_of,
)
from brug.model import tlp
from brug.model.errors import Conflict, Invalid
from brug.store import settings
from brug.store.session import Database, Session

MOST_TOGETHER = 100


class CannotPost(Conflict):
    """Something has to be set before letters can go to this partner."""

    code = "cannot_post"


def post(
    database: Database, bridge: BridgeRow, due: Sequence[Due], to: Sequence[Contact], *,
    digest: bool,
) -> None:  # fmt: skip
    """Sends crossings that are on record, together or each by itself.

    `to` is to whom they went when it was decided what may go: without encryption something may
    not, and who has another key since, or none, was not looked at.
    Raises CannotPost, MailUnreachable where nothing can go at all.
    """
    with database.system() as session:
        postman = prepared(session, bridge)
    if _keys(postman.contacts) != _keys(to):
        raise CannotPost("the contacts have changed meanwhile: what may go to them is decided anew")
    with connected(postman.server) as smtp:
        for load in _loads(due, MOST_TOGETHER if digest else 1):
            _post(database, bridge, postman, load, smtp)


def _keys(contacts: Sequence[Contact]) -> list[tuple[int, str]]:
    return [(one.id, one.gpgkey) for one in contacts]


def prepared(session: Session, bridge: BridgeRow) -> Postman:
    """Raises CannotPost where letters cannot go as things are set."""
    contacts = mailboxes.contacts(session, bridge.id)
    if not contacts:
        raise CannotPost("the bridge has no contact to write to")
    values = settings.all_settings(session)
    if values["mail.metadata_only"]:
        raise CannotPost("mail.metadata_only is set: nothing that events say goes by mail")
    strict = values["mail.encrypted_only"] or values["mail.content_encrypted_only"]
    without = [one.email for one in contacts if not one.has_usable_key]
    if strict and without:
        raise CannotPost(f"mail may only go encrypted, and {without[0]} has no valid key")
    host = urlsplit(values["node.url"]).hostname or "brug.invalid"
    return Postman(server_of(session), frame_of(session, bridge), contacts, host)


def frame_of(session: Session, bridge: BridgeRow) -> Frame:
    """Between whom letters go now, and under what."""
    agreement = agreements.in_force(session, bridge.id, datetime.now(UTC))
    terms = agreement.terms if agreement else None
    return Frame(
        node=settings.get(session, "node.title"), host=agreements.host(session)[1],
        partner=bridge.org_name, version=agreement.version if agreement else 0,
        document=terms.document if terms else "",
        retention_days=terms.retention_days if terms else None, at=datetime.now(UTC),
        in_the_clear=terms is not None and _unmarked_in_the_clear(terms),
    )  # fmt: skip


def _unmarked_in_the_clear(terms: Terms) -> bool:
    """Whether what people write beside events, which has no marking, need not be encrypted."""
    if terms.encrypt_mail_from == "never":
        return True
    label = terms.unmarked if terms.unmarked in tlp.LABELS else "red"
    return tlp.LABELS.index(label) < tlp.LABELS.index(terms.encrypt_mail_from)


def _loads(due: Sequence[Due], most: int) -> Iterator[Sequence[Due]]:
    return portions.cut(due, lambda one: len(encoded(one.message)), fitting.TOGETHER, repeat(most))


def _post(
    database: Database, bridge: BridgeRow, postman: Postman, load: Sequence[Due],
    smtp: smtplib.SMTP,
) -> None:  # fmt: skip
    ids = [one.crossing_id for one in load]
    with database.system() as session:
        # From here on the partner may have them, whatever is heard of it.
        session.execute("UPDATE crossing SET attempts = attempts + 1 WHERE id = ANY (%s)", (ids,))
        session.execute(
            "UPDATE bridge_progress SET leased_until = now() + interval '10 minutes'"
            " WHERE bridge_id = %s",
            (bridge.id,),
        )
        handed = {(row[0], row[1]) for row in session.all(
            "SELECT crossing_id, contact_id FROM mail_handed WHERE crossing_id = ANY (%s)", (ids,)
        )}  # fmt: skip
        sent = {one.crossing_id: _sent(session, one) for one in load}
    problems: dict[int, str] = {}  # of those who may be reached later
    refused: dict[int, str] = {}
    for contact in postman.contacts:
        left = [number for number in ids if (number, contact.id) not in handed]
        if not left:
            continue
        try:
            several = [sent[number] for number in left]
            most = min(largest(smtp) or fitting.LARGEST, fitting.LARGEST)
            letter = fitting.fitted(postman, contact, several, left, most)
            deliver(smtp, letter.message, postman.server.sender, contact.email)
        except (MailRefused, Invalid, TooLarge) as error:
            refused[contact.id] = str(error)
        except MailUnreachable as error:
            problems[contact.id] = str(error)
        else:
            handed |= {(number, contact.id) for number in left}
            _note_handed(database, bridge, contact, left, letter.form)
    _note_problems(database, refused | problems)
    for number in ids:
        reached = any(one == number for one, _ in handed)
        said = [*problems.values(), *(() if reached else refused.values())]
        _settle(database, number, said[0] if said else "")


def _sent(session: Session, due: Due) -> Sent:
    crossing = rows.crossing(session, due.crossing_id)
    again = crossing.kind == "event" and had_before(
        session, crossing.bridge_id, crossing.event_uuid, crossing.id
    )
    return Sent(due.message, again)


def had_before(
    session: Session, bridge_id: int, event_uuid: str, before: int | None = None
) -> bool:
    """Whether a version of the event went there, before that crossing if one is named."""
    return bool(
        session.value(
            "SELECT EXISTS (SELECT 1 FROM crossing WHERE bridge_id = %s AND event_uuid = %s"
            " AND outward AND kind = 'event' AND id < coalesce(%s, id + 1) AND sent IS NOT NULL)",
            (bridge_id, event_uuid, before),
        )
    )


def _note_handed(
    database: Database, bridge: BridgeRow, contact: Contact, ids: Sequence[int], form: Form
) -> None:
    left_out = form if form in LEFT_OUT else ""
    with database.system() as session:
        session.execute(
            "INSERT INTO mail_handed (crossing_id, contact_id, left_out)"
            " SELECT c.id, m.id, %s FROM crossing c, mail_contact m"
            " WHERE c.id = ANY (%s) AND m.id = %s ON CONFLICT DO NOTHING",
            (left_out, list(ids), contact.id),
        )
        session.execute("UPDATE mail_contact SET problem = '' WHERE id = %s", (contact.id,))
        if left_out:
            entries = [one.entry or "" for one in rows.crossings(session, ids)]
            said = {"crossings": entries, "contact": contact.id, "left_out": left_out}
            ledger.record(session, "letter", said, bridge_id=bridge.id)


def _note_problems(database: Database, problems: dict[int, str]) -> None:
    with database.system() as session:
        for contact_id, problem in problems.items():
            session.execute(
                "UPDATE mail_contact SET problem = %s WHERE id = %s", (problem[:500], contact_id)
            )


def _settle(database: Database, number: int, problem: str) -> None:
    with database.system() as session:
        crossing = rows.crossing(session, number)
        if problem:
            noting.failed(session, crossing, problem)
            return
        noting.sent(session, crossing, None)
        if crossing.kind == "recall":
            # Nobody answers for it: the recall is sent, never received.
            recalls.followed(session, crossing.bridge_id, crossing.event_uuid, "recalled")
