# SPDX-License-Identifier: EUPL-1.2
"""Whether a document is a web page: what a server answers instead of a list of values.

A page to sign in, a captcha, an error with status 200: each is full of links, none of which is
what somebody warns of. Some servers call a plain list `text/html`, as that is what they say of
everything; so what it is called makes a page only of what holds an element of one.
"""

import codecs
import html
import re
from contextlib import suppress

_LOOKED_AT = 65_536
_TITLE = 100
_HTML = frozenset({"text/html", "application/xhtml+xml"})
_ELEMENT = "html|head|body|title|meta|link|script|style|form|iframe|frameset|noscript|base"
# What may stand before a page begins.
_before = re.compile(r"(?:\s+|<\?xml[^>]{0,500}>|<!--.*?-->)*", re.DOTALL)
_begins = re.compile(rf"<!doctype\s+html\b|<(?:{_ELEMENT})\b[^<]*>", re.IGNORECASE)
_holds = re.compile(rf"<!doctype\s+html\b|</?(?:{_ELEMENT})\b[^<]*>", re.IGNORECASE)
_begins_with_any = re.compile(r"<[a-z][a-z0-9]*\b[^<]*>", re.IGNORECASE)
_title = re.compile(r"<title\b[^<>]*>([^<]*)</title", re.IGNORECASE)


def is_page(content: bytes, media_type: str = "") -> bool:
    """`media_type` is what the server calls it, where one answered; parameters are left."""
    text = _start(content)
    place = _before.match(text)
    rest = text[place.end() :] if place else text
    if _begins.match(rest):
        return True
    is_called_so = media_type.partition(";")[0].strip().lower() in _HTML
    return is_called_so and bool(_begins_with_any.match(rest) or _holds.search(rest))


def title_of(content: bytes) -> str:
    """What a page is called, in one line; empty where it is called nothing."""
    found = _title.search(_start(content))
    return " ".join(html.unescape(found[1]).split())[:_TITLE] if found else ""


def _start(content: bytes) -> str:
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return content[:_LOOKED_AT].decode("utf-16", "replace")
    start = content[:_LOOKED_AT].removeprefix(codecs.BOM_UTF8)
    with suppress(UnicodeDecodeError):  # a character may be cut where the start ends
        return codecs.getincrementaldecoder("utf-8")().decode(start)
    return start.decode("latin-1")
