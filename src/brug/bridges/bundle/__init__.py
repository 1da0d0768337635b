# SPDX-License-Identifier: EUPL-1.2
"""Bundles: crossings carried by hand into a network that nothing else reaches."""

from brug.bridges.bundle.packing import Packed, pack
from brug.bridges.bundle.unpacking import Unpacked, unpack

__all__ = ["Packed", "Unpacked", "pack", "unpack"]
