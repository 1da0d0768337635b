# SPDX-License-Identifier: EUPL-1.2
"""The one way out for mail: SMTP (RFC 5321), with STARTTLS or TLS and checked certificates.

A password goes over a protected connection only. What the server refuses for good is told
apart from what may be tried again.
"""

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage

import msgspec

from brug.model.errors import BrugError, Unavailable
from brug.store import settings
from brug.store.session import Session

SECONDS = 30


class MailServer(msgspec.Struct, frozen=True):
    """Where mail goes; the password is read for a connection and kept by nobody."""

    host: str
    port: int
    security: str
    user: str
    password: str
    ca_file: str
    sender: str
    sender_name: str
    reply_to: str
    subject_prefix: str
    encrypted_only: bool


class MailRefused(BrugError):
    """The server will not take this letter, however often it is asked."""

    code = "mail_refused"
    public = "The mail server refuses this letter."


class MailUnreachable(Unavailable):
    """The server does not answer, or not now."""

    code = "mail_unreachable"


def server_of(session: Session) -> MailServer:
    """The node's mail server, in a system session."""
    values = settings.all_settings(session)
    return MailServer(
        host=values["mail.host"], port=values["mail.port"], security=values["mail.security"],
        user=values["mail.user"], password=settings.secret(session, "mail.password"),
        ca_file=values["mail.ca_file"], sender=values["mail.from"],
        sender_name=values["node.title"], reply_to=values["mail.reply_to"],
        subject_prefix=values["mail.subject_prefix"] or f"[{values['node.title']}]",
        encrypted_only=values["mail.encrypted_only"],
    )  # fmt: skip


@contextmanager
def connected(server: MailServer) -> Iterator[smtplib.SMTP]:
    """A connection that has signed in. Raises MailUnreachable."""
    if server.user and server.security == "none":
        raise MailUnreachable("no password is sent over a connection in the clear")
    try:
        smtp = _opened(server)
    except (OSError, smtplib.SMTPException, ValueError) as error:
        raise MailUnreachable(f"{server.host}:{server.port}: {_reason(error)}") from error
    try:
        yield smtp
    finally:
        _closed(smtp)


def _opened(server: MailServer) -> smtplib.SMTP:
    where = (server.host, server.port)
    context = ssl.create_default_context(cafile=server.ca_file or None)
    if server.security == "tls":
        smtp: smtplib.SMTP = smtplib.SMTP_SSL(*where, timeout=SECONDS, context=context)
    else:
        smtp = smtplib.SMTP(*where, timeout=SECONDS)
    try:
        if server.security == "starttls":
            smtp.starttls(context=context)
        if server.user:
            smtp.login(server.user, server.password)
    except BaseException:
        smtp.close()
        raise
    return smtp


def _closed(smtp: smtplib.SMTP) -> None:
    try:
        smtp.quit()
    except (OSError, smtplib.SMTPException):
        smtp.close()


def largest(smtp: smtplib.SMTP) -> int | None:
    """How many bytes of a letter the server takes, where it says so (RFC 1870, 3)."""
    try:
        smtp.ehlo_or_helo_if_needed()
    except (OSError, smtplib.SMTPException) as error:
        raise MailUnreachable(_reason(error)) from error
    said = smtp.esmtp_features.get("size", "").strip()
    return int(said) if said.isascii() and said.isdecimal() and int(said) else None


def deliver(smtp: smtplib.SMTP, message: EmailMessage, sender: str, to: str) -> None:
    """Hands one letter over. Raises MailRefused, or MailUnreachable where it may be repeated."""
    try:
        smtp.send_message(message, sender, [to])
    except smtplib.SMTPRecipientsRefused as error:
        code, said = error.recipients.get(to, (550, b""))
        raise _failure(code, said) from error
    except smtplib.SMTPResponseException as error:
        raise _failure(error.smtp_code, error.smtp_error) from error
    except (smtplib.SMTPNotSupportedError, ValueError) as error:
        raise MailRefused(
            f"the letter cannot be written as the server needs it: {error}"
        ) from error
    except (OSError, smtplib.SMTPException) as error:
        raise MailUnreachable(_reason(error)) from error


def _failure(code: int, said: bytes | str) -> BrugError:
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    kind = MailRefused if 500 <= code < 600 else MailUnreachable
    return kind(f"{code} {text[:300]}")


def _reason(error: Exception) -> str:
    """What went wrong, without what was sent."""
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return f"sign-in refused ({error.smtp_code})"
    return f"{type(error).__name__}: {error}"[:300]
