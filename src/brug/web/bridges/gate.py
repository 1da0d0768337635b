# SPDX-License-Identifier: EUPL-1.2
"""What would cross: an event beside each bridge, with the gate's reasons, before it is sent;
and the permissions of sources to pass on more than their labels say.
"""

from datetime import UTC, datetime

from brug.bridges import explaining, simulating
from brug.bridges.crossing import calling_back
from brug.bridges.gate import permissions
from brug.directory import organisations
from brug.directory.refusals import Refused
from brug.intel import loading
from brug.intel.finding import find
from brug.model import tlp
from brug.model.errors import Invalid, NotFound
from brug.web import event_values, forms
from brug.web.bridges import agreement_words, gate_words
from brug.web.bridges.room import chosen, may, may_change, require_reader, tabs_of
from brug.web.page import page
from brug.web.visit import Reply, Visit

PERMISSIONS = "/bridges/permissions"
HOPS = 3


@page(
    "/intelligence/events/{key:str}/crossing",
    shows=("event", "attribute"),
    probe="/intelligence/events/{event}/crossing",
)
def crossing(visit: Visit) -> Reply:
    """Decided now, for each bridge; nothing is sent and nothing is kept."""
    event_id = find(visit.session, "event", visit.args["key"])
    require_reader(visit)
    found = loading.heads(visit.session, [event_id])[event_id]
    database = visit.node.database
    return visit.show(
        "events/crossing.html",
        tabs=event_values.tabs_of(visit),
        event=found.head,
        explained=explaining.everywhere(database, visit.session, event_id),
        holders=simulating.simulate(database, visit.session, event_id, HOPS),
        permissions=permissions.listed(visit.session, found.head.uuid),
        states=agreement_words.PERMISSIONS,
        said=gate_words,
        gettext_of=visit.gettext,
        may_change=may_change(visit),
        may_recall=may(visit, "recall") and calling_back.is_out(visit.session, found.head.uuid),
    )


@page(PERMISSIONS, shows=("event", "directory"), probe=PERMISSIONS)
def listed(visit: Visit) -> Reply:
    return _listed(visit)


def _listed(visit: Visit, errors: dict[str, str] | None = None) -> Reply:
    require_reader(visit)
    typed = visit.form if errors else visit.query
    return visit.show(
        "bridges/permissions.html",
        400 if errors else 200,
        tabs=tabs_of(visit),
        rows=permissions.listed(visit.session),
        states=agreement_words.PERMISSIONS,
        labels=[(label, f"TLP:{label.upper()}") for label in tlp.LABELS],
        organisations=organisations.listed(visit.session),
        may_record=may(visit, "bridge_admin", "release"),
        given={
            name: typed.text(name)
            for name in ("event", "attribute", "from_label", "to_label", "audience", "source")
        },
        errors=errors or {},
    )


@page(PERMISSIONS, "POST")
def ask(visit: Visit) -> Reply:
    """Records that the source was asked."""
    form = visit.form

    def save() -> Reply:
        try:
            event_id = find(visit.session, "event", form.text("event"))
        except NotFound as error:
            raise Refused("event_uuid", "unknown", "an event that you see") from error
        head = loading.heads(visit.session, [event_id])[event_id].head
        audience = form.text("audience")
        permissions.ask(visit.session, {
            "event_uuid": head.uuid, "attribute_uuid": form.text("attribute"),
            "from_label": form.text("from_label"), "to_label": form.text("to_label"),
            "source": form.text("source"),
            "audience_id": organisations.view(visit.session, audience).id if audience else None,
        })  # fmt: skip
        return visit.redirect(PERMISSIONS, visit.gettext("Recorded. It counts once it is granted."))

    return forms.saved(visit, save, lambda errors: _listed(visit, errors))


@page(PERMISSIONS + "/{key:int}", "POST")
def answer(visit: Visit) -> Reply:
    """What the source said, or that it took it back."""
    form, number = visit.form, int(visit.args["key"])
    done, evidence = chosen(visit, "grant", "refuse", "withdraw"), form.text("evidence")

    def save() -> Reply:
        if done == "withdraw":
            permissions.withdraw(visit.session, number, evidence)
        else:
            permissions.answer(
                visit.session, number, granted=done == "grant", evidence=evidence,
                valid_until=_until(form.text("valid_until")) if done == "grant" else None,
            )  # fmt: skip
        return visit.redirect(PERMISSIONS, visit.gettext("Saved."))

    return forms.saved(visit, save, lambda errors: _listed(visit, errors))


def _until(text: str) -> datetime | None:
    if not text:
        return None
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError as error:
        raise Invalid("valid_until", "a day such as 2026-01-31", text) from error
