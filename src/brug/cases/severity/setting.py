# SPDX-License-Identifier: EUPL-1.2
"""A person sets the severity, with the reason; or takes it back, so that the scheme's holds."""

from brug.cases import files, keeping
from brug.cases.acts import Filled
from brug.cases.entries import Entry
from brug.cases.severity.assessing import BECAUSE, SET, is_assessed
from brug.cases.severity.own_scheme import scheme_here
from brug.model.errors import Invalid
from brug.store.session import Session


def set_level(session: Session, which: str, level: str, because: str) -> Entry:
    """Nothing as `level` takes it back. Raises NotFound, Invalid, and what `keeping.act` does."""
    case = files.view(session, which)[1]
    if not is_assessed(case):
        raise Invalid("kind", "a kind of case that has a severity", case.kind.key)
    if not level:
        doing = Filled(fields={SET: None, BECAUSE: None}, because=because.strip())
        return keeping.act(session, which, doing)
    scheme_here(session).level(level)
    if not because.strip():
        raise Invalid("because", "why it is set")
    doing = Filled(fields={SET: level, BECAUSE: because.strip()}, because=because.strip())
    return keeping.act(session, which, doing)
