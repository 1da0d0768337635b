# SPDX-License-Identifier: EUPL-1.2
"""What a node says of itself to partners and at its well-known address, and reading that.

The same for everyone and for as long as nothing about it changes: it holds no clock, so
that whoever keeps a copy can ask whether it still holds.
"""

from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import msgspec

from brug import __version__
from brug.bridges import identity, statements
from brug.bridges.identity import PublicKey
from brug.bridges.native import versions
from brug.bridges.statements import text
from brug.directory import organisations
from brug.model.errors import Invalid, Unavailable
from brug.store import settings
from brug.store.session import Session

STATEMENT = "brug-node/1"
_KEYS = 20


class NotDescribed(Unavailable):
    """The node has no address or host organisation yet."""

    code = "node_not_described"
    public = "This node has no public address or host organisation yet (setting node.url)."


class Described(msgspec.Struct, frozen=True):
    """A node as it told of itself."""

    node: UUID
    name: str
    url: str
    org_uuid: UUID
    org_name: str
    nationality: str
    sector: str
    contacts: str
    keys: list[PublicKey]
    versions: list[int]

    def key(self, key_id: str) -> PublicKey:
        """The key of that id. Raises Invalid."""
        for key in self.keys:
            if key.key_id == key_id:
                return key
        raise Invalid("key_id", "one of the keys that the node names", key_id)


def of_this_node(session: Session) -> dict[str, Any]:
    """What this node says of itself. Raises NotDescribed."""
    url, node, host_id = (
        settings.get(session, name) for name in ("node.url", "node.uuid", "node.host_org_id")
    )
    if not url or not node or not host_id:
        raise NotDescribed("node.url, node.uuid or node.host_org_id is not set")
    host = organisations.view(session, host_id)
    return {
        "node": node,
        "name": settings.get(session, "node.title"),
        "url": url.rstrip("/"),
        "organisation": {
            "uuid": host.uuid,
            "name": host.name,
            "nationality": host.nationality,
            "sector": host.sector,
            "contacts": host.contacts,
        },
        "keys": [identity.as_document(key) for key in identity.public_keys(session)[:_KEYS]],
        "transports": ["native", "misp"],
        "native": {"versions": list(versions.SPOKEN)},
        "software": f"Brug {__version__}",
    }


def published(session: Session) -> bytes:
    """The signed document of the well-known address."""
    identity.current(session)
    return statements.make(session, {"statement": STATEMENT, **of_this_node(session)})


def read(told: Any, field: str = "node") -> Described:
    """What another node told of itself. Raises Invalid, naming the field."""
    if not isinstance(told, dict):
        raise Invalid(field, "an object that describes a node")
    org, native = told.get("organisation"), told.get("native")
    if not isinstance(org, dict):
        raise Invalid(f"{field}.organisation", "an object")
    if not isinstance(native, dict) or not _are_versions(native.get("versions")):
        raise Invalid(f"{field}.native.versions", "a list of version numbers")
    keys = told.get("keys")
    if not isinstance(keys, list) or not 0 < len(keys) <= _KEYS:
        raise Invalid(f"{field}.keys", f"1 to {_KEYS} keys")
    return Described(
        node=_uuid(told.get("node"), f"{field}.node"),
        name=text(told, "name", 255),
        url=_url(told.get("url"), f"{field}.url"),
        org_uuid=_uuid(org.get("uuid"), f"{field}.organisation.uuid"),
        org_name=text(org, "name", 255),
        nationality=str(org.get("nationality") or "")[:100],
        sector=str(org.get("sector") or "")[:255],
        contacts=str(org.get("contacts") or "")[:10_000],
        keys=[identity.of_document(key, f"{field}.keys[{n}]") for n, key in enumerate(keys)],
        versions=native["versions"],
    )


def _are_versions(value: Any) -> bool:
    return (
        isinstance(value, list)
        and 0 < len(value) <= 100
        and all(isinstance(n, int) and not isinstance(n, bool) and 0 < n < 10_000 for n in value)
    )


def _uuid(value: Any, field: str) -> UUID:
    try:
        found = UUID(value) if isinstance(value, str) and len(value) == 36 else None
    except ValueError:
        found = None
    if found is None or str(found) != value:
        raise Invalid(field, "a UUID in lower case", str(value))
    return found


def _url(value: Any, field: str) -> str:
    try:
        parts = urlsplit(value if isinstance(value, str) else "")
        fine = parts.scheme in {"http", "https"} and parts.hostname and not parts.username
        fine = fine and not parts.query and not parts.fragment and len(value) <= 500
        _ = parts.port
    except ValueError:
        fine = False
    if not fine:
        raise Invalid(field, "an http or https address", str(value))
    return str(value).rstrip("/")
