# SPDX-License-Identifier: EUPL-1.2
"""Handing letters to the mail server: one for each contact, and on record who was handed what.

At least once: what is not known to be taken is sent again under the same Message-ID. A crossing
is sent once the contacts that could get it have it. Where none can be reached it is tried again.
"""

import hashlib
import smtplib
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from email.message import EmailMessage
from urllib.parse import urlsplit

import msgspec

from brug.bridges import agreements
from brug.bridges.crossing import noting, recalls, rows
from brug.bridges.crossing.messages import encoded
from brug.bridges.crossing.noting import Due
from brug.bridges.mail import letters, mailboxes
from brug.bridges.mail.letters import Frame, Sent
from brug.bridges.mail.mailboxes import Contact
from brug.bridges.partners import BridgeRow
from brug.bridges.terms import Terms
from brug.formats.letter import Letter, composed
from brug.mail.transport import (
    MailRefused,
    MailServer,
    MailUnreachable,
    connected,
    deliver,
    server_of,
)
from brug.model import tlp
from brug.model.errors import BrugError, Conflict, Invalid
from brug.store import settings
from brug.store.session import Database, Session

MOST_TOGETHER = 100
LARGEST = 10 * 2**20  # bytes of what crosses in one letter; servers rarely take more


class CannotPost(Conflict):
    """Something has to be set before letters can go to this partner."""

    code = "cannot_post"


class Postman(msgspec.Struct, frozen=True):
    """What letters of one round have in common."""

    server: MailServer
    frame: Frame
    contacts: list[Contact]
    node_host: str


def post(database: Database, bridge: BridgeRow, due: Sequence[Due], *, digest: bool) -> None:
    """Sends crossings that are on record, together or each by itself.

    Raises CannotPost, MailUnreachable where nothing can go at all.
    """
    with database.system() as session:
        postman = _prepared(session, bridge)
    with connected(postman.server) as smtp:
        for load in _loads(due, MOST_TOGETHER if digest else 1):
            _post(database, bridge, postman, load, smtp)


def _prepared(session: Session, bridge: BridgeRow) -> Postman:
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


def _loads(due: Sequence[Due], most: int) -> Iterator[list[Due]]:
    load: list[Due] = []
    size = 0
    for one in due:
        more = len(encoded(one.message))
        if load and (len(load) == most or size + more > LARGEST):
            yield load
            load, size = [], 0
        load.append(one)
        size += more
    if load:
        yield load


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
            message = _written(postman, contact, [sent[number] for number in left], left)
            deliver(smtp, message, postman.server.sender, contact.email)
        except (MailRefused, Invalid, TooLarge) as error:
            refused[contact.id] = str(error)
        except MailUnreachable as error:
            problems[contact.id] = str(error)
        else:
            handed |= {(number, contact.id) for number in left}
            _note_handed(database, contact, left)
    _note_problems(database, refused | problems)
    for number in ids:
        reached = any(one == number for one, _ in handed)
        said = [*problems.values(), *(() if reached else refused.values())]
        _settle(database, number, said[0] if said else "")


class TooLarge(BrugError):
    """No mail server would take it."""

    code = "letter_too_large"


def _sent(session: Session, due: Due) -> Sent:
    crossing = rows.crossing(session, due.crossing_id)
    again = crossing.kind == "event" and bool(
        session.value(
            "SELECT EXISTS (SELECT 1 FROM crossing WHERE bridge_id = %s AND event_uuid = %s"
            " AND outward AND kind = 'event' AND id < %s AND sent IS NOT NULL)",
            (crossing.bridge_id, crossing.event_uuid, crossing.id),
        )
    )
    return Sent(due.message, again)


def _written(
    postman: Postman, contact: Contact, several: Sequence[Sent], ids: Sequence[int]
) -> EmailMessage:
    size = sum(len(encoded(one.message)) for one in several)
    if size > LARGEST:
        raise TooLarge(f"{size // 2**20} MiB are too much for a letter; send it another way")
    server, written = postman.server, letters.write(postman.frame, contact, several)
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


def _note_handed(database: Database, contact: Contact, ids: Sequence[int]) -> None:
    with database.system() as session:
        session.execute(
            "INSERT INTO mail_handed (crossing_id, contact_id)"
            " SELECT c.id, m.id FROM crossing c, mail_contact m"
            " WHERE c.id = ANY (%s) AND m.id = %s ON CONFLICT DO NOTHING",
            (list(ids), contact.id),
        )
        session.execute("UPDATE mail_contact SET problem = '' WHERE id = %s", (contact.id,))


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
