# SPDX-License-Identifier: EUPL-1.2
"""The administration of a node and of one's organisation."""

from brug.web.administration import (
    audit,
    blocklists,
    correlating,
    decaying,
    feed_state,
    feeds,
    groups,
    keys,
    mail,
    noticelists,
    patterns,
    registrations,
    server_work,
    servers,
    settings,
    tabs,
    tag_collections,
    users,
)

__all__ = [
    "audit",
    "blocklists",
    "correlating",
    "decaying",
    "feed_state",
    "feeds",
    "groups",
    "keys",
    "mail",
    "noticelists",
    "patterns",
    "registrations",
    "server_work",
    "servers",
    "settings",
    "tabs",
    "tag_collections",
    "users",
]
