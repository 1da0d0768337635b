# SPDX-License-Identifier: EUPL-1.2
"""What people change of how a partner is reached: checked whole before any of it is stored.

Fields: `proxy` (an address, with user and password where it asks for them; "" for the
node's), `skip_proxy`, `ca_pem`, `certificate` (with its chain; "" takes it and its key away)
and `key`. Certificate and key may come together in `certificate`; a new certificate of the
key that is stored needs no key.
"""

import ssl
from collections.abc import Callable, Mapping
from typing import Any, LiteralString
from urllib.parse import quote, unquote, urlsplit

import msgspec

from brug.directory import fields, routes
from brug.directory.refusals import Refused
from brug.directory.routes import Holder, Kept, Route
from brug.formats import certificates
from brug.formats.certificates import Encrypted, Unreadable
from brug.store.session import Session

FIELDS = ("proxy", "skip_proxy", "ca_pem", "certificate", "key")
_LONGEST = 1_000_000  # characters; the authorities that a system trusts are a quarter of it
_PROXY = "the http or https address of a proxy, such as http://proxy.example:3128"
_text = fields.text(_LONGEST)


class Change(msgspec.Struct, frozen=True):
    """What is to be stored; a secret of None stays as it is, one of "" goes."""

    columns: dict[str, Any]
    key: str | None = None
    password: str | None = None


def checked(session: Session, holder: Holder | None, given: Mapping[str, Any]) -> Change:
    """Raises Refused by field; `holder` is None where nothing is stored yet."""
    columns: dict[str, Any] = {}
    before = routes.kept(session, holder) if holder else Kept()
    password = None
    if "proxy" in given:
        columns["proxy"], password = _proxy("proxy", given["proxy"], before)
    if "skip_proxy" in given:
        columns["skip_proxy"] = fields.flag("skip_proxy", given["skip_proxy"])
    if "ca_pem" in given:
        columns["ca_pem"] = authorities("ca_pem", given["ca_pem"])
    key = None
    sent = _text("certificate", given.get("certificate", before.certificate) or "")
    # A browser sends what stands there with other line ends.
    if given.get("key") or sent.split() != before.certificate.split():

        def stored() -> str:
            return routes.client_key(session, holder) if holder else ""

        columns["client_certificate"], key = _pair(sent, given.get("key") or "", stored)
    return Change(columns, key, password)


def store(session: Session, holder: Holder, change: Change) -> dict[str, Any]:
    """What was checked; answers what of it may be put on record."""
    columns = dict(change.columns)
    for name, secret, purpose in (
        ("sealed_client_key", change.key, holder.key_purpose),
        ("sealed_proxy_password", change.password, holder.password_purpose),
    ):
        if secret is not None:
            columns[name] = session.seal.close(secret, purpose) if secret else None
    for name, value in columns.items():
        session.execute(_UPDATE[holder.table, name], (value, holder.id))
    return _recorded(change)


_COLUMNS: tuple[LiteralString, ...] = (
    "proxy", "skip_proxy", "ca_pem", "client_certificate", "sealed_client_key",
    "sealed_proxy_password",
)  # fmt: skip
_TABLES: tuple[tuple[LiteralString, LiteralString], ...] = (
    ("server", "id"), ("channel", "bridge_id"),
)  # fmt: skip
_UPDATE: Mapping[tuple[str, str], LiteralString] = {
    (table, column): f"UPDATE {table} SET {column} = %s WHERE {key} = %s"
    for table, key in _TABLES
    for column in _COLUMNS
}


def _recorded(change: Change) -> dict[str, Any]:
    told: dict[str, Any] = {
        name: change.columns[name] for name in ("proxy", "skip_proxy") if name in change.columns
    }
    if "ca_pem" in change.columns:
        told["ca_pem"] = bool(change.columns["ca_pem"])
    if "client_certificate" in change.columns:
        pem = change.columns["client_certificate"]
        told["certificate"] = certificates.first(pem).fingerprint if pem else ""
    return told


def route_of(session: Session, change: Change, url: str) -> Route:
    """The way that a change asks for, before there is anybody whose it is."""
    columns = change.columns
    proxy = routes.with_password(columns.get("proxy", ""), change.password or "")
    if not columns.get("skip_proxy"):
        proxy = proxy or routes.proxy_of_node(session, url)
    return Route(
        columns.get("ca_pem", ""), columns.get("client_certificate", ""), change.key or "",
        "" if columns.get("skip_proxy") else proxy,
    )  # fmt: skip


def authorities(field: str, value: Any) -> str:
    """Certificates in PEM that https is checked against, or none.

    What was given instead is not shown: it may be a secret, whatever its form.
    """
    text: str = _text(field, value or "")
    if not text.strip():
        return ""
    expected = "certificates in PEM (-----BEGIN CERTIFICATE-----)"
    if certificates.has_key(text):
        raise Refused(field, "holds_key", f"{expected}, and no private key")
    try:
        certificates.read(text)
        ssl.create_default_context(cadata=text)
    except (Unreadable, ssl.SSLError, ValueError) as error:
        raise Refused(field, "certificate", expected) from error
    return text


def _proxy(field: str, value: Any, before: Kept) -> tuple[str, str | None]:
    """The address without the password, and the password: None for the one that is stored."""
    text: str = fields.text(1000)(field, value).strip()
    if not text:
        return "", ""
    start = text.rpartition("@")[2]  # an error holds no password
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as error:
        raise Refused(field, "proxy", _PROXY, start) from error
    bare = not parts.path.strip("/") and not parts.query and not parts.fragment
    host = parts.hostname or ""
    if parts.scheme not in {"http", "https"} or not host or not bare or not _is_place(host):
        raise Refused(field, "proxy", _PROXY, start)
    place = f"[{host}]" if ":" in host else host
    place += f":{port}" if port is not None else ""
    if not parts.username:
        if parts.password:
            raise Refused(field, "proxy", f"a user before the password, in {_PROXY}", start)
        return f"{parts.scheme}://{place}", ""
    made = f"{parts.scheme}://{quote(unquote(parts.username), safe='')}@{place}"
    if parts.password is not None:
        return made, unquote(parts.password)
    return made, None if made == before.proxy else ""


def _is_place(host: str) -> bool:
    return host.isascii() and not any(c in host for c in " \t\r\n\\\"'<>|^`{}")


def _pair(text: str, given_key: Any, stored: Callable[[], str]) -> tuple[str, str | None]:
    """The certificates, that of the key first, and the key: None for the one that is stored."""
    sent, within = certificates.parted(text)
    key = _text("key", given_key).strip()
    field = "key" if key else "certificate"
    key = key or within
    if not sent:
        if key:
            raise Refused("certificate", "no_certificate", "the certificate of this key, in PEM")
        return "", ""
    several = _certificates(sent)
    own = key or stored()
    if not own:
        raise Refused("key", "no_key", "the private key of the certificate, in PEM")
    read = _key(field, own)
    chain = certificates.chain_of(several, read)
    if chain is None:
        raise Refused("key", "fit", "the private key of this certificate")
    opened = certificates.key_text(read)
    try:
        Route(certificate=chain, key=opened).context()
    except (ssl.SSLError, ValueError) as error:
        reason = str(getattr(error, "reason", "") or "refused by TLS")
        expected = f"one that TLS takes ({reason.replace('_', ' ').lower()})"
        raise Refused("certificate", "tls", expected) from error
    return chain, opened if key else None


def _certificates(text: str) -> Any:
    try:
        return certificates.read(text)
    except Unreadable as error:
        expected = "a certificate in PEM (-----BEGIN CERTIFICATE-----)"
        raise Refused("certificate", "certificate", expected) from error


def _key(field: str, text: str) -> certificates.Key:
    """An error says nothing of what stands there."""
    try:
        return certificates.read_key(text)
    except Encrypted as error:
        expected = "a private key without a password (openssl pkey -in KEY -out OPENED)"
        raise Refused(field, "encrypted", expected) from error
    except Unreadable as error:
        expected = "a private key in PEM of RSA, a curve, Ed25519 or Ed448"
        raise Refused(field, "private_key", expected) from error
