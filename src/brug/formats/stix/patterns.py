# SPDX-License-Identifier: EUPL-1.2
"""Attribute types -> STIX patterns and observable objects: one table.

Paths and properties as MISP's own converter writes them, so that its reader finds them.
STIX 2.1, section 9 (patterning) and 6 (observable objects).
"""

import re
from collections.abc import Callable
from ipaddress import ip_address, ip_network
from typing import Any, NamedTuple

from brug.formats.sensors import values

Json = dict[str, Any]


def literal(value: str) -> str:
    """A text in a pattern, with its quotes."""
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


def address_type(value: str) -> str:
    """`ipv4-addr` or `ipv6-addr`; "" for no address."""
    if values.is_ipv4(value):
        return "ipv4-addr"
    try:
        return f"ipv{ip_network(value, strict=False).version}-addr"
    except ValueError:
        return ""


class Kind(NamedTuple):
    """How a type is written: as a comparison, and as what was observed ("" and None: not)."""

    pattern: Callable[[str, str], str]
    observed: Callable[[str, str], Json | None] = lambda _first, _second: None


def _path(path: str) -> Callable[[str, str], str]:
    return lambda first, _: f"{path} = {literal(first)}"


def _plain(kind: str, field: str = "value", fits: Callable[[str], Any] = bool) -> Kind:
    """What does not fit the property is no observable object; a pattern takes any text."""
    return Kind(
        _path(f"{kind}:{field}"),
        lambda first, _: {"type": kind, field: first} if fits(first) else None,
    )


def _traffic(side: str) -> Callable[[str, str], str]:
    def write(first: str, second: str) -> str:
        kind = address_type(first)
        if not kind:
            return ""
        text = (
            f"network-traffic:{side}_ref.type = '{kind}'"
            f" AND network-traffic:{side}_ref.value = {literal(first)}"
        )
        if second.isascii() and second.isdigit():
            text += f" AND network-traffic:{side}_port = {int(second[:6])}"
        return text

    return write


def _address(first: str, _: str) -> Json | None:
    kind = address_type(first)
    return {"type": kind, "value": first} if kind else None


_HASHES = {
    "md5": "MD5", "sha1": "SHA-1", "sha256": "SHA-256", "sha512": "SHA-512",
    "sha3-256": "SHA3-256", "sha3-512": "SHA3-512", "ssdeep": "SSDEEP", "tlsh": "TLSH",
}  # fmt: skip


_SHAPES = {
    name: re.compile(rf"[0-9a-fA-F]{{{digits}}}")
    for name, digits in {
        "MD5": 32, "SHA-1": 40, "SHA-256": 64, "SHA-512": 128, "SHA3-256": 64, "SHA3-512": 128,
    }.items()
} | {
    "SSDEEP": re.compile(r"\d{1,9}:[A-Za-z0-9/+]{1,70}:[A-Za-z0-9/+]{1,70}", re.ASCII),
    "TLSH": re.compile(r"(?:T1)?[0-9a-fA-F]{70}"),
}  # fmt: skip


def _is_hash(name: str, value: str) -> bool:
    return _SHAPES[name].fullmatch(value) is not None


def _hash(name: str) -> Kind:
    def pattern(first: str, _: str) -> str:
        path = f"file:hashes.{_named(name)}"
        return f"{path} = {literal(first)}" if _is_hash(name, first) else ""

    def observed(first: str, _: str) -> Json | None:
        return {"type": "file", "hashes": {name: first}} if _is_hash(name, first) else None

    return Kind(pattern, observed)


def _named(name: str) -> str:
    return name if name.isalnum() else f"'{name}'"


def _hash_of_name(name: str) -> Kind:
    def pattern(first: str, second: str) -> str:
        by_hash = _hash(name).pattern(second, "")
        return f"file:name = {literal(first)} AND {by_hash}" if by_hash else ""

    def observed(first: str, second: str) -> Json | None:
        by_hash = _hash(name).observed(second, "")
        return by_hash | {"name": first} if first and by_hash else None

    return Kind(pattern, observed)


def _domain_ip(first: str, second: str) -> str:
    return (
        f"domain-name:value = {literal(first)}"
        f" AND domain-name:resolves_to_refs[*].value = {literal(second)}"
    )


def _as(first: str, _: str) -> str:
    number = first.upper().removeprefix("AS").strip()
    is_number = number.isascii() and number.isdigit()
    return f"autonomous-system:number = {int(number[:10])}" if is_number else ""


def _is_address(value: str) -> bool:
    try:
        ip_address(value)
    except ValueError:
        return False
    return True


_EMAIL = re.compile(r"[a-zA-Z0-9_.+-]+@[a-zA-Z0-9-]+\.[a-zA-Z0-9.-]+")
_URL = re.compile(r"[a-z][a-z0-9+.-]*://[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]+")


def _is_url(value: str) -> bool:
    return _URL.fullmatch(value) is not None and values.page(value) is not None


_IP_SRC, _IP_DST = Kind(_traffic("src"), _address), Kind(_traffic("dst"), _address)
_DOMAIN = _plain("domain-name", fits=values.name)
_PAGE = _plain("url", fits=_is_url)
_MAILBOX = _plain("email-addr", fits=_EMAIL.fullmatch)
KINDS: dict[str, Kind] = {
    "ip-src": _IP_SRC, "ip-dst": _IP_DST, "ip-src|port": _IP_SRC, "ip-dst|port": _IP_DST,
    "domain": _DOMAIN, "hostname": _DOMAIN,
    "domain|ip": Kind(lambda a, b: _domain_ip(a, b) if _is_address(b) else ""),
    "hostname|port": Kind(_path("domain-name:value")),
    "url": _PAGE, "uri": _PAGE, "link": _PAGE,
    "email": _MAILBOX,
    "email-src": Kind(_path("email-message:from_ref.value"), _MAILBOX.observed),
    "email-dst": Kind(_path("email-message:to_refs[*].value"), _MAILBOX.observed),
    "email-subject": Kind(_path("email-message:subject")),
    "email-attachment": Kind(_path("email-message:body_multipart[*].body_raw_ref.name")),
    "filename": _plain("file", "name"),
    "mutex": _plain("mutex", "name"),
    "regkey": _plain("windows-registry-key", "key"),
    "mac-address": Kind(_path("mac-addr:value")),
    "user-agent": Kind(
        _path("network-traffic:extensions.'http-request-ext'.request_header.'User-Agent'")
    ),
    "AS": Kind(_as),
} | {name: _hash(named) for name, named in _HASHES.items()} | {
    f"filename|{name}": _hash_of_name(named) for name, named in _HASHES.items()
}  # fmt: skip


def pattern(kind: str, first: str, second: str) -> str:
    """The pattern of an attribute; "" where its type has none."""
    known = KINDS.get(kind)
    found = known.pattern(first, second) if known and first else ""
    return f"[{found}]" if found else ""


def observed(kind: str, first: str, second: str) -> Json | None:
    """The observable object of an attribute, without its id; None where its type has none."""
    known = KINDS.get(kind)
    return known.observed(first, second) if known and first else None
