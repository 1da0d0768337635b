# SPDX-License-Identifier: EUPL-1.2
"""What the parts of an advisory are called on pages."""

from brug.web.languages import N_

STATUSES = {
    "known_affected": N_("Affected"),
    "known_not_affected": N_("Not affected"),
    "fixed": N_("Fixed"),
    "under_investigation": N_("Under investigation"),
    "first_affected": N_("First affected"),
    "last_affected": N_("Last affected"),
    "first_fixed": N_("First fixed"),
    "recommended": N_("Recommended"),
}
CATEGORIES = {
    "csaf_security_advisory": N_("Security advisory"),
    "csaf_vex": N_("Statement whether products are affected (VEX)"),
    "csaf_informational_advisory": N_("Information"),
    "csaf_security_incident_response": N_("Response to an incident"),
    "csaf_base": N_("Of another kind"),
}
LABELS = {
    "WHITE": N_("TLP:CLEAR: anyone reads it"),
    "GREEN": N_("TLP:GREEN: users of this node"),
    "AMBER": N_("TLP:AMBER: users of this node"),
    "RED": N_("TLP:RED: served to nobody"),
}
NOTES = {
    "summary": N_("Summary"),
    "description": N_("Description"),
    "details": N_("Details"),
    "general": N_("General"),
    "faq": N_("Questions and answers"),
    "legal_disclaimer": N_("Legal disclaimer"),
    "other": N_("Other"),
}
FIXES = {
    "vendor_fix": N_("Fix of the vendor"),
    "mitigation": N_("Mitigation"),
    "workaround": N_("Workaround"),
    "none_available": N_("None yet"),
    "no_fix_planned": N_("No fix planned"),
}
STATES = {"draft": N_("Draft"), "interim": N_("Interim"), "final": N_("Final")}
STEPS = {
    "major": N_("Major: who is affected or what to do"),
    "minor": N_("Minor: something new"),
    "patch": N_("Patch: words only"),
}
