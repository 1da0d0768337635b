# SPDX-License-Identifier: EUPL-1.2
"""What the metrics of CVSS ask, and what each answer means, in plain words.

By the specifications of FIRST (3.1 and 4.0); the words are ours, and the standards decide where
somebody doubts. `ssvc_words` has those of SSVC.
"""

from collections.abc import Mapping

import msgspec

from brug.web.languages import N_


class Asked(msgspec.Struct, frozen=True):
    """One question, and its answers by their key; an answer begins with its name."""

    title: str
    asks: str
    answers: Mapping[str, str]


_LOSS = {
    "H": N_("High: all of it, or what matters most"),
    "L": N_("Low: some of it, without control over what"),
    "N": N_("None"),
}
_NEED = {
    "H": N_("High: a loss would be a catastrophe here"),
    "M": N_("Medium: a loss would be serious here"),
    "L": N_("Low: a loss would matter little here"),
}
_VECTOR = Asked(
    N_("Attack vector"), N_("From how far away can it be attacked?"),
    {
        "N": N_("Network: from anywhere, over several networks"),
        "A": N_("Adjacent: from the same network, or by radio from nearby"),
        "L": N_("Local: on the system itself, or by a file that somebody opens there"),
        "P": N_("Physical: with the device in hand"),
    },
)  # fmt: skip
_COMPLEXITY = Asked(
    N_("Attack complexity"), N_("What must an attacker get round or find out first?"),
    {
        "L": N_("Low: nothing special; it works each time"),
        "H": N_("High: protections, secrets or conditions that have to be overcome"),
    },
)  # fmt: skip
_PRIVILEGES = Asked(
    N_("Privileges required"), N_("Which rights does an attacker need before?"),
    {
        "N": N_("None: no account"), "L": N_("Low: an ordinary account"),
        "H": N_("High: an administrator's rights"),
    },
)  # fmt: skip
_CONFIDENTIALITY, _INTEGRITY, _AVAILABILITY = (
    N_("Confidentiality"), N_("Integrity"), N_("Availability"),
)  # fmt: skip
_READ, _CHANGED, _STOPPED = (
    N_("What can be read that should be secret?"),
    N_("What can be changed that should be right?"),
    N_("What can be stopped or slowed that should work?"),
)
_NEEDED = N_("How much does this matter where the product is used?")
_ENVIRONMENT = {
    "CR": Asked(N_("Need for confidentiality"), _NEEDED, _NEED),
    "IR": Asked(N_("Need for integrity"), _NEEDED, _NEED),
    "AR": Asked(N_("Need for availability"), _NEEDED, _NEED),
}

_V31 = {
    "AV": _VECTOR,
    "AC": _COMPLEXITY,
    "PR": _PRIVILEGES,
    "UI": Asked(
        N_("User interaction"), N_("Must somebody else do something?"),
        {
            "N": N_("None: it works by itself"),
            "R": N_("Required: somebody has to open, click or type"),
        },
    ),
    "S": Asked(
        N_("Scope"), N_("Does it reach what another authority protects?"),
        {
            "U": N_("Unchanged: only what the same authority protects"),
            "C": N_("Changed: also others, such as the host of a virtual machine"),
        },
    ),
    "C": Asked(_CONFIDENTIALITY, _READ, _LOSS),
    "I": Asked(_INTEGRITY, _CHANGED, _LOSS),
    "A": Asked(_AVAILABILITY, _STOPPED, _LOSS),
    "E": Asked(
        N_("Exploit code"), N_("How far are exploits now?"),
        {
            "H": N_("High: works by itself, or needs no code at all"),
            "F": N_("Functional: works in most cases"),
            "P": N_("Proof of concept: shows that it can be done"),
            "U": N_("Unproven: none is known"),
        },
    ),
    "RL": Asked(
        N_("Remediation"), N_("What helps against it now?"),
        {
            "O": N_("Official fix: of the vendor"),
            "T": N_("Temporary fix: of the vendor, for now"),
            "W": N_("Workaround: of others or of users"), "U": N_("Unavailable: nothing helps yet"),
        },
    ),
    "RC": Asked(
        N_("Confidence in the report"), N_("How sure is it that this is so?"),
        {
            "C": N_("Confirmed: by the vendor, or it was reproduced"),
            "R": N_("Reasonable: details are known, causes not surely"),
            "U": N_("Unknown: only effects were reported"),
        },
    ),
    **_ENVIRONMENT,
}  # fmt: skip
_BEYOND = {
    "H": N_("High: all of it, or what matters most"),
    "L": N_("Low: some of it, without control over what"),
    "N": N_("None, or next to nothing"),
}
_V40 = {
    "AV": _VECTOR,
    "AC": _COMPLEXITY,
    "AT": Asked(
        N_("Attack requirements"), N_("Must something be so that an attacker cannot bring about?"),
        {
            "N": N_("None: it works wherever the product runs"),
            "P": N_("Present: a race to win, or a place in the network"),
        },
    ),
    "PR": _PRIVILEGES,
    "UI": Asked(
        N_("User interaction"), N_("Must somebody else do something?"),
        {
            "N": N_("None: it works by itself"),
            "P": N_("Passive: ordinary use is enough, without being aware of it"),
            "A": N_("Active: somebody has to do something that can be refused"),
        },
    ),
    "VC": Asked(_CONFIDENTIALITY, N_("In the product itself: what can be read?"), _LOSS),
    "VI": Asked(_INTEGRITY, N_("In the product itself: what can be changed?"), _LOSS),
    "VA": Asked(_AVAILABILITY, N_("In the product itself: what can be stopped?"), _LOSS),
    "SC": Asked(
        N_("Confidentiality beyond"), N_("In systems behind it: what can be read?"), _BEYOND,
    ),
    "SI": Asked(N_("Integrity beyond"), N_("In systems behind it: what can be changed?"), _BEYOND),
    "SA": Asked(
        N_("Availability beyond"), N_("In systems behind it: what can be stopped?"), _BEYOND,
    ),
    "E": Asked(
        N_("Exploit maturity"), N_("What is known of exploits now?"),
        {
            "A": N_("Attacked: attacks were seen, or tools for them exist"),
            "P": N_("Proof of concept: it is published, no attack was seen"),
            "U": N_("Unreported: neither is known"),
        },
    ),
    **_ENVIRONMENT,
    "S": Asked(
        N_("Safety"), N_("Can people be hurt?"),
        {"N": N_("Negligible: hardly"), "P": N_("Present: at least slightly")},
    ),
    "AU": Asked(
        N_("Automatable"), N_("Can all steps be done by a machine against many targets?"),
        {"N": N_("No"), "Y": N_("Yes")},
    ),
    "R": Asked(
        N_("Recovery"), N_("How does a system come back after an attack?"),
        {
            "A": N_("Automatic: by itself"), "U": N_("User: somebody has to do something"),
            "I": N_("Irrecoverable: not any more"),
        },
    ),
    "V": Asked(
        N_("Value density"), N_("How much does one attack gain?"),
        {
            "D": N_("Diffuse: little from each target"),
            "C": N_("Concentrated: much from one target"),
        },
    ),
    "RE": Asked(
        N_("Effort of the response"), N_("How much work is it for users to answer it?"),
        {"L": N_("Low"), "M": N_("Moderate"), "H": N_("High")},
    ),
    "U": Asked(
        N_("Urgency"), N_("How urgent does the provider find it?"),
        {
            "Clear": N_("Clear: for information"), "Green": N_("Green: little"),
            "Amber": N_("Amber: moderate"), "Red": N_("Red: the highest"),
        },
    ),
}  # fmt: skip
_MODIFIED = N_("The same, as it is where the product is used.")
_SAFETY = N_("Safety: people can be hurt")


def asked(version: str, key: str) -> Asked:
    """What a metric asks. One that is modified asks what its own does."""
    known = _V31 if version == "3.1" else _V40
    if key in known:
        return known[key]
    of = known[key.removeprefix("M")]
    answers = dict(of.answers)
    if version == "4.0" and key in {"MSI", "MSA"}:
        answers = {"S": _SAFETY} | answers
    return Asked(of.title, _MODIFIED, answers)


GROUPS = {
    "base": N_("The vulnerability itself"),
    "threat": N_("What is known of attacks now"),
    "environmental": N_("Where the product is used"),
    "supplemental": N_("More about it (without effect on the score)"),
}
SEVERITIES = {
    "NONE": N_("None"), "LOW": N_("Low"), "MEDIUM": N_("Medium"), "HIGH": N_("High"),
    "CRITICAL": N_("Critical"),
}  # fmt: skip
SCHEMES = {
    "cvss-4.0": "CVSS 4.0",
    "cvss-3.1": "CVSS 3.1",
    "coordinator_triage": N_("SSVC: take it on?"),
    "coordinator_publish": N_("SSVC: publish it?"),
    "supplier": N_("SSVC: make a fix"),
    "deployer": N_("SSVC: install a fix"),
}
