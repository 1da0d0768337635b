# SPDX-License-Identifier: EUPL-1.2
"""What a field of a form would have taken: the engine's words -> sentences for people.

Each stands beside its field, so none names it. What is not here people meet seldom: it is said
in the engine's own words, with the name that the interface has for the field.
"""

import re
from collections.abc import Callable

from brug.web.languages import N_

SENTENCES = {
    "a day such as 2026-01-31": N_("Give a day such as 2026-01-31."),
    "a text such as NL or BE": N_("Give the two letters of a country, such as NL or BE."),
    "a number": N_("Give a whole number."),
    "a UUID": N_("Give a UUID."),
    "one file": N_("Choose one file."),
    "an https address": N_("Give an address that begins with https://."),
    "types of attributes": N_("Give types of attributes, such as domain or ip-dst."),
    "a JSON object": N_("Give a JSON object: names and values within { and }."),
    "the reason, in at most 2000 characters": N_("Give the reason, in at most 2000 characters."),
    "a name of at most 100 characters, not a number": N_(
        "Give a name of at most 100 characters that is not a number."
    ),
    "a package URL, as in pkg:npm/left-pad@1.3.0": N_(
        "Give a package URL, as in pkg:npm/left-pad@1.3.0."
    ),
    "a CPE name with a vendor and a product": N_("Give a CPE name with a vendor and a product."),
    "a purl, a CPE name that names a product, or a vendor and a product": N_(
        "Give a package URL, a CPE name that names a product, or a vendor and a product."
    ),
    "a document, or an address with /native/v1/invitations#token": N_(
        "Give the invitation: its whole document, or its address with /native/v1/invitations#token."
    ),
}
PATTERNS = (
    (re.compile(r"a (?:text|line) of (?:at most|1 to) (?P<most>\d+) characters"),
     N_("Give a text of at most %(most)s characters.")),
    (re.compile(r"JSON: .*", re.DOTALL), N_("This cannot be read as JSON.")),
)  # fmt: skip


def sentence(gettext: Callable[[str], str], expected: str) -> str:
    """Empty where there is none."""
    if expected in SENTENCES:
        return gettext(SENTENCES[expected])
    for pattern, text in PATTERNS:
        if found := pattern.fullmatch(expected):
            return gettext(text) % found.groupdict()
    return ""
