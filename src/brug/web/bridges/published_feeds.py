# SPDX-License-Identifier: EUPL-1.2
"""Feeds that this node publishes: which search, for whom, and what the gate left out."""

import json
from typing import Any

from brug.bridges import partners
from brug.bridges.feeds import published, readers, serving
from brug.bridges.feeds.published import FORMATS, Published
from brug.directory import organisations
from brug.formats.json_text import Malformed, decode
from brug.model.errors import Invalid
from brug.store import settings
from brug.web import forms
from brug.web.bridges.room import may_change, require_reader, tabs_of
from brug.web.languages import N_
from brug.web.page import page
from brug.web.visit import Reply, Visit

BASE = "/bridges/feeds"
ONE = BASE + "/{key:int}"
_FORMATS = {
    "misp": N_("MISP feed"), "csv": N_("CSV"), "values": N_("Values, one a line"),
    "rpz": N_("Response policy zone"),
}  # fmt: skip
_RELATIONS = {
    "client": N_("Client or constituent of the host"), "community": N_("Of the community"),
    "public": N_("Anyone"),
}  # fmt: skip
# What the gate calls its rules, and the level before it.
REASONS = {
    "level": N_("Level of distribution"), "agreement": N_("Agreement"), "marking": N_("Marking"),
    "purpose": N_("Purpose"), "personal data": N_("Personal data"), "embargo": N_("Embargo"),
    "export control": N_("Export control"), "quality": N_("Quality"), "person": N_("A person"),
    "encryption": N_("Encryption"), "parts": N_("Parts"),
    "recalled": N_("Recalled"),
}  # fmt: skip


@page(BASE)
def listed(visit: Visit) -> Reply:
    require_reader(visit)
    return visit.show(
        "bridges/feeds.html",
        tabs=tabs_of(visit),
        rows=published.listed(visit.session),
        formats=_FORMATS,
        reasons=REASONS,
        may_change=may_change(visit),
        address=lambda feed: _address(visit, feed, feed.name),
    )


def _address(visit: Visit, feed: Published, segment: str) -> str:
    base = str(settings.get(visit.session, "node.url")).rstrip("/")
    first = "manifest.json" if feed.format == "misp" else serving.FILES[feed.format]
    return f"{base}/feeds/{segment}/{first}"


@page(BASE + "/new")
def ask_new(visit: Visit) -> Reply:
    partners.require_admin(visit.session)
    return _form(visit, None, {"format": "misp", "relation": "community", "enabled": True})


@page(BASE + "/new", "POST")
def add(visit: Visit) -> Reply:
    partners.require_admin(visit.session)
    given = _typed(visit)

    def save() -> Reply:
        wanted = _wanted(given)
        if given["organisation"]:
            bridge = readers.bridge_to(visit.session, given["organisation"], given["relation"])
            wanted["bridge_id"] = bridge.id
        made, token = published.add(visit.session, wanted | {"token": given["token"]})
        return _told(visit, made, token)

    return forms.saved(visit, save, lambda errors: _form(visit, None, given, errors))


@page(ONE)
def ask_edit(visit: Visit) -> Reply:
    require_reader(visit)
    found = published.view(visit.session, visit.args["key"])
    search = json.dumps(found.filters, ensure_ascii=False) if found.filters else ""
    values = {
        "name": found.name, "format": found.format, "filters": search, "enabled": found.enabled,
    }  # fmt: skip
    return _form(visit, found, values)


@page(ONE, "POST")
def edit(visit: Visit) -> Reply:
    found = published.view(visit.session, visit.args["key"])
    given = _typed(visit)

    def save() -> Reply:
        wanted = _wanted(given) | {"enabled": given["enabled"]}
        published.edit(visit.session, found.id, wanted)
        return visit.redirect(BASE, visit.gettext("Saved."))

    return forms.saved(visit, save, lambda errors: _form(visit, found, given, errors))


@page(ONE + "/token", "POST")
def new_token(visit: Visit) -> Reply:
    found, token = published.new_token(visit.session, visit.args["key"])
    return _told(visit, found, token)


@page(ONE + "/delete", "POST")
def delete(visit: Visit) -> Reply:
    gone = published.delete(visit.session, visit.args["key"])
    return visit.redirect(BASE, visit.gettext("%(name)s is removed.") % {"name": gone.name})


def _typed(visit: Visit) -> dict[str, Any]:
    form = visit.form
    texts = ("name", "format", "organisation", "relation")
    given: dict[str, Any] = {name: form.text(name) for name in texts}
    given |= {name: form.flag(name) for name in ("token", "enabled")}
    return given | {"filters": form.get("filters").strip()}


def _wanted(given: dict[str, Any]) -> dict[str, Any]:
    try:
        search = decode(given["filters"].encode() or b"{}")
    except Malformed as error:
        raise Invalid("filters", f"JSON: {error.reason}", given["filters"]) from error
    if not isinstance(search, dict):
        raise Invalid("filters", "a JSON object", given["filters"])
    return {"name": given["name"], "format": given["format"], "filters": search}


def _form(
    visit: Visit,
    found: Published | None,
    values: dict[str, Any],
    errors: dict[str, str] | None = None,
) -> Reply:
    host = settings.get(visit.session, "node.host_org_id")
    return visit.show(
        "bridges/feed_form.html",
        400 if errors else 200,
        tabs=tabs_of(visit),
        feed=found,
        values=values,
        errors=_placed(errors or {}),
        may_change=may_change(visit),
        formats=[(one, visit.gettext(_FORMATS[one])) for one in FORMATS],
        relations=[(one, visit.gettext(label)) for one, label in _RELATIONS.items()],
        organisations=[
            (one.id, one.name) for one in organisations.listed(visit.session) if one.id != host
        ],
        reasons=REASONS,
        address=_address(visit, found, found.name) if found else "",
    )


def _placed(errors: dict[str, str]) -> dict[str, str]:
    """What is wrong with a parameter of the search stands beside the search."""
    known = {"name", "format", "filters", "organisation", "relation"}
    return {(field if field in known else "filters"): text for field, text in errors.items()}


def _told(visit: Visit, feed: Published, token: str) -> Reply:
    if not token:
        return visit.redirect(BASE, visit.gettext("Added."))
    return visit.show(
        "bridges/feed_token.html",
        tabs=tabs_of(visit),
        feed=feed,
        token=token,
        address=_address(visit, feed, feed.name),
        with_token=_address(visit, feed, token),
    )
