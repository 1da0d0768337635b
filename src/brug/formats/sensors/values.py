# SPDX-License-Identifier: EUPL-1.2
"""Values as sensors take them: addresses, names and addresses of pages, or nothing.

A value that is not what its type says (a stored one may be old, or from elsewhere) gives "".
"""

import re
from functools import lru_cache
from ipaddress import ip_network
from typing import NamedTuple
from urllib.parse import urlsplit

_OCTET = r"(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)"
_IPV4 = re.compile(rf"{_OCTET}(?:\.{_OCTET}){{3}}", re.ASCII)
_LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_NAME = re.compile(rf"(?=.{{1,230}}\Z)(?:{_LABEL}\.)+[a-z0-9](?:[a-z0-9-]{{0,61}}[a-z0-9])")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


def is_ipv4(value: str) -> bool:
    """Whether a text is an IPv4 address, spelt as usual."""
    return _IPV4.fullmatch(value) is not None


def address(value: str) -> str:
    """An address, or a network in its canonical form (`192.0.2.0/24`)."""
    if is_ipv4(value):
        return value
    try:
        found = ip_network(value.strip(), strict=False)
    except ValueError:
        return ""
    if "%" in value:  # a zone means nothing elsewhere
        return ""
    if found.prefixlen == found.max_prefixlen:
        return str(found.network_address)
    return str(found) if found.prefixlen else ""


def name(value: str) -> str:
    """A host's name in lower case and ASCII, of two labels or more."""
    value = value.strip().rstrip(".").lower()
    if not value.isascii():
        value = _in_ascii(value)
    return value if _NAME.fullmatch(value) else ""


@lru_cache(4_096)
def _in_ascii(value: str) -> str:
    try:
        return value.encode("idna").decode()
    except UnicodeError:
        return ""


class Page(NamedTuple):
    """A URL's host (a name or an address) and what follows it."""

    scheme: str
    host: str
    rest: str


def page(value: str) -> Page | None:
    """A URL taken apart; None for what names no host."""
    text = value.strip()
    if "://" not in text:
        text = "http://" + text
    try:
        parts = urlsplit(text)
        host = (parts.hostname or "").lower()
    except ValueError:
        return None
    host = name(host) or address(host)
    if not host or "/" in host:
        return None
    rest = parts.path + ("?" + parts.query if parts.query else "")
    return Page(parts.scheme.lower(), host, rest)


def port(value: str) -> str:
    """A port, or `any`."""
    found = value.strip()
    if found.isascii() and found.isdigit() and 0 < int(found[:6]) < 65536:
        return str(int(found))
    return "any"


def line(text: str, longest: int = 200) -> str:
    """A text on one line, without control characters."""
    return _CONTROL.sub(" ", text)[:longest]
