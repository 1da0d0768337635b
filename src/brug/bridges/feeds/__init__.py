# SPDX-License-Identifier: EUPL-1.2
"""Feeds as bridges: fetched from others, and published for others."""
