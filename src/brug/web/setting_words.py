# SPDX-License-Identifier: EUPL-1.2
"""What each setting means, marked for translation; a test holds it to the registry."""

from brug.web.languages import N_

MEANINGS = {
    "node.url": N_("Public address of the node; links and exports carry it."),
    "node.host_org_id": N_("Id of the organisation that runs the node."),
    "node.uuid": N_("Identifies this node to others; made once."),
    "node.title": N_("Name of the node at the head of its pages."),
    "node.misp_version": N_(
        "Version of MISP's interface that getVersion names; stock clients switch features"
        " off for numbers that they do not know."
    ),
    "node.language": N_("Language of pages for those who have not chosen one."),
    "events.default_distribution": N_(
        "Level of a new event that names none (0 own organisation, 1 this community, 2 "
        "connected communities, 3 all)."
    ),
    "events.default_attribute_distribution": N_(
        "Level of a new attribute or object that names none (5: as its event)."
    ),
    "events.drafts_private": N_(
        "Unpublished events are seen by the organisation that holds them and by nobody else."
    ),
    "sightings.policy": N_(
        "Who sees a sighting besides its reporter: 0 the event's owner; 1 also who has "
        "reported on the event; 2 everyone who sees the event; 3 as 0, and those of the "
        "host."
    ),
    "sightings.anonymise": N_("Sightings name their organisation to that organisation only."),
    "limits.body_bytes": N_("Largest body of a request, before and after decompression."),
    "limits.attachment_bytes": N_("Largest attachment or sample."),
    "limits.text_characters": N_("Longest text in which values are looked for."),
    "limits.import_bytes": N_("Most that one file of an import may hold, decompressed."),
    "limits.export_bytes": N_("Most that one export may hold on disk while it is fetched."),
    "limits.exports_at_once": N_("How many exports are prepared at a time."),
    "security.password_length": N_("Shortest password that is accepted."),
    "security.password_mixed": N_(
        "A password under 16 characters needs both cases and a digit or sign."
    ),
    "security.sign_in_attempts": N_(
        "Failed sign-ins of an account, or ten times as many of an address, before both wait."
    ),
    "security.sign_in_seconds": N_("How long a failed sign-in counts."),
    "security.session_minutes": N_("A web session ends after this long unused."),
    "security.key_days": N_("Longest life of a new API key (0: no limit)."),
    "web.trusted_proxies": N_(
        "Addresses or networks whose X-Forwarded-For and X-Forwarded-Proto are believed."
    ),
}
