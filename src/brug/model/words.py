# SPDX-License-Identifier: EUPL-1.2
"""Texts of tables that are shown to people: collected here, translated where they are shown."""


def N_(text: str) -> str:  # noqa: N802 — the name under which texts in tables are collected
    """Marks a text of a table for translation, where the language is not known yet."""
    return text
