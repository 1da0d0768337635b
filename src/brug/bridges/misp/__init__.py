# SPDX-License-Identifier: EUPL-1.2
"""Pulling from and pushing to servers that speak MISP's REST interface, as a stock MISP 2.5 does.

The order of requests, their bodies and what each answer means follow what two stock servers
say to each other (docs/reference/misp-synchronisation.md).
"""
