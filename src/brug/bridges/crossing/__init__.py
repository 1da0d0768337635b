# SPDX-License-Identifier: EUPL-1.2
"""Crossings: what changed, what of it may go over which bridge, and what became of it."""
