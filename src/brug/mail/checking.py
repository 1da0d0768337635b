# SPDX-License-Identifier: EUPL-1.2
"""Whether mail can leave the node, and what waits: for `brug doctor`."""

from collections.abc import Iterator
from datetime import UTC, datetime
from email.message import EmailMessage
from typing import Literal, NamedTuple
from urllib.parse import urlsplit
from uuid import uuid4

from brug.formats.letter import Letter, composed
from brug.mail import event_letters
from brug.mail.content import Reader
from brug.mail.transport import MailServer, connected, deliver, server_of
from brug.model.errors import BrugError
from brug.store import outbox, settings
from brug.store.session import Database, Session

State = Literal["ok", "warning", "failed"]
MOST_NAMED = 3


class Checked(NamedTuple):
    name: str
    state: State
    found: str
    advice: str = ""


def checked(database: Database, mail_to: str = "") -> Iterator[Checked]:
    """Connects and signs in; sends a letter where an address is given."""
    with database.system() as session:
        if not outbox.is_set_up(session):
            advice = "`brug settings set mail.host HOST` and `mail.from ADDRESS`"
            state: State = "failed" if mail_to else "warning"
            yield Checked("mail", state, "not set up: nobody hears of anything by mail", advice)
            return
        yield _queue(session)
    try:
        with database.system() as session:
            server = server_of(session)
        with connected(server) as smtp:
            smtp.noop()
            if mail_to:
                deliver(smtp, _test(database, server, mail_to), server.sender, mail_to)
    except BrugError as error:
        yield Checked("mail", "failed", str(error), "see the settings `mail.*`")
        return
    said = f"a letter went to {mail_to}" if mail_to else "answers"
    yield Checked("mail", "ok", f"{server.host}:{server.port} ({server.security}) {said}")


def _test(database: Database, server: MailServer, to: str) -> EmailMessage:
    with database.system() as session:
        reader = Reader(0, to, settings.get(session, "node.language"), "")
        content = event_letters.test(session, reader)
        host = urlsplit(settings.get(session, "node.url")).hostname or "brug.invalid"
    return composed(
        Letter(
            server.sender, to, content.subject, content.text, f"<{uuid4()}@{host}>",
            datetime.now(UTC), sender_name=server.sender_name,
        )
    )  # fmt: skip


def _queue(session: Session) -> Checked:
    waiting, late, ended = session.one(
        "SELECT count(*) FILTER (WHERE state = 'waiting'),"
        " count(*) FILTER (WHERE state = 'waiting' AND attempts > 3),"
        " count(*) FILTER (WHERE state IN ('refused', 'expired')"
        " AND ended > now() - interval '7 days')"
        " FROM mail_letter"
    ) or (0, 0, 0)
    found = f"{waiting} wait, {late} of them tried often; {ended} given up in 7 days"
    if not late and not ended:
        return Checked("letters", "ok", found)
    return Checked("letters", "warning", found, "; ".join(_stuck(session)))


def _stuck(session: Session) -> list[str]:
    """Those whose letters do not arrive, with what was said of the newest."""
    rows = session.all(
        "SELECT email, problem FROM ("
        " SELECT DISTINCT ON (l.user_id) l.id, a.email, l.problem"
        " FROM mail_letter l JOIN account a ON a.id = l.user_id"
        " WHERE (l.state = 'waiting' AND l.attempts > 3)"
        " OR (l.state IN ('refused', 'expired') AND l.ended > now() - interval '7 days')"
        " ORDER BY l.user_id, l.id DESC) newest ORDER BY id DESC LIMIT %s",
        (MOST_NAMED + 1,),
    )
    named = [f"{email}: {problem or 'no answer'}" for email, problem in rows[:MOST_NAMED]]
    return named + (["and others: see the table mail_letter"] if len(rows) > MOST_NAMED else [])
