# SPDX-License-Identifier: EUPL-1.2
"""How a partner is reached: through which proxy, trusting whom, with which certificate.

The same for a node of Brug (`channel`) and for a server of MISP's kind (`server`). The key
of the client certificate and the password at the proxy are sealed, and are opened only for
whoever asks the partner. The node's own proxy (settings `outgoing.proxy_*`) is the one of
everybody who has no other and is not reached directly; the environment's are never used.
"""

import secrets
import ssl
import tempfile
from collections.abc import Mapping
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Literal, LiteralString
from urllib.parse import quote, unquote, urlsplit, urlunsplit

import msgspec

from brug.formats import certificates
from brug.formats.certificates import Described
from brug.store import settings
from brug.store.session import Session


class Route(msgspec.Struct, frozen=True):
    """The way to one partner, with its secrets; everything in PEM, `proxy` with its login."""

    trust: str = ""  # whom https is checked against instead of the system's authorities
    certificate: str = ""
    key: str = ""
    proxy: str = ""

    def __repr__(self) -> str:
        """Without what nobody should read in a log."""
        return f"Route(proxy={without_login(self.proxy)!r}, certificate={bool(self.certificate)})"

    def elsewhere(self) -> "Route":
        """The way to another host, where this partner's certificate is not shown."""
        return Route(self.trust, proxy=self.proxy)

    def context(self) -> ssl.SSLContext:
        """Raises ssl.SSLError where TLS does not take the certificate."""
        made = ssl.create_default_context(cadata=self.trust or None)
        if self.certificate:
            # It is only taken from a file; what stands there opens for nobody else.
            password = secrets.token_urlsafe(32)
            locked = certificates.locked_key(self.key, password.encode())
            with tempfile.NamedTemporaryFile("w", encoding="ascii") as file:
                file.write(f"{self.certificate}\n{locked}")
                file.flush()
                made.load_cert_chain(file.name, password=password)
        return made


class Kept(msgspec.Struct, frozen=True):
    """What is stored of a route, as people may see it."""

    proxy: str = ""  # without the password
    skip_proxy: bool = False
    ca_pem: str = ""
    certificate: str = ""
    has_password: bool = False

    @property
    def shown(self) -> Described | None:
        """What the client certificate says of itself."""
        return certificates.first(self.certificate) if self.certificate else None


class Holder(msgspec.Struct, frozen=True):
    """Whose route it is: a row of one of two tables."""

    table: Literal["server", "channel"]
    id: int

    @property
    def key_purpose(self) -> str:
        return f"{self.table} {self.id} client key"

    @property
    def password_purpose(self) -> str:
        return f"{self.table} {self.id} proxy"


_KEPT: LiteralString = (
    "SELECT proxy, skip_proxy, ca_pem, client_certificate, sealed_proxy_password IS NOT NULL"
)
_SEALED: LiteralString = "SELECT sealed_client_key, sealed_proxy_password"
_FROM: Mapping[str, LiteralString] = {
    "server": " FROM server WHERE id = %s", "channel": " FROM channel WHERE bridge_id = %s",
}  # fmt: skip


def kept(session: Session, holder: Holder) -> Kept:
    """What is stored; nothing where there is no such row, or it is not to be seen."""
    row = session.one(_KEPT + _FROM[holder.table], (holder.id,))
    return Kept(*row) if row else Kept()


def client_key(session: Session, holder: Holder) -> str:
    """The key of the client certificate, in PEM. Raises NotSealed."""
    row = session.one(_SEALED + _FROM[holder.table], (holder.id,))
    if row is None or row[0] is None:
        return ""
    return session.seal.open(bytes(row[0]), holder.key_purpose)


def route(session: Session, holder: Holder, url: str) -> Route:
    """The way to a partner at an address, with its secrets. Raises NotSealed."""
    stored = kept(session, holder)
    proxy = ""
    if not stored.skip_proxy:
        proxy = _own_proxy(session, holder, stored) or proxy_of_node(session, url)
    key = client_key(session, holder) if stored.certificate else ""
    return Route(stored.ca_pem, stored.certificate, key, proxy)


def of_node(session: Session, url: str) -> Route:
    """The way to an address that is no partner's."""
    return Route(proxy=proxy_of_node(session, url))


def _own_proxy(session: Session, holder: Holder, stored: Kept) -> str:
    if not stored.has_password:
        return stored.proxy
    row = session.one(_SEALED + _FROM[holder.table], (holder.id,))
    sealed = row[1] if row else b""
    password = session.seal.open(bytes(sealed), holder.password_purpose)
    return with_password(stored.proxy, password)


def proxy_of_node(session: Session, url: str) -> str:
    """The address, with its login, of the proxy that the settings name for an address; or ""."""
    values = settings.all_settings(session)
    host = str(values["outgoing.proxy_host"])
    if not host or is_excepted(_host_of(url), values["outgoing.proxy_except"]):
        return ""
    scheme = "https" if values["outgoing.proxy_tls"] else "http"
    place = f"[{host}]" if ":" in host else host
    place = f"{place}:{values['outgoing.proxy_port']}"
    user = str(values["outgoing.proxy_user"])
    if not user:
        return f"{scheme}://{place}"
    bare = f"{scheme}://{quote(user, safe='')}@{place}"
    return with_password(bare, settings.secret(session, "outgoing.proxy_password"))


def _host_of(url: str) -> str:
    """Nothing for what is no address, which whoever asks for it will be told."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def is_excepted(host: str, several: list[str]) -> bool:
    """Whether a list of names (each with all below it), addresses and networks has a host."""
    host = host.lower().rstrip(".")
    try:
        address = ip_address(host)
    except ValueError:
        names = [one.lower().strip(".") for one in several]
        return any(host == name or host.endswith(f".{name}") for name in names)
    return any(address in network for one in several if (network := _network(one)) is not None)


def _network(text: str) -> IPv4Network | IPv6Network | None:
    try:
        return ip_network(text, strict=False)
    except ValueError:
        return None


def with_password(proxy: str, password: str) -> str:
    """The address of a proxy that names a user, with the user's password."""
    if not password:
        return proxy
    scheme, _, rest = proxy.partition("://")
    user, _, place = rest.rpartition("@")
    return f"{scheme}://{user}:{quote(password, safe='')}@{place}"


def without_login(proxy: str) -> str:
    """As it may stand in an error or a log."""
    parts = urlsplit(proxy)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def login_of(proxy: str) -> tuple[str, str] | None:
    """User and password of a proxy's address."""
    parts = urlsplit(proxy)
    if not parts.username:
        return None
    return unquote(parts.username), unquote(parts.password or "")
