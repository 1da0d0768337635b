# SPDX-License-Identifier: EUPL-1.2
"""Bridges: partners, and the channel to each."""

from brug.web.bridges import (
    agreements,
    binding,
    by_mail,
    crossings,
    gate,
    held_parts,
    joining,
    ledger,
    letters,
    partners,
    published_feeds,
    recalling,
    retention,
    sending,
    this_node,
)

__all__ = [
    "agreements", "binding", "by_mail", "crossings", "gate", "held_parts", "joining", "ledger",
    "letters", "partners", "published_feeds", "recalling", "retention", "sending", "this_node",
]  # fmt: skip
