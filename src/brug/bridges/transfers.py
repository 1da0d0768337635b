# SPDX-License-Identifier: EUPL-1.2
"""By which tools personal data may leave for another country, by the regime that knows each.

Articles are those of GDPR (EU) 2016/679 and LED (EU) 2016/680. Which tool it is a person chooses,
and the terms of a bridge say (`terms`).
"""

from typing import Literal

Regime = Literal["gdpr", "led", "none"]

TOOLS: dict[str, tuple[Regime, str]] = {
    "eea": ("gdpr", "no transfer to a third country"),
    "adequacy": ("gdpr", "GDPR art. 45"),
    "public_instrument": ("gdpr", "GDPR art. 46(2)(a)"),
    "bcr": ("gdpr", "GDPR art. 46(2)(b), 47"),
    "scc": ("gdpr", "GDPR art. 46(2)(c)"),
    "code_or_certification": ("gdpr", "GDPR art. 46(2)(e), (f)"),
    "administrative_arrangement": ("gdpr", "GDPR art. 46(3)(b)"),
    "derogation": ("gdpr", "GDPR art. 49"),
    "led_member_state": ("led", "no transfer to a third country"),
    "led_adequacy": ("led", "LED art. 36"),
    "led_safeguards": ("led", "LED art. 37"),
    "led_derogation": ("led", "LED art. 38"),
    "led_direct": ("led", "LED art. 39"),
}
"""Tool -> its regime, and where it stands."""

WITHIN = frozenset({"eea", "led_member_state"})
"""Those that are no transfer to a third country."""
