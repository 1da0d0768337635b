# SPDX-License-Identifier: EUPL-1.2
"""The one client for requests that leave the node.

A name is resolved once, every address of it is looked at, and the connection goes to the
address that was looked at. Private, loopback, link-local and otherwise special addresses
are refused, also where they hide in an IPv6 address, unless the setting
`outgoing.private_networks` lists them. Redirects are followed a few times, each looked at
like the first; what the asker's own headers say, credentials above all, stays with the host
and port that it is for, as does a client certificate. Time and size are limited as a whole.

Through a proxy the node neither looks the name up nor connects to it: the proxy is told the
name (CONNECT for https), and its rules say what may be reached. A proxy is an administrator's
choice, so it may stand on a private network. The environment's proxies are ignored.
"""

import socket
import ssl
import time
from collections.abc import Mapping, Sequence
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any
from urllib.parse import SplitResult, urljoin, urlsplit

import httpx
import msgspec

from brug.directory import routes
from brug.directory.routes import Route
from brug.edge import hurrying
from brug.edge.decoding import unzip
from brug.model.errors import BrugError

Address = IPv4Address | IPv6Address
REDIRECTS = 5
_NAT64 = IPv6Network("64:ff9b::/96")
_PORTS = {"http": 80, "https": 443}
_PROXY_WANTS_LOGIN = 407
_MOVED = frozenset({301, 302, 303, 307, 308})
# Where nothing is encrypted the library would make one for each request, which takes longer
# than the request.
_UNUSED = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
# What may be told to whomever a redirect leads to; any other header may hold a key.
_TOLD_ANYONE = frozenset(
    {
        "accept", "accept-encoding", "user-agent", "content-type", "content-encoding",
        "if-none-match", "if-modified-since",
    }
)  # fmt: skip


class NotReached(BrugError):
    """No answer came: wrong address, refused, closed, too slow, too large."""

    code = "not_reached"
    status = 502
    public = "The other side could not be reached."


class NotAllowed(NotReached):
    """The address is not one that this node may ask."""

    code = "not_allowed_out"
    public = "This address may not be asked (setting outgoing.private_networks)."


class Fetched(msgspec.Struct):
    """An answer; `url` is where it came from after redirects."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str


class Limits(msgspec.Struct, frozen=True):
    """How long and how much as a whole, and which private networks are allowed."""

    seconds: float = 30.0
    body_bytes: int = 32 * 2**20
    networks: Sequence[str] = ()


def fetch(
    method: str,
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    body: bytes = b"",
    limits: Limits | None = None,
    route: Route | None = None,
    follow: bool = True,
    stay: bool = False,
) -> Fetched:
    """One request and its answer, whatever its status. Raises NotReached, NotAllowed.

    `route` is the proxy, whom to trust, and the certificate to show; `follow` is whether the
    answer may lead elsewhere, where the body would then go, too; with `stay` no further than
    to the same host and port.
    """
    limits, route = limits or Limits(), route or Route()
    deadline = time.monotonic() + limits.seconds
    sent = dict(headers or {})
    for _ in range(REDIRECTS + 1):
        parts = _parts(url)
        answer = _once(method, parts, sent, body, _Way(deadline, limits, route))
        location = answer.headers.get("location")
        if answer.status not in _MOVED or not location or not follow:
            return answer
        url = urljoin(url, location)
        if _origin(_parts(url)) != _origin(parts):
            if stay:
                raise NotReached(f"{parts.geturl()[:200]} leads to another host or port")
            sent = {k: v for k, v in sent.items() if k.lower() in _TOLD_ANYONE}
            route = route.elsewhere()
    raise NotReached(f"more than {REDIRECTS} redirects from {url[:200]!r}")


class _Way(msgspec.Struct, frozen=True):
    deadline: float
    limits: Limits
    route: Route

    def left(self) -> float:
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise NotReached(f"took longer than {self.limits.seconds} s")
        return left


def _parts(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        fine = parts.scheme in _PORTS and parts.hostname and not parts.username
        _ = parts.port
    except ValueError:
        fine = False
    if not fine:
        raise NotAllowed(f"{url[:200]!r} is no http or https address")
    return parts


def _origin(parts: SplitResult) -> tuple[str, str, int]:
    return parts.scheme, parts.hostname or "", parts.port or _PORTS[parts.scheme]


def _once(
    method: str, parts: SplitResult, headers: Mapping[str, str], body: bytes, way: _Way
) -> Fetched:
    sent = {"Accept-Encoding": "gzip", **headers, "Host": parts.netloc}
    try:
        connecting = _through(parts, way) if way.route.proxy else _straight(parts, way)
        with (
            httpx.Client(
                verify=way.route.context() if parts.scheme == "https" else _UNUSED,
                trust_env=False, timeout=way.left(), proxy=connecting.proxy,
            ) as client,
            client.stream(
                method, connecting.target, headers=sent, content=body or None,
                extensions=connecting.extensions | {"trace": hurrying.within(way.left)},
            ) as answer,
        ):  # fmt: skip
            content = _content(answer, way)
    except (httpx.HTTPError, httpx.InvalidURL, ssl.SSLError, OSError) as error:
        raise NotReached(f"{parts.geturl()[:200]}: {_why(error, way.route)}") from error
    if answer.status_code == _PROXY_WANTS_LOGIN and way.route.proxy:
        raise NotReached(f"{parts.geturl()[:200]}: {_told_by(way.route)}: 407, it wants a login")
    found = {name.lower(): value for name, value in answer.headers.items()}
    if found.get("content-encoding", "").lower() in {"gzip", "x-gzip"}:
        content = unzip(content, way.limits.body_bytes)
    return Fetched(answer.status_code, found, content, parts.geturl())


class _Connecting(msgspec.Struct, frozen=True):
    """Where the connection goes, and what else the library is to know of it."""

    target: httpx.URL
    extensions: dict[str, Any]
    proxy: httpx.Proxy | None = None


def _straight(parts: SplitResult, way: _Way) -> _Connecting:
    """To the address that was looked at, by the name that was asked for."""
    scheme, host, port = _origin(parts)
    target = _at(parts, str(resolved(host, port, way.limits.networks)), port)
    return _Connecting(target, {"sni_hostname": host} if scheme == "https" else {})


def _through(parts: SplitResult, way: _Way) -> _Connecting:
    """To the proxy, which is told the name."""
    target = _at(parts, *_origin(parts)[1:])
    proxy = urlsplit(way.route.proxy)
    scheme, host, port = _origin(proxy)
    place = httpx.URL(scheme=scheme, host=str(_proxy_address(host, port)), port=port)
    tls = ssl.create_default_context() if scheme == "https" else None
    login = routes.login_of(way.route.proxy)
    # The name is the proxy's own: that of the host is told within the tunnel.
    extensions = {"sni_hostname": host} if tls else {}
    return _Connecting(target, extensions, httpx.Proxy(place, ssl_context=tls, auth=login))


def _at(parts: SplitResult, host: str, port: int) -> httpx.URL:
    path = httpx.URL(parts.geturl()).raw_path
    return httpx.URL(scheme=parts.scheme, host=host, port=port, raw_path=path)


def _why(error: Exception, route: Route) -> str:
    said = f"{type(error).__name__}: {error}"
    if "CERTIFICATE_REQUIRED" in said:
        return f"the other side asks for a client certificate ({said})"
    if "ALERT" in said and route.certificate:
        return f"the other side may not take the client certificate ({said})"
    return f"{_told_by(route)}: {said}" if route.proxy else said


def _told_by(route: Route) -> str:
    return f"through the proxy {routes.without_login(route.proxy)}"


def _content(answer: httpx.Response, way: _Way) -> bytes:
    content = bytearray()
    for piece in answer.iter_raw():
        content += piece
        way.left()
        if len(content) > way.limits.body_bytes:
            raise NotReached(f"the answer is longer than {way.limits.body_bytes} bytes")
    return bytes(content)


def resolved(host: str, port: int, networks: Sequence[str]) -> Address:
    """An address of the host; all of them must be allowed. Raises NotAllowed, NotReached."""
    found = _addresses(host, port)
    for address in found:
        if not is_allowed(address, networks):
            raise NotAllowed(
                f"{host[:200]!r} is at {address}, which is no public address and in no network"
                " that the setting outgoing.private_networks names"
            )
    return found[0]


def _proxy_address(host: str, port: int) -> Address:
    """An address of a proxy: near or far, but none that is nobody's or a cloud's own."""
    found = _addresses(host, port)
    for address in (one for whole in found for one in (whole, *_hidden(whole))):
        if address.is_link_local or address.is_multicast or address.is_unspecified:
            raise NotAllowed(f"the proxy {host[:200]!r} is at {address}")
    return found[0]


def _addresses(host: str, port: int) -> list[Address]:
    """All that the host has, at least one. Raises NotReached."""
    try:
        rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise NotReached(f"{host[:200]!r} has no address: {error}") from error
    found = [ip_address(str(row[4][0]).partition("%")[0]) for row in rows]
    if not found:
        raise NotReached(f"{host[:200]!r} has no address")
    return found


def is_allowed(address: Address, networks: Sequence[str]) -> bool:
    """Whether an address, and whatever is hidden in it, may be asked."""
    return all(
        _is_public(one)
        or any(
            one in network
            for network in (ip_network(text, strict=False) for text in networks)
            if network.version == one.version
        )
        for one in (address, *_hidden(address))
        # The outer form of a mapped address is not global; what it stands for decides.
        if not (one is address and _is_mapped(address))
    )


def _is_mapped(address: Address) -> bool:
    return isinstance(address, IPv6Address) and address.ipv4_mapped is not None


def _is_public(address: Address) -> bool:
    return address.is_global and not address.is_multicast and not address.is_reserved


def _hidden(address: Address) -> list[IPv4Address]:
    """IPv4 addresses inside mapped, 6to4, Teredo and NAT64 ones."""
    if not isinstance(address, IPv6Address):
        return []
    found = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
    if address in _NAT64:
        found.append(IPv4Address(int(address) & 0xFFFFFFFF))
    return [one for one in found if one is not None]
