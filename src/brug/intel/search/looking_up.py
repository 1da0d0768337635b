# SPDX-License-Identifier: EUPL-1.2
"""Is this value known, and is it an indicator at all? One answer a value, for people.

Beside the exact hits: the networks around an address and what lies inside a network. Those
are not in MISP's searches, so only Brug's own command line and pages show them.
"""

from collections.abc import Sequence
from ipaddress import ip_address

import msgspec

from brug.intel.correlating.probing import SHORTEST
from brug.intel.search import attributes
from brug.intel.search.attributes import Found
from brug.intel.search.filters import Filters
from brug.intel.search.fragments import Fragment
from brug.intel.search.terms import Terms
from brug.intel.vocabulary.matching import check_values
from brug.model.errors import Invalid
from brug.model.value_key import containing_networks, network
from brug.store.session import Session

LISTED = 100


class Known(msgspec.Struct):
    """What is known of a value. `more` says that there are more hits than are listed."""

    value: str
    known: bool
    false_positive: list[str]
    hits: list[Found]
    more: bool
    networks: list[Found]


def look_up(session: Session, values: Sequence[str]) -> list[Known]:
    """In the order asked; `%` in a value stands for any text."""
    lists = check_values(session, [value.strip() for value in values])
    found = []
    for value in values:
        text = value.strip()
        if not text:
            raise Invalid("value", "a value")
        hits, more = attributes.find(session, Filters(value=Terms(any=(text,)), limit=LISTED))
        on = sorted({hit.name for hit in lists.get(text, [])})
        near = _around(session, text) or _inside(session, text)
        found.append(Known(text, bool(hits), on, hits, more, near))
    return found


def _around(session: Session, text: str) -> list[Found]:
    """Networks that contain an address."""
    try:
        version = ip_address(text).version
    except ValueError:
        return []
    lengths = [
        length
        for number, length in session.all("SELECT version, length FROM network_length")
        if number == version
    ]
    networks = containing_networks(text, lengths)
    if not networks:
        return []
    asked = Filters(value=Terms(any=tuple(networks)), limit=LISTED)
    return attributes.find(session, asked)[0]


def _inside(session: Session, text: str) -> list[Found]:
    """Addresses that a network contains; of the widest networks they are not listed."""
    net = network(text)
    if net is None or net.prefixlen < SHORTEST[net.version]:
        return []
    within = Fragment(
        "a.ip >= %s::inet AND a.ip <= %s::inet AND NOT a.deleted", (str(net[0]), str(net[-1]))
    )
    return attributes.where(session, within, LISTED)
