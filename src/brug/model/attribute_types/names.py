# SPDX-License-Identifier: EUPL-1.2
"""Domain and host names.

Underscores, long labels and hyphens at the ends pass: names are kept as they were seen in
traffic, not as RFC 1035 would like them. International names become punycode (UTS 46).
"""

import re

import idna

from brug.model.attribute_types.addresses import is_ipv4
from brug.model.attribute_types.letters import lower
from brug.model.attribute_types.record import OTHER, Unfit
from brug.model.attribute_types.refanging import dots

DOMAIN = f"Domain has an invalid format. {OTHER}"
HOSTNAME = f"Hostname has an invalid format. {OTHER}"

_LONGEST = 253  # RFC 1035, 3.1; an international name is longer still as punycode

_is_name = re.compile(r"[a-z0-9._-]+\.[a-z0-9-]{2,}").fullmatch
_may_be_ipv4 = re.compile(r"[0-9.]+").fullmatch


def is_name(value: str) -> bool:
    """Lower-case ASCII with a dot and a last label of two characters; no IPv4 address."""
    if _is_name(value) is None:
        return False
    return value[-1] not in "0123456789" or is_ipv4(value) is None


def hostname(value: str) -> str:
    value = lower(dots(value))
    if not is_name(value):
        raise Unfit(HOSTNAME)
    return value


def domain(value: str, text: str = DOMAIN) -> str:
    value = lower(dots(value))
    if not value.isascii():
        value = _ascii(value, text)
    value = value.removesuffix(".")
    if not is_name(value):
        raise Unfit(text)
    return value


def _ascii(value: str, text: str) -> str:
    if len(value) > _LONGEST:  # punycode takes time by the square of the length
        raise Unfit(text)
    try:
        mapped = idna.uts46_remap(value, std3_rules=False, transitional=False)
    except idna.IDNAError:
        raise Unfit(text) from None
    # Label by label and without IDNA 2008's own alphabet: emoji names exist and are resolved.
    return ".".join(
        label if label.isascii() else f"xn--{label.encode('punycode').decode('ascii')}"
        for label in mapped.split(".")
    )
