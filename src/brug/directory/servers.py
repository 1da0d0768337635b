# SPDX-License-Identifier: EUPL-1.2
"""Records of the servers that this node exchanges with; site admins' alone.

A server is another node or a stock MISP: its address, the key that it gave us (sealed,
never shown again), how it is reached, what goes which way and by which rules. One that
came along with a move has no key until somebody enters it, and nothing goes either way
before. Nothing is fetched or sent here.
"""

from collections.abc import Mapping
from typing import Any, LiteralString

import msgspec

from brug.directory import audit, fields, route_changes
from brug.directory.refusals import Refused
from brug.directory.routes import Holder
from brug.directory.server_fields import CHECKS, PULL_RULES, PUSH_RULES
from brug.model.errors import Conflict, Forbidden, NotFound
from brug.store import settings
from brug.store.session import Session


class NoKey(Conflict):
    """The key that a server gave us is not known: no interface tells it to whoever moves in."""

    code = "no_server_key"
    public = "The key that this server made for us is not known here. Enter it first."


class Server(msgspec.Struct, frozen=True):
    """One record, without its key."""

    id: int
    name: str
    url: str
    org_id: int
    remote_org_id: int
    push: bool
    pull: bool
    push_sightings: bool
    push_galaxy_clusters: bool
    push_analyst_data: bool
    pull_galaxy_clusters: bool
    pull_analyst_data: bool
    publish_without_email: bool
    unpublish_event: bool
    self_signed: bool
    internal: bool
    skip_proxy: bool
    remove_missing_tags: bool
    caching_enabled: bool
    pull_rules: str
    push_rules: str
    ca_pem: str
    priority: int
    lastpulledid: int | None
    lastpushedid: int | None
    has_key: bool
    proxy: str
    client_certificate: str


_SELECT: LiteralString = (
    "SELECT id, name, url, org_id, remote_org_id, push, pull, push_sightings,"
    " push_galaxy_clusters, push_analyst_data, pull_galaxy_clusters, pull_analyst_data,"
    " publish_without_email, unpublish_event, self_signed, internal, skip_proxy,"
    " remove_missing_tags, caching_enabled, pull_rules, push_rules, ca_pem, priority,"
    " lastpulledid, lastpushedid, sealed_key IS NOT NULL,"
    " proxy, client_certificate FROM server "
)


def listed(session: Session) -> list[Server]:
    """By priority."""
    return [Server(*row) for row in session.all(_SELECT + "ORDER BY priority, id")]


def view(session: Session, reference: int | str) -> Server:
    """By id; raises NotFound."""
    wanted = str(reference).strip()
    row = None
    if wanted.isascii() and wanted.isdecimal() and len(wanted) < 10:
        row = session.one(_SELECT + "WHERE id = %s", (int(wanted),))
    if row is None:
        raise NotFound(f"no server {wanted[:40]!r}")
    return Server(*row)


def _purpose(server_id: int) -> str:
    return f"server {server_id}"


def key_of(session: Session, server: Server) -> str:
    """The key that the server gave us, for whoever asks it. Raises NoKey, NotSealed."""
    if not server.has_key:
        raise NoKey(f"the key of server {server.id} is not known")
    sealed = session.value("SELECT sealed_key FROM server WHERE id = %s", (server.id,))
    return session.seal.open(bytes(sealed), _purpose(server.id))


def _require_site_admin(session: Session) -> None:
    if not session.principal.is_site_admin:
        raise Forbidden(f"{session.principal.email} may not change servers")


def add(session: Session, given: Mapping[str, Any]) -> Server:
    """Raises Refused by field; name, url, authkey and remote_org_id are needed."""
    _require_site_admin(session)
    row = fields.checked(CHECKS, given)
    for needed in ("url", "authkey", "name", "remote_org_id"):
        if needed not in row:
            raise Refused(needed, "empty", f"a {needed}")
    _require_org(session, row)
    key = row.pop("authkey")
    change = route_changes.checked(session, None, given)
    row = {"pull_rules": PULL_RULES, "push_rules": PUSH_RULES} | row
    # Whoever holds the node's folder acts for its host.
    row["org_id"] = session.principal.org_id or settings.get(session, "node.host_org_id")
    row["priority"] = session.value("SELECT coalesce(max(priority), 0) + 1 FROM server")
    added = fields.insert(session, "server", row)
    _seal(session, added, key)
    route_changes.store(session, Holder("server", added), change)
    audit.record(session, "add", "Server", added, row["name"], {"url": row["url"]})
    return view(session, added)


def _require_org(session: Session, row: Mapping[str, Any]) -> None:
    wanted = row.get("remote_org_id")
    known = "SELECT EXISTS (SELECT FROM organisation WHERE id = %s)"
    if wanted is not None and not session.value(known, (wanted,)):
        raise Refused("remote_org_id", "unknown", "an organisation of this node", str(wanted))


def _seal(session: Session, server_id: int, key: str) -> None:
    sealed = session.seal.close(key, _purpose(server_id))
    session.execute("UPDATE server SET sealed_key = %s WHERE id = %s", (sealed, server_id))


def edit(session: Session, reference: int | str, given: Mapping[str, Any]) -> Server:
    """Changes what is given. Raises NotFound, Refused."""
    _require_site_admin(session)
    found = view(session, reference)
    row = fields.checked(CHECKS, given)
    _require_org(session, row)
    key = row.pop("authkey", None)
    holder = Holder("server", found.id)
    change = route_changes.checked(session, holder, given)
    if not found.has_key and key is None and (row.get("push") or row.get("pull")):
        raise Refused("authkey", "empty", "the key of 40 characters that the server gave")
    fields.update(session, "server", found.id, row)
    if key is not None:
        _seal(session, found.id, key)
    way = route_changes.store(session, holder, change)
    changed = sorted({*row, *way, *(["authkey"] if key is not None else [])})
    audit.record(session, "edit", "Server", found.id, found.name, {"fields": changed} | way)
    return view(session, found.id)


def delete(session: Session, reference: int | str) -> Server:
    """Removes one. Raises NotFound."""
    _require_site_admin(session)
    found = view(session, reference)
    session.execute("DELETE FROM server WHERE id = %s", (found.id,))
    audit.record(session, "delete", "Server", found.id, found.name)
    return found


def move(session: Session, reference: int | str, *, up: bool) -> bool:
    """Swaps a server with its neighbour in priority; False at the end. Raises NotFound."""
    _require_site_admin(session)
    found = view(session, reference)
    order = listed(session)
    place = next(index for index, one in enumerate(order) if one.id == found.id)
    other = place - 1 if up else place + 1
    if not 0 <= other < len(order):
        return False
    order[place], order[other] = order[other], order[place]
    for priority, one in enumerate(order, start=1):
        session.execute("UPDATE server SET priority = %s WHERE id = %s", (priority, one.id))
    audit.record(session, "edit", "Server", found.id, found.name, {"priority": other + 1})
    return True
