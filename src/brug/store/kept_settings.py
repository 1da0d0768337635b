# SPDX-License-Identifier: EUPL-1.2
"""MISP's settings that mean nothing here: kept, shown and answered, without effect.

Scripts that set up a server write dozens of them and stop where one is refused. Names and
kinds are those of MISP's server settings (app/Model/Server.php). What acts is in
`settings_table` alone; a name that stands there is never kept here.
"""

import re
from collections.abc import Mapping
from typing import Any, Literal, LiteralString

from psycopg.types.json import Jsonb

from brug.model.errors import Forbidden, Invalid
from brug.store import audit
from brug.store.session import Session
from brug.store.settings_table import BY_MISP_NAME

Kind = Literal["string", "numeric", "boolean"]

# Secrets of a stock MISP: neither kept nor shown.
REDACTED = frozenset(
    {
        "Security.salt", "Security.encryption_key", "Security.cipherSeed", "GnuPG.password",
        "Proxy.password", "SMIME.password", "MISP.redis_password",
        "SimpleBackgroundJobs.redis_password", "SimpleBackgroundJobs.supervisor_password",
    }
)  # fmt: skip
# Modules keep the keys of services under names like these; the log holds none of them.
_SECRET = re.compile(r"key|secret|token|passw|credential", re.IGNORECASE)
_GROUPS: Mapping[str, Mapping[Kind, LiteralString]] = {
    "MISP": {
        "boolean": """
            live showorg threatlevel_in_email_subject email_subject_include_tag_name
            background_jobs cached_attachments download_attachments_on_load disablerestalert
            extended_alert_subject default_publish_alert tagging take_ownership_xml_import
            terms_download showorgalternate log_client_ip log_auth log_auth_fail
            log_skip_db_logs_completely log_paranoid log_paranoid_api log_paranoid_skip_db
            log_paranoid_include_post_body log_paranoid_include_sql_queries log_user_ips
            log_user_ips_authkeys log_new_audit log_new_audit_compress
            log_skip_access_logs_in_application_logs delegation showCorrelationsOnIndex
            showProposalsCountOnIndex showSightingsCountOnIndex showDiscussionsCountOnIndex
            showEventReportCountOnIndex disableUserSelfManagement disable_user_login_change
            disable_user_password_change disable_user_add block_event_alert block_old_event_alert
            block_publishing_for_same_creator proposals_block_attributes
            incoming_tags_disabled_by_default completely_disable_correlation
            allow_disabling_correlation manage_workers deadlock_avoidance
            attribute_filters_block_only attachment_scan_hash_only enable_advanced_correlations
            server_settings_skip_backup_rotate disable_auto_logout disable_event_locks
            discussion_disable download_gpg_from_homedir enable_automatic_garbage_collection
            enable_clusters_mirroring_from_attributes_to_event
            enable_synchronisation_filtering_on_type enableSightingBlocklisting
            event_alert_republish_ban event_alert_republish_ban_refresh_on_retry
            user_email_notification_ban user_email_notification_ban_refresh_on_retry
            online_version_check self_update store_api_access_time system_setting_db
            thumbnail_in_redis warning_for_all
        """,
        "numeric": """
            default_event_tag_collection org_alert_threshold block_old_event_alert_age
            block_old_event_alert_by_date redis_port redis_database updateTimeThreshold
            attachment_scan_timeout default_attribute_memory_coefficient
            default_event_memory_divisor max_correlations_per_event correlation_limit
            ssdeep_correlation_threshold event_alert_republish_ban_threshold
            user_email_notification_ban_time_threshold
            user_email_notification_ban_amount_threshold
        """,
        "string": """
            footermidleft footermidright footerpart1 footerpart2 footer_logo home_logo main_logo
            org logo email_subject_TLP_string email_subject_tag email_from_name attachments_dir
            osuser contact dns cveurl cweurl taxii_sync taxii_client_path
            default_event_threat_level full_tags_on_event_index welcome_text_top
            welcome_text_bottom welcome_logo welcome_logo2 terms_file newUserText
            passwordResetText log_client_ip_header block_event_alert_tag tmpdir custom_css
            redis_host redis_serializer event_view_filter_fields attachment_scan_module
            external_baseurl python_bin ca_path maintenance_message correlation_engine
            menu_custom_right_link menu_custom_right_link_html
        """,
    },
    "Security": {
        "boolean": """
            disable_form_security csp_enforce advanced_authkeys authkey_keep_session auth_enforced
            rest_client_enable_arbitrary_urls syslog syslog_to_stderr do_not_log_authkeys
            disable_browser_cache check_sec_fetch_site_header email_otp_enabled
            require_password_confirmation sanitise_attribute_on_delete
            hide_organisation_index_from_users hide_organisations_in_sharing_groups
            disable_local_feed_access allow_unsafe_apikey_named_param allow_cors sync_audit
            user_monitoring_enabled username_in_response_header disable_instance_file_uploads
            limit_site_admins_to_host_org alert_on_suspicious_logins
            mandate_ip_allowlist_advanced_authkeys otp_disabled force_https
        """,
        "numeric": "email_otp_length email_otp_validity",
        "string": """
            rest_client_baseurl syslog_ident email_otp_text email_otp_exceptions
            password_policy_complexity cors_origins min_tls_version level
        """,
    },
    "GnuPG": {
        "boolean": "sign obscure_subject",
        "string": "binary email homedir",
    },
    "SMIME": {
        "boolean": "enabled",
        "string": "email cert_public_sign key_sign",
    },
    "Proxy": {
        "string": "method",
    },
    "Session": {
        "boolean": "autoRegenerate checkAgent",
        "numeric": "cookieTimeout",
        "string": "defaults",
    },
    "SimpleBackgroundJobs": {
        "boolean": "enabled",
        "numeric": "redis_port redis_database max_job_history_ttl supervisor_port",
        "string": """
            redis_host redis_namespace redis_serializer supervisor_host supervisor_user
        """,
    },
}
# Switches of modules and plugins, which every installation has others of.
_PLUGIN = re.compile(
    r"Plugin\.(Enrichment|Import|Export|Action|Cortex|ZeroMQ|Kafka|RPZ|S3|Sightings|ElasticSearch"
    r"|CyCat|CustomAuth|Workflow|Syslog)_[\w-]{1,100}"
)
KEPT: Mapping[str, Kind] = {
    f"{group}.{name}": kind
    for group, kinds in _GROUPS.items()
    for kind, names in kinds.items()
    for name in names.split()
    if f"{group}.{name}" not in BY_MISP_NAME
} | {"debug": "numeric", "site_admin_debug": "boolean"}
# What nobody set is nothing of its kind, as that is so here: no jobs wait in the background.
# These are otherwise: what the node always does, and limits that scripts reckon with.
_UNSET: Mapping[str, int | bool] = {
    "MISP.live": True, "MISP.showorg": True, "MISP.tagging": True, "MISP.log_new_audit": True,
    "Security.advanced_authkeys": True, "Security.csp_enforce": True,
    "MISP.max_correlations_per_event": 5000, "MISP.correlation_limit": 20,
    "MISP.ssdeep_correlation_threshold": 40,
}  # fmt: skip
_NOTHING: Mapping[Kind, str | int | bool] = {"string": "", "numeric": 0, "boolean": False}


def kind_of(name: str) -> Kind | None:
    """The kind of a setting that is kept, or nothing for a name that MISP does not have."""
    if name in BY_MISP_NAME:
        return None
    return KEPT.get(name) or ("string" if _PLUGIN.fullmatch(name) else None)


def stored(session: Session) -> dict[str, Any]:
    """What was set, by name."""
    return dict(session.all("SELECT name, value FROM kept_setting ORDER BY name"))


def unset(name: str) -> str | int | bool:
    """The value of a kept setting that nobody set."""
    return _UNSET.get(name, _NOTHING[kind_of(name) or "string"])


_FLAGS = {"true": True, "1": True, "on": True, "false": False, "0": False, "off": False}


def put(session: Session, name: str, value: Any) -> None:
    """Keeps a value. Raises Forbidden, Invalid."""
    if not session.principal.is_site_admin:
        raise Forbidden(f"{session.principal.email} may not change {name}")
    checked = _checked(name, kind_of(name) or "string", value)
    session.execute(
        "INSERT INTO kept_setting (name, value) VALUES (%s, %s) ON CONFLICT (name)"
        " DO UPDATE SET value = excluded.value, changed_at = now()",
        (name, Jsonb(checked)),
    )
    shown = "*" if _SECRET.search(name) else checked
    audit.record(session, "edit", "Setting", 0, name, {"kept": shown})


def _checked(name: str, kind: Kind, value: Any) -> str | int | bool:
    text = str(value).strip()
    if isinstance(value, list | dict) or len(text) > 10_000 or "\x00" in text:
        raise Invalid(name, "at most 10000 characters", text)
    if not text:
        raise Invalid(name, "a value")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise Invalid(name, "valid Unicode") from error
    if kind == "boolean":
        if text.lower() not in _FLAGS:
            raise Invalid(name, "true or false", text)
        return _FLAGS[text.lower()]
    if kind == "numeric":
        digits = text.removeprefix("-")
        if not (digits.isascii() and digits.isdecimal() and len(digits) < 16):
            raise Invalid(name, "a number", text)
        return int(text)
    return text
