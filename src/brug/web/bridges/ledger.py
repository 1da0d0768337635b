# SPDX-License-Identifier: EUPL-1.2
"""The ledger: what is recorded, what is provable, and the proof of each entry to take along."""

from typing import Any

from brug.bridges import partners
from brug.bridges.ledger import checkpoints, logs, overview, partner_logs, proving
from brug.model.errors import NotFound
from brug.web import rendering
from brug.web.bridges import gate_words
from brug.web.bridges.room import may_change, require_reader, tabs_of
from brug.web.languages import N_
from brug.web.page import page
from brug.web.visit import Reply, Visit

BASE = "/bridges/ledger"
ENTRY = BASE + "/entries/{entry:str}"
PER_PAGE = 50
TEXT = "text/plain; charset=utf-8"

KINDS = {
    "act": N_("Administrative act"), "crossing": N_("Crossing"), "arrival": N_("Arrival"),
    "receipt": N_("Receipt"), "recall": N_("Recall"), "recall-followed": N_("Recall followed"),
    "judgement": N_("A person's decision"), "letter": N_("Letter"), "agreement": N_("Agreement"),
    "head": N_("Head of a bridge's log"), "erased": N_("Erased"),
    "reopened": N_("Log begun anew"), "conflict": N_("Contradiction of a partner"),
    "partner-log": N_("A partner's log begun anew"),
    "accepted-log": N_("A partner's new log accepted"),
    "feed": N_("Published feed"), "retention": N_("End of its time"),
    "case-entry": N_("Entry of a case"), "case-glass": N_("Glass of a case broken"),
    "case-export": N_("Case exported"),
}  # fmt: skip
# What the gate decided of a crossing, and what became of what arrived or whose time was over.
OUTCOMES = {key: words for key, (words, _) in gate_words.OUTCOMES.items()} | {
    "added": N_("Added"), "changed": N_("Changed"), "unchanged": N_("Nothing new"),
    "replaced": N_("Replaced"), "withdrawn": N_("Taken back"), "kept": N_("Kept"),
    "recalled": N_("Recalled"), "asked": N_("A person decides"), "unknown": N_("Not known here"),
    "deleted": N_("Deleted"), "stripped": N_("Personal data taken out"),
}  # fmt: skip


@page(BASE, shows=("own",), probe=BASE)
def listed(visit: Visit) -> Reply:
    require_reader(visit)
    session, query = visit.session, visit.query
    bridges = overview.bridges_of(session)
    asked = {"kind": query.text("kind")[:60], "bridge": query.number("bridge", 0) or None}
    rows = proving.listed(
        session,
        kind=str(asked["kind"] or ""),
        bridge=query.number("bridge", 0) or None,
        before=query.number("before", 0, high=2**62) or None,
        limit=PER_PAGE + 1,
    )
    shown = rows[:PER_PAGE]
    older = None
    if len(rows) > PER_PAGE:
        older = rendering.address(BASE, asked | {"before": shown[-1].number})
    return visit.show(
        "bridges/ledger.html",
        tabs=tabs_of(visit),
        rows=shown,
        older=older,
        asked=asked,
        bridges=bridges,
        kinds=KINDS,
        outcomes=OUTCOMES,
        found_kinds=overview.kinds(session),
        waiting=overview.waiting(session),
        states=overview.states(session, bridges),
        followed=overview.followed(session, bridges),
        may_change=may_change(visit),
    )


@page(ENTRY, shows=("own",))
def entry(visit: Visit) -> Reply:
    require_reader(visit)
    placed = proving.entry(visit.session, visit.args["entry"])
    return visit.show(
        "bridges/ledger_entry.html",
        tabs=tabs_of(visit),
        placed=placed,
        entry=placed.entry,
        kind=KINDS.get(placed.entry.kind, placed.entry.kind),
        pairs=_pairs(placed.entry.payload or {}),
        keys=[key.text for key in checkpoints.own_keys(visit.session, placed.log.origin)]
        if placed.log
        else [],
    )


def _pairs(payload: dict[str, Any], before: str = "") -> list[tuple[str, str]]:
    """What an entry says, a name and a value each, however deep it stands."""
    pairs = []
    for name, value in sorted(payload.items()):
        if isinstance(value, dict):
            pairs += _pairs(value, f"{before}{name}.")
        else:
            pairs.append((before + name, _shown(value, of_change=before == "change.")))
    return pairs


def _shown(value: Any, *, of_change: bool) -> str:
    if not isinstance(value, list):
        return "" if value is None else str(value)
    between = " → " if of_change and len(value) == 2 else ", "
    return between.join(_shown(one, of_change=False) for one in value)


@page(ENTRY + "/proof", shows=("own",))
def proof(visit: Visit) -> Reply:
    require_reader(visit)
    text = proving.proof(visit.session, visit.args["entry"])
    return _file(text, f"{proving.entry(visit.session, visit.args['entry']).entry.id}.tlog-proof")


@page(BASE + "/checkpoints/{log:int}", shows=("own",))
def checkpoint(visit: Visit) -> Reply:
    """The newest checkpoint of a log, as anybody may have it."""
    require_reader(visit)
    wanted = int(visit.args["log"])
    for log in logs.every(visit.session):
        if log.id == wanted:
            head = checkpoints.newest(visit.session, log)
            return _file(head.note.text, f"checkpoint-{head.size}.txt")
    raise NotFound(f"no log {wanted}")


@page(BASE + "/partner-logs/{bridge:int}/{log:int}/checkpoint", shows=("own",))
def held(visit: Visit) -> Reply:
    """The newest checkpoint of a partner's log that was countersigned here."""
    require_reader(visit)
    bridge = partners.view(visit.session, int(visit.args["bridge"]))
    wanted = int(visit.args["log"])
    for log in partner_logs.followed(visit.session, bridge):
        if log.id == wanted and log.note:
            return _file(log.note + log.line, f"checkpoint-of-partner-{log.size}.txt")
    raise NotFound(f"no checkpoint of log {wanted} of {bridge.partner}")


@page(BASE + "/partner-logs/{bridge:int}/{log:int}/accept", "POST")
def accept(visit: Visit) -> Reply:
    bridge = partners.view(visit.session, int(visit.args["bridge"]))
    partner_logs.accept(visit.session, bridge, int(visit.args["log"]))
    said = visit.gettext("Accepted. The new log is countersigned from the next exchange on.")
    return visit.redirect(BASE, said)


def _file(text: str, name: str) -> Reply:
    attached = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Reply(text.encode(), 200, attached, media_type=TEXT)
