# SPDX-License-Identifier: EUPL-1.2
"""How an entry of a warninglist and a value of an attribute meet: by the same key.

The key is that of values everywhere (`brug.model.value_key`). A host name matches a list by
itself or by any parent domain; a URL by its host.
"""

from collections.abc import Iterator

from brug.model.value_key import fold, key

LONGEST_HOST = 253  # RFC 1035, section 3.1, without the root's dot
MOST_DOTS = 33  # an IPv6 address in ip6.arpa


def text_key(entry: str) -> int:
    return key(fold(entry.strip()))


def host_key(entry: str) -> int:
    """Of a published host name, which some write with a dot before it."""
    return key(fold(entry.strip().strip(".")))


def host_of(folded: str) -> str:
    """The host in a URL, or what stands before a path; an address in brackets without them."""
    authority = folded.split("//", 1)[-1].split("/", 1)[0].split("?", 1)[0].split("#", 1)[0]
    host = authority.rpartition("@")[2]
    if host.startswith("["):
        return host[1:].partition("]")[0]
    name, colon, port = host.partition(":")
    return (name if colon and port.isdigit() else host).rstrip(".")


def parents(host: str) -> Iterator[str]:
    """The host and each domain above it; nothing for what is longer or deeper than any host.

    Each is a look-up, so a value of thousands of dots must not become thousands of them.
    """
    if len(host) > LONGEST_HOST or host.count(".") > MOST_DOTS:
        return
    while host:
        yield host
        host = host.partition(".")[2]
