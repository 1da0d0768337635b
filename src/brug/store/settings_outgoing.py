# SPDX-License-Identifier: EUPL-1.2
"""Settings of requests that leave the node; part of the registry in `settings_table`."""

import re
from ipaddress import ip_network

from brug.store.setting import Setting

_HOST = re.compile(r"[A-Za-z0-9:][A-Za-z0-9.:_-]{0,252}")


def network(text: str) -> str | None:
    """What was expected, where a text is none."""
    try:
        ip_network(text, strict=False)
    except ValueError:
        return "an address or network, such as 192.0.2.0/24"
    return None


def _host(text: str) -> str | None:
    return None if not text or _HOST.fullmatch(text) else "a host name or address"


def _place(text: str) -> str | None:
    fine = _HOST.fullmatch(text.removeprefix(".")) or network(text) is None
    return None if fine else "host names, addresses or networks"


OUTGOING: tuple[Setting, ...] = (
    Setting(
        "outgoing.private_networks", "list", [],
        "Private or loopback networks that requests of the node may go to: where partners or "
        "feeds are that are not on the public internet.",
        check=network,
    ),
    Setting(
        "outgoing.proxy_host", "text", "",
        "HTTP proxy that requests of the node go through; empty: none. Partners and servers may "
        "have another, or none. Proxies that the environment names are never used.",
        misp=("Proxy.host",), check=_host,
    ),
    Setting(
        "outgoing.proxy_port", "number", 3128, "Port of that proxy.",
        misp=("Proxy.port",), low=1, high=65_535,
    ),
    Setting(
        "outgoing.proxy_tls", "flag", False, "Whether that proxy itself is spoken to over TLS.",
    ),
    Setting(
        "outgoing.proxy_user", "text", "",
        "User at that proxy (Basic authentication); empty: none is needed.",
        misp=("Proxy.user",),
    ),
    Setting(
        "outgoing.proxy_password", "secret", "", "Password of that user.",
        misp=("Proxy.password",),
    ),
    Setting(
        "outgoing.proxy_except", "list", [],
        "What is reached without that proxy: names, each with all names below it, addresses and "
        "networks.",
        check=_place,
    ),
)  # fmt: skip
