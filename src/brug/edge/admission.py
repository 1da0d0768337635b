# SPDX-License-Identifier: EUPL-1.2
"""Whether a request with an API key is let in, on any interface that takes one: by the key, the
address that it comes from, its user, and how often the user's role may search.

What is wrong with a key is never said: unknown, expired and disabled are one answer.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from ipaddress import ip_address, ip_network

import msgspec

from brug.directory import keys, moved_secrets, rate_limits
from brug.edge.strangers import Strangers
from brug.model.errors import BrugError, Forbidden, Unauthenticated
from brug.store import audit
from brug.store.identifying import UnknownKey
from brug.store.principal import Principal
from brug.store.session import Database, Session


class NoKey(Unauthenticated):
    """No key, or none that holds; in MISP's words, for its clients look for them."""

    code = "no_key"
    public = (
        "Authentication failed. Please make sure you pass the API key of an API enabled user"
        " along in the Authorization header."
    )


class WrongAddress(Forbidden):
    """A key that holds, used from where it may not be."""

    code = "wrong_address"
    public = "It is not possible to use this Auth key from your IP address"


class RateExceeded(BrugError):
    """The role's searches are used up; `headers` say until when."""

    code = "rate_exceeded"
    public = "Rate limit exceeded."
    status = 429

    def __init__(self, headers: dict[str, str]) -> None:
        super().__init__(self.public)
        self.headers = headers


class Knocking(msgspec.Struct, frozen=True):
    """What is known of a request before anything is done for it."""

    key: str
    address: str
    method: str
    path: str


@contextmanager
def admitted(database: Database, strangers: Strangers, who: Knocking) -> Iterator[Session]:
    """A session of the key's owner. Raises NoKey, WrongAddress, TooManyRequests."""
    strangers.check(who.address, who.key)
    with ExitStack() as stack:
        try:
            session = _entered(stack, database, who.key, who.address)
        except Unauthenticated as error:
            strangers.failed(who.address)
            raise NoKey(str(error)) from error
        strangers.known(who.key)
        _require_usable(session.principal, who.address)
        if session.principal.key_stale:
            note = partial(_note_use, database, session, who.key, who.address)
            session.after_commit.append(note)
        if session.principal.monitored:
            title = f"{who.method} {who.path}"
            audit.record(session, "request", "User", session.principal.user_id, title)
        yield session


def require_known(database: Database, key: str) -> None:
    """Raises NoKey where a key is nobody's; a large body is not even read then."""
    if not key:
        raise NoKey("no key came along")
    try:
        with ExitStack() as stack:
            _entered(stack, database, key, "")
    except Unauthenticated as error:
        raise NoKey(str(error)) from error


def _entered(stack: ExitStack, database: Database, key: str, address: str) -> Session:
    try:
        return stack.enter_context(database.as_key(key, address))
    except UnknownKey:
        # It may be the first use of a key since it came here from another MISP.
        if not moved_secrets.recognise(database, key):
            raise
        return stack.enter_context(database.as_key(key, address))


def _require_usable(principal: Principal, address: str) -> None:
    if principal.is_closed or "auth" not in principal.rights:
        raise NoKey(f"the key of {principal.email} does not hold")
    if principal.allowed_ips and not _address_in(address, principal.allowed_ips):
        raise WrongAddress(f"{principal.email} from {address}")


def _address_in(address: str, allowed: tuple[str, ...]) -> bool:
    with suppress(ValueError):
        return any(ip_address(address) in ip_network(net, strict=False) for net in allowed)
    return False


def within_rate(session: Session) -> dict[str, str]:
    """Counts a search; headers that say what is left, where the role has a limit."""
    if not session.principal.rate_limit:
        return {}
    use = rate_limits.count(session)
    headers = {
        "X-Rate-Limit-Limit": str(use.limit),
        "X-Rate-Limit-Remaining": str(use.remaining),
        "X-Rate-Limit-Reset": str(use.reset),
    }
    if not use.allowed:
        raise RateExceeded(headers)
    return headers


def _note_use(database: Database, session: Session, key: str, address: str) -> None:
    key_id = session.principal.key_id
    if key_id is not None:
        with database.system() as after:
            keys.touch(after, key_id, address)
        database.forget_key(key)
