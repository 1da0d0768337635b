# SPDX-License-Identifier: EUPL-1.2
"""One-time codes as a second factor (TOTP, RFC 6238: SHA-1, six digits, thirty seconds), and
codes on paper for who has lost the device.

The secret stands sealed. A code counts once, also when two browsers send it at the same
time; a paper code is used up. Whether somebody has a second factor is told to that person
and to administrators.
"""

import base64
import hashlib
import re
import secrets
import time
from urllib.parse import quote, urlencode

import msgspec
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.twofactor import InvalidToken
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from brug.directory import attempts, audit
from brug.directory.account_changes import require_power_over
from brug.directory.accounts import view
from brug.directory.refusals import Refused
from brug.model.errors import Conflict, NotFound
from brug.store import settings
from brug.store.session import Database, Session

STEP_SECONDS = 30
DIGITS = 6
SECRET_BYTES = 20
# Clocks of telephones: one step early or late.
DRIFT = (0, -1, 1)
PAPER_CODES = 10
_PAPER_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


class Enrolment(msgspec.Struct, frozen=True):
    """What an app needs: shown once, to its owner."""

    secret: str
    uri: str


def is_set(session: Session, user_id: int) -> bool:
    """Whether an account has a second factor that holds."""
    return bool(session.value("SELECT has_otp(%s)", (user_id,)))


def is_due(session: Session) -> bool:
    """Whether the node wants one of the principal, who has none."""
    mine = session.principal
    values = settings.all_settings(session)
    wanted = values["security.otp_required"] or str(mine.role_id) in values["security.otp_roles"]
    if not wanted or "skip_otp" in mine.rights:
        return False
    if session.value("SELECT issuer FROM account WHERE id = %s", (mine.user_id,)):
        return False  # who signs in elsewhere gives a second factor there
    return not is_set(session, mine.user_id)


def begin(session: Session) -> Enrolment:
    """A new secret for oneself, which holds when a code of it has been given."""
    mine = session.principal
    if is_set(session, mine.user_id):
        raise Conflict("there is a second factor already")
    secret = base64.b32encode(secrets.token_bytes(SECRET_BYTES)).decode()
    session.execute(
        "INSERT INTO account_otp (user_id, secret) VALUES (%s, %s) ON CONFLICT (user_id)"
        " DO UPDATE SET secret = excluded.secret, last_step = 0, created = now()",
        (mine.user_id, session.seal.close(secret, _purpose(mine.user_id))),
    )
    return Enrolment(secret, _uri(session, secret))


def pending(session: Session) -> Enrolment:
    """The secret that waits for its first code; raises NotFound."""
    user_id = session.principal.user_id
    sealed = session.value(
        "SELECT secret FROM account_otp WHERE user_id = %s AND NOT confirmed", (user_id,)
    )
    if sealed is None:
        raise NotFound("no one-time codes are being set up")
    secret = session.seal.open(sealed, _purpose(user_id))
    return Enrolment(secret, _uri(session, secret))


def _uri(session: Session, secret: str) -> str:
    """Key Uri Format, as apps read it from a QR code."""
    values = settings.all_settings(session)
    issuer = str(values["security.otp_issuer"] or values["node.title"]).replace(":", " ")
    label = quote(f"{issuer}:{session.principal.email}", safe=":@")
    query = urlencode({"secret": secret, "issuer": issuer}, quote_via=quote)
    return f"otpauth://totp/{label}?{query}"


def confirm(session: Session, code: str) -> list[str]:
    """The first code makes it hold; the paper codes, shown once. Raises Refused."""
    user_id = session.principal.user_id
    pending(session)
    if not _is_right_now(session, user_id, code, confirmed=False):
        raise Refused("code", "wrong_code", "the code that the app shows now")
    session.execute("UPDATE account_otp SET confirmed = true WHERE user_id = %s", (user_id,))
    audit.record(session, "totp_new", "User", user_id, session.principal.email)
    return _new_paper(session, user_id)


def new_paper(session: Session) -> list[str]:
    """Other paper codes for oneself; the old ones end."""
    if not is_set(session, session.principal.user_id):
        raise NotFound("no second factor")
    audit.record(session, "hotp_new", "User", session.principal.user_id, session.principal.email)
    return _new_paper(session, session.principal.user_id)


def _new_paper(session: Session, user_id: int) -> list[str]:
    session.execute("DELETE FROM paper_code WHERE user_id = %s", (user_id,))
    made = []
    for number in range(1, PAPER_CODES + 1):
        code = "".join(secrets.choice(_PAPER_LETTERS) for _ in range(12))
        session.execute(
            "INSERT INTO paper_code VALUES (%s, %s, %s)", (user_id, number, _hash(code))
        )
        made.append("-".join(code[i : i + 4] for i in (0, 4, 8)))
    return made


def paper_left(session: Session) -> int:
    return int(
        session.value(
            "SELECT count(*) FROM paper_code WHERE user_id = %s", (session.principal.user_id,)
        )
    )


def is_right(session: Session, user_id: int, code: str) -> bool:
    """Whether a code is one of the account's now; it counts this once. A system session."""
    given = re.sub(r"[\s-]", "", code)[:40].lower()
    if given.isascii() and given.isdecimal():
        return _is_right_now(session, user_id, given, confirmed=True)
    used = session.execute(
        "DELETE FROM paper_code WHERE user_id = %s AND hash = %s AND has_otp(user_id)",
        (user_id, _hash(given)),
    )
    return used.rowcount == 1


def _is_right_now(session: Session, user_id: int, code: str, *, confirmed: bool) -> bool:
    row = session.one(
        "SELECT secret, last_step FROM account_otp WHERE user_id = %s AND confirmed = %s"
        " FOR UPDATE",
        (user_id, confirmed),
    )
    given = re.sub(r"\s", "", code)
    if row is None or not re.fullmatch(r"[0-9]{6}", given):
        return False
    key = base64.b32decode(session.seal.open(row[0], _purpose(user_id)))
    totp = TOTP(key, DIGITS, hashes.SHA1(), STEP_SECONDS)  # noqa: S303 — what apps can
    now = int(time.time()) // STEP_SECONDS
    for step in (now + drift for drift in DRIFT if now + drift > row[1]):
        try:
            totp.verify(given.encode(), step * STEP_SECONDS)
        except InvalidToken:
            continue
        session.execute("UPDATE account_otp SET last_step = %s WHERE user_id = %s", (step, user_id))
        return True
    return False


def remove(session: Session, reference: int | str) -> str:
    """Takes away one's own, or that of a user whom one administers; whose it was."""
    found = view(session, reference)
    require_power_over(session, found)
    session.execute("SELECT forget_otp(%s)", (found.id,))
    audit.record(session, "totp_delete", "User", found.id, found.email)
    return found.email


def remove_own(database: Database, session: Session, code: str) -> None:
    """Only with a code that holds: a browser left open takes nothing away."""
    user_id = session.principal.user_id
    # In a transaction of its own: what is refused and taken back counts all the same.
    with database.system() as counting:
        attempts.count(counting, f"code:{user_id}")
    if not is_right(session, user_id, code):
        raise Refused("code", "wrong_code", "the code that the app shows now")
    remove(session, user_id)


def renumbered(session: Session, old: int, new: int) -> None:
    """Seals the secret anew for an account that has another number now. A system session."""
    sealed = session.value("SELECT secret FROM account_otp WHERE user_id = %s", (new,))
    if sealed is not None:
        secret = session.seal.open(sealed, _purpose(old))
        session.execute(
            "UPDATE account_otp SET secret = %s WHERE user_id = %s",
            (session.seal.close(secret, _purpose(new)), new),
        )


def _hash(code: str) -> bytes:
    """Of sixty random bits: whose it is need not be in it."""
    return hashlib.sha256(code.encode()).digest()


def _purpose(user_id: int) -> str:
    return f"otp of account {user_id}"
