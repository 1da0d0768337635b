# SPDX-License-Identifier: EUPL-1.2
"""A response policy zone for a resolver (draft-vixie-dnsop-dns-rpz), in MISP's shape.

Parameters, with or without `rpz_` in front: policy, walled_garden, ns, ns_alt, email, serial,
refresh, retry, expiry, minimum_ttl, ttl. Domains are refused with all below them, hosts alone.
"""

import re
from collections.abc import Callable
from ipaddress import ip_address
from typing import Any, NamedTuple

from brug.formats.misp import coercion
from brug.formats.sensors import values
from brug.formats.sensors.indicator import Indicator, Section, SensorFormat, Settings
from brug.formats.sensors.kinds import ADDRESSES, PIECES
from brug.model.errors import Invalid

# MISP's policies by name and number: what the resolver then does, and the record.
POLICIES = {
    "DROP": ("timeout.", "CNAME rpz-drop."),
    "NXDOMAIN": (
        "return NXDOMAIN (name does not exist) irrespective of actual result received.", "CNAME ."
    ),
    "NODATA": ("return NODATA (name exists but no answers returned) in any case.", "CNAME *."),
    "LOCAL-DATA": ("return the defined alternate location.", ""),
    "PASSTHRU": (
        "let queries through, but allow for logging the hits (useful for testing).",
        "CNAME rpz-passthru.",
    ),
    "TCP-ONLY": ("force the client to use TCP.", "CNAME rpz-tcp-only."),
}  # fmt: skip
_NUMBERED = dict(enumerate(POLICIES))
_DEFAULTS = {
    "policy": "NXDOMAIN", "walled_garden": "127.0.0.1", "ns": "localhost.", "ns_alt": "",
    "email": "root.localhost", "serial": "", "refresh": "2h", "retry": "30m", "expiry": "30d",
    "minimum_ttl": "1h", "ttl": "1w",
}  # fmt: skip
_HOST = re.compile(r"(?=.{1,253}\Z)(?:[A-Za-z0-9_-]{1,63}\.)*[A-Za-z0-9_-]{1,63}\.?", re.ASCII)
_TIME = re.compile(r"\d{1,9}[smhdwSMHDW]?", re.ASCII)
_NUMBER = re.compile(r"\d{1,10}", re.ASCII)


class Zone(NamedTuple):
    """The parameters, checked."""

    explained: str
    record: str
    head: str


def _one(given: dict[str, str], name: str, shape: re.Pattern[str], expected: str) -> str:
    if not shape.fullmatch(given[name]):
        raise Invalid(f"rpz_{name}", expected, given[name])
    return given[name]


def read(settings: Settings) -> Zone:
    """Raises Invalid, naming the parameter."""
    given = {name: _said(settings.given, name) or default for name, default in _DEFAULTS.items()}
    times = {
        name: _one(given, name, _TIME, "a time such as 30m")
        for name in ("refresh", "retry", "expiry", "minimum_ttl", "ttl")
    }
    given["serial"] = given["serial"].replace("$date", settings.now[:10].replace("-", ""))
    given["serial"] = given["serial"] or settings.now[:10].replace("-", "") + "00"
    serial = _one(given, "serial", _NUMBER, "a number")
    if int(serial) >= 2**32:
        raise Invalid("rpz_serial", "a number below 4294967296", serial)
    email = _one(given | {"email": given["email"].replace("@", ".")}, "email", _HOST, "a mailbox")
    servers = [_one(given, "ns", _HOST, "a name")]
    if given["ns_alt"]:
        servers.append(_one(given, "ns_alt", _HOST, "a name"))
    explained, record = _policy(given)
    numbers = " ".join(times[name] for name in ("refresh", "retry", "expiry", "minimum_ttl"))
    head = f"$TTL {times['ttl']};\n@               SOA {servers[0]} {email} ({serial} {numbers})\n"
    head += "".join(f"                NS {server}\n" for server in servers)
    return Zone(explained, record, head + "\n")


def _said(given: Any, name: str) -> str:
    for spelling in (f"rpz_{name}", name):
        if given.get(spelling) is not None and not isinstance(given[spelling], dict | list):
            return coercion.text(spelling, given[spelling]).strip()
    return ""


def _policy(given: dict[str, str]) -> tuple[str, str]:
    named = given["policy"].upper()
    if named.isdigit():
        named = _NUMBERED.get(int(named[:3]), named)
    if named not in POLICIES:
        raise Invalid("rpz_policy", "one of " + ", ".join(POLICIES), given["policy"])
    explained, record = POLICIES[named]
    return explained, record or _walled_garden(given)


def _walled_garden(given: dict[str, str]) -> str:
    try:
        found = ip_address(given["walled_garden"])
    except ValueError:
        return "CNAME " + _one(given, "walled_garden", _HOST, "a name or an address")
    return f"{'A' if found.version == 4 else 'AAAA'} {found}"


def reversed_address(value: str) -> str:
    """An address or network as the owner name of a trigger, without `.rpz-ip`."""
    ip = values.address(value)
    if not ip:
        return ""
    plain, _, length = ip.partition("/")
    if ":" not in plain:
        return f"{length or 32}." + ".".join(reversed(plain.split(".")))
    groups = [group or "zz" for group in reversed(plain.split(":"))]
    labels = [g for n, g in enumerate(groups) if g != "zz" or groups[n - 1 : n] != ["zz"]]
    return f"{length or 128}." + ".".join(labels)


def _address(value: str, zone: Zone) -> str:
    owner = reversed_address(value)
    return f"{owner}.rpz-ip {zone.record}\n" if owner else ""


def _domain(value: str, zone: Zone) -> str:
    found = values.name(value)
    return f"{found} {zone.record}\n*.{found} {zone.record}\n" if found else ""


def _hostname(value: str, zone: Zone) -> str:
    found = values.name(value)
    return f"{found} {zone.record}\n" if found else ""


WRITERS: dict[str, Callable[[str, Zone], str]] = {
    "ip-src": _address, "ip-dst": _address, "domain": _domain, "hostname": _hostname,
}  # fmt: skip


def lines(i: Indicator, zone: Zone, kinds: frozenset[str]) -> str:
    made = [
        WRITERS[piece.kind](i.part(piece.part), zone)
        for piece in PIECES.get(i.type, ())
        if piece.kind in kinds and not piece.port
    ]
    return "".join(dict.fromkeys(made))


def _heading(what: str) -> Callable[[Zone], str]:
    return lambda zone: f"; The following {what} will {zone.explained}\n"


FORMAT = SensorFormat(
    "text/plain; charset=UTF-8", "txt", "block",
    (
        Section(ADDRESSES, _heading("list of IP addresses")),
        Section(frozenset({"domain"}), _heading("domain names and all of their sub-domains")),
        Section(frozenset({"hostname"}), _heading("hostnames")),
    ),
    read,
    lambda zone: zone.head,
    lines,
    meaning="Response policy zone for resolvers",
    parameters=tuple(_DEFAULTS),
)  # fmt: skip
