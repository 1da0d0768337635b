# SPDX-License-Identifier: EUPL-1.2
"""The node of tests/api, asked as a partner's server asks."""

from tests.api.conftest import served, served_node, settled, spare_world, world

__all__ = ["served", "served_node", "settled", "spare_world", "world"]
