# SPDX-License-Identifier: EUPL-1.2
"""The keys of protected events -> MISP's JSON."""

from typing import Any

from brug.intel.protecting import SigningKey


def key_json(one: SigningKey) -> dict[str, Any]:
    """A key as events carry it."""
    return {
        "id": str(one.id),
        "uuid": one.uuid,
        "type": one.type,
        "timestamp": str(one.timestamp),
        "parent_id": str(one.event_id),
        "parent_type": "Event",
        "key_data": one.key_data,
        "revoked": one.revoked,
        "fingerprint": one.fingerprint,
    }
