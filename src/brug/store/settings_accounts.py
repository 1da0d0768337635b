# SPDX-License-Identifier: EUPL-1.2
"""Settings of mail and of signing in; part of the registry in `settings_table`."""

import re
from urllib.parse import urlsplit

from brug.formats.letter import is_deliverable
from brug.store.setting import Setting

TLP = ("clear", "green", "amber", "amber+strict", "red")
_ADDRESS = re.compile(r"[^\s@<>\"'(),;:\\]{1,64}@[A-Za-z0-9][A-Za-z0-9.-]{0,252}[A-Za-z0-9]")
_HOST = re.compile(r"[A-Za-z0-9:][A-Za-z0-9.:-]{0,252}")


def mail_address(text: str) -> str | None:
    fits = _ADDRESS.fullmatch(text) and is_deliverable(text)
    return None if not text or fits else "an e-mail address"


def mail_host(text: str) -> str | None:
    return None if not text or _HOST.fullmatch(text) else "a host name or address"


def _issuer(text: str) -> str | None:
    """OpenID Connect Discovery 1.0, 3: https without query; http on this machine alone."""
    parts = urlsplit(text)
    near = parts.scheme == "http" and parts.hostname in {"127.0.0.1", "::1", "localhost"}
    fine = parts.hostname and not parts.query and not parts.fragment
    expected = "an https address without query, as the provider calls itself"
    return None if not text or (fine and (parts.scheme == "https" or near)) else expected


def _country(text: str) -> str | None:
    fine = not text or re.fullmatch(r"[A-Z]{2}", text)
    return None if fine else "two capital letters, such as NL"


def _key_address(text: str) -> str | None:
    """As in RFC 9116, 2.5.4, but for keys in the DNS."""
    form = r"https://[^\s/]+(/[^\s]*)?|openpgp4fpr:([0-9A-Fa-f]{40}|[0-9A-Fa-f]{64})"
    fine = not text or re.fullmatch(form, text)
    return None if fine else "an https address, or openpgp4fpr: with a fingerprint"


def _mapping(text: str) -> str | None:
    group, arrow, target = text.partition("=")
    fine = group and arrow and re.fullmatch(r"[^:]+(:[^:]+)?", target)
    return None if fine else "group=role or group=role:organisation, with %20 for a space"


ACCOUNTS: tuple[Setting, ...] = (
    Setting(
        "cases.intake", "flag", False,
        "Anyone may report a vulnerability at /report-vulnerability, without an account; "
        "security.txt leads there.",
    ),
    Setting(
        "cases.intake_hourly", "number", 20,
        "Such reports that are taken within an hour, whoever they come from.", low=1,
        high=10_000,
    ),
    Setting(
        "cases.intake_key", "text", "",
        "Where finders get the OpenPGP or age key to encrypt for: an https address, or "
        "openpgp4fpr: with the fingerprint. The form and security.txt name it.",
        check=_key_address,
    ),
    Setting(
        "cases.authority_country", "text", "",
        "Country (ISO 3166, two letters) of the authority that gets statutory reports, where none "
        "takes part that the register of authorities has as of another: its time zone and holidays "
        "count for deadlines. Empty: UTC, and weekends alone.",
        check=_country,
    ),
    Setting(
        "cases.break_glass_hours", "number", 8,
        "Hours after which a site admin who broke the glass of a case leaves it by itself.", low=1,
        high=168,
    ),
    Setting(
        "cases.summary_smallest", "number", 3,
        "The smallest count that the summary of notifications for ENISA shows; 1: all.", low=1,
        high=100,
    ),
    Setting(
        "mail.off", "flag", False, "No mail leaves the node.", misp=("MISP.disable_emailing",)
    ),
    Setting(
        "mail.host", "text", "", "Server that takes outgoing mail (SMTP); empty: no mail.",
        check=mail_host,
    ),
    Setting("mail.port", "number", 587, "Port of that server.", low=1, high=65_535),
    Setting(
        "mail.security", "text", "starttls",
        "How the connection is protected: starttls, tls from the start, or none.",
        choices=("starttls", "tls", "none"),
    ),
    Setting("mail.user", "text", "", "Account at that server; empty: none is needed."),
    Setting("mail.password", "secret", "", "Password of that account."),
    Setting(
        "mail.ca_file", "text", "",
        "File of certificates that the mail server's is checked against; empty: the system's.",
    ),
    Setting(
        "mail.from", "text", "", "Address that mail comes from.", misp=("MISP.email",),
        check=mail_address,
    ),
    Setting(
        "mail.reply_to", "text", "", "Address that answers go to, if another.",
        misp=("MISP.email_reply_to",), check=mail_address,
    ),
    Setting(
        "mail.subject_prefix", "text", "", "What subjects begin with; empty: the node's title.",
        misp=("MISP.email_subject_prefix",),
    ),
    Setting(
        "mail.encrypted_only", "flag", False, "Who has no OpenPGP key gets no mail about events.",
        misp=("GnuPG.onlyencrypted",),
    ),
    Setting(
        "mail.content_encrypted_only", "flag", False,
        "Who has no OpenPGP key is told that there is an event, and nothing of what it says.",
        misp=("GnuPG.bodyonlyencrypted",),
    ),
    Setting(
        "mail.metadata_only", "flag", False,
        "Mail about an event says that there is one, never what it says.",
        misp=("MISP.event_alert_metadata_only", "MISP.publish_alerts_summary_only"),
    ),
    Setting(
        "mail.tlp_ceiling", "text", "green",
        "Strictest TLP whose content mail may carry; above it mail holds a link alone. What has "
        "no TLP counts as green.",
        choices=TLP,
    ),
    Setting(
        "security.self_registration", "flag", False,
        "Anyone may ask for an account; a site admin decides.",
        misp=("Security.allow_self_registration",),
    ),
    Setting(
        "security.self_registration_message", "text", "",
        "What people read before they ask for an account.",
        misp=("MISP.self_registration_message",),
    ),
    Setting(
        "security.password_forgotten", "flag", True,
        "Who has lost the password may ask for a link by mail.",
        misp=("Security.allow_password_forgotten",),
    ),
    Setting(
        "security.reset_minutes", "number", 60, "How long such a link holds.", low=5, high=10_080
    ),
    Setting(
        "security.otp_required", "flag", False,
        "Everyone signs in with a one-time code as well (role right skip_otp: not needed).",
        misp=("Security.otp_required",),
    ),
    Setting(
        "security.otp_roles", "list", [],
        "Ids of roles whose users sign in with a one-time code as well.",
        check=lambda text: None if text.isdecimal() else "ids of roles",
    ),
    Setting(
        "security.otp_issuer", "text", "", "Name of the node in people's apps for one-time codes.",
        misp=("Security.otp_issuer",),
    ),
    Setting(
        "security.rate_limit_seconds", "number", 900,
        "How long calls count against the limit of a role.", low=10, high=86_400,
    ),
    Setting(
        "limits.refusals_kept", "number", 10_000,
        "How many refused items are kept for replay, for each organisation.", high=1_000_000,
    ),
    Setting(
        "sign_in.oidc_issuer", "text", "",
        "Address of the OpenID provider as it calls itself; empty: none.", check=_issuer,
        misp=("OidcAuth.provider_url",),
    ),
    Setting(
        "sign_in.oidc_client_id", "text", "", "Name of this node at the provider.",
        misp=("OidcAuth.client_id",),
    ),
    Setting(
        "sign_in.oidc_client_secret", "secret", "", "Secret of this node at the provider.",
        misp=("OidcAuth.client_secret",),
    ),
    Setting(
        "sign_in.oidc_scopes", "list", ["openid", "profile", "email"],
        "What is asked of the provider.", misp=("OidcAuth.scopes",),
    ),
    Setting(
        "sign_in.oidc_groups_claim", "text", "groups", "Claim that lists a person's groups.",
        misp=("OidcAuth.roles_property",),
    ),
    Setting(
        "sign_in.oidc_groups", "list", [],
        "Which group gives which role, and in which organisation: group=role or "
        "group=role:organisation. The first that fits counts; who is in none does not get in.",
        misp=("OidcAuth.role_mapper",), check=_mapping,
    ),
    Setting(
        "sign_in.oidc_organisation", "text", "",
        "Organisation of people whose group names none; empty: the host.",
        misp=("OidcAuth.default_org",),
    ),
    Setting("sign_in.oidc_label", "text", "", "Name of the provider on the page to sign in."),
    Setting(
        "sign_in.passwords", "flag", True,
        "People sign in with a password; off: through OpenID alone.",
        misp=("OidcAuth.mixedAuth",),
    ),
    Setting(
        "sign_in.break_glass", "number", 0,
        "Id of the one user who may sign in with a password even then.",
    ),
)  # fmt: skip
