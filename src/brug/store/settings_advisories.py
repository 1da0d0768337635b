# SPDX-License-Identifier: EUPL-1.2
"""Settings of own security advisories: as whom the node publishes them."""

import re
from urllib.parse import urlsplit

from brug.formats.csaf.moments import is_uri
from brug.formats.csaf.rules.profiles import is_language
from brug.store.setting import Setting

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
_PREFIX = re.compile(r"[A-Za-z0-9]+(?:[-_][A-Za-z0-9]+)*")


def _namespace(text: str) -> str | None:
    fine = is_uri(text) and urlsplit(text).scheme == "https" and urlsplit(text).hostname
    return None if not text or fine else "an https address"


def _contact(text: str) -> str | None:
    fine = is_uri(text) and text.startswith(("mailto:", "https://", "tel:"))
    return None if not text or fine else "a mailto, https or tel address"


def _language(text: str) -> str | None:
    return None if not text or is_language(text) else "a language tag such as en or nl-BE"


def _prefix(text: str) -> str | None:
    return None if _PREFIX.fullmatch(text) else "letters and digits, such as NCSC-NL"


def _uuid(text: str) -> str | None:
    return None if not text or _UUID.fullmatch(text) else "a UUID of version 4 in lower case"


def _short(text: str) -> str | None:
    return None if len(text) <= 32 and text.isprintable() else "at most 32 characters"


ADVISORIES: tuple[Setting, ...] = (
    Setting(
        "advisories.namespace", "text", "",
        "Address that own advisories are known by together with their id, for ever; where it is "
        "empty the node publishes none.", check=_namespace,
    ),
    Setting(
        "advisories.category", "text", "coordinator",
        "What the host is to what its advisories are about.",
        choices=("coordinator", "discoverer", "other", "user", "vendor"),
    ),
    Setting(
        "advisories.contact", "text", "",
        "Address for questions about advisories, as in mailto:csirt@example.org.",
        check=_contact,
    ),
    Setting(
        "advisories.language", "text", "",
        "Language of own advisories that say none, as in en or nl-BE. Empty: that of the pages.",
        check=_language,
    ),
    Setting(
        "advisories.listed", "flag", True,
        "Whether aggregators may list this publisher and mirror what is for everyone.",
    ),
    Setting(
        "advisories.prefix", "text", "ADV", "How ids of own advisories begin.", check=_prefix,
    ),
    Setting(
        "cve.org_id", "text", "",
        "Id of the CVE numbering authority that the host is, or writes records for (a UUID).",
        check=_uuid,
    ),
    Setting(
        "disclosure.policy", "text", "certcc",
        "By which policy an embargo is proposed first; `brug case embargo-policies` lists them.",
    ),
    Setting(
        "disclosure.chase_days", "number", 7,
        "Days without an answer after which a vendor is written to again; 0: never.",
        low=0, high=365,
    ),
    Setting("cve.short_name", "text", "", "Its short name, as CVE records have it.", check=_short),
)  # fmt: skip
