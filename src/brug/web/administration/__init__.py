# SPDX-License-Identifier: EUPL-1.2
"""The administration of a node and of one's organisation."""

from brug.web.administration import (
    audit,
    blocklists,
    groups,
    keys,
    noticelists,
    registrations,
    settings,
    tabs,
    tag_collections,
    users,
)

__all__ = [
    "audit",
    "blocklists",
    "groups",
    "keys",
    "noticelists",
    "registrations",
    "settings",
    "tabs",
    "tag_collections",
    "users",
]
