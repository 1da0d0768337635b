# SPDX-License-Identifier: EUPL-1.2
"""Asking a known server who it is: MISP's connection test, and whose key we hold there.

The statuses are those that stock MISP shows: 1 fine, 2 unreachable or no version, 3 any
other error, 4 refused (403, or led to a page to sign in; or no key to ask with), 8 no right
to synchronise. Of the second part, which posts a text and wants it back: 1 fine, 8 failed,
9 not what was sent. Raises nothing that a partner can cause.
"""

import gzip
import json
import re
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from brug.directory import organisations, routes, servers
from brug.directory.routes import Holder
from brug.directory.servers import NoKey, Server
from brug.edge import outgoing
from brug.edge.outgoing import Fetched, Limits, NotReached
from brug.formats.json_text import decode
from brug.model.errors import BrugError, Invalid
from brug.store import settings
from brug.store.session import Session

FINE, UNREACHABLE, FAILED, REFUSED, NO_SYNC = 1, 2, 3, 4, 8
POST_FAILED, POST_CHANGED = 8, 9
_SECONDS = 12.0
_MOST = 2**20
_TEXT = "Does what is sent arrive as it was sent? Ook dit: één brug, twee oevers. " * 24


def ask(
    session: Session,
    server: Server,
    method: str,
    path: str,
    body: bytes = b"",
    zipped: bool = False,
) -> Fetched:
    """One request to a known server, as a stock MISP makes it. Raises NotReached."""
    version = settings.get(session, "node.misp_version")
    headers = {
        "Authorization": servers.key_of(session, server),
        "Accept": "application/json",
        "Content-Type": "application/json",
        "User-Agent": f"MISP {version}",
    }
    if zipped:
        headers["Content-Encoding"] = "gzip"
        body = gzip.compress(body)
    networks = settings.get(session, "outgoing.private_networks")
    limits = Limits(_SECONDS, _MOST, networks)
    url = f"{server.url}{path}"
    route = routes.route(session, Holder("server", server.id), url)
    return outgoing.fetch(method, url, headers=headers, body=body, limits=limits, route=route)


def _json(answer: Fetched) -> Any:
    """The answer's value, or None where it is no JSON."""
    try:
        return decode(answer.body)
    except (Invalid, RecursionError):
        return None


def test_connection(session: Session, server: Server) -> dict[str, Any]:
    """MISP's answer to `servers/testConnection`, with the reason where there is one."""
    return _tested(session, server) | {"client_certificate": _certificate(session, server)}


def _tested(session: Session, server: Server) -> dict[str, Any]:
    try:
        answer = ask(session, server, "GET", "/servers/getVersion")
    except NotReached as error:
        return _failed(UNREACHABLE, str(error))
    except NoKey as error:
        return _failed(REFUSED, error.public)
    except BrugError as error:
        return _failed(FAILED, str(error))
    if answer.status == 403 or "/users/" in urlsplit(answer.url).path:
        return _failed(REFUSED, f"status {answer.status}")
    info = _json(answer)
    if answer.status >= 300 or info is None:
        return _failed(FAILED, f"status {answer.status}, and no JSON" if info is None else "")
    if not isinstance(info, dict) or not isinstance(info.get("version"), str):
        return _failed(UNREACHABLE, "no version in the answer")
    return _judged(session, server, info)


# What OpenSSL, and so a stock MISP, calls the curves that have a name of ANSI's.
_CURVES = {"EC (secp256r1)": "EC (prime256v1)", "EC (secp192r1)": "EC (prime192v1)"}
_LEAST_BITS = {"RSA": 2048, "DSA": 2048, "EC": 224}


def _certificate(session: Session, server: Server) -> dict[str, Any] | None:
    """What the client certificate says of itself, in the words of a stock MISP's test."""
    told = routes.kept(session, Holder("server", server.id)).shown
    if told is None:
        return None
    now = datetime.now(UTC)
    least = _LEAST_BITS.get(told.kind.partition(" ")[0])
    return {
        "serial_number": told.serial if len(told.serial) % 2 == 0 else f"0{told.serial}",
        "signature_type": re.sub(r"sha(\d+)WithRSAEncryption", r"RSA-SHA\1", told.signature),
        "valid_from": told.valid_from.isoformat(),
        "valid_to": told.valid_until.isoformat(),
        "public_key_size": told.bits,
        "public_key_type": _CURVES.get(told.kind, told.kind),
        "public_key_size_ok": None if least is None else told.bits >= least,
        "valid_from_ok": told.valid_from <= now,
        "valid_to_ok": told.valid_until >= now,
        "subject": told.subject,
        "issuer": told.issuer,
    }


def _failed(status: int, reason: str) -> dict[str, Any]:
    return {"status": status, "reason": reason[:300]}


def _judged(session: Session, server: Server, info: dict[str, Any]) -> dict[str, Any]:
    theirs = _numbers(info["version"])
    if theirs is None:
        return {"status": FAILED, "info": info, "post": None}
    encodings = info.get("request_encoding")
    zipped = isinstance(encodings, list) and "gzip" in encodings
    post: Any = _posted(session, server, zipped) if theirs[:2] >= (2, 4) else "too old"
    if not info.get("perm_sync"):
        told = {"status": post, "content-encoding": None}
        return {"status": NO_SYNC, "info": info, "post": told}
    mine = settings.get(session, "node.misp_version")
    mismatch, newer = _compared(_numbers(mine) or (0, 0, 0), theirs)
    return {
        "status": FINE,
        "local_version": mine,
        "version": info["version"],
        "mismatch": mismatch,
        "newer": newer,
        "post": post,
        "response_encoding": None,
        "request_encoding": encodings,
        "uuid": info.get("uuid", "?"),
    }


def _numbers(version: str) -> tuple[int, int, int] | None:
    parts = version.strip().removeprefix("v").split(".")
    if len(parts) != 3 or not all(p.isascii() and p.isdecimal() and len(p) < 8 for p in parts):
        return None
    return int(parts[0]), int(parts[1]), int(parts[2])


def _compared(mine: tuple[int, ...], theirs: tuple[int, ...]) -> tuple[str | bool, str | bool]:
    """Which part of the version differs, and who is newer."""
    for name, ours, other in zip(("major", "minor", "hotfix"), mine, theirs, strict=True):
        if ours != other:
            return name, "local" if ours > other else "remote"
    return False, False


def _posted(session: Session, server: Server, zipped: bool) -> int:
    sent = {"testString": _TEXT}
    try:
        body = json.dumps(sent).encode()
        answer = ask(session, server, "POST", "/servers/postTest", body, zipped)
    except BrugError:
        return POST_FAILED
    said = _json(answer)
    if answer.status != 200 or not isinstance(said, dict):
        return POST_FAILED
    echoed = said.get("body") == sent and isinstance(said.get("headers"), dict)
    return FINE if echoed else POST_CHANGED


def description(session: Session, key: str) -> dict[str, Any]:
    """What another side imports to reach this node with a key that it has been given."""
    host = organisations.view(session, settings.get(session, "node.host_org_id"))
    return {
        "url": settings.get(session, "node.url"),
        "uuid": settings.get(session, "node.uuid"),
        "authkey": key,
        "Organisation": {"name": host.name, "uuid": host.uuid},
    }


def remote_user(session: Session, server: Server) -> dict[str, Any]:
    """Whose key we hold there. Raises NotReached."""
    answer = ask(session, server, "GET", "/users/view/me.json")
    said = _json(answer)
    found = said if isinstance(said, dict) else {}
    user, role = found.get("User"), found.get("Role")
    if answer.status != 200 or not isinstance(user, dict) or not isinstance(role, dict):
        return {"error": f"status {answer.status}"}
    return {
        "User": str(user.get("email", "")),
        "Role name": str(role.get("name", "")),
        "Sync flag": "Yes" if role.get("perm_sync") else "No",
    }
