# SPDX-License-Identifier: EUPL-1.2
"""How severe an incident is, by a scheme that explains itself (docs/spec/severity.md).

    scheme_here(session)          the shipped scheme, with what the node corrects in it
    assess(case, scheme, day)     level, what led to it, what is missing, what would change it

It is computed from fields whenever somebody looks; lists show what is stored
with the case, which a corrected scheme has computed anew while it is open.
"""

from brug.cases.severity.assessing import Assessed, Change, Reason, assess, level_of
from brug.cases.severity.own_scheme import UnusableScheme, scheme, scheme_here
from brug.cases.severity.schemes import Level, Scheme

__all__ = [
    "Assessed",
    "Change",
    "Level",
    "Reason",
    "Scheme",
    "UnusableScheme",
    "assess",
    "level_of",
    "scheme",
    "scheme_here",
]
