# SPDX-License-Identifier: EUPL-1.2
"""Organisations, users, roles, keys and sharing groups."""
