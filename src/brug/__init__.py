# SPDX-License-Identifier: EUPL-1.2
"""Brug: share threat information and work cases together, under control, with proof."""

__version__ = "0.1.0"
