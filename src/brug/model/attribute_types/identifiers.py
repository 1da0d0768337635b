# SPDX-License-Identifier: EUPL-1.2
"""Names from registries (CVE, CWE, HTTP methods, UUIDs), wallets, keys, and JSON reports."""

import re
from collections.abc import Callable

import msgspec

from brug.model.attribute_types.letters import lower, upper
from brug.model.attribute_types.record import COMPOSITE, FORMAT, NEW_LINE, Unfit

_EN_DASH = "\u2013"
_is_cve = re.compile(r"CVE-[0-9]{4}-[0-9]{4,}").fullmatch
_is_cwe = re.compile(r"CWE-[0-9]+").fullmatch
_is_uuid = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}").fullmatch
_is_wallet = re.compile(r"[A-Za-z0-9]+").fullmatch
_is_ssh_fingerprint = re.compile(
    r"(?:MD5:)?(?:[0-9a-fA-F]{32}|[0-9a-fA-F]{2}(?::[0-9a-fA-F]{2}){15})"
    r"|SHA256:[A-Za-z0-9+/]{43}=?"
).fullmatch

# https://www.iana.org/assignments/http-methods
_METHODS = (
    "ACL BASELINE-CONTROL BIND CHECKIN CHECKOUT CONNECT COPY DELETE GET HEAD LABEL LINK LOCK "
    "MERGE MKACTIVITY MKCALENDAR MKCOL MKREDIRECTREF MKWORKSPACE MOVE OPTIONS ORDERPATCH PATCH "
    "POST PRI PROPFIND PROPPATCH PUT REBIND REPORT SEARCH TRACE UNBIND UNCHECKOUT UNLINK "
    "UNLOCK UPDATE UPDATEREDIRECTREF VERSION-CONTROL"
)
HTTP_METHODS = frozenset(_METHODS.split())


def vulnerability(value: str) -> str:
    return _dashed(value, _is_cve, "Invalid format. Expected: CVE-xxxx-xxxx...")


def weakness(value: str) -> str:
    return _dashed(value, _is_cwe, "Invalid format. Expected: CWE-x...")


def _dashed(value: str, fits: Callable[[str], re.Match[str] | None], text: str) -> str:
    value = upper(value).replace(_EN_DASH, "-")
    if fits(value) is None:
        raise Unfit(text)
    return value


def http_method(value: str) -> str:
    value = upper(value)
    if value not in HTTP_METHODS:
        raise Unfit("Unknown HTTP method.")
    return value


def uuid(value: str) -> str:
    value = lower(value)
    if _is_uuid(value) is None:
        raise Unfit(FORMAT)
    return value


def wallet(value: str) -> str:
    if _is_wallet(value) is None:
        raise Unfit(FORMAT)
    return value


def ssh_fingerprint(value: str) -> str:
    if _is_ssh_fingerprint(value) is None:
        raise Unfit("SSH fingerprint must be in MD5 or SHA256 format.")
    return value


def json_document(value: str) -> str:
    try:
        msgspec.json.decode(value, type=msgspec.Raw)
    except (msgspec.DecodeError, RecursionError):
        raise Unfit(FORMAT) from None
    return value


def registry_value(value: str) -> tuple[str, str]:
    key_and_data = sample(value)
    if "\n" in value:
        raise Unfit(NEW_LINE)
    return key_and_data


def sample(value: str) -> tuple[str, str]:
    """Two parts, neither checked."""
    first, bar, second = value.partition("|")
    if not bar or "|" in second:
        raise Unfit(COMPOSITE)
    return first, second
