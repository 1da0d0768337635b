# SPDX-License-Identifier: EUPL-1.2
"""Searching with filters, in every format."""
