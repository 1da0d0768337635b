# SPDX-License-Identifier: EUPL-1.2
"""Organisations, people, roles, keys, sharing groups."""
