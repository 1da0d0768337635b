# SPDX-License-Identifier: EUPL-1.2
"""A STIX pattern -> the values that it compares with, where that is all that it says.

Comparisons with `=`, joined by AND and OR, in one observation or several joined by OR
(STIX 2.1, section 9). Anything else (qualifiers, FOLLOWEDBY, LIKE, negation) is no list of
values: the caller keeps such a pattern as it is.
"""

import re

from brug.model.errors import Invalid

LONGEST = 100_000
_COMPARISON = re.compile(
    r"([a-z0-9-]+):([\w.*\[\]-]+(?:\.'[^'\\]{1,50}')?(?:\.[\w-]+)*)\s*=\s*"
    r"(?:'((?:[^'\\]|\\.)*)'|(\d{1,20}))"
)
_JOINED = re.compile(r"(?:\s|[\[\]()]|\bAND\b|\bOR\b)*")
_TYPED = re.compile(r"\.type$")

HASHES = {
    "md5": "md5", "sha1": "sha1", "sha224": "sha224", "sha256": "sha256", "sha384": "sha384",
    "sha512": "sha512", "ssdeep": "ssdeep", "tlsh": "tlsh", "sha3256": "sha3-256",
    "sha3512": "sha3-512", "imphash": "imphash", "authentihash": "authentihash",
}  # fmt: skip
TYPES = {
    "ipv4-addr:value": "ip-dst", "ipv6-addr:value": "ip-dst", "url:value": "url",
    "email-addr:value": "email", "email-message:subject": "email-subject",
    "email-message:from_ref.value": "email-src", "email-message:sender_ref.value": "email-src",
    "email-message:to_refs[*].value": "email-dst", "email-message:message_id": "email-message-id",
    "file:name": "filename", "mutex:name": "mutex", "windows-registry-key:key": "regkey",
    "autonomous-system:number": "AS", "mac-addr:value": "mac-address",
    "network-traffic:dst_ref.value": "ip-dst", "network-traffic:src_ref.value": "ip-src",
    "network-traffic:dst_port": "port", "network-traffic:src_port": "port",
    "file:size": "size-in-bytes", "file:mime_type": "mime-type",
    "network-traffic:extensions.'http-request-ext'.request_header.'User-Agent'": "user-agent",
}  # fmt: skip


def comparisons(pattern: str) -> list[tuple[str, str]]:
    """Pairs of path and value; empty for a pattern that says more than that."""
    if len(pattern) > LONGEST:
        raise Invalid("pattern", f"a pattern of at most {LONGEST} characters")
    found, rest, end = [], "", 0
    for hit in _COMPARISON.finditer(pattern):
        rest += pattern[end : hit.start()] + " "
        end = hit.end()
        value = hit[4] if hit[3] is None else re.sub(r"\\(.)", r"\1", hit[3])
        found.append((f"{hit[1]}:{hit[2]}", value))
    rest += pattern[end:]
    # Two observations that both have to be made are more than their values.
    if not _JOINED.fullmatch(rest) or re.search(r"\]\s*AND\s*\[", pattern):
        return []
    return [pair for pair in found if not _TYPED.search(pair[0])]


def type_of(path: str, value: str) -> str | None:
    """The attribute type that a path stands for."""
    if path == "domain-name:value":
        return "hostname" if value.count(".") > 1 else "domain"
    if path.startswith("file:hashes."):
        return HASHES.get(re.sub(r"[^a-z0-9]", "", path.partition("hashes.")[2].lower()))
    if path.startswith("x509-certificate:hashes."):
        kind = HASHES.get(re.sub(r"[^a-z0-9]", "", path.partition("hashes.")[2].lower()))
        return f"x509-fingerprint-{kind}" if kind in {"md5", "sha1", "sha256"} else None
    return TYPES.get(path)
