# SPDX-License-Identifier: EUPL-1.2
"""A web page -> its text, for people to read and values to be looked for in.

Markup is taken out, what it held in scripts and styles too; nothing is fetched.
"""

import html
import re

import nh3

_BLOCKS = re.compile(
    r"<(/?(?:p|div|section|article|li|ul|ol|tr|table|h[1-6]|blockquote|pre)|br)\b[^>]*>",
    re.IGNORECASE,
)
_TITLE = re.compile(r"<title[^>]*>([^<]{1,1000})</title>", re.IGNORECASE)


def title_of(page: str) -> str:
    """What a page calls itself, on one line; empty where it does not."""
    found = _TITLE.search(page[:100_000])
    return " ".join(html.unescape(found[1]).split()) if found else ""


def text_of(page: str) -> str:
    """The text of a page, a line for each block."""
    broken = _BLOCKS.sub("\n", page)
    dropped = {"script", "style", "head", "template", "noscript"}
    plain = html.unescape(nh3.clean(broken, tags=set(), clean_content_tags=dropped))
    lines = (" ".join(line.split()) for line in plain.splitlines())
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
