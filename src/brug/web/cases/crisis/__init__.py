# SPDX-License-Identifier: EUPL-1.2
"""Pages of how severe an incident is, and of leading a crisis: one each, beside the case's."""

from brug.web.cases.crisis import decisions, levels, reading, severity, situation

__all__ = ["decisions", "levels", "reading", "severity", "situation"]
