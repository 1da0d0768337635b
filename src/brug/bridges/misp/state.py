# SPDX-License-Identifier: EUPL-1.2
"""A pull or a push on its way: with whom, as whom, and what came of it so far.

What the modules of a direction share; how it is done they say themselves.
"""

from collections.abc import Callable

import msgspec

from brug.bridges.misp.asking import Link
from brug.bridges.misp.report import Report
from brug.bridges.partners import BridgeRow
from brug.directory.servers import Server
from brug.store.session import Database


class Pull(msgspec.Struct):
    """What is taken from a server, as the account of our own organisation."""

    database: Database
    server: Server
    link: Link
    account_id: int
    report: Report
    going_on: Callable[[], None]  # raises where this run is somebody else's by now
    unanswered: int = 0  # in a row


class Pushable(msgspec.Struct, frozen=True):
    """An event that could go: what rules and the other side look at."""

    event_id: int
    uuid: str
    timestamp: int
    orgc_id: int
    orgc_uuid: str
    sighting_timestamp: int
    tag_ids: list[int]  # local ones, too


class Push(msgspec.Struct):
    """What is brought to a server, read as the account of the other side's organisation."""

    database: Database
    server: Server
    link: Link
    account_id: int  # the other side's
    own_account_id: int
    report: Report
    going_on: Callable[[], None]
    bridge: BridgeRow | None = None
    unanswered: int = 0  # in a row
    is_alone: bool = False  # one event is the whole run: it is tried again as such
