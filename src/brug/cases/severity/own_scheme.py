# SPDX-License-Identifier: EUPL-1.2
"""Reads the scheme of severity: the shipped one, with what a node corrects beside it.

`severity.toml` in the node's config folder is read again when it has changed. What does not fit
is used nowhere: no severity is shown then, rather than one by the wrong scheme.
"""

from functools import cache, lru_cache
from importlib.resources import files
from pathlib import Path

from brug.cases import due
from brug.cases.kinds.incident_fields import Fields
from brug.cases.severity.schemes import Scheme, corrected, shipped
from brug.model.errors import Invalid, Unavailable
from brug.store.home import SEVERITY as NAME
from brug.store.session import Session

_LARGEST = 1_000_000
# `sectors`: the main one and the others together.
FIELDS = (*Fields.__struct_fields__, "sectors")


class UnusableScheme(Unavailable):
    """The node's own rows do not fit. No severity is shown then."""

    code = "unusable_scheme"
    public = "Severity cannot be computed: the node's own table of it has an error."
    exit_code = 2


def scheme_here(session: Session) -> Scheme:
    """That of the node that the session is of. Raises UnusableScheme."""
    return scheme(due.config_of(session))


def scheme(config: Path | None = None) -> Scheme:
    """Raises UnusableScheme, which names to the operator the file, the row and the field."""
    if config is None:
        return _shipped()
    path = config / NAME
    try:
        about = path.stat()
    except FileNotFoundError:
        return _shipped()
    if about.st_size > _LARGEST:
        raise UnusableScheme(f"{NAME}: expected at most {_LARGEST} bytes")
    return _own(path, about.st_mtime_ns, about.st_size)


@cache
def _shipped() -> Scheme:
    return shipped((files(__package__) / NAME).read_text(encoding="utf-8"), FIELDS)


@lru_cache(maxsize=8)
def _own(path: Path, _changed: int, _size: int) -> Scheme:
    try:
        return corrected(_shipped(), path.read_text(encoding="utf-8"), NAME, FIELDS)
    except UnicodeDecodeError as error:
        raise UnusableScheme(f"{NAME}: expected UTF-8 ({error.reason})") from error
    except (Invalid, OSError) as error:
        raise UnusableScheme(str(error)) from error
