# SPDX-License-Identifier: EUPL-1.2
"""The rule on personal data: regime, tool of transfer, and what is done with it.

A person chose regime and tool, in the agreement; this checks that the tool is there, belongs
to the regime and is valid at that time. The table of adequacy decisions only warns. Data of
another regime crosses only where the agreement refers to a decision on that.
"""

from datetime import datetime

from brug.bridges.gate import adequacy
from brug.bridges.gate.facts import Facts, Part
from brug.bridges.gate.reasons import Reason, reason
from brug.bridges.terms import Terms
from brug.bridges.transfers import TOOLS, Regime

RULE = "personal data"
# Whose purposes bring another regime than GDPR: LED art. 1(1), GDPR art. 2(2)(a).
_REGIMES: dict[str, Regime] = {"criminal-investigation": "led", "national-security": "none"}
_NAMES = {"gdpr": "GDPR", "led": "LED", "none": "no regime"}


def regime_of(part: Part, facts: Facts) -> Regime:
    """The regime that an item is under here, by what it serves."""
    serves = part.marking.purposes or (facts.default_purpose,)
    return next((_REGIMES[one] for one in serves if one in _REGIMES), "gdpr")


def obstacles(part: Part, facts: Facts, terms: Terms, at: datetime) -> tuple[Reason, ...]:
    """Why no personal data may cross at all, if so."""
    data, where = terms.personal_data, part.what
    said = []
    regime = regime_of(part, facts)
    if regime != data.regime and not data.crossing.strip():
        about = {"regime": _NAMES[regime], "other": _NAMES[data.regime]}
        said.append(reason(RULE, "redact", where, "crosses_regimes", **about))
    if data.regime == "none":
        return tuple(said)
    if data.transfer is None:
        return (*said, reason(RULE, "redact", where, "no_tool"))
    known = TOOLS.get(data.transfer.tool)
    if known is None or known[0] != data.regime:
        name = _NAMES[data.regime]
        said.append(reason(RULE, "redact", where, "other_regime_tool", regime=name))
    start, end = data.transfer.valid_from, data.transfer.valid_until
    if (start is not None and at < start) or (end is not None and at >= end):
        tool = _tool(terms)
        said.append(reason(RULE, "redact", where, "tool_not_valid", tool=tool))
    return tuple(said)


def personal_data(part: Part, facts: Facts, terms: Terms, at: datetime) -> tuple[Reason, ...]:
    """What identifies a person crosses only as agreed, with a tool, or not at all."""
    where = part.what
    if part.marking.pseudonym:
        return (reason(RULE, "redact", where, "pseudonym"),)
    value = part.personal in {"high", "medium"} or (part.personal == "text" and part.found)
    if not value and not part.around:
        return (reason(RULE, "pass", where, "nothing_personal"),)
    against = obstacles(part, facts, terms, at)
    said: list[Reason] = []
    if value:
        said += against or (_of_value(part, facts, terms),)
    if part.around and (against or terms.personal_data.handling != "share"):
        what = ", ".join(part.around)
        said.append(reason(RULE, "redact", where, "around_identifies", what=what))
    said += _doubts(where, facts, terms, at)
    return tuple(said) or (reason(RULE, "pass", where, "tool_holds", tool=_tool(terms)),)


def _of_value(part: Part, facts: Facts, terms: Terms) -> Reason:
    where, tool = part.what, _tool(terms)
    if terms.personal_data.handling == "share":
        return reason(RULE, "pass", where, "tool_holds", tool=tool)
    if part.marking.threat_actor:
        return reason(RULE, "pass", where, "threat_actor")
    if part.personal == "medium":
        # To whom the agreement binds, and to everybody only what is to be detected.
        if part.indicator or facts.relation != "public":
            return reason(RULE, "pass", where, "tool_holds", tool=tool)
        return reason(RULE, "redact", where, "may_identify")
    what = ", ".join(part.found) or "its type"
    return reason(RULE, "redact", where, "identifies", what=what)


def _doubts(where: str, facts: Facts, terms: Terms, at: datetime) -> list[Reason]:
    transfer, party = terms.personal_data.transfer, terms.party(facts.receiver)
    if transfer is None or party is None:
        return []
    doubt = adequacy.doubt(transfer.tool, party.country, at)
    if doubt is None:
        return []
    about = {"country": party.country}
    if doubt == "scope":
        about["scope"] = adequacy.scope_of(transfer.tool, party.country)
    return [reason(RULE, "pass", where, f"doubt_{doubt}", **about)]


def _tool(terms: Terms) -> str:
    transfer = terms.personal_data.transfer
    if transfer is None:
        return "no tool needed"
    return TOOLS.get(transfer.tool, ("", transfer.tool))[1]
