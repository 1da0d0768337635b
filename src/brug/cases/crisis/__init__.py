# SPDX-License-Identifier: EUPL-1.2
"""Leading a crisis: levels with their sources, decisions, who has read what, situation reports."""
