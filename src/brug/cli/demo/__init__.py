# SPDX-License-Identifier: EUPL-1.2
"""A node with a fictional campaign, told step by step and checked at each.

The campaign is data (`campaign.toml`, `events.toml`, `series.toml`); `composing` makes
MISP events of it, `rule` says who should see what of it, and `story` puts it into a node
that is really served and asks, as each organisation, what that organisation gets.
"""
