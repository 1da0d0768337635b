# SPDX-License-Identifier: EUPL-1.2
"""Where advisories of others come from by themselves: providers, ROLIE feeds, folders with lists.

Requests leave through the node's one client (`brug.edge.outgoing`), conditional and only for
what a list says is new.
"""
