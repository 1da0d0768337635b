# SPDX-License-Identifier: EUPL-1.2
"""Tags, taxonomies, galaxies, lists, templates, decaying models."""
