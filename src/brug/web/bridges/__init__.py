# SPDX-License-Identifier: EUPL-1.2
"""Bridges: partners, and the channel to each."""

from brug.web.bridges import joining, partners, this_node

__all__ = ["joining", "partners", "this_node"]
