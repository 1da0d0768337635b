# SPDX-License-Identifier: EUPL-1.2
"""Counts and summaries of what a reader sees."""
