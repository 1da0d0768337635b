# SPDX-License-Identifier: EUPL-1.2
"""Why: each thing that a rule says, with its text.

`code` with `about` is what pages translate; `text` is the sentence in English.
"""

from typing import Literal

import msgspec

Outcome = Literal["pass", "redact", "hold", "refuse"]
OUTCOMES: tuple[Outcome, ...] = ("pass", "redact", "hold", "refuse")
STRICTNESS = {outcome: place for place, outcome in enumerate(OUTCOMES)}
RULES = (
    "agreement", "marking", "purpose", "personal data", "embargo", "export control", "quality",
    "person", "encryption",
)  # fmt: skip

TEXTS: dict[str, str] = {
    "no_agreement": "No agreement is in force.",
    "not_valid": "Version %(version)s of the agreement is not valid at this time.",
    "other_direction": "The agreement does not let this organisation send.",
    "kind_not_agreed": "The agreement does not cover items of the kind %(kind)s.",
    "agreed": "Version %(version)s of the agreement covers this.",
    "unreadable_own": "Nobody can read the marking %(label)s; a person has to decide.",
    "unreadable_received": "Nobody can read the marking %(label)s of the source.",
    "unmarked_refused": "It has no TLP marking, which this agreement refuses.",
    "unmarked_public": "It has no TLP marking and this bridge leads to the public.",
    "unmarked_held": "It has no TLP marking; a person has to decide.",
    "above_ceiling": "TLP:%(label)s is above the ceiling of the agreement, TLP:%(ceiling)s.",
    "pap_above_ceiling": "PAP:%(label)s is above the ceiling of the agreement, PAP:%(ceiling)s.",
    "own_to_public": "TLP:%(label)s is not for the public, to whom this bridge leads.",
    "back_to_source": "It goes back to where the event came from.",
    "kept": "It is kept here for a legal reason alone and goes nowhere.",
    "source_forbids": "It was received as TLP:%(label)s, which does not go to %(relation)s.",
    "source_allows": "The source allowed it: it counts as TLP:%(label)s here.",
    "marking_fits": "TLP:%(label)s may go over this bridge.",
    "other_purpose": "It serves %(purposes)s, which this agreement is not for.",
    "purpose_fits": "It serves %(purposes)s, as agreed.",
    "pseudonym": "It is a pseudonym from another bridge, which is never passed on.",
    "no_tool": "The agreement names no tool for the transfer of personal data.",
    "other_regime_tool": "The tool of transfer belongs to another regime than %(regime)s.",
    "tool_not_valid": "The tool of transfer (%(tool)s) is not valid at this time.",
    "crosses_regimes": "Data under %(regime)s would come under %(other)s, which nobody decided.",
    "identifies": "It identifies a person (%(what)s).",
    "may_identify": "It may lead to a person, is no indicator, and would become public.",
    "around_identifies": "The text beside it identifies a person (%(what)s).",
    "threat_actor": "It is about a threat actor, whose data is needed.",
    "tool_holds": "Personal data may cross (%(tool)s).",
    "nothing_personal": "Nothing in it identifies a person.",
    "doubt_outside": "%(country)s is not within, as the agreement's tool of transfer supposes.",
    "doubt_no_decision": "The table has no decision on adequacy for %(country)s.",
    "doubt_expired": "The decision on adequacy for %(country)s in the table has expired.",
    "doubt_scope": "The decision on adequacy for %(country)s covers only: %(scope)s.",
    "embargoed": "It is under embargo.",
    "embargoed_until": "It is under embargo until %(until)s.",
    "embargo_unreadable": "It is under an embargo whose end nobody can read (%(until)s).",
    "embargo_over": "Its embargo is over.",
    "not_embargoed": "It is under no embargo.",
    "controlled": "It is flagged as controlled technology; a licence or an exemption is needed.",
    "licensed": "Controlled technology under %(licence)s.",
    "not_controlled": "It is not flagged as controlled technology.",
    "known_good": "It is on a list of known false positives (%(lists)s).",
    "expired": "It has decayed: what it is worth is below its model's threshold.",
    "quality_fits": "No list of false positives has it and it has not decayed.",
    "person_always": "The agreement wants a person to release everything.",
    "person_received": "The agreement wants a person to release what was received.",
    "person_unmarked": "The agreement wants a person to release what has no marking.",
    "person_personal": "The agreement wants a person to release personal data.",
    "person_files": "The agreement wants a person to release files.",
    "person_label": "The agreement wants a person to release TLP:%(label)s.",
    "nobody_needed": "No person has to release it.",
    "released": "A person released it. %(held)s",
    "second_person": "One person released it, the agreement wants two. %(held)s",
    "kept_here": "A person said that it stays here. %(held)s",
    "key_needed": "TLP:%(label)s has to be encrypted, but not all it goes to have a valid key.",
    "no_key_needed": "It need not be encrypted, or is.",
    "contains": "It contains a value that may not cross.",
    "nothing_left": "Nothing of it may cross.",
    "some_left_out": "Parts of it do not cross as they are (%(count)s).",
}


class Reason(msgspec.Struct, frozen=True):
    """What one rule says, and of what: "event", "attribute", "report"..."""

    rule: str
    outcome: Outcome
    text: str
    where: str
    code: str
    about: dict[str, str] = {}


def reason(rule: str, outcome: Outcome, where: str, code: str, **about: str) -> Reason:
    return Reason(rule, outcome, TEXTS[code] % about, where, code, about)


def strictest(reasons: tuple[Reason, ...]) -> Outcome:
    """The outcome that wins."""
    return OUTCOMES[max((STRICTNESS[one.outcome] for one in reasons), default=0)]
