# SPDX-License-Identifier: EUPL-1.2
"""What a person encrypted or signed, opened and compared with the key that is known for them.

Whoever has caught an encrypted mail of somebody can send it on as part of a case of their own. So
nothing that came out of one is shown or let in where another person's came with the same inside, or
where a key signed it that is not known for whoever it is said to be of; and what was signed or
encrypted counts once.
"""

from hashlib import sha256

import msgspec

from brug.cases.persons.outside import Person
from brug.directory import mail_keys
from brug.mail.inbound import judging, message, opening
from brug.mail.inbound.message import Incoming, Unreadable
from brug.store import settings
from brug.store.session import Session

# How much more than what comes may be what comes out.
TIMES = 4
SHORT = 40  # characters


class Inside(msgspec.Struct, frozen=True):
    """`mail` is what may be shown: what was encrypted, or the mail as it came where that is shut.

    `doubt`: why it is not taken, else nothing. `mark` knows the same inside again.
    """

    doubt: str
    mail: Incoming
    is_shut: bool = False
    mark: int | None = None


def inside(session: Session, number: int, person: Person, mail: Incoming) -> Inside:
    """Of a mail that came, by its number, in a system session."""
    if not mail.is_encrypted:
        return _signed(session, number, person, mail)
    if not mail.sealed:
        return Inside("mixed", mail)
    secrets = mail_keys.secrets(session)
    limit = TIMES * int(settings.get(session, "mail.inbound_bytes"))
    found = opening.opened(mail.sealed, secrets, person.gpgkey, limit)
    if found.doubt:
        return Inside(found.doubt, mail, is_shut=True)
    try:
        opened = message.unsealed(mail, found.content)
    except Unreadable:
        return Inside("unreadable", mail, is_shut=True)
    if opened.is_encrypted:
        return Inside("nested", mail, is_shut=True)
    is_hers = bool(person.gpgkey) and (
        found.is_by_key
        or (opened.signed is not None and not judging.signature(opened, person.gpgkey))
    )
    if (found.is_signed or opened.signed is not None) and not is_hers:
        return Inside("signature", mail, is_shut=True)
    # Few words are the same in many mails: of those it is the encryption that is known again.
    is_short = len(opened.text) < SHORT and not opened.parts
    mark = _mark(session, found.digest if is_short else sha256(found.content).hexdigest())
    if (whose := _known(session, number, mark)) is not None:
        is_shut = not is_hers and whose != (person.case_id, person.participant)
        return Inside("replayed", mail if is_shut else opened, is_shut=is_shut, mark=mark)
    return Inside("signature" if person.gpgkey and not is_hers else "", opened, mark=mark)


def _signed(session: Session, number: int, person: Person, mail: Incoming) -> Inside:
    doubt = judging.signature(mail, person.gpgkey)
    if doubt or mail.signed is None or not person.gpgkey:
        return Inside(doubt, mail)
    # The same signature, and not the same words, which people may well write twice.
    mark = _mark(session, sha256(mail.signed[0] + mail.signed[1]).hexdigest())
    return Inside("replayed" if _known(session, number, mark) else "", mail, mark=mark)


def _mark(session: Session, digest: str) -> int:
    """It tells what is the same, and to whoever has the database alone not what it is."""
    return session.seal.marks([digest], "case mail inside")[0]


def _known(session: Session, number: int, mark: int) -> tuple[int, str] | None:
    """Whose mail came with the same inside before this one."""
    # Who stores the same at the same moment is waited for.
    session.execute("SELECT pg_advisory_xact_lock(%s)", (mark,))
    row = session.one(
        "SELECT case_id, participant::text FROM case_mail WHERE inside = %s AND id < %s"
        " AND case_id IS NOT NULL ORDER BY id LIMIT 1",
        (mark, number),
    )
    return (int(row[0]), str(row[1])) if row else None
