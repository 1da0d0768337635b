# SPDX-License-Identifier: EUPL-1.2
"""All settings of a node, in one table: name, default, bounds, meaning, MISP's names.

Nothing else in Brug has a default of its own. Names are `group.name`; the groups are
node, events, sightings, limits, security, web, bridges, outgoing, servers, mail and sign_in.
MISP's names stand as MISP 2.5 spells them in its server settings; a setting may answer to more
than one.
"""

from collections.abc import Mapping
from urllib.parse import urlsplit

from brug.store.setting import Setting, Value
from brug.store.settings_accounts import ACCOUNTS
from brug.store.settings_advisories import ADVISORIES
from brug.store.settings_feeds import FEEDS
from brug.store.settings_outgoing import OUTGOING, network
from brug.store.settings_persons import PERSONS


def _address_of_node(text: str) -> str | None:
    """An origin with an optional path: what other nodes and browsers call this node by."""
    parts = urlsplit(text)
    fine = parts.scheme in {"http", "https"} and parts.hostname and not parts.query
    return None if not text or (fine and not parts.username) else "an http or https address"


def _misp_version(text: str) -> str | None:
    parts = text.split(".")
    fine = len(parts) == 3 and all(part.isdecimal() for part in parts) and parts[:2] == ["2", "5"]
    return None if fine else "2.5 and a third number, such as 2.5.34"


MEBIBYTE = 2**20

_ROWS = (
    Setting(
        "node.url", "text", "", "Public address of the node; links and exports carry it.",
        misp=("MISP.baseurl", "MISP.external_baseurl"), check=_address_of_node,
    ),
    Setting(
        "node.host_org_id", "number", None, "Id of the organisation that runs the node.",
        misp=("MISP.host_org_id",), low=1,
    ),
    Setting(
        "node.uuid", "text", "", "Identifies this node to others; made once.",
        misp=("MISP.uuid",),
    ),
    Setting(
        "node.title", "text", "Brug", "Name of the node at the head of its pages.",
        misp=("MISP.title_text",),
    ),
    Setting(
        "node.misp_version", "text", "2.5.34",
        "Version of MISP's interface that getVersion names; stock clients switch features "
        "off for numbers that they do not know.", check=_misp_version,
    ),
    Setting(
        "node.language", "text", "en", "Language of pages for those who have not chosen one.",
        misp=("MISP.language",), choices=("en", "nl"),
    ),
    Setting(
        "bridges.default_purpose", "text", "cyber-defence",
        "What an event serves that says nothing of it, when it is to cross a bridge.",
        choices=(
            "crisis-management", "criminal-investigation", "cyber-defence", "diplomacy",
            "incident-response", "national-security", "research", "vulnerability-handling",
        ),
    ),
    Setting(
        "events.default_distribution", "number", 1,
        "Level of a new event that names none (0 own organisation, 1 this community, "
        "2 connected communities, 3 all).",
        misp=("MISP.default_event_distribution",), high=3,
    ),
    Setting(
        "events.default_attribute_distribution", "number", 5,
        "Level of a new attribute or object that names none (5: as its event).",
        misp=("MISP.default_attribute_distribution",), high=5,
    ),
    Setting(
        "events.drafts_private", "flag", False,
        "Unpublished events are seen by the organisation that holds them and by nobody else.",
        misp=("MISP.unpublishedprivate",),
    ),
    Setting(
        "events.blocklist", "flag", True,
        "A deleted event, and whatever the list of blocked events names, is not taken in again.",
        misp=("MISP.enableEventBlocklisting",),
    ),
    Setting(
        "events.organisation_blocklist", "flag", True,
        "Events of the organisations on the list of blocked organisations are not taken in.",
        misp=("MISP.enableOrgBlocklisting",),
    ),
    Setting(
        "events.delegation", "flag", False,
        "Organisations may ask others to take over events and publish them as their own.",
        misp=("MISP.delegation",),
    ),
    Setting(
        "sightings.policy", "number", 0,
        "Who sees a sighting besides its reporter: 0 the event's owner; 1 also who has "
        "reported on the event; 2 everyone who sees the event; 3 as 0, and those of the host.",
        misp=("Plugin.Sightings_policy",), high=3,
    ),
    Setting(
        "sightings.anonymise", "flag", False,
        "Sightings name their organisation to that organisation only.",
        misp=("Plugin.Sightings_anonymise",),
    ),
    Setting(
        "limits.body_bytes", "number", 100 * MEBIBYTE,
        "Largest body of a request, before and after decompression.",
        low=MEBIBYTE, high=2047 * MEBIBYTE,
    ),
    Setting(
        "limits.attachment_bytes", "number", 50 * MEBIBYTE, "Largest attachment or sample.",
        misp=("MISP.max_attachment_size",), low=1024, high=1024 * MEBIBYTE,
    ),
    Setting(
        "limits.sample_bytes", "number", 20 * MEBIBYTE,
        "Largest sample that the node encrypts itself; larger ones have to come encrypted.",
        low=1024, high=100 * MEBIBYTE,
    ),
    Setting(
        "limits.document_bytes", "number", 50 * MEBIBYTE,
        "Largest document of a case, whether attached here or brought by a partner.",
        low=1024, high=1024 * MEBIBYTE,
    ),
    Setting(
        "limits.case_documents_bytes", "number", 2047 * MEBIBYTE,
        "Most that the documents of one case may hold together.",
        low=1024, high=2**40,
    ),
    Setting(
        "limits.text_characters", "number", 1_000_000,
        "Longest text in which values are looked for.",
        low=1024, high=64 * MEBIBYTE,
    ),
    Setting(
        "limits.import_bytes", "number", 2047 * MEBIBYTE,
        "Most that one file of an import may hold, decompressed.",
        low=MEBIBYTE,
    ),
    Setting(
        "limits.export_bytes", "number", 2047 * MEBIBYTE,
        "Most that one export may hold on disk while it is fetched.",
        low=MEBIBYTE,
    ),
    Setting(
        "limits.exports_at_once", "number", 2, "How many exports are prepared at a time.",
        low=1, high=64,
    ),
    Setting(
        "security.password_length", "number", 12, "Shortest password that is accepted.",
        misp=("Security.password_policy_length",), low=8, high=128,
    ),
    Setting(
        "security.password_mixed", "flag", True,
        "A password under 16 characters needs both cases and a digit or sign.",
    ),
    Setting(
        "security.sign_in_attempts", "number", 5,
        "Failed sign-ins of an account, or ten times as many of an address, before both wait.",
        misp=("SecureAuth.amount",), low=1, high=1000,
    ),
    Setting(
        "security.sign_in_seconds", "number", 300, "How long a failed sign-in counts.",
        misp=("SecureAuth.expire",), low=1, high=86_400,
    ),
    Setting(
        "security.session_minutes", "number", 720, "A web session ends after this long unused.",
        misp=("Session.timeout",), low=5, high=43_200,
    ),
    Setting(
        "security.key_days", "number", 0, "Longest life of a new API key (0: no limit).",
        misp=("Security.advanced_authkeys_validity",), high=3650,
    ),
    Setting(
        "web.trusted_proxies", "list", [],
        "Addresses or networks whose X-Forwarded-For and X-Forwarded-Proto are believed.",
        check=network,
    ),
    Setting(
        "enrichment.enabled", "flag", False,
        "Whether attributes can be looked up through a server of misp-modules.",
        misp=("Plugin.Enrichment_services_enable",),
    ),
    Setting(
        "enrichment.url", "text", "http://127.0.0.1",
        "Address of the server of misp-modules, without the port.",
        misp=("Plugin.Enrichment_services_url",), check=_address_of_node,
    ),
    Setting(
        "enrichment.port", "number", 6666, "Port of the server of misp-modules.",
        misp=("Plugin.Enrichment_services_port",), low=1, high=65_535,
    ),
    Setting(
        "enrichment.seconds", "number", 10, "Longest that one module may take.",
        misp=("Plugin.Enrichment_timeout",), low=1, high=300,
    ),
    Setting(
        "bridges.published", "flag", True,
        "Whether /.well-known/brug tells everyone who this node is, with its public keys.",
    ),
    Setting(
        "bridges.message_bytes", "number", 128 * MEBIBYTE,
        "Largest message of a partner, decompressed.", low=MEBIBYTE, high=2047 * MEBIBYTE,
    ),
    Setting(
        "bridges.seconds", "number", 120, "Longest that a partner's answer may take.",
        low=1, high=3600,
    ),
    Setting(
        "bridges.tells_used", "flag", False,
        "Whether partners whose agreement allows it are told, once a day, how often what they "
        "sent was detected here.",
    ),
    Setting(
        "servers.seconds", "number", 300,
        "How long one request to a server that the node pulls from or pushes to may take.",
        low=5, high=3600,
    ),
    Setting(
        "servers.answer_bytes", "number", 128 * MEBIBYTE,
        "Largest answer of such a server, before and after decompression.",
        low=MEBIBYTE, high=2047 * MEBIBYTE,
    ),
)  # fmt: skip

__all__ = ["BY_MISP_NAME", "SETTINGS", "Setting", "Value"]

_ALL = (*_ROWS, *OUTGOING, *ACCOUNTS, *PERSONS, *FEEDS, *ADVISORIES)
SETTINGS: Mapping[str, Setting] = {row.name: row for row in _ALL}
BY_MISP_NAME: Mapping[str, Setting] = {name: row for row in _ALL for name in row.misp}
