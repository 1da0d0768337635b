# SPDX-License-Identifier: EUPL-1.2
"""The languages of the pages: catalogues made by `make assets`, and which one a reader gets."""

from brug.mail.speaking import catalogue
from brug.model.languages import DEFAULT, LANGUAGES, accepted
from brug.model.words import N_

__all__ = ["DEFAULT", "LANGUAGES", "N_", "catalogue", "chosen"]


def chosen(cookie: str, accept: str) -> str:
    """For someone who has not signed in: their choice, else what the browser prefers."""
    return cookie if cookie in LANGUAGES else accepted(accept)
