# SPDX-License-Identifier: EUPL-1.2
"""Finding attributes, events and objects: filters -> literal SQL with parameters -> records."""
