# SPDX-License-Identifier: EUPL-1.2
"""Vocabularies in use: compared by name, since their numbers differ from node to node.

A taxonomy or warninglist that is in use there and not here comes along whole.
"""

from typing import Any

from brug.intel.vocabulary import noticelists, taxonomies, taxonomy_changes, warninglists
from brug.moving.at import At
from brug.moving.taking import unwrapped

Raw = dict[str, Any]


def taxonomy(at: At, raw: Raw) -> bool:
    namespace = str(raw.get("namespace", ""))
    switches = [s for s in ("enabled", "required", "highlighted") if raw.get(s) is True]
    if not switches:
        return False
    found = at.session.value(
        "SELECT id FROM taxonomy WHERE lower(namespace) = lower(%s)", (namespace,)
    )
    if found is None:
        whole = at.source.misp.get(f"/taxonomies/export/{raw['id']}")
        found = taxonomy_changes.put(at.session, taxonomy_changes.drafted(whole)).id
    for which in switches:
        taxonomies.switch(at.session, found, which, True)
    return True


def warninglist(at: At, raw: Raw) -> bool:
    if raw.get("enabled") is not True:
        return False
    found = at.session.value(
        "SELECT id FROM warninglist WHERE name = %s ORDER BY id LIMIT 1", (str(raw.get("name")),)
    )
    if found is None:
        found = _own_warninglist(at, raw)
    chosen = warninglists.warninglist(at.session, int(found))
    warninglists.set_enabled(at.session, chosen, True)
    return True


def _own_warninglist(at: At, raw: Raw) -> int:
    """One that the other side made itself, with its entries."""
    whole = unwrapped(at.source.misp.get(f"/warninglists/view/{raw['id']}"), "Warninglist")
    entries = [
        warninglists.Entry(str(e.get("value", "")), e.get("comment") or None)
        for e in whole.get("WarninglistEntry") or []
        if isinstance(e, dict)
    ]
    draft = warninglists.Draft(
        name=str(raw.get("name")),
        kind=str(raw.get("type")),
        description=str(raw.get("description") or ""),
        category=str(raw.get("category") or "false_positive"),
        types=[t.strip() for t in str(raw.get("valid_attributes") or "ALL").split(",")],
        entries=entries,
    )
    return warninglists.add(at.session, draft).id


def noticelist(at: At, raw: Raw) -> bool:
    if raw.get("enabled") is not True:
        return False
    found = noticelists.noticelist(at.session, str(raw.get("name")))
    noticelists.set_enabled(at.session, found, True)
    return True


def galaxy(at: At, raw: Raw) -> bool:
    if raw.get("enabled") is not False:
        return False
    at.session.execute(
        "UPDATE galaxy SET enabled = false WHERE uuid::text = lower(%s)", (str(raw.get("uuid")),)
    )
    return True
