# SPDX-License-Identifier: EUPL-1.2
"""Ports, and the composites of an address or name with a port or an address."""

import re

from brug.model.attribute_types.addresses import single_address
from brug.model.attribute_types.letters import lower
from brug.model.attribute_types.names import domain, is_name
from brug.model.attribute_types.record import COMPOSITE, PORT, Unfit
from brug.model.attribute_types.refanging import dots

_is_number = re.compile(r"0{0,64}[0-9]{1,5}").fullmatch
_BRACKETED = re.compile(r"\[([^\]]*)\]:(.*)", re.DOTALL)
_PORT_MARK = re.compile(r" port |[.p#]")


def port(value: str) -> str:
    if _is_number(value) is None or not 1 <= int(value) <= 65535:
        raise Unfit(PORT)
    return value


def ip_and_port(value: str) -> tuple[str, str]:
    """`192.0.2.1:80`, `[2001:db8::1]:80`, `2001:db8::1.80`; the rest after a second bar is cut."""
    address, number = _address_and_port(value)
    return single_address(address), port(number)


def _address_and_port(value: str) -> tuple[str, str]:
    if "|" in value:
        address, _, rest = value.partition("|")
        return address, rest.partition("|")[0]
    if value.count(":") == 1:
        address, _, number = value.partition(":")
        return address, number
    if bracketed := _BRACKETED.fullmatch(value):
        return bracketed[1], bracketed[2]
    if ":" in value and len(parts := _PORT_MARK.split(value)) == 2:
        return parts[0], parts[1]
    raise Unfit(COMPOSITE)


def host_and_port(value: str) -> tuple[str, str]:
    host, bar, number = lower(value).replace(":", "|").partition("|")
    if not bar or "|" in number:
        raise Unfit(COMPOSITE)
    if not is_name(host):
        raise Unfit("Hostname has an invalid format.")
    return host, port(number)


def domain_and_ip(value: str) -> tuple[str, str]:
    if "|" not in value:
        raise Unfit(COMPOSITE)
    name, address = dots(value).split("|")[:2]
    return domain(name, "Domain has an invalid format."), single_address(address)
