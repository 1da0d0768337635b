# SPDX-License-Identifier: EUPL-1.2
"""What a clock says of itself beside its times, as a code with its text."""

import msgspec

TEXTS = {
    "proposal": "a proposal, no law",
    "not_in_force": "the rule is not in force on {0}",
    "needs": "counts only where: {all}",
    "excluded": "does not count, because: {all}",
    "replaced": "{0} counts instead",
    "undecided": "counts only if {any} is recorded by its end",
    "undecided_without": "counts only if no {any} is recorded by its end",
    "decided": "does not count: no {any} was recorded by its end",
    "decided_without": "does not count: {any} was recorded by its end",
    "preceded": "does not count, because {0} does",
    "capped": "ends earlier because of {0}",
    "cap_passed": "the limit that {0} starts had passed before this began, so it does not count",
    "moved": "moved from {0} to {1}: no working day",
    "no_relief": "ends on a weekend or holiday; the relief for those is not for this entity",
    "few_working_days": (
        "fewer than two working days; whether Regulation 1182/71, art. 3(5), extends periods"
        " in hours is disputed, so nothing was added"
    ),
    "ahead": "{0} lies ahead",
    "met_before_start": "{0} lies before {1}",
    "met_too_early": "{0} lies before the end of the waiting time",
    "reason_wanted": "late: the reasons for the delay must be given",
    "settled": "{0}",
}


class Remark(msgspec.Struct, frozen=True):
    """`about` fills the places of the text: names of facts or rows, days, or what somebody said."""

    code: str
    about: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        every, one_of = ", ".join(self.about), " or ".join(self.about)
        return TEXTS[self.code].format(*self.about, all=every, any=one_of)
