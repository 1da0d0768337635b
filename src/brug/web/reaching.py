# SPDX-License-Identifier: EUPL-1.2
"""How a partner is reached, on the forms and pages of bridges and of servers.

The key and the password at the proxy go in and never out: not after an error either.
"""

from collections.abc import Mapping
from typing import Any

from brug.directory.route_changes import FIELDS
from brug.directory.routes import Kept
from brug.formats.certificates import Described, Trouble
from brug.web.fields import Fields
from brug.web.languages import N_

__all__ = ["FIELDS", "TROUBLES", "given_of", "shown", "values_of", "warning"]

TROUBLES: Mapping[Trouble, tuple[str, str]] = {
    "expired": (N_("Expired"), "bad"),
    "early": (N_("Not valid yet"), "bad"),
    "soon": (N_("Expires soon"), "warn"),
    "purpose": (N_("Not for clients"), "warn"),
}
_WARNINGS: Mapping[Trouble, str] = {
    "expired": N_("Saved. The certificate has expired: the other side will refuse it."),
    "early": N_("Saved. The certificate is not valid yet."),
    "soon": N_("Saved. The certificate expires within two weeks."),
    "purpose": N_("Saved. The certificate is not one for clients; the other side may refuse it."),
}


def given_of(form: Fields) -> dict[str, Any]:
    """What was sent of the fields of `directory.route_changes`; an empty key says nothing."""
    names = {name for name, _ in form.pairs}
    given: dict[str, Any] = {}
    if "proxy" in names:
        given = {"proxy": form.text("proxy"), "skip_proxy": form.flag("skip_proxy")}
    for name in ("ca_pem", "certificate"):
        if name in names:
            given[name] = form.get(name).strip()
    if key := form.get("key").strip():
        given["key"] = key
    return given


def values_of(given: Mapping[str, Any]) -> dict[str, Any]:
    """What a form shows once more after an error."""
    shown = {name: value for name, value in given.items() if name != "key"}
    if "proxy" in shown:
        shown["proxy"] = _without_password(shown["proxy"])
    if "PRIVATE KEY" in shown.get("certificate", ""):
        shown["certificate"] = ""
    if "PRIVATE KEY" in shown.get("ca_pem", ""):
        shown["ca_pem"] = ""
    return shown


def _without_password(text: str) -> str:
    """Whatever was typed, an address or not."""
    before, at, place = text.rpartition("@")
    scheme, slashes, login = before.partition("://")
    user = (login if slashes else scheme).partition(":")[0]
    return f"{scheme + slashes if slashes else ''}{user}{at}{place}"


def shown(kept: Kept) -> dict[str, Any]:
    """What a form begins with."""
    return {
        "proxy": kept.proxy, "skip_proxy": kept.skip_proxy, "ca_pem": kept.ca_pem,
        "certificate": kept.certificate,
    }  # fmt: skip


def warning(told: Described | None) -> str | None:
    """What to say of a certificate that was saved all the same."""
    trouble = told.trouble() if told else None
    return _WARNINGS[trouble] if trouble else None
