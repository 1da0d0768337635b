# SPDX-License-Identifier: EUPL-1.2
"""Advisories of others, what organisations run, and which of the first concern the second."""

from brug.web.cases.catalogue import advisories, concerns, products, sources

__all__ = ["advisories", "concerns", "products", "sources"]
