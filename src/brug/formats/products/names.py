# SPDX-License-Identifier: EUPL-1.2
"""Names of vendors and products as people write them, brought to one spelling."""

import re
import unicodedata
from functools import lru_cache

_FORMS = re.compile(
    r"[\s,]+(?:incorporated|inc|ltd|limited|llc|gmbh(?:\s*&\s*co\.?\s*kg)?|ag|se|sa|s\.a\.|bv|b\.v\.|"
    r"nv|n\.v\.|corp|corporation|company|co|plc|oy|ab|kg|srl|s\.r\.l\.|spa|s\.p\.a\.)\.?$",
    re.IGNORECASE,
)
_OTHERS = re.compile(r"[^\w]|_")


@lru_cache(maxsize=20_000)
def vendor(text: str) -> str:
    """A vendor's name without its legal form."""
    text = text.strip()
    while (shorter := _FORMS.sub("", text)) != text:
        text = shorter
    return product(text)


@lru_cache(maxsize=20_000)
def product(text: str) -> str:
    """A name without case, accents, space and punctuation."""
    folded = unicodedata.normalize("NFKD", text.casefold())
    return _OTHERS.sub("", "".join(one for one in folded if not unicodedata.combining(one)))
