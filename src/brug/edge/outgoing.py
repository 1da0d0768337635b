# SPDX-License-Identifier: EUPL-1.2
"""The one client for requests that leave the node.

A name is resolved once, every address of it is looked at, and the connection goes to the
address that was looked at. Private, loopback, link-local and otherwise special addresses
are refused, also where they hide in an IPv6 address, unless the setting
`outgoing.private_networks` lists them. Redirects are followed a few times, each looked at
like the first; what the asker's own headers say, credentials above all, stays with the host
and port that it is for. The environment's proxies are ignored. Time and size are limited as a
whole.
"""

import socket
import ssl
import time
from collections.abc import Mapping, Sequence
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import SplitResult, urljoin, urlsplit

import httpx
import msgspec

from brug.edge.decoding import unzip
from brug.model.errors import BrugError

Address = IPv4Address | IPv6Address
REDIRECTS = 5
_NAT64 = IPv6Network("64:ff9b::/96")
_PORTS = {"http": 80, "https": 443}
_MOVED = frozenset({301, 302, 303, 307, 308})
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
    trust: str = "",
    follow: bool = True,
    stay: bool = False,
) -> Fetched:
    """One request and its answer, whatever its status. Raises NotReached, NotAllowed.

    `trust` is a certificate (PEM) to check https against instead of the system's; `follow`
    is whether the answer may lead elsewhere, where the body would then go, too; with `stay`
    no further than to the same host and port.
    """
    limits = limits or Limits()
    deadline = time.monotonic() + limits.seconds
    sent = dict(headers or {})
    for _ in range(REDIRECTS + 1):
        parts = _parts(url)
        answer = _once(method, parts, sent, body, _Way(deadline, limits, trust))
        location = answer.headers.get("location")
        if answer.status not in _MOVED or not location or not follow:
            return answer
        url = urljoin(url, location)
        if _origin(_parts(url)) != _origin(parts):
            if stay:
                raise NotReached(f"{parts.geturl()[:200]} leads to another host or port")
            sent = {k: v for k, v in sent.items() if k.lower() in _TOLD_ANYONE}
    raise NotReached(f"more than {REDIRECTS} redirects from {url[:200]!r}")


class _Way(msgspec.Struct, frozen=True):
    deadline: float
    limits: Limits
    trust: str

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
    scheme, host, port = _origin(parts)
    address = _resolved(host, port, way.limits.networks)
    literal = f"[{address}]" if address.version == 6 else str(address)
    target = httpx.URL(
        scheme=scheme, host=literal.strip("[]"), port=port,
        raw_path=httpx.URL(parts.geturl()).raw_path,
    )  # fmt: skip
    sent = {"Accept-Encoding": "gzip", **headers, "Host": parts.netloc}
    extensions = {"sni_hostname": host} if scheme == "https" else {}
    verify = _context(way.trust) if scheme == "https" else False
    try:
        with (
            httpx.Client(verify=verify, trust_env=False, timeout=way.left()) as client,
            client.stream(
                method, target, headers=sent, content=body or None, extensions=extensions
            ) as answer,
        ):
            content = _content(answer, way)
    except (httpx.HTTPError, httpx.InvalidURL, ssl.SSLError, OSError) as error:
        raise NotReached(f"{parts.geturl()[:200]}: {type(error).__name__}: {error}") from error
    found = {name.lower(): value for name, value in answer.headers.items()}
    if found.get("content-encoding", "").lower() == "gzip":
        content = unzip(content, way.limits.body_bytes)
    return Fetched(answer.status_code, found, content, parts.geturl())


def _context(trust: str) -> ssl.SSLContext:
    return ssl.create_default_context(cadata=trust or None)


def _content(answer: httpx.Response, way: _Way) -> bytes:
    content = bytearray()
    for piece in answer.iter_raw():
        content += piece
        way.left()
        if len(content) > way.limits.body_bytes:
            raise NotReached(f"the answer is longer than {way.limits.body_bytes} bytes")
    return bytes(content)


def _resolved(host: str, port: int, networks: Sequence[str]) -> Address:
    """An address of the host; all of them must be allowed."""
    try:
        rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise NotReached(f"{host[:200]!r} has no address: {error}") from error
    found = [ip_address(str(row[4][0]).partition("%")[0]) for row in rows]
    for address in found:
        if not is_allowed(address, networks):
            raise NotAllowed(f"{host[:200]!r} is at {address}")
    if not found:
        raise NotReached(f"{host[:200]!r} has no address")
    return found[0]


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
