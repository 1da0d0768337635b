# SPDX-License-Identifier: EUPL-1.2
"""The administration of a node and of one's organisation."""

from brug.web.administration import audit, groups, keys, settings, tabs, users

__all__ = ["audit", "groups", "keys", "settings", "tabs", "users"]
