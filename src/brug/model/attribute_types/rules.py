# SPDX-License-Identifier: EUPL-1.2
"""Which function fits a value to which type.

A function for a simple type gives the normalised text; one for a composite gives both
parts. Each gets text that is already trimmed and not empty, and raises Unfit.
"""

from collections.abc import Callable

from brug.model.attribute_types import (
    endpoints,
    hashes,
    identifiers,
    links,
    moments,
    names,
    numbers,
    people,
    text,
)
from brug.model.attribute_types.addresses import address_or_network
from brug.model.attribute_types.letters import lower
from brug.model.attribute_types.registry import TYPES

# Several lines, or characters of any kind, are part of these values.
_SEVERAL_LINES = (
    "attachment bro comment community-id cookie cpe email-attachment email-body email-header "
    "filename-pattern first-name full-name gene identity-card-number kusto-query last-name "
    "middle-name mime-type mutex other pattern-in-file pattern-in-memory pattern-in-traffic "
    "pgp-private-key pgp-public-key process-state sigma snort stix2-pattern suricata text yara zeek"
)
FREE = frozenset(_SEVERAL_LINES.split())

_CHECKED: dict[str, Callable[[str], str]] = hashes.SIMPLE | {
    "AS": links.as_number,
    "aba-rtn": numbers.numeric,
    "anonymised": lower,
    "bank-account-nr": numbers.numeric,
    "bic": people.letters_and_digits,
    "bin": people.digits,
    "boolean": text.boolean,
    "btc": identifiers.wallet,
    "cc-number": people.digits,
    "cortex": identifiers.json_document,
    "counter": numbers.natural,
    "dash": identifiers.wallet,
    "datetime": moments.moment,
    "dns-soa-email": people.mail_address,
    "domain": names.domain,
    "email": people.refanged_mail_address,
    "email-dst": people.refanged_mail_address,
    "email-src": people.refanged_mail_address,
    "eppn": people.mail_address,
    "float": numbers.numeric,
    "hex": numbers.hexadecimal,
    "hostname": names.hostname,
    "http-method": identifiers.http_method,
    "iban": people.letters_and_digits,
    "integer": numbers.integer,
    "ip-dst": address_or_network,
    "ip-src": address_or_network,
    "jabber-id": people.mail_address,
    "link": links.link,
    "mac-address": links.mac_address,
    "mac-eui-64": links.eui_64,
    "onion-address": links.onion_address,
    "phone-number": people.phone_number,
    "port": endpoints.port,
    "prtn": people.phone_number,
    "size-in-bytes": numbers.natural,
    "ssh-fingerprint": identifiers.ssh_fingerprint,
    "target-email": people.lower_mail_address,
    "url": links.url,
    "uuid": identifiers.uuid,
    "vulnerability": identifiers.vulnerability,
    "weakness": identifiers.weakness,
    "whois-registrant-email": people.lower_mail_address,
    "whois-registrant-phone": people.phone_number,
    "windows-service-displayname": text.service_name,
    "windows-service-name": text.service_name,
    "xmr": identifiers.wallet,
}

SPLIT: dict[str, Callable[[str], tuple[str, str]]] = {
    of: split for of, split in hashes.COMPOSITE_HASHES.items() if of in TYPES
} | {
    "domain|ip": endpoints.domain_and_ip,
    "hostname|port": endpoints.host_and_port,
    "ip-dst|port": endpoints.ip_and_port,
    "ip-src|port": endpoints.ip_and_port,
    "malware-sample": identifiers.sample,
    "regkey|value": identifiers.registry_value,
}

# A type that a later pymisp publishes and this table does not know is text on one line.
FIT: dict[str, Callable[[str], str]] = {
    of: _CHECKED.get(of, text.free if of in FREE else text.one_line)
    for of in TYPES
    if of not in SPLIT
}

COMPOSITES = frozenset(SPLIT)
