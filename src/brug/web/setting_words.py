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
    "bridges.default_purpose": N_(
        "What an event serves that says nothing of it, when it is to cross a bridge."
    ),
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
    "events.blocklist": N_(
        "A deleted event, and whatever the list of blocked events names, is not taken in again."
    ),
    "events.organisation_blocklist": N_(
        "Events of the organisations on the list of blocked organisations are not taken in."
    ),
    "events.delegation": N_(
        "Organisations may ask others to take over events and publish them as their own."
    ),
    "sightings.policy": N_(
        "Who sees a sighting besides its reporter: 0 the event's owner; 1 also who has "
        "reported on the event; 2 everyone who sees the event; 3 as 0, and those of the "
        "host."
    ),
    "sightings.anonymise": N_("Sightings name their organisation to that organisation only."),
    "limits.body_bytes": N_("Largest body of a request, before and after decompression."),
    "limits.attachment_bytes": N_("Largest attachment or sample."),
    "limits.document_bytes": N_(
        "Largest document of a case, whether attached here or brought by a partner."
    ),
    "limits.case_documents_bytes": N_("Most that the documents of one case may hold together."),
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
    "feeds.local_folders": N_(
        "Folders of this machine that feeds may be read from; none: no feed is a local file."
    ),
    "feeds.document_bytes": N_("Most that one document of a feed may hold, decompressed."),
    "feeds.seconds": N_("Longest that one document of a feed may take to arrive."),
    "feeds.values": N_(
        "Most values that one event takes in from a list; what comes after them is refused."
    ),
    "feeds.refusals": N_("Most refused lines and items that are kept for one feed."),
    "feeds.published_seconds": N_(
        "How old a published feed may be before a reader has it looked at again; what is"
        " taken back leaves it within that time."
    ),
    "advisories.namespace": N_(
        "Address that own advisories are known by together with their id, for ever; where it is"
        " empty the node publishes none."
    ),
    "advisories.category": N_("What the host is to what its advisories are about."),
    "advisories.contact": N_(
        "Address for questions about advisories, as in mailto:csirt@example.org."
    ),
    "advisories.language": N_(
        "Language of own advisories that say none, as in en or nl-BE. Empty: that of the pages."
    ),
    "advisories.listed": N_(
        "Whether aggregators may list this publisher and mirror what is for everyone."
    ),
    "advisories.prefix": N_("How ids of own advisories begin."),
    "cve.org_id": N_(
        "Id of the CVE numbering authority that the host is, or writes records for (a UUID)."
    ),
    "disclosure.policy": N_(
        "By which policy an embargo is proposed first; `brug case embargo-policies` lists them."
    ),
    "disclosure.chase_days": N_(
        "Days without an answer after which a vendor is written to again; 0: never."
    ),
    "cve.short_name": N_("Its short name, as CVE records have it."),
    "bridges.published": N_(
        "Whether /.well-known/brug tells everyone who this node is, with its public keys."
    ),
    "bridges.message_bytes": N_("Largest message of a partner, decompressed."),
    "bridges.seconds": N_("Longest that a partner's answer may take."),
    "bridges.tells_used": N_(
        "Whether partners whose agreement allows it are told, once a day, how often what they "
        "sent was detected here."
    ),
    "outgoing.private_networks": N_(
        "Private or loopback networks that requests of the node may go to: where partners or "
        "feeds are that are not on the public internet."
    ),
    "outgoing.proxy_host": N_(
        "HTTP proxy that requests of the node go through; empty: none. Partners and servers may "
        "have another, or none. Proxies that the environment names are never used."
    ),
    "outgoing.proxy_port": N_("Port of that proxy."),
    "outgoing.proxy_tls": N_("Whether that proxy itself is spoken to over TLS."),
    "outgoing.proxy_user": N_("User at that proxy (Basic authentication); empty: none is needed."),
    "outgoing.proxy_password": N_("Password of that user."),
    "outgoing.proxy_except": N_(
        "What is reached without that proxy: names, each with all names below it, addresses and "
        "networks."
    ),
    "servers.seconds": N_(
        "How long one request to a server that the node pulls from or pushes to may take."
    ),
    "servers.answer_bytes": N_("Largest answer of such a server, before and after decompression."),
    "cases.intake": N_(
        "Anyone may report a vulnerability at /report-vulnerability, without an account; "
        "security.txt leads there."
    ),
    "cases.intake_hourly": N_(
        "Such reports that are taken within an hour, whoever they come from."
    ),
    "cases.intake_key": N_(
        "Where finders get the OpenPGP or age key to encrypt for: an https address, or "
        "openpgp4fpr: with the fingerprint. The form and security.txt name it."
    ),
    "cases.authority_country": N_(
        "Country (ISO 3166, two letters) of the authority that gets statutory reports, where none "
        "takes part that the register of authorities has as of another: its time zone and holidays "
        "count for deadlines. Empty: UTC, and weekends alone."
    ),
    "cases.break_glass_hours": N_(
        "Hours after which a site admin who broke the glass of a case leaves it by itself."
    ),
    "cases.summary_smallest": N_(
        "The smallest count that the summary of notifications for ENISA shows; 1: all."
    ),
    "cases.link_days": N_(
        "How long a personal link into a case holds; each letter brings a fresh one."
    ),
    "cases.outside_hourly": N_(
        "What one person without an account, or one finder, may enter in a case within an hour."
    ),
    "mail.inbound": N_(
        "Where answers of people without an account are fetched from: maildir, imap; empty: "
        "nowhere."
    ),
    "mail.inbound_address": N_(
        "Address that such answers go to; empty: the one that mail comes from."
    ),
    "mail.inbound_plus": N_(
        "That address takes name+anything@domain; else the subject says what a mail is about."
    ),
    "mail.inbound_maildir": N_("Folder of the maildir."),
    "mail.inbound_host": N_("Server of the IMAP mailbox."),
    "mail.inbound_port": N_("Port of that server."),
    "mail.inbound_security": N_(
        "How the connection to it is protected: tls from the start, or starttls."
    ),
    "mail.inbound_ca_file": N_(
        "File of certificates that this server's is checked against; empty: the system's."
    ),
    "mail.inbound_user": N_("Account at that server."),
    "mail.inbound_password": N_("Password of that account."),
    "mail.inbound_folder": N_("Folder of that mailbox."),
    "mail.inbound_bytes": N_(
        "Largest mail that is read; a larger one stays in the mailbox, and is reported."
    ),
    "mail.inbound_hourly": N_(
        "Mails of one person that are put into a case within an hour; more are held."
    ),
    "mail.inbound_checked_by": N_(
        "Name with which your mail server begins its Authentication-Results; with it, mail "
        "that it did not check is held."
    ),
    "mail.off": N_("No mail leaves the node."),
    "mail.host": N_("Server that takes outgoing mail (SMTP); empty: no mail."),
    "mail.port": N_("Port of that server."),
    "mail.security": N_("How the connection is protected: starttls, tls from the start, or none."),
    "mail.user": N_("Account at that server; empty: none is needed."),
    "mail.password": N_("Password of that account."),
    "mail.ca_file": N_(
        "File of certificates that the mail server's is checked against; empty: the system's."
    ),
    "mail.from": N_("Address that mail comes from."),
    "mail.reply_to": N_("Address that answers go to, if another."),
    "mail.subject_prefix": N_("What subjects begin with; empty: the node's title."),
    "mail.encrypted_only": N_("Who has no OpenPGP key gets no mail about events."),
    "mail.content_encrypted_only": N_(
        "Who has no OpenPGP key is told that there is an event, and nothing of what it says."
    ),
    "mail.metadata_only": N_("Mail about an event says that there is one, never what it says."),
    "mail.tlp_ceiling": N_(
        "Strictest TLP whose content mail may carry; above it mail holds a link alone. What "
        "has no TLP counts as green."
    ),
    "security.self_registration": N_("Anyone may ask for an account; a site admin decides."),
    "security.self_registration_message": N_("What people read before they ask for an account."),
    "security.password_forgotten": N_("Who has lost the password may ask for a link by mail."),
    "security.reset_minutes": N_("How long such a link holds."),
    "security.otp_required": N_(
        "Everyone signs in with a one-time code as well (role right skip_otp: not needed)."
    ),
    "security.otp_roles": N_("Ids of roles whose users sign in with a one-time code as well."),
    "security.otp_issuer": N_("Name of the node in people's apps for one-time codes."),
    "security.rate_limit_seconds": N_("How long calls count against the limit of a role."),
    "limits.refusals_kept": N_(
        "How many refused items are kept for replay, for each organisation."
    ),
    "sign_in.oidc_issuer": N_("Address of the OpenID provider as it calls itself; empty: none."),
    "sign_in.oidc_client_id": N_("Name of this node at the provider."),
    "sign_in.oidc_client_secret": N_("Secret of this node at the provider."),
    "sign_in.oidc_scopes": N_("What is asked of the provider."),
    "sign_in.oidc_groups_claim": N_("Claim that lists a person's groups."),
    "sign_in.oidc_groups": N_(
        "Which group gives which role, and in which organisation: group=role or "
        "group=role:organisation. The first that fits counts; who is in none does not get "
        "in."
    ),
    "sign_in.oidc_organisation": N_(
        "Organisation of people whose group names none; empty: the host."
    ),
    "sign_in.oidc_label": N_("Name of the provider on the page to sign in."),
    "sign_in.passwords": N_("People sign in with a password; off: through OpenID alone."),
    "sign_in.break_glass": N_("Id of the one user who may sign in with a password even then."),
    "limits.sample_bytes": N_(
        "Largest sample that the node encrypts itself; larger ones have to come encrypted."
    ),
    "enrichment.enabled": N_(
        "Whether attributes can be looked up through a server of misp-modules."
    ),
    "enrichment.url": N_("Address of the server of misp-modules, without the port."),
    "enrichment.port": N_("Port of the server of misp-modules."),
    "enrichment.seconds": N_("Longest that one module may take."),
}
