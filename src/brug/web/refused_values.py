# SPDX-License-Identifier: EUPL-1.2
"""Words for values that an event did not take: they are there already, or kept out."""

from collections.abc import Sequence

from brug.intel.patterns.applying import BLOCKED
from brug.model.new_event import Refusal
from brug.web.visit import Visit


def sentences(visit: Visit, refused: Sequence[Refusal]) -> str:
    """To follow what was added; nothing where all was."""
    blocked = sum([BLOCKED] in one.errors.values() for one in refused)
    there = len(refused) - blocked
    said = ""
    if there:
        text = visit.ngettext("%(num)s was there already.", "%(num)s were there already.", there)
        said += " " + text % {"num": there}
    if blocked:
        text = visit.ngettext(
            "%(num)s was kept out by an import rule.", "%(num)s were kept out by import rules.",
            blocked,
        )  # fmt: skip
        said += " " + text % {"num": blocked}
    return said
