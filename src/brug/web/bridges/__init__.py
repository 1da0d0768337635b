# SPDX-License-Identifier: EUPL-1.2
"""Bridges: partners, and the channel to each."""

from brug.web.bridges import (
    agreements,
    crossings,
    gate,
    joining,
    ledger,
    partners,
    published_feeds,
    this_node,
)

__all__ = [
    "agreements", "crossings", "gate", "joining", "ledger", "partners", "published_feeds",
    "this_node",
]  # fmt: skip
