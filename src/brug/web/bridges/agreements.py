# SPDX-License-Identifier: EUPL-1.2
"""Agreements: what is agreed with each partner, version by version, and proposing the next."""

from datetime import UTC, datetime
from typing import Any

from brug.bridges import agreements, partners, terms
from brug.bridges.agreements import Agreement
from brug.bridges.partners import BridgeRow
from brug.directory import organisations
from brug.model.errors import NotFound
from brug.web import forms
from brug.web.bridges import agreement_form, agreement_words, gate_words
from brug.web.bridges.room import TRANSPORTS, may_change, require_reader, tabs_of
from brug.web.page import page
from brug.web.visit import Reply, Visit

BASE = "/bridges/agreements"
OF_BRIDGE = BASE + "/{bridge:int}"
ONE = OF_BRIDGE + "/versions/{key:int}"


@page(BASE, shows=("directory",), probe=BASE)
def listed(visit: Visit) -> Reply:
    """What is in force with whom, and what waits for whom."""
    require_reader(visit)
    session, now = visit.session, datetime.now(UTC)
    rows = []
    for bridge in partners.listed(session):
        if bridge.state != "closed":
            several = agreements.history(session, bridge.id)
            open_ones = [one for one in several if not one.accepted]
            rows.append((bridge, agreements.in_force(session, bridge.id, now), open_ones))
    return visit.show(
        "bridges/agreements.html", tabs=tabs_of(visit), rows=rows, transports=TRANSPORTS,
        purposes=agreement_words.PURPOSES, may_change=may_change(visit),
    )  # fmt: skip


@page(OF_BRIDGE, shows=("directory",))
def of_bridge(visit: Visit) -> Reply:
    """The versions of one bridge."""
    require_reader(visit)
    bridge = partners.view(visit.session, visit.args["bridge"])
    now = agreements.in_force(visit.session, bridge.id, datetime.now(UTC))
    several = agreements.history(visit.session, bridge.id)
    return visit.show(
        "bridges/agreement_history.html",
        tabs=tabs_of(visit),
        bridge=bridge,
        rows=[(one, agreement_words.STATES[_state(one, now)]) for one in several],
        may_change=may_change(visit),
    )


def _state(one: Agreement, now: Agreement | None) -> str:
    if now is not None and now.id == one.id:
        return "in force"
    if one.accepted:
        return "accepted"
    return "theirs" if one.ours else "ours"


@page(ONE, shows=("directory",))
def show(visit: Visit) -> Reply:
    return _shown(visit)


def _named(visit: Visit) -> tuple[BridgeRow, Agreement]:
    require_reader(visit)
    bridge = partners.view(visit.session, visit.args["bridge"])
    for one in agreements.history(visit.session, bridge.id):
        if str(one.id) == visit.args["key"]:
            return bridge, one
    raise NotFound(f"no version {visit.args['key']} on bridge {bridge.id}")


def _shown(visit: Visit, errors: dict[str, str] | None = None) -> Reply:
    bridge, one = _named(visit)
    now = agreements.in_force(visit.session, bridge.id, datetime.now(UTC))
    return visit.show(
        "bridges/agreement.html",
        400 if errors else 200,
        tabs=tabs_of(visit),
        bridge=bridge,
        one=one,
        terms=one.terms,
        state=agreement_words.STATES[_state(one, now)],
        sending=[p.name for p in one.terms.parties if p.organisation in one.terms.senders],
        kinds=gate_words.KINDS,
        labels=agreement_words,
        on_paper=bridge.kind != "brug",
        may_change=may_change(visit),
        errors=errors or {},
    )


@page(ONE + "/accept", "POST")
def accept(visit: Visit) -> Reply:
    """Signs a version of the partner, or records that it accepted ours on paper."""
    bridge, one = _named(visit)

    def save() -> Reply:
        if one.ours is None:
            agreements.accept(visit.session, one)
        else:
            agreements.accept_on_paper(visit.session, one, visit.form.text("reference"))
        said = visit.gettext("Accepted.")
        return visit.redirect(f"{BASE}/{bridge.id}/versions/{one.id}", said)

    return forms.saved(visit, save, lambda errors: _shown(visit, errors))


@page(OF_BRIDGE + "/new", shows=("directory",))
def ask_new(visit: Visit) -> Reply:
    """The form, filled from the last version."""
    partners.require_admin(visit.session)
    bridge = partners.view(visit.session, visit.args["bridge"])
    ours = agreements.host(visit.session)[0]
    several = agreements.history(visit.session, bridge.id)
    if several:
        return _form(visit, bridge, agreement_form.of_terms(several[0].terms, ours))
    return _form(visit, bridge, agreement_form.fresh([ours, str(bridge.org_uuid)]))


@page(OF_BRIDGE + "/new", "POST")
def propose(visit: Visit) -> Reply:
    bridge = partners.view(visit.session, visit.args["bridge"])

    def save() -> Reply:
        wanted = agreements.draft(visit.session, bridge, agreement_form.terms_of(visit.form))
        made = agreements.propose(visit.session, bridge, wanted)
        said = visit.gettext("Proposed and signed. It is in force once the partner accepts it.")
        return visit.redirect(f"{BASE}/{bridge.id}/versions/{made.id}", said)

    typed = agreement_form.given(visit.form)
    return forms.saved(visit, save, lambda errors: _form(visit, bridge, typed, errors))


def _form(
    visit: Visit, bridge: BridgeRow, fields: dict[str, Any], errors: dict[str, str] | None = None
) -> Reply:
    host = agreements.host(visit.session)
    # What is wrong inside a list is said at the list; with a party, at its country.
    shown = {_field(name): text for name, text in (errors or {}).items()}
    return visit.show(
        "bridges/agreement_form.html",
        400 if errors else 200,
        tabs=tabs_of(visit),
        bridge=bridge,
        fields=fields,
        both=[host, (str(bridge.org_uuid), bridge.org_name)],
        node_users=[
            (one.uuid, one.name)
            for one in organisations.listed(visit.session, local=True)
            if one.uuid != host[0]
        ],
        kinds={kind: gate_words.KINDS[kind] for kind in sorted(terms.KINDS)},
        labels=agreement_words,
        errors=shown,
    )


def _field(name: str) -> str:
    if name.startswith("parties"):
        return "their_country"
    return name.partition("[")[0]
