# SPDX-License-Identifier: EUPL-1.2
"""Regular expressions of administrators: what exports leave out, what values are made of."""
