# SPDX-License-Identifier: EUPL-1.2
"""A request for assistance: one CSIRT asks others for help, and each answers for itself.

The tables stand in prose in docs/spec/assistance.md; docs/how-to/add-a-case-kind.md walks
through this module.
"""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from brug.cases.case import Case, Check, Kind, Machine, Transition
from brug.cases.declaring import LOOKS_ON, Fact, Measure, Role
from brug.model.words import N_

Wanted = Annotated[
    Literal["information", "analysis", "takedown", "people", "contact"],
    Meta(extra={"titles": {
        "information": N_("Information"), "analysis": N_("Analysis"),
        "takedown": N_("Taking something down"), "people": N_("People on site"),
        "contact": N_("A contact"),
    }}),
]  # fmt: skip
Within = Annotated[
    Literal["hours", "days", "weeks"],
    Meta(extra={"titles": {"hours": N_("Hours"), "days": N_("Days"), "weeks": N_("Weeks")}}),
]
_ASKS = frozenset({"asker"})
_HELPS = frozenset({"helper", "asker"})


class Fields(msgspec.Struct, kw_only=True, omit_defaults=True):
    wanted: Annotated[Wanted, Meta(title=N_("What is asked for"))] | None = None
    question: Annotated[str, Meta(max_length=20_000, title=N_("The request"))] | None = None
    useful_within: Annotated[Within, Meta(title=N_("It is useful within"))] | None = None
    contact: Annotated[str, Meta(max_length=500, title=N_("Contact, day and night"))] | None = None
    result: Annotated[str, Meta(max_length=20_000, title=N_("What came of it"))] | None = None


REQUEST = Machine(
    key="request",
    title=N_("Request"),
    states={"draft": N_("Draft"), "asked": N_("Asked"), "closed": N_("Closed")},
    initial="draft",
    final=frozenset({"closed"}),
    transitions=(
        Transition(
            trigger="ask", title=N_("Ask"), source=("draft",), target="asked", roles=_ASKS,
            needs=("wanted", "question", "contact"),
        ),
        Transition(
            trigger="withdraw", title=N_("Withdraw"), source=("draft", "asked"),
            target="closed", roles=_ASKS, asks=True,
        ),
        Transition(
            trigger="close", title=N_("Close"), source=("asked",), target="closed",
            roles=_ASKS, needs=("result",),
        ),
    ),
)  # fmt: skip

HELP = Machine(
    key="help",
    title=N_("Help"),
    each=frozenset({"helper"}),
    states={
        "open": N_("Not answered"),
        "accepted": N_("Accepted"),
        "declined": N_("Declined"),
        "given": N_("Given"),
    },
    initial="open",
    final=frozenset({"declined", "given"}),
    transitions=(
        Transition(
            trigger="accept", title=N_("Accept"), source=("open", "declined"),
            target="accepted", roles=_HELPS,
        ),
        Transition(
            trigger="decline", title=N_("Decline"), source=("open", "accepted"),
            target="declined", roles=_HELPS, asks=True,
        ),
        Transition(
            trigger="give", title=N_("Help was given"), source=("accepted",), target="given",
            roles=_HELPS, needs=("helped_at",),
        ),
    ),
)  # fmt: skip


def _has_helpers(case: "Case", _: str) -> str:
    """A request without anybody who could help reaches nobody."""
    return "" if any(one.role == "helper" for one in case.present) else "a helper who takes part"


ASSISTANCE = Kind(
    key="assistance",
    title=N_("Request for assistance"),
    prefix="REQ",
    fields=Fields,
    roles=(
        Role(key="asker", title=N_("Asks"), leads=True),
        Role(key="helper", title=N_("May help")),
        Role(key="observer", title=N_("Looks on"), may=LOOKS_ON),
    ),
    opener="asker",
    machines=(REQUEST, HELP),
    facts=(Fact(key="helped_at", title=N_("Help was given")),),
    measures=(
        Measure(
            key="answer",
            title=N_("To the first answer"),
            machine="help",
            states=frozenset({"accepted", "declined"}),
        ),
    ),
    checks=(
        Check(
            key="has_helpers",
            title=N_("somebody who may help and takes part"),
            about=(),
            finds=_has_helpers,
            blocks=frozenset({"ask"}),
        ),
    ),
)
