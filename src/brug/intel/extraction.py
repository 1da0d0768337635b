# SPDX-License-Identifier: EUPL-1.2
"""Values out of a text: a report, a mail, a log.

The library `ioc-finder` finds them, defanged ones too; a table here says which attribute
type each kind is, and each candidate is then checked as any attribute is. What a text does
not settle (whether a hash is of a file, an address a source) is the user's to correct.
"""

from collections.abc import Iterator

import msgspec

from brug.model.attribute_types import Checked, Refused, check, joined
from brug.model.errors import TooLarge

LONGEST_TEXT = 2 * 2**20

# The library's kinds, in the order in which a text is searched; the first that finds a
# value settles its type.
TYPES = {
    "urls": "url",
    "email_addresses": "email",
    "ipv4_cidrs": "ip-dst",
    "ipv6_cidrs": "ip-dst",
    "ipv4s": "ip-dst",
    "ipv6s": "ip-dst",
    "domains": "domain",
    "sha512s": "sha512",
    "sha256s": "sha256",
    "sha1s": "sha1",
    "md5s": "md5",
    "imphashes": "imphash",
    "authentihashes": "authentihash",
    "ssdeeps": "ssdeep",
    "cves": "vulnerability",
    "asns": "AS",
    "mac_addresses": "mac-address",
    "bitcoin_addresses": "btc",
    "monero_addresses": "xmr",
    "registry_key_paths": "regkey",
    "file_paths": "filename",
    "user_agents": "user-agent",
    "xmpp_addresses": "jabber-id",
}
# Kinds that people write about without meaning the thing: found, but not ticked.
_DOUBTFUL = frozenset({"file_paths", "user_agents", "asns", "mac_addresses", "cves"})
_LABELLED = {"imphashes", "authentihashes"}


class Found(msgspec.Struct, frozen=True):
    """One value of a text, with where it first stands (characters from 0; -1: rewritten)."""

    checked: Checked
    position: int
    certain: bool

    @property
    def value(self) -> str:
        return joined(self.checked)


def extract(text: str) -> list[Found]:
    """The values of a text, in the order in which they stand. Raises TooLarge."""
    # 14 MB that a worker which reads no text need not hold.
    from ioc_finder import find_iocs  # noqa: PLC0415

    if len(text) > LONGEST_TEXT:
        raise TooLarge("The text", LONGEST_TEXT, "limits.text_characters")
    raw = find_iocs(
        text,
        included_ioc_types=list(TYPES),
        parse_domain_from_url=False,
        parse_domain_from_email_address=False,
        parse_from_url_path=False,
        parse_address_from_cidr=False,
        parse_urls_without_scheme=False,
    )
    found: dict[str, Found] = {}
    for kind, value in _candidates(raw):
        try:
            checked = check(TYPES[kind], value)
        except Refused:
            continue
        # A labelled hash is listed as a plain one too; the label says more.
        if kind in _LABELLED or checked.value1 not in found:
            certain = kind not in _DOUBTFUL
            found[checked.value1] = Found(checked, text.find(value), certain)
    return sorted(found.values(), key=lambda one: (one.position < 0, one.position))


def _candidates(raw: object) -> Iterator[tuple[str, str]]:
    if not isinstance(raw, dict):
        return
    for kind in TYPES:
        values = raw.get(kind) or []
        for value in values:
            yield kind, str(value)


def type_of(value: str) -> Checked | None:
    """The type of a text that is one value and nothing else; None if it is no such thing."""
    stripped = value.strip()
    for one in extract(stripped):
        if one.position == 0 and len(one.value) >= len(stripped) - 1:
            return one.checked
        if one.position < 0:
            return one.checked
    return None
