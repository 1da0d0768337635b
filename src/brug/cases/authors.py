# SPDX-License-Identifier: EUPL-1.2
"""The public keys of the nodes whose people write in cases: anyone may know them."""

from collections.abc import Collection

from brug.directory import identity_keys
from brug.store import settings
from brug.store.session import Session


def keys_of(session: Session, nodes: Collection[str]) -> dict[tuple[str, str], bytes]:
    """By node and key id: ours, partners', and those that came with a case."""
    own = str(settings.get(session, "node.uuid"))
    found: dict[tuple[str, str], bytes] = {}
    if own in nodes:
        found |= {(own, k.key_id): bytes(k.public) for k in identity_keys.stored(session)}
    others = sorted(set(nodes) - {own})
    if others:
        with session.as_system():
            rows = session.all(
                "SELECT p.node_uuid::text, k.key_id, k.public FROM partner_key k"
                " JOIN partner p ON p.id = k.partner_id"
                " WHERE p.node_uuid = ANY (%(nodes)s::uuid[]) UNION ALL"
                " SELECT node_uuid::text, key_id, public FROM case_node_key"
                " WHERE node_uuid = ANY (%(nodes)s::uuid[])",
                {"nodes": others},
            )
        found |= {(node, key_id): bytes(public) for node, key_id, public in rows}
    return found
