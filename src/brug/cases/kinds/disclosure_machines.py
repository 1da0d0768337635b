# SPDX-License-Identifier: EUPL-1.2
"""The machines of a disclosure.

`report`, `embargo`, `consent`, `fix` and `exposure` are Vultron's RM, EM, PEC and the two halves
of its case state (CERT/CC, SEI-2021-SR-021), with its rules that a public hole is known to every
vendor at once, that a public exploit makes the hole public, and that either ends the embargo.
"""

from brug.cases.case import Machine, Transition
from brug.cases.declaring import Effect
from brug.cases.embargoes import terms
from brug.model.words import N_

_LEADS = frozenset({"coordinator"})
_VENDOR = frozenset({"coordinator", "vendor"})
_HANDLES = frozenset({"coordinator", "vendor", "deployer"})
_AGREES = frozenset({"coordinator", "finder", "vendor", "deployer", "cna"})

HANDLING = Machine(
    key="handling",
    title=N_("Handling"),
    states={
        "received": N_("Received"),
        "verifying": N_("Being verified"),
        "coordinating": N_("Being coordinated"),
        "published": N_("Published"),
        "declined": N_("Declined"),
        "closed": N_("Closed"),
    },
    initial="received",
    final=frozenset({"declined", "closed"}),
    transitions=(
        Transition(
            trigger="verify", title=N_("Verify"), source=("received",), target="verifying",
            roles=_LEADS, needs=("report_received_at",),
        ),
        Transition(
            trigger="coordinate", title=N_("Coordinate"), source=("verifying",),
            target="coordinating", roles=_LEADS, needs=("triage", "products"),
        ),
        Transition(
            trigger="turn_down", title=N_("Decline"), source=("received", "verifying"),
            target="declined", roles=_LEADS, asks=True,
        ),
        Transition(
            trigger="publish", title=N_("Publish"), source=("coordinating",),
            target="published", roles=_LEADS, needs=("summary", "products"),
        ),
        Transition(
            trigger="close", title=N_("Close"), source=("published",), target="closed",
            roles=_LEADS,
        ),
        Transition(
            trigger="reopen", title=N_("Reopen"), source=("declined", "closed"),
            target="verifying", roles=_LEADS, asks=True,
        ),
    ),
)  # fmt: skip

CONTACT = Machine(
    key="contact",
    title=N_("Contact"),
    each=frozenset({"vendor"}),
    discreet=True,
    states={
        "unwritten": N_("Not written to"),
        "written": N_("Written to"),
        "answering": N_("Answers"),
        "silent": N_("Silent"),
    },
    initial="unwritten",
    final=frozenset(),
    transitions=(
        Transition(
            trigger="write", title=N_("Written to"), source=("unwritten",), target="written",
            roles=_LEADS, needs=("first_vendor_contact_attempt_at",),
        ),
        Transition(
            trigger="answer", title=N_("Has answered"),
            source=("unwritten", "written", "silent"), target="answering", roles=_VENDOR,
        ),
        Transition(
            trigger="fall_silent", title=N_("Does not answer"), source=("written", "answering"),
            target="silent", roles=_LEADS,
        ),
        Transition(
            trigger="chase", title=N_("Written to once more"), source=("silent",),
            target="written", roles=_LEADS, asks=True,
        ),
    ),
)  # fmt: skip

REPORT = Machine(
    key="report",
    title=N_("Report"),
    each=frozenset({"vendor", "deployer"}),
    states={
        "start": N_("Not received"),
        "received": N_("Received"),
        "invalid": N_("Found invalid"),
        "valid": N_("Found valid"),
        "deferred": N_("Deferred"),
        "accepted": N_("Accepted"),
        "closed": N_("Closed"),
    },
    initial="start",
    final=frozenset({"closed"}),
    transitions=(
        Transition(
            trigger="receive", title=N_("Received"), source=("start",), target="received",
            roles=_HANDLES,
        ),
        Transition(
            trigger="validate", title=N_("Valid"), source=("received", "invalid"),
            target="valid", roles=_HANDLES,
        ),
        Transition(
            trigger="invalidate", title=N_("Invalid"), source=("received",), target="invalid",
            roles=_HANDLES, asks=True,
        ),
        Transition(
            trigger="accept", title=N_("Accept"), source=("valid", "deferred"),
            target="accepted", roles=_HANDLES,
        ),
        Transition(
            trigger="defer", title=N_("Defer"), source=("valid", "accepted"),
            target="deferred", roles=_HANDLES, asks=True,
        ),
        Transition(
            trigger="close_report", title=N_("Close"), source=("accepted", "invalid", "deferred"),
            target="closed", roles=_HANDLES,
        ),
    ),
)  # fmt: skip

_RELEASED = Effect("consent", ("invited", "signatory", "lapsed", "declined"), "no_embargo")
EMBARGO = Machine(
    key="embargo",
    title=N_("Embargo"),
    states={
        "none": N_("None"),
        "proposed": N_("Proposed"),
        "active": N_("Active"),
        "revise": N_("Active, other terms proposed"),
        "exited": N_("Ended"),
    },
    initial="none",
    final=frozenset({"none", "exited"}),
    transitions=(
        Transition(
            trigger="propose", title=N_("Propose"), source=("none", "proposed"),
            target="proposed", roles=_AGREES, reads=terms.lacking, beside=True,
            also=(Effect("consent", ("no_embargo",), "invited"),),
        ),
        Transition(
            trigger="reject_embargo", title=N_("Reject"), source=("proposed",), target="none",
            roles=_LEADS, asks=True, also=(_RELEASED,),
        ),
        Transition(
            trigger="accept_embargo", title=N_("Put into force"), source=("proposed",),
            target="active", roles=_LEADS,
        ),
        Transition(
            trigger="propose", title=N_("Propose other terms"), source=("active", "revise"),
            target="revise", roles=_AGREES, reads=terms.lacking, beside=True,
        ),
        Transition(
            trigger="accept_embargo", title=N_("Put the other terms into force"),
            source=("revise",), target="active", roles=_LEADS,
            also=(Effect("consent", ("signatory",), "lapsed"),),
        ),
        Transition(
            trigger="reject_embargo", title=N_("Keep the old terms"), source=("revise",),
            target="active", roles=_LEADS, asks=True,
        ),
        Transition(
            trigger="terminate", title=N_("End"), source=("active", "revise"), target="exited",
            roles=_LEADS, asks=True, also=(_RELEASED,),
        ),
    ),
)  # fmt: skip

CONSENT = Machine(
    key="consent",
    title=N_("Consent to the embargo"),
    each=_AGREES,
    states={
        "no_embargo": N_("No embargo"),
        "invited": N_("Asked"),
        "signatory": N_("Agrees"),
        "lapsed": N_("To be asked again"),
        "declined": N_("Does not agree"),
    },
    initial="no_embargo",
    final=frozenset({"no_embargo"}),
    transitions=(
        Transition(
            trigger="agree", title=N_("Agree"), source=("no_embargo", "invited", "lapsed"),
            target="signatory", roles=_AGREES,
        ),
        Transition(
            trigger="refuse", title=N_("Do not agree"),
            source=("no_embargo", "invited", "lapsed"), target="declined", roles=_AGREES,
            asks=True,
        ),
        Transition(
            trigger="ask_again", title=N_("Ask again"), source=("declined",), target="invited",
            roles=_LEADS,
        ),
        Transition(
            trigger="revise", title=N_("Ask about other terms"), source=("signatory",),
            target="lapsed", roles=_LEADS,
        ),
    ),
)  # fmt: skip

FIX = Machine(
    key="fix",
    title=N_("Fix"),
    each=frozenset({"vendor"}),
    states={
        "vfd": N_("Vendor not aware"),
        "Vfd": N_("Vendor aware"),
        "VFd": N_("Fix ready"),
        "VFD": N_("Fix deployed"),
    },
    initial="vfd",
    final=frozenset({"VFD"}),
    transitions=(
        Transition(
            trigger="be_aware", title=N_("Aware"), source=("vfd",), target="Vfd", roles=_VENDOR,
        ),
        Transition(
            trigger="have_fix", title=N_("Fix ready"), source=("Vfd",), target="VFd",
            roles=_VENDOR, needs=("fix_available_at",),
        ),
        Transition(
            trigger="deploy", title=N_("Fix deployed"), source=("VFd",), target="VFD",
            roles=_HANDLES,
        ),
    ),
)  # fmt: skip

_ENDS = (
    Effect("embargo", ("active", "revise"), "exited"),
    Effect("embargo", ("proposed",), "none"),
    _RELEASED,
    Effect("fix", ("vfd",), "Vfd"),
)
EXPOSURE = Machine(
    key="exposure",
    title=N_("What others know"),
    states={
        "pxa": N_("Nothing"),
        "Pxa": N_("Public"),
        "pxA": N_("Attacks seen"),
        "PXa": N_("Public, with an exploit"),
        "PxA": N_("Public, attacks seen"),
        "PXA": N_("Public, with an exploit, attacks seen"),
    },
    initial="pxa",
    final=frozenset({"PXA"}),
    transitions=(
        Transition(
            trigger="be_public", title=N_("Became public"), source=("pxa",), target="Pxa",
            roles=_LEADS, needs=("public_disclosure_at",), also=_ENDS,
        ),
        Transition(
            trigger="be_public", title=N_("Became public"), source=("pxA",), target="PxA",
            roles=_LEADS, needs=("public_disclosure_at",), also=_ENDS,
        ),
        Transition(
            trigger="exploit", title=N_("An exploit became public"), source=("pxa", "Pxa"),
            target="PXa", roles=_LEADS, needs=("exploit_public_at",), also=_ENDS,
        ),
        Transition(
            trigger="exploit", title=N_("An exploit became public"), source=("pxA", "PxA"),
            target="PXA", roles=_LEADS, needs=("exploit_public_at",), also=_ENDS,
        ),
        Transition(
            trigger="attack", title=N_("Attacks were seen"), source=("pxa",), target="pxA",
            roles=_LEADS, needs=("exploited_in_the_wild_at",),
        ),
        Transition(
            trigger="attack", title=N_("Attacks were seen"), source=("Pxa",), target="PxA",
            roles=_LEADS, needs=("exploited_in_the_wild_at",),
        ),
        Transition(
            trigger="attack", title=N_("Attacks were seen"), source=("PXa",), target="PXA",
            roles=_LEADS, needs=("exploited_in_the_wild_at",),
        ),
    ),
)  # fmt: skip

MACHINES = (HANDLING, CONTACT, REPORT, EMBARGO, CONSENT, FIX, EXPOSURE)
