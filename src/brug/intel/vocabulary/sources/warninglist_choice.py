# SPDX-License-Identifier: EUPL-1.2
"""Which published warninglists are on in a new node, and why; and lists of Brug's own.

MISP switches none on. A listed value does not correlate and is marked, so the choice is
conservative: values that are never an indicator by themselves, matched exactly. Left off:
lists that match whole hosting domains, where attackers live too; scanners and VPN ranges;
documentation addresses and names, on which people train and demonstrate.
"""

import msgspec


class Warninglist(msgspec.Struct):
    """A published list; `type` is its kind."""

    name: str
    type: str
    entries: list[str] = msgspec.field(name="list")
    description: str = ""
    version: int = 1
    matching_attributes: list[str] = []


ENABLED_AT_FIRST = {
    "brug-special-networks": "addresses that no packet from outside carries",
    "rfc1918": "private networks: everybody's own",
    "rfc6598": "carrier-grade NAT: shared by many, routed nowhere",
    "ipv6-linklocal": "link-local addresses: every interface has one",
    "multicast": "multicast groups are no hosts",
    "public-dns-v4": "resolvers that victims ask by design",
    "public-dns-v6": "resolvers that victims ask by design",
    "empty-hashes": "hashes of nothing",
    "common-ioc-false-positive": "hashes of trivial files, known from earlier mistakes",
    "eicar.com": "the test file of anti-virus products",
    "mozilla-CA": "certificates that every browser trusts",
    "mozilla-IntermediateCA": "certificates that every browser trusts",
    "crl-hostname": "hosts that Windows asks whether certificates are revoked",
    "crl-ip": "hosts that Windows asks whether certificates are revoked",
    "captive-portals": "hosts that systems ask whether they are online",
    "cisco_top1000": "the thousand most asked names, each as it is",
    "moz-top500": "the five hundred most linked sites, each as it is",
    "google": "Google's own domains, each as it is",
    "microsoft": "Microsoft's own domains, each as it is",
    "microsoft-office365": "names that Office asks, each as it is",
    "microsoft-office365-ip": "addresses of Office, which every mail from there shows",
    "google-gmail-sending-ips": "addresses of Gmail, which every mail from there shows",
    "tlds": "a top-level domain is no domain",
    "second-level-tlds": "a public suffix is no domain",
    "common-contact-emails": "abuse, security and noc addresses stand in reports as contacts",
}

_ADDRESSES = ["ip-src", "ip-dst", "domain|ip", "ip-src|port", "ip-dst|port"]

OWN = {
    "brug-special-networks": Warninglist(
        name="Addresses of no host elsewhere (RFC 6890 and successors, without documentation)",
        type="cidr",
        description="This host, this network, loopback, link-local, unique local and broadcast.",
        matching_attributes=_ADDRESSES,
        entries=[
            "0.0.0.0/8",
            "127.0.0.0/8",
            "169.254.0.0/16",
            "255.255.255.255/32",
            "::/128",
            "::1/128",
            "fc00::/7",
            "fe80::/10",
        ],
    ),
}
