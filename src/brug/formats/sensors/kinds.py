# SPDX-License-Identifier: EUPL-1.2
"""What attribute types mean to sensors: one table, from which each format takes its kinds.

A composite attribute is several pieces (`domain|ip` is a domain and an address). The page
docs/reference/formats.md is drawn from this table.
"""

from typing import NamedTuple


class Piece(NamedTuple):
    """What one part of a value is; `port`: the other part is the port."""

    kind: str
    part: int = 1
    port: bool = False


_HASHES = ("md5", "sha1", "sha224", "sha256", "sha384", "sha512")
_SINGLE = {
    "ip-src": "ip-src", "ip-dst": "ip-dst", "domain": "domain", "hostname": "hostname",
    "url": "url", "link": "link", "uri": "uri", "user-agent": "user-agent",
    "email": "email", "email-src": "email-src", "email-dst": "email-dst",
    "email-subject": "email-subject", "email-attachment": "email-attachment",
    "filename": "filename", "mutex": "mutex", "regkey": "regkey", "named pipe": "named-pipe",
    "pdb": "pdb", "pattern-in-file": "pattern", "pattern-in-memory": "pattern",
    "pattern-in-traffic": "traffic", "windows-service-name": "service", "AS": "as",
    "ja3-fingerprint-md5": "ja3", "hassh-md5": "hassh", "hasshserver-md5": "hassh-server",
    "x509-fingerprint-sha1": "certificate-sha1", "snort": "snort", "yara": "yara",
    "mac-address": "mac", "port": "port",
} | {name: name for name in _HASHES}  # fmt: skip
_COMPOSITE = {
    "ip-src|port": (Piece("ip-src", 1, port=True),),
    "ip-dst|port": (Piece("ip-dst", 1, port=True),),
    "hostname|port": (Piece("hostname", 1, port=True),),
    "domain|ip": (Piece("domain", 1), Piece("ip-src", 2), Piece("ip-dst", 2)),
    "regkey|value": (Piece("regkey", 1),),
} | {f"filename|{name}": (Piece("filename", 1), Piece(name, 2)) for name in _HASHES}

# MISP's attribute type -> its pieces.
PIECES: dict[str, tuple[Piece, ...]] = {
    name: (Piece(kind),) for name, kind in _SINGLE.items()
} | _COMPOSITE  # fmt: skip

HASHES = frozenset(_HASHES)
ADDRESSES = frozenset({"ip-src", "ip-dst"})
NAMES = frozenset({"domain", "hostname"})


def types_of(kinds: frozenset[str]) -> list[str]:
    """The attribute types of which at least one piece is of some kinds."""
    return [name for name, pieces in PIECES.items() if any(p.kind in kinds for p in pieces)]
