# SPDX-License-Identifier: EUPL-1.2
"""What a worker process holds while it answers: the pool, its threads, the node's settings.

Requests run in threads, one for each database connection; the event loop moves bytes only.
Settings that concern the border are read again when they are some seconds old, so that a
change holds on every worker without a restart.
"""

import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Any

from brug.edge.exports import Exports
from brug.store import settings
from brug.store.principal import Principal
from brug.store.session import Database
from brug.store.settings_table import SETTINGS

FRESH_SECONDS = 5.0


class Node:
    """One per worker process."""

    def __init__(self, database: Database, threads: int) -> None:
        self.database = database
        self.threads = ThreadPoolExecutor(threads, thread_name_prefix="brug")
        self._settings: Mapping[str, Any] = {}
        self._read_at = -FRESH_SECONDS
        self.exports = Exports(
            lambda: int(self.setting("limits.exports_at_once")),
            lambda: int(self.setting("limits.export_bytes")),
        )
        # Told that somebody looks at an event, by its id; whoever builds the application
        # says what comes of it.
        self.opened: Callable[[int, Principal], None] = nothing
        self.closing: list[Callable[[], None]] = [database.close, self.threads.shutdown]

    def setting(self, name: str) -> Any:
        """The value of a setting, at most FRESH_SECONDS old. Blocks: call it in a thread."""
        now = time.monotonic()
        if now - self._read_at > FRESH_SECONDS:
            with self.database.system() as session:
                self._settings = dict(settings.all_settings(session))
            self._read_at = now
        return self._settings[name]

    def last_known(self, name: str) -> Any:
        """A setting as it was read last, or its default. Does not block."""
        return self._settings.get(name, SETTINGS[name].default)

    def address(self, peer: str, forwarded_for: str | None) -> str:
        """The client's address: the peer's, or what a trusted proxy says.

        From the right of X-Forwarded-For, the first address that is not itself a trusted
        proxy: what stands left of it was written by whoever sent the request.
        """
        peer = _unmapped(peer)
        if not forwarded_for:
            return peer
        trusted = self._trusted()
        hops = [*(part.strip() for part in forwarded_for.split(",")), peer]
        for hop in reversed(hops):
            try:
                address = ip_address(hop)
            except ValueError:
                break
            if not any(address in network for network in trusted):
                return hop
        return peer

    def is_secure(self, peer: str, scheme: str, forwarded_proto: str | None) -> bool:
        """Whether the browser speaks https: to us, or to a trusted proxy that says so."""
        if scheme == "https" or not forwarded_proto:
            return scheme == "https"
        try:
            address = ip_address(_unmapped(peer))
        except ValueError:
            return False
        trusted = any(address in network for network in self._trusted())
        return trusted and forwarded_proto.split(",")[-1].strip().lower() == "https"

    def _trusted(self) -> list[IPv4Network | IPv6Network]:
        return [ip_network(n, strict=False) for n in self.setting("web.trusted_proxies")]

    def close(self) -> None:
        for close in self.closing:
            close()


def nothing(_: int, __: Principal) -> None:
    """Nobody asked to be told."""


def _unmapped(peer: str) -> str:
    """The IPv4 address of a client that an IPv6 socket gives as `::ffff:192.0.2.1`."""
    try:
        mapped = getattr(ip_address(peer), "ipv4_mapped", None)
    except ValueError:
        return peer
    return str(mapped) if mapped else peer
