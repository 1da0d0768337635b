# SPDX-License-Identifier: EUPL-1.2
"""What the points of SSVC ask, and what each answer means, in plain words; after CERT/CC."""

from brug.web.cases.scoring_words import Asked
from brug.web.languages import N_

POINTS = {
    "exploitation": Asked(
        N_("Exploitation"), N_("Is it attacked?"),
        {
            "N": N_("None: no attack and no public exploit is known"),
            "P": N_("Public proof of concept: an exploit can be had, or is obvious"),
            "A": N_("Active: attacks were reliably reported"),
        },
    ),
    "automatable": Asked(
        N_("Automatable"), N_("Can all steps be done by a machine against many targets?"),
        {"N": N_("No"), "Y": N_("Yes")},
    ),
    "value_density": Asked(
        N_("Value density"), N_("How much does one attack gain?"),
        {
            "D": N_("Diffuse: little from each target"),
            "C": N_("Concentrated: much from one target"),
        },
    ),
    "technical_impact": Asked(
        N_("Technical impact"), N_("How much control does an attacker gain?"),
        {
            "P": N_("Partial: some control, or some information"),
            "T": N_("Total: full control, or everything can be read"),
        },
    ),
    "system_exposure": Asked(
        N_("Exposure"), N_("Who can reach the system?"),
        {
            "S": N_("Small: local, or well shut off"),
            "C": N_("Controlled: in a network with protections that hold"),
            "O": N_("Open: from the internet or a network that cannot be trusted"),
        },
    ),
    "safety_impact": Asked(
        N_("Safety"), N_("How badly can people, things or the environment be harmed?"),
        {
            "N": N_("Negligible: discomfort at most"),
            "M": N_("Marginal: slight harm to one or more"),
            "R": N_("Critical: serious harm, or great damage"),
            "C": N_("Catastrophic: deaths"),
        },
    ),
    "mission_impact": Asked(
        N_("Mission"), N_("What does it do to the work of the organisation?"),
        {
            "D": N_("Degraded: little, or only what is not essential"),
            "MSC": N_("Support crippled: what supports essential work stops, for a time"),
            "MEF": N_("An essential function fails for longer than it may"),
            "MF": N_("The mission fails: several essential functions"),
        },
    ),
    "report_public": Asked(
        N_("Report public"), N_("Are details public already?"), {"Y": N_("Yes"), "N": N_("No")},
    ),
    "supplier_contacted": Asked(
        N_("Vendor written to"), N_("Did the finder try to reach the vendor in earnest?"),
        {"N": N_("No"), "Y": N_("Yes")},
    ),
    "report_credibility": Asked(
        N_("Credibility"), N_("Can the report be believed?"),
        {"NC": N_("Not credible"), "C": N_("Credible")},
    ),
    "supplier_cardinality": Asked(
        N_("How many vendors"), N_("Do several vendors have to make a fix?"),
        {"O": N_("One"), "M": N_("Several")},
    ),
    "supplier_engagement": Asked(
        N_("Vendor answers"), N_("Does the vendor answer and work on it?"),
        {"A": N_("Active"), "U": N_("Does not answer")},
    ),
    "supplier_involvement": Asked(
        N_("What the vendor does"), N_("Where is the vendor with the fix?"),
        {
            "FR": N_("The fix is ready"), "C": N_("Works on it and says so"),
            "UU": N_("Does not answer, or does not want to"),
        },
    ),
    "public_value_added": Asked(
        N_("Value of publishing"), N_("What would our publication add?"),
        {
            "L": N_("Limited: it is public and well described"),
            "A": N_("Ampliative: it adds to what is public"),
            "P": N_("Precedence: it would be the first"),
        },
    ),
}  # fmt: skip
OUTCOMES = {
    "Decline": N_("Decline"), "Track": N_("Track"), "Coordinate": N_("Coordinate"),
    "Publish": N_("Publish"), "Do Not Publish": N_("Do not publish"), "Defer": N_("Defer"),
    "Scheduled": N_("With the next update"), "Out-of-Cycle": N_("Sooner than planned"),
    "Immediate": N_("At once"),
}  # fmt: skip
DERIVED = {
    "utility": N_("Utility to an attacker"), "human_impact": N_("Harm to people and work"),
    "public_safety_impact": N_("Public safety"),
}  # fmt: skip
