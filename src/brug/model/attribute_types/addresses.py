# SPDX-License-Identifier: EUPL-1.2
"""IP addresses and networks as canonical text (RFC 5952).

Zone ids, brackets, ports, leading zeros and dotted netmasks are refused, not repaired.
"""

import ipaddress
import re

from brug.model.attribute_types.record import ADDRESS, CIDR, CIDR_4, CIDR_6, Unfit
from brug.model.attribute_types.refanging import dots

_OCTET = "(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
is_ipv4 = re.compile(rf"{_OCTET}(?:\.{_OCTET}){{3}}").fullmatch
_may_be_ipv6 = re.compile(r"[0-9A-Fa-f:.]{2,45}").fullmatch
_is_length = re.compile(r"[0-9]{1,3}").fullmatch

_MAPPED = 0xFFFF << 32


def ipv6_text(number: int) -> str:
    """Mapped and compatible addresses keep their dotted end (RFC 5952, 5), as inet_ntop does."""
    if number >> 32 == 0xFFFF:
        return f"::ffff:{ipaddress.IPv4Address(number - _MAPPED)}"
    if 0xFFFF < number < 1 << 32:
        return f"::{ipaddress.IPv4Address(number)}"
    return ipaddress.IPv6Address(number).compressed


def _ipv6(value: str) -> str | None:
    if ":" not in value or _may_be_ipv6(value) is None:
        return None
    try:
        return ipv6_text(int(ipaddress.IPv6Address(value)))
    except ValueError:
        return None


def single_address(value: str) -> str:
    """One address; a mask that names exactly one address is cut off."""
    if is_ipv4(value):
        return value
    if value.endswith("/32") and is_ipv4(value[:-3]):
        return value[:-3]
    return _address(value.removesuffix("/128"))


def address_or_network(value: str) -> str:
    """An address or CIDR; the host part of a CIDR stays as it was written."""
    if is_ipv4(value):
        return value
    value = dots(value)
    if "/" in value:
        return _network(value)
    return _address(value)


def _address(value: str) -> str:
    if is_ipv4(value):
        return value
    text = _ipv6(value)
    if text is None:
        raise Unfit(ADDRESS)
    return text


def _network(value: str) -> str:
    address, _, length = value.partition("/")
    if _is_length(length) is None:
        raise Unfit(CIDR)
    bits = int(length)
    if is_ipv4(address):
        if bits > 32:
            raise Unfit(CIDR_4)
        return address if bits == 32 else f"{address}/{bits}"
    text = _ipv6(address)
    if text is None:
        raise Unfit(ADDRESS)
    if bits > 128:
        raise Unfit(CIDR_6)
    return text if bits == 128 else f"{text}/{bits}"
