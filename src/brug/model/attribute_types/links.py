# SPDX-License-Identifier: EUPL-1.2
"""URLs and links, hardware addresses, onion and AS numbers.

A `url` is any text on one line: malware writes bad ones. A `link` is for people to follow
and must be well formed.
"""

import re

from brug.model.attribute_types import refanging
from brug.model.attribute_types.letters import lower
from brug.model.attribute_types.record import FORMAT, NEW_LINE, Unfit

_HOST = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_AUTHORITY_END = r"(?::[0-9]{1,5})?(?:[/?#][!-~]*)?"
_is_link = re.compile(
    rf"(?i:https?)://(?:[^@/?#\\ ]*@)?"
    rf"(?:{_HOST}(?:\.{_HOST})*\.?|\[[0-9A-Fa-f:.]+\]){_AUTHORITY_END}"
    rf"|(?!(?i:https?):)[A-Za-z][A-Za-z0-9+.-]*://[^/?#\\ ]+{_AUTHORITY_END}"
    r"|(?i:mailto|news|file):[!-~]+",
    re.ASCII,
).fullmatch

_BETWEEN_OCTETS = str.maketrans("", "", ".:- ")
_is_mac = re.compile(r"[0-9a-f]{12}").fullmatch
_is_eui_64 = re.compile(r"[0-9a-f]{16}").fullmatch
_is_onion = re.compile(r"(?:[a-z2-7]{16}|[a-z2-7]{56})\.onion").fullmatch

_is_asn = re.compile(r"0{0,64}[0-9]{1,10}").fullmatch
_is_dotted_asn = re.compile(r"([0-9]{1,10})\.([0-9]{1,10})").fullmatch
_AS = "AS number have to be integer between 1 and 4294967295"


def url(value: str) -> str:
    value = refanging.url(value)
    if "\n" in value:
        raise Unfit(NEW_LINE)
    return value


def link(value: str) -> str:
    value = refanging.url(value)
    if not value.isascii() or _is_link(value) is None:
        raise Unfit(FORMAT)
    return value


def mac_address(value: str) -> str:
    return _octets(_is_mac(lower(value).translate(_BETWEEN_OCTETS)))


def eui_64(value: str) -> str:
    return _octets(_is_eui_64(lower(value).translate(_BETWEEN_OCTETS)))


def _octets(digits: re.Match[str] | None) -> str:
    if digits is None:
        raise Unfit(FORMAT)
    return ":".join(digits[0][at : at + 2] for at in range(0, len(digits[0]), 2))


def onion_address(value: str) -> str:
    value = lower(value)
    if _is_onion(value) is None:
        raise Unfit("Onion address has an invalid format.")
    return value


def as_number(value: str) -> str:
    """`AS64496`, and the dotted form of RFC 5396, become plain digits."""
    if lower(value[:2]) == "as":
        value = value[2:]
    if dotted := _is_dotted_asn(value):
        value = str(int(dotted[1]) * 65536 + int(dotted[2]))
    if value and (_is_asn(value) is None or int(value) > 4294967295):
        raise Unfit(_AS)
    return value
