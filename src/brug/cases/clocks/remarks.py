# SPDX-License-Identifier: EUPL-1.2
"""What a clock says of itself beside its times, as a code with its text."""

from collections.abc import Callable

import msgspec

from brug.mail.speaking import Say
from brug.model.words import N_

# By the code of a remark. What is named is a fact, a circumstance or another rule, a day, or what
# somebody said.
TEXTS = {
    "proposal": N_("A proposal, no law."),
    "not_in_force": N_("The rule is not in force on %(first)s."),
    "needs": N_("Counts only where: %(any)s"),
    "excluded": N_("Does not count, because: %(any)s"),
    "replaced": N_("Another rule counts instead: %(first)s"),
    "preceded": N_("Does not count, because another rule does: %(first)s"),
    "undecided": N_("Counts only if this is recorded by its end: %(any)s"),
    "undecided_without": N_("Counts only if this is not recorded by its end: %(any)s"),
    "decided": N_("Does not count: this was not recorded by its end: %(any)s"),
    "decided_without": N_("Does not count: this was recorded by its end: %(any)s"),
    "capped": N_("Ends earlier because of: %(first)s"),
    "cap_passed": N_(
        "The limit that this starts had passed before, so it does not count: %(first)s"
    ),
    "moved": N_("Moved from %(first)s to %(second)s: no working day"),
    "no_relief": N_("Ends on a weekend or holiday; the relief for those is not for this entity."),
    "few_working_days": N_(
        "Fewer than two working days. Whether Regulation 1182/71, art. 3(5), extends periods in"
        " hours is disputed, so nothing was added."
    ),
    "ahead": N_("This lies ahead: %(first)s"),
    "met_before_start": N_("“%(first)s” lies before “%(second)s”."),
    "met_too_early": N_("This lies before the end of the waiting time: %(first)s"),
    "reason_wanted": N_("Late: the reasons for the delay must be given."),
    "settled": "%(first)s",
}


class Remark(msgspec.Struct, frozen=True):
    """`about` fills the places of the text."""

    code: str
    about: tuple[str, ...] = ()

    def said(self, say: Say, title: Callable[[str], str] = str) -> str:
        """In a language. `title` is what a fact or circumstance is called; by its key if not so."""
        named = [title(one) for one in self.about]
        places = dict(zip(("first", "second"), named, strict=False))
        return say(TEXTS[self.code]) % (places | {"any": ", ".join(named)})
