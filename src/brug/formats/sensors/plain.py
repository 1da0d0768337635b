# SPDX-License-Identifier: EUPL-1.2
"""Formats of one short line an indicator: netfilter, hosts, and Zeek's intelligence file."""

from collections.abc import Callable

from brug.formats.sensors import values
from brug.formats.sensors.indicator import Indicator, Section, SensorFormat, Settings
from brug.formats.sensors.kinds import ADDRESSES, NAMES, PIECES

_TEXT = "text/plain; charset=UTF-8"


def _itself(settings: Settings) -> Settings:
    return settings


def _netfilter(i: Indicator, _: Settings, kinds: frozenset[str]) -> str:
    found = {
        values.address(i.part(piece.part))
        for piece in PIECES.get(i.type, ())
        if piece.kind in kinds
    } - {""}
    return "".join(
        f"{'ip6tables' if ':' in ip else 'iptables'} -A INPUT -s {ip} -j DROP\n" for ip in found
    )


def _hosts(i: Indicator, _: Settings, kinds: frozenset[str]) -> str:
    found = [values.name(i.part(p.part)) for p in PIECES.get(i.type, ()) if p.kind in kinds]
    return "".join(f"0.0.0.0 {name}\n" for name in found if name)


def _cell(text: str) -> str:
    """A field of a tab-separated line: never empty, never a comment, never two."""
    shown = values.line(text).strip()
    if shown.startswith("#"):
        shown = "\\x23" + shown[1:]
    return shown or "-"


def _url(value: str) -> str:
    """Zeek knows URLs without their scheme."""
    found = values.page(value)
    return found.host + found.rest if found else ""


def _hash(value: str) -> str:
    plain = value.strip().lower()
    return plain if plain and all(c in "0123456789abcdef" for c in plain) else ""


def _whole(value: str) -> str:
    """A text as it is, if it fits on a line."""
    return value.strip() if values.line(value, len(value)) == value else ""


ZEEK: dict[str, tuple[str, Callable[[str], str]]] = {
    "ip-src": ("Intel::ADDR", values.address),
    "ip-dst": ("Intel::ADDR", values.address),
    "domain": ("Intel::DOMAIN", values.name),
    "hostname": ("Intel::DOMAIN", values.name),
    "url": ("Intel::URL", _url),
    "email": ("Intel::EMAIL", _whole),
    "email-src": ("Intel::EMAIL", _whole),
    "email-dst": ("Intel::EMAIL", _whole),
    "filename": ("Intel::FILE_NAME", _whole),
    "email-attachment": ("Intel::FILE_NAME", _whole),
    "user-agent": ("Intel::SOFTWARE", _whole),
    "md5": ("Intel::FILE_HASH", _hash),
    "sha1": ("Intel::FILE_HASH", _hash),
    "sha256": ("Intel::FILE_HASH", _hash),
    "certificate-sha1": ("Intel::CERT_HASH", _hash),
}
_ZEEK_FIELDS = (
    "#fields\tindicator\tindicator_type\tmeta.source\tmeta.desc\tmeta.url\tmeta.do_notice"
    "\tmeta.if_in\n"
)


def _zeek(i: Indicator, settings: Settings, kinds: frozenset[str]) -> str:
    made: dict[str, None] = {}
    for piece in PIECES.get(i.type, ()):
        if piece.kind not in kinds:
            continue
        named, clean = ZEEK[piece.kind]
        value = clean(i.part(piece.part))
        if not value:
            continue
        if named == "Intel::ADDR" and "/" in value:
            named = "Intel::SUBNET"
        source = f"{settings.node} MISP ({i.event.uuid}) - {i.event.org}"
        about = f"{i.event.info}. {i.comment}"
        url = f"{settings.base_url}/events/view/{i.event.id}"
        made[f"{_cell(value)}\t{named}\t{_cell(source)}\t{_cell(about)}\t{_cell(url)}\tT\t-\n"] = (
            None
        )
    return "".join(made)


NETFILTER = SensorFormat(
    _TEXT, "sh", "block", (Section(ADDRESSES),), _itself, lambda _: "", _netfilter,
    meaning="Commands for netfilter",
)  # fmt: skip
HOSTS = SensorFormat(
    _TEXT, "txt", "block", (Section(NAMES),), _itself,
    lambda s: f"# Blocklist in the HOSTS format\n# Generated: {s.now[:19]} +0000\n", _hosts,
    meaning="A hosts file that leads nowhere",
)  # fmt: skip
ZEEK_FORMAT = SensorFormat(
    _TEXT, "dat", "alert", (Section(frozenset(ZEEK)),), _itself, lambda _: _ZEEK_FIELDS, _zeek,
    meaning="Zeek's intelligence framework (intel.dat)",
)  # fmt: skip
