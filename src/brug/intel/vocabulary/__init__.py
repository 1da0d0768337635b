# SPDX-License-Identifier: EUPL-1.2
"""The words of the field: object templates, galaxies, taxonomies and warninglists.

They come from the packages that their owners publish and are compiled into tables once, by
a short process (`install`); no server process imports those packages or holds the lists.
"""
