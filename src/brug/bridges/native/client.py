# SPDX-License-Identifier: EUPL-1.2
"""Our side of a conversation: a signed message to a partner, and its signed answer.

An answer counts only where it is signed by a valid key of the partner and to this very
request. Whatever else comes back is an error: what it says is then told as what somebody
on the way may have written. A partner is told of changed keys before anything else is said.
"""

from datetime import UTC, datetime
from typing import Any

import msgspec

from brug.bridges import channel, identity, partners
from brug.bridges.channel import Channel
from brug.bridges.identity import PublicKey, Signer
from brug.bridges.native import bodies, receiving, signing, versions
from brug.bridges.native.handling import NotOpen
from brug.bridges.native.signing import Answer, BadMessageSignature, Request
from brug.bridges.partners import BridgeRow
from brug.directory import routes
from brug.directory.routes import Holder, Route
from brug.edge import outgoing
from brug.edge.outgoing import Fetched, Limits
from brug.formats.canonical import canonical
from brug.model.errors import BrugError, Invalid
from brug.store import settings
from brug.store.session import Database, Session

PATH = "/native/v{version}/messages"


class Reply(msgspec.Struct, frozen=True):
    """A partner's answer: its JSON, the bytes of it, and the key that signed them."""

    document: Any
    content: bytes
    key_id: str


class PartnerRefused(BrugError):
    """The partner answered that it will not; `reason` is its code."""

    code = "partner_refused"
    status = 502
    public = "The partner refused this."

    def __init__(self, status: int, reason: str, message: str, *, signed: bool) -> None:
        by = "the partner" if signed else "somebody at its address (not signed)"
        super().__init__(f"{by} answered {status} {reason}: {message}")
        self.answered = status
        self.reason = reason
        self.signed = signed
        if signed:
            self.public = f"The partner refused this: {message}"


class BadAnswer(BrugError):
    """What came back is not the partner's answer to what was asked."""

    code = "bad_answer"
    status = 502
    public = "What came back is not a signed answer of the partner."


class NeedsConnecting(BrugError):
    """The partner holds no key of ours that is valid."""

    code = "needs_connecting"
    status = 409
    public = "The partner holds no valid key of this node. Connect the two nodes anew."


class _Line(msgspec.Struct, frozen=True):
    """All that one conversation needs of the database."""

    bridge: BridgeRow
    channel: Channel
    keys: dict[str, PublicKey]
    signer: Signer
    limits: Limits
    route: Route
    message_bytes: int


def send(database: Database, bridge: BridgeRow, message: bytes) -> Reply:
    """Carries one message, or a list of them, over a bridge that is open.

    Raises NotReached, PartnerRefused, BadAnswer, NeedsConnecting, NotOpen.
    """
    tell_keys(database, bridge)
    return _asked(database, bridge, message)


def ping(database: Database, bridge: BridgeRow) -> Reply:
    """Whether the partner answers, and which version is the highest that both speak now."""
    tell_keys(database, bridge)
    said = canonical({"kind": "ping", "versions": list(versions.SPOKEN)})
    reply = _asked(database, bridge, said, paused=True)
    theirs = reply.document.get("versions") if isinstance(reply.document, dict) else None
    if not isinstance(theirs, list):
        raise Invalid("versions", "a list of version numbers in the answer to a ping")
    with database.system() as session:
        known = channel.of(session, bridge.id)
        channel.agreed(session, bridge.id, versions.agree(versions.SPOKEN, theirs, known.version))
    return reply


def tell_keys(database: Database, bridge: BridgeRow) -> None:
    """Tells the partner of our keys where they changed since it was told last."""
    with database.system() as session:
        known = channel.of(session, bridge.id)
        told = channel.what_is_told(session)
        if known.told == told:
            return
        keys = [identity.as_document(key) for key in identity.public_keys(session)]
        current = identity.current(session).key_id
        line = _line(session, bridge, _signer_of_keys(session, known))
    reply = _conversed(line, canonical({"kind": "keys", "keys": keys}))
    held = reply.document.get("held") if isinstance(reply.document, dict) else None
    ours = current if isinstance(held, list) and current in held else None
    with database.system() as session:
        channel.was_told(session, bridge.id, told, ours)
    if ours is None:
        raise NeedsConnecting(f"{bridge.partner} does not take our key {current}")


def _signer_of_keys(session: Session, known: Channel) -> Signer:
    """A key that the partner holds, if need be one that can only say that it is revoked."""
    try:
        return identity.signer(session, known.told_key)
    except identity.NoIdentity:
        held = {key.key_id: key for key in identity.public_keys(session)}[known.told_key]
        if held.revoked is not None:
            return identity.signer_of_revocation(session, held.key_id)
        raise NeedsConnecting("the key that the partner holds has expired") from None


def _asked(
    database: Database, bridge: BridgeRow, body: bytes, *, paused: bool = False,
) -> Reply:  # fmt: skip
    with database.system() as session:
        now = partners.view(session, bridge.id)
        if now.state != "open" and not (paused and now.state == "paused"):
            raise NotOpen(now.state)
        known = channel.of(session, bridge.id)
        try:
            signer = identity.signer(session, known.told_key)
        except identity.NoIdentity as error:
            raise NeedsConnecting(f"{bridge.partner} holds no valid key of ours") from error
        line = _line(session, now, signer)
    reply = _conversed(line, body)
    with database.system() as session:
        channel.answered(session, bridge.id)
    return reply


def _line(session: Session, bridge: BridgeRow, signer: Signer) -> _Line:
    most = settings.get(session, "bridges.message_bytes")
    networks = settings.get(session, "outgoing.private_networks")
    return _Line(
        bridge=bridge,
        channel=channel.of(session, bridge.id),
        keys={key.key_id: key for key in partners.keys_of(session, bridge.partner_id)},
        signer=signer,
        limits=Limits(settings.get(session, "bridges.seconds"), most, networks),
        route=routes.route(session, Holder("channel", bridge.id), bridge.url),
        message_bytes=most,
    )


def _conversed(line: _Line, body: bytes) -> Reply:
    path = PATH.format(version=line.channel.version)
    packed = bodies.pack(body)
    request = Request(
        "POST",
        line.bridge.url + path,
        {
            signing.BRIDGE: str(line.bridge.uuid),
            "Content-Type": bodies.MEDIA_TYPE,
            "Content-Encoding": bodies.ENCODING,
        },
    )
    signing.sign_request(request, packed, line.signer.key_id, line.signer.sign, datetime.now(UTC))
    answer = outgoing.fetch(
        "POST", request.url, headers=request.headers, body=packed, limits=line.limits,
        route=line.route, follow=False,
    )  # fmt: skip
    return _believed(line, request, answer)


def _believed(line: _Line, request: Request, answer: Fetched) -> Reply:
    """The answer, once it is known to be the partner's. Raises BadAnswer, PartnerRefused."""
    if "signature" not in answer.headers:
        if answer.status < 400:
            raise BadAnswer(f"{line.bridge.url} answered {answer.status} without a signature")
        raise _refused(answer.status, answer.body, signed=False)
    message = Answer(answer.status, dict(answer.headers), request)
    try:
        signed = signing.verify_answer(message, answer.body, line.keys)
        receiving.require_valid(signed.key)
        content = bodies.unpack(answer.body, line.message_bytes)
    except (BadMessageSignature, receiving.KeyNotValid, Invalid) as error:
        raise BadAnswer(f"{line.bridge.url}: {error}") from error
    if answer.status >= 400:
        raise _refused(answer.status, content, signed=True)
    return Reply(bodies.decode(content), content, signed.key.key_id)


def _refused(status: int, content: bytes, *, signed: bool) -> PartnerRefused:
    try:
        said = bodies.decode(content)
    except (Invalid, RecursionError):
        said = None
    told = said if isinstance(said, dict) else {}
    code, message = (str(told.get(name, "")) for name in ("code", "message"))
    return PartnerRefused(status, code[:100], message[:1000], signed=signed)
