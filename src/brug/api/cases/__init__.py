# SPDX-License-Identifier: EUPL-1.2
"""Brug's own JSON interface for cases, at /brug/v1/ (docs/reference/cases-interface.md)."""
