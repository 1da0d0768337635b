# SPDX-License-Identifier: EUPL-1.2
"""Whole events: adding, listing, publishing, what is drawn from them."""
