# SPDX-License-Identifier: EUPL-1.2
"""Whether bridges are well: what `brug doctor` says of them.

Each finding: the check, its state (ok or warning), what was found, what to do.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Literal

from brug.bridges import channel, identity, partners
from brug.bridges.identity import PublicKey
from brug.bridges.mail import checking as by_mail
from brug.bridges.misp import binding
from brug.bridges.partners import BridgeRow
from brug.directory import route_checking, routes, servers
from brug.directory.routes import Holder
from brug.model.errors import BrugError
from brug.store.session import Session

State = Literal["ok", "warning"]
Found = tuple[str, State, str, str]
SOON = timedelta(days=14)
LONG = timedelta(days=7)


def checked(session: Session) -> Iterator[Found]:
    """All checks; at least one line of each."""
    yield _sync_users(session)
    yield _own_keys(session)
    yield from _bridges(session)
    yield from _reached(session)
    for found, advice in by_mail.problems(session):
        yield "bridge by mail", "warning", found, advice


def _sync_users(session: Session) -> Found:
    """Who synchronises for another organisation reads past every agreement."""
    found = binding.unbound(session)
    if not found:
        return "sync users", "ok", "none of another organisation without a bridge", ""
    names = ", ".join(one.email for one in found[:5]) + (", ..." if len(found) > 5 else "")
    return (
        "sync users", "warning",
        f"{len(found)} of other organisations read by the sharing rule alone: {names}",
        "`brug bridge bind ADDRESS` puts a bridge over one, or give them another role",
    )  # fmt: skip


def _own_keys(session: Session) -> Found:
    now = datetime.now(UTC)
    keys = identity.public_keys(session)
    if not keys:
        return "node key", "warning", "none yet", "`brug bridge keys list` after the first message"
    lasting = [key for key in keys if key.is_valid(now + SOON)]
    if not lasting:
        return "node key", "warning", "none is valid for long", "`brug bridge keys rotate`"
    return "node key", "ok", f"signs for partners with {lasting[0].key_id}", ""


def _bridges(session: Session) -> Iterator[Found]:
    channels = channel.all_of(session)
    current = [one for one in partners.listed(session) if one.state != "closed"]
    wrong = 0
    for bridge in current:
        if bridge.transport != "native":
            continue
        keys = partners.keys_of(session, bridge.partner_id)
        known = channels.get(bridge.id)
        problem = _problem(session, bridge, keys, known.told_key if known else "")
        if problem:
            wrong += 1
            yield "bridge", "warning", f"{bridge.partner}: {problem[0]}", problem[1]
    if not wrong:
        yield "bridges", "ok", f"{len(current)} in use", ""


def _reached(session: Session) -> Iterator[Found]:
    """Certificates that we show, keys that open them, whom we trust elsewhere; the proxy."""
    try:
        routes.of_node(session, "")
    except BrugError as error:
        advice = "bring back `keys/` from a backup, or set outgoing.proxy_password anew"
        yield "proxy", "warning", str(error), advice
    for bridge in partners.listed(session):
        if bridge.transport != "native" or bridge.state == "closed":
            continue
        holder, verb = Holder("channel", bridge.id), f"`brug bridge edit '{bridge.partner}'`"
        for said, advice in route_checking.problems(session, holder, bridge.url):
            yield "bridge", "warning", f"{bridge.partner}: {said}", f"{advice}; {verb}"
    for server in servers.listed(session):
        holder, verb = Holder("server", server.id), f"`brug server edit {server.id}`"
        for said, advice in route_checking.problems(session, holder, server.url):
            yield "server", "warning", f"{server.name}: {said}", f"{advice}; {verb}"


def _problem(
    session: Session, bridge: BridgeRow, keys: list[PublicKey], told: str
) -> tuple[str, str] | None:
    now = datetime.now(UTC)
    anew = f"connect anew: `brug bridge invite --partner '{bridge.partner}'`"
    if not any(key.is_valid(now) for key in keys):
        return "no key of the partner is valid", anew
    if not any(key.is_valid(now + SOON) for key in keys):
        return "the partner's last key expires soon", "ask the partner to rotate its key"
    own = {key.key_id: key for key in identity.public_keys(session)}
    if told not in own or not own[told].is_valid(now):
        return "the partner holds no valid key of this node", anew
    if not own[told].is_valid(now + SOON):
        return (
            "the partner holds a key of this node that expires soon",
            f"`brug bridge ping '{bridge.partner}'` tells it of the new one",
        )
    if bridge.state == "invited" and bridge.made < now - LONG:
        return "keys were exchanged, nobody has compared them", "`brug bridge confirm`, or close it"
    return None
