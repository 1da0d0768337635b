# SPDX-License-Identifier: EUPL-1.2
"""MISP's REST interface: one table of endpoints, served at the root of the node."""
