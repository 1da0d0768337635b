# SPDX-License-Identifier: EUPL-1.2
"""Characters that turn round the text after them, up to the end of its paragraph.

Embeddings, overrides and isolates of Unicode's bidirectional algorithm (UAX 9): a title with one
would have what stands beside it read backwards. They are shown instead of obeyed, by their number,
as a terminal shows what it cannot print.
"""

import re

SIGNS = tuple(map(chr, (*range(0x202A, 0x202F), *range(0x2066, 0x206A))))
TURNS = re.compile(f"[{''.join(SIGNS)}]")
# Of a page: tags, what is typed in fields of several lines, and what turns round.
_PIECES = re.compile(f"<textarea\\b.*?</textarea>|<[^>]*>|{TURNS.pattern}", re.DOTALL)


def shown(text: str) -> str:
    """A text that turns nothing round."""
    return TURNS.sub(lambda found: f"<{ord(found[0]):04x}>", text)


def shown_in_page(html: str) -> str:
    """HTML of which no text turns round another; what fields hold is sent back as it is."""
    if not any(sign in html for sign in SIGNS):  # many times faster than to look by a pattern
        return html
    return _PIECES.sub(
        lambda found: found[0] if found[0][0] == "<" else f"&lt;{ord(found[0]):04x}&gt;", html
    )
