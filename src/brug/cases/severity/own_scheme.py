# SPDX-License-Identifier: EUPL-1.2
"""Reads the scheme of severity: the shipped one, with what a node corrects beside it.

`severity.toml` in the node's config folder is read again when it has changed. What does not fit
is used nowhere: no severity is shown then, rather than one by the wrong scheme.
"""

from pathlib import Path

from brug.cases import own_folder
from brug.cases.kinds.incident_fields import Fields
from brug.cases.own_rows import OwnRows
from brug.cases.severity.schemes import Scheme, corrected, shipped
from brug.model.errors import Unavailable
from brug.store.home import SEVERITY as NAME
from brug.store.session import Session

# `sectors`: the main one and the others together.
FIELDS = (*Fields.__struct_fields__, "sectors")


class UnusableScheme(Unavailable):
    """The node's own rows do not fit. No severity is shown then."""

    code = "unusable_scheme"
    public = "Severity cannot be computed: the node's own table of it has an error."
    exit_code = 2


def scheme_here(session: Session) -> Scheme:
    """That of the node that the session is of. Raises UnusableScheme."""
    return scheme(own_folder.config_of(session))


def scheme(config: Path | None = None) -> Scheme:
    """Raises UnusableScheme, which names to the operator the file, the row and the field."""
    return _OWN.of(config)


def _made(before: Scheme | None, text: str) -> Scheme:
    return shipped(text, FIELDS) if before is None else corrected(before, text, NAME, FIELDS)


_OWN = OwnRows(NAME, "brug.cases.severity", _made, UnusableScheme)
