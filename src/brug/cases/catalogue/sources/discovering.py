# SPDX-License-Identifier: EUPL-1.2
"""A domain -> its provider-metadata.json, in the order of CSAF 2.0, section 7.3.1. Pure.

The well-known address and the `CSAF` lines of security.txt are both looked at; the DNS path only
where neither leads anywhere. Whoever asks is given as a function, so nothing is asked here.
"""

import re
from collections.abc import Callable, Iterator

from brug.cases.catalogue.sources.provider import Metadata, read
from brug.model.errors import Invalid

Get = Callable[[str], bytes | None]
"""What is at an address; None where nothing is, or nobody answers."""
MOST_LINES, MOST_FIELDS = 2000, 10
_FIELD = re.compile(r"csaf:\s*(https://\S+)\s*", re.IGNORECASE)


class NoProvider(Invalid):
    """A domain that names no provider of advisories; `tried` is where it was looked for."""

    code = "no_provider"

    def __init__(self, domain: str, tried: list[str]) -> None:
        self.tried = tried
        super().__init__("url", f"a provider's metadata at one of: {', '.join(tried)}", domain)


def well_known(domain: str) -> str:
    return f"https://{domain}/.well-known/csaf/provider-metadata.json"


def security_txt(domain: str) -> str:
    return f"https://{domain}/.well-known/security.txt"


def dns(domain: str) -> str:
    return f"https://csaf.data.security.{domain}/"


def discovered(domain: str, get: Get) -> tuple[str, Metadata]:
    """The address of the metadata, and what it says. Raises NoProvider."""
    tried: list[str] = []
    found: list[tuple[str, Metadata]] = []
    for url in _direct(domain, get, tried):
        found += _read(url, get, tried)
    if not found:
        found += _read(dns(domain), get, tried)
    if not found:
        raise NoProvider(domain, tried)
    return found[0]


def _direct(domain: str, get: Get, tried: list[str]) -> Iterator[str]:
    yield well_known(domain)
    text = None
    for url in (security_txt(domain), f"https://{domain}/security.txt"):
        tried.append(url)
        text = get(url)
        if text is not None:
            break
    yield from (one for one in csaf_fields(text or b"") if one != well_known(domain))


def csaf_fields(text: bytes) -> list[str]:
    """The addresses that security.txt names (requirement 8), each once."""
    lines = text[: MOST_LINES * 200].decode("utf-8", "replace").splitlines()[:MOST_LINES]
    found = [match[1] for line in lines if (match := _FIELD.fullmatch(line.strip()))]
    return list(dict.fromkeys(found))[:MOST_FIELDS]


def _read(url: str, get: Get, tried: list[str]) -> Iterator[tuple[str, Metadata]]:
    tried.append(url)
    raw = get(url)
    if raw is None:
        return
    try:
        yield url, read(raw)
    except Invalid:
        return
