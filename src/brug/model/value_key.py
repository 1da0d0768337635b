# SPDX-License-Identifier: EUPL-1.2
"""The normal form under which values are searched and correlate.

It does not depend on the type: a search has none, and a domain in a `text` is the same
domain. `fold` makes equal what people call equal (case, Unicode composition, punycode and
its script, ways to write an IPv6 address, host bits of a network); `key` is its hash, which
is what the index holds. Folding is for comparing, never for showing or storing.
"""

import ipaddress
import re
from collections.abc import Iterable, Sequence
from hashlib import blake2b
from struct import unpack
from unicodedata import normalize

from brug.model.attribute_types.addresses import ipv6_text
from brug.model.attribute_types.record import Checked

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

# Bounded by ASCII: a combining mark beside it would join with a letter of the decoded label.
_PUNYCODE = re.compile(r"(?<![\w-])(?<![^\0-\x7f])xn--([a-z0-9-]{1,59})(?![\w-])(?![^\0-\x7f])")
_may_be_network = re.compile(r"[0-9a-f:.]{2,45}/[0-9]{1,3}").fullmatch
_may_be_ipv6 = re.compile(r"[0-9a-f:]{2,30}(?:[0-9.]{7,15}|[0-9a-f:]{0,15})").fullmatch
_LONGEST_NETWORK = 49

_ADDRESS_FIRST = frozenset({"ip-src", "ip-dst", "ip-src|port", "ip-dst|port"})
WITH_ADDRESS = _ADDRESS_FIRST | {"domain|ip"}  # the types of which `address` may find one


def fold(text: str) -> str:
    """Equal for values that are to be found and related together; idempotent.

    Case folding makes `ß` and `ss` equal; that costs a rare false relation and never a
    missed one.
    """
    if text.isascii():
        folded = text.lower()
        if "xn--" in folded:
            folded = _without_punycode(folded)
    else:
        folded = _without_punycode(_caseless(text))
    if len(folded) <= _LONGEST_NETWORK and ("/" in folded or ":" in folded):
        return _canonical_address(folded)
    return folded


def key(folded: str) -> int:
    """A signed 64-bit number for the index; a chance pair is expected at 6e9 values."""
    digest = blake2b(folded.encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


def keys(texts: Sequence[str]) -> list[int]:
    """The key of each of many texts, folded; for one after another takes a quarter longer."""
    digests = [blake2b(fold(text).encode(), digest_size=8).digest() for text in texts]
    return list(unpack(f">{len(digests)}q", b"".join(digests)))


def keys_of(checked: Checked) -> tuple[int, int | None]:
    """The keys of both parts; which of them correlate is `correlating_parts`'s to say."""
    second = checked.value2
    return key(fold(checked.value1)), key(fold(second)) if second else None


def address(type_: str, value1: str, value2: str = "") -> str | None:
    """The single address that an attribute names, if it names one."""
    if type_ == "domain|ip":
        return value2
    if type_ in _ADDRESS_FIRST and "/" not in value1:
        return value1
    return None


def network(value: str) -> Network | None:
    """A CIDR's network with its host bits cleared; None for everything else."""
    if "/" not in value or _may_be_network(value.lower()) is None:
        return None
    try:
        return ipaddress.ip_network(value, strict=False)
    except ValueError:
        return None


def containing_networks(address: str, prefix_lengths: Iterable[int]) -> list[str]:
    """The folded networks of these lengths around an address; ask `key` for their keys.

    Lengths that the address's version does not have are left out. Raises ValueError for
    what is no address.
    """
    inner = ipaddress.ip_address(address)
    bits, number = inner.max_prefixlen, int(inner)
    return [
        _network_text(number >> (bits - length) << (bits - length), length, inner.version)
        for length in prefix_lengths
        if 0 <= length <= bits
    ]


def _network_text(number: int, length: int, version: int) -> str:
    base = str(ipaddress.IPv4Address(number)) if version == 4 else ipv6_text(number)
    return base if length == (32 if version == 4 else 128) else f"{base}/{length}"


def _canonical_address(folded: str) -> str:
    if "/" in folded:
        found = network(folded)
        if found is None:
            return folded
        return _network_text(int(found.network_address), found.prefixlen, found.version)
    if ("::" not in folded and folded.count(":") < 6) or _may_be_ipv6(folded) is None:
        return folded
    try:
        return ipv6_text(int(ipaddress.IPv6Address(folded)))
    except ValueError:
        return folded


def _caseless(text: str) -> str:
    """Unicode's canonical caseless match (D145), composed again."""
    return normalize("NFC", normalize("NFD", text).casefold())


def _without_punycode(folded: str) -> str:
    decoded = _PUNYCODE.sub(_in_its_script, folded)
    return folded if decoded == folded else _caseless(decoded)


def _in_its_script(label: re.Match[str]) -> str:
    """Left as it is unless decoding and encoding again gives the same label."""
    try:
        decoded = label[1].encode("ascii").decode("punycode")
        if decoded.isascii() or not decoded.isprintable():
            return label[0]
        if decoded.encode("punycode").decode("ascii") != label[1]:
            return label[0]
    except UnicodeError:
        return label[0]
    return decoded
