# SPDX-License-Identifier: EUPL-1.2
"""The order in which all endpoints are asked: what ends things, keys and callers comes last."""

from functools import cache

from brug.api.misp.dispatch import ENDPOINTS, Endpoint

# What is found in an action's name, and how late that makes it; the latest counts.
_ENDS = (
    (1, ("remove", "disable", "accept", "discard", "detach")),
    (2, ("delete",)),
    (4, ("reset", "destroy", "change_pw")),
)
# What ends items, the callers' keys, disables the callers or takes their rights.
_LATE = {
    # An attribute that goes into an object has a new number.
    ("objects", "groupAttributesIntoObject"): 1,
    ("auth_keys", "delete"): 3, ("auth_keys", "edit"): 3,
    ("users", "admin_edit"): 5, ("users", "edit"): 5, ("users", "admin_massToggleField"): 5,
    ("users", "admin_delete"): 6, ("roles", "admin_edit"): 5,
}  # fmt: skip


def _lateness(endpoint: Endpoint) -> int:
    action = endpoint.action.lower()
    by_name = max((rank for rank, words in _ENDS if any(w in action for w in words)), default=0)
    return max(by_name, _LATE.get((endpoint.controller, endpoint.action), 0))


@cache
def endpoints() -> list[Endpoint]:
    """Each endpoint once, in a settled order; once all are listed."""
    return sorted(
        ENDPOINTS.values(),
        key=lambda e: (
            _lateness(e),
            # Its children go with an event, its people's keys with an account.
            e.controller == "events" or e.action == "admin_delete",
            e.controller,
            e.action,
        ),
    )
