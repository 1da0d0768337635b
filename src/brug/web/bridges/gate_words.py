# SPDX-License-Identifier: EUPL-1.2
"""What the gate says, marked for translation; a test holds it to the gate's own words."""

from collections.abc import Callable, Mapping

from brug.web.languages import N_

REASONS = {
    "no_agreement": N_("No agreement is in force."),
    "not_valid": N_("Version %(version)s of the agreement is not valid at this time."),
    "other_direction": N_("The agreement does not let this organisation send."),
    "kind_not_agreed": N_("The agreement does not cover items of the kind %(kind)s."),
    "agreed": N_("Version %(version)s of the agreement covers this."),
    "unreadable_own": N_("Nobody can read the marking %(label)s; a person has to decide."),
    "unreadable_received": N_("Nobody can read the marking %(label)s of the source."),
    "unmarked_refused": N_("It has no TLP marking, which this agreement refuses."),
    "unmarked_public": N_("It has no TLP marking and this bridge leads to the public."),
    "unmarked_held": N_("It has no TLP marking; a person has to decide."),
    "above_ceiling": N_("TLP:%(label)s is above the ceiling of the agreement, TLP:%(ceiling)s."),
    "pap_above_ceiling": N_(
        "PAP:%(label)s is above the ceiling of the agreement, PAP:%(ceiling)s."
    ),
    "own_to_public": N_("TLP:%(label)s is not for the public, to whom this bridge leads."),
    "back_to_source": N_("It goes back to where the event came from."),
    "kept": N_("It is kept here for a legal reason alone and goes nowhere."),
    "source_forbids": N_("It was received as TLP:%(label)s, which does not go to %(relation)s."),
    "source_allows": N_("The source allowed it: it counts as TLP:%(label)s here."),
    "marking_fits": N_("TLP:%(label)s may go over this bridge."),
    "other_purpose": N_("It serves %(purposes)s, which this agreement is not for."),
    "purpose_fits": N_("It serves %(purposes)s, as agreed."),
    "pseudonym": N_("It is a pseudonym from another bridge, which is never passed on."),
    "no_tool": N_("The agreement names no tool for the transfer of personal data."),
    "other_regime_tool": N_("The tool of transfer belongs to another regime than %(regime)s."),
    "tool_not_valid": N_("The tool of transfer (%(tool)s) is not valid at this time."),
    "crosses_regimes": N_(
        "Data under %(regime)s would come under %(other)s, which nobody decided."
    ),
    "identifies": N_("It identifies a person (%(what)s)."),
    "may_identify": N_("It may lead to a person, is no indicator, and would become public."),
    "around_identifies": N_("The text beside it identifies a person (%(what)s)."),
    "threat_actor": N_("It is about a threat actor, whose data is needed."),
    "tool_holds": N_("Personal data may cross (%(tool)s)."),
    "nothing_personal": N_("Nothing in it identifies a person."),
    "doubt_outside": N_("%(country)s is not within, as the agreement's tool of transfer supposes."),
    "doubt_no_decision": N_("The table has no decision on adequacy for %(country)s."),
    "doubt_expired": N_("The decision on adequacy for %(country)s in the table has expired."),
    "doubt_scope": N_("The decision on adequacy for %(country)s covers only: %(scope)s."),
    "embargoed": N_("It is under embargo."),
    "embargoed_until": N_("It is under embargo until %(until)s."),
    "embargo_unreadable": N_("It is under an embargo whose end nobody can read (%(until)s)."),
    "embargo_over": N_("Its embargo is over."),
    "not_embargoed": N_("It is under no embargo."),
    "controlled": N_(
        "It is flagged as controlled technology; a licence or an exemption is needed."
    ),
    "licensed": N_("Controlled technology under %(licence)s."),
    "not_controlled": N_("It is not flagged as controlled technology."),
    "known_good": N_("It is on a list of known false positives (%(lists)s)."),
    "expired": N_("It has decayed: what it is worth is below its model's threshold."),
    "quality_fits": N_("No list of false positives has it and it has not decayed."),
    "person_always": N_("The agreement wants a person to release everything."),
    "person_received": N_("The agreement wants a person to release what was received."),
    "person_unmarked": N_("The agreement wants a person to release what has no marking."),
    "person_personal": N_("The agreement wants a person to release personal data."),
    "person_files": N_("The agreement wants a person to release files."),
    "person_label": N_("The agreement wants a person to release TLP:%(label)s."),
    "nobody_needed": N_("No person has to release it."),
    "released": N_("A person released it. %(held)s"),
    "second_person": N_("One person released it, the agreement wants two. %(held)s"),
    "kept_here": N_("A person said that it stays here. %(held)s"),
    "key_needed": N_("TLP:%(label)s has to be encrypted, but not all it goes to have a valid key."),
    "no_key_needed": N_("It need not be encrypted, or is."),
    "contains": N_("It contains a value that may not cross."),
    "nothing_left": N_("Nothing of it may cross."),
    "some_left_out": N_("Parts of it do not cross as they are (%(count)s)."),
}
STAGES = {
    "unseen": N_(
        "The partner does not see this event: its level, group or being a draft keeps it."
    ),
    "theirs": N_("The partner made this event; only what is said of it here goes back."),
    "unwanted": N_("The bridge's filters do not want this event."),
    "level": N_("Its level does not leave this node."),
    "not_open": N_("The bridge is not open."),
}
WHO = {
    "here": N_("organisations of this node"),
    "partner": N_("over a bridge of this node"),
    "anyone": N_("whoever the holders before are connected to"),
    "members": N_("members of the sharing group"),
    "pullers": N_("whoever pulls from the holders before, each for itself alone"),
}
FORWARD = {
    "red": N_("may tell nobody"),
    "amber+strict": N_("may tell its own organisation only"),
    "amber": N_("may tell its own organisation and its clients"),
    "green": N_("may tell its community"),
    "clear": N_("may tell anyone"),
    None: N_("is not limited by a marking"),
}
RULES = {
    "agreement": N_("Agreement"), "marking": N_("Marking"), "purpose": N_("Purpose"),
    "personal data": N_("Personal data"), "embargo": N_("Embargo"),
    "export control": N_("Export control"), "quality": N_("Quality"), "person": N_("Person"),
    "encryption": N_("Encryption"), "parts": N_("Parts"),
}  # fmt: skip
OUTCOMES = {
    "pass": (N_("Passes"), "good"), "redact": (N_("Passes in part"), "warn"),
    "hold": (N_("Held"), "warn"), "refuse": (N_("Refused"), "bad"),
}  # fmt: skip
BECOMES = {
    "whole": N_("As it is"), "text": N_("With its texts redacted"),
    "pseudonym": N_("As a pseudonym"), "nothing": N_("Not"),
}  # fmt: skip
KINDS = {
    "attribute": N_("Attributes"), "report": N_("Reports"), "sighting": N_("Sightings"),
    "proposal": N_("Proposals"), "note": N_("Notes"), "cluster": N_("Clusters"),
    "event": N_("Events and attributes"), "case": N_("Cases"),
}  # fmt: skip
# What identifies a person, as reasons name it; IBAN and BSN are called so everywhere.
IDENTIFIERS = (
    N_("its type"), N_("e-mail address"), N_("phone number"), N_("card number"),
)  # fmt: skip


def why(gettext: Callable[[str], str], code: str, about: Mapping[str, str]) -> str:
    """A reason in the reader's language."""
    filled = dict(about)
    if "what" in filled:
        filled["what"] = ", ".join(gettext(one) for one in filled["what"].split(", "))
    return gettext(REASONS[code]) % filled
