# SPDX-License-Identifier: EUPL-1.2
"""Reports: Markdown from outside -> HTML that can do nothing.

Raw HTML is off in the parser, and what comes out passes a sanitiser with a short list all
the same. Links lead to http and https only, and tell the other side nothing; pictures are
not fetched from anywhere: their text is shown.
"""

from functools import lru_cache

import nh3
from markdown_it import MarkdownIt
from markupsafe import Markup

LONGEST = 400_000
SHORT = 2000  # what is rendered of so much is kept
_TAGS = {
    "a", "blockquote", "br", "code", "em", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre",
    "s", "strong", "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
_LOWERED = {"h1": "h3", "h2": "h4", "h3": "h5", "h4": "h6", "h5": "h6", "h6": "h6"}

_parser = MarkdownIt("commonmark", {"html": False, "maxNesting": 20}).enable(
    ["table", "strikethrough"]
).disable("image")  # fmt: skip


def prose(text: str) -> Markup:
    """The rendered text; headings begin below those of the page."""
    return _remembered(text) if len(text) < SHORT else _rendered(text)


def _rendered(text: str) -> Markup:
    tokens = _parser.parse(text[:LONGEST])
    for token in tokens:
        token.tag = _LOWERED.get(token.tag, token.tag)
    rendered = _parser.renderer.render(tokens, _parser.options, {})
    clean = nh3.clean(
        rendered,
        tags=_TAGS,
        attributes={"a": {"href"}},
        url_schemes={"http", "https"},
        link_rel="noopener noreferrer nofollow",
    )
    return Markup(clean)  # noqa: S704 — what nh3 let through


# Messages are shown again with each look at the page of a case.
_remembered = lru_cache(1000)(_rendered)
